"""Write the whole published evidence to a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from evidence.dumping import NotDumped, dump


class Command(BaseCommand):
    help = "Write everything that is published to a folder: CSV files, a data dictionary and checksums."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="a folder that is empty, or that is not there yet")
        parser.add_argument("--licence", default="", help="under which the records may be used: CC-BY-4.0")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])

        def progress(table: str, rows: int) -> None:
            self.stderr.write(f"{table}: {rows}", self.style.NOTICE)

        try:
            files = dump(
                folder=folder, at=timezone.localtime(), licence=options["licence"], progress=progress
            )
        except NotDumped as error:
            raise CommandError(str(error)) from error
        rows = sum(file.rows for file in files)
        self.stdout.write(f"Wrote {len(files)} tables with {rows} rows to {folder}.")
