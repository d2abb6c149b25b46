"""Load the vocabularies."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evidence import vocabulary


class Command(BaseCommand):
    help = "Create and update populations, interventions, outcomes and tools from evidence/vocabularies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=vocabulary.FOLDER, help="where the files are")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = vocabulary.load(folder=options["folder"])
        except vocabulary.InvalidVocabulary as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        for count in counts:
            self.stdout.write(
                f"{count.vocabulary}: created {count.created} / updated {count.updated} / "
                f"unchanged {count.unchanged}"
            )
