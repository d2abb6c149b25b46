"""Import studies from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from evidence.importing import Interrupted, UnreadableFile, import_studies, read_studies
from evidence.importing.places import printable

# Below this, a file is done before anybody could wonder.
LONG = 1000


class Command(BaseCommand):
    help = "Import studies from a JSON file of the form that docs/import-form.md describes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file to import")
        parser.add_argument("--dry-run", action="store_true", help="check and count, but write nothing")
        parser.add_argument(
            "--skip-invalid",
            action="store_true",
            help="leave out studies that cannot be imported and import the others (otherwise all or nothing)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            records = read_studies(path.read_bytes())
        # ValueError: a name with a NUL character.
        except (OSError, ValueError) as error:
            raise CommandError(
                f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
            ) from error
        except UnreadableFile as error:
            raise CommandError(f"{path}: {error}") from error

        show = len(records) >= LONG or bool(getattr(self.stderr, "isatty", bool)())

        def progress(done: str, count: int, total: int) -> None:
            if show:
                self.stderr.write(f"{done} {count} of {total}", self.style.NOTICE)

        try:
            summary = import_studies(
                records=records,
                at=timezone.now(),
                dry_run=options["dry_run"],
                skip_invalid=options["skip_invalid"],
                reason=f"Imported from {printable(path.name)}",
                progress=progress,
            )
        except Interrupted as error:
            raise CommandError(str(error)) from error

        for rejection in summary.rejections:
            for place, message in rejection.reasons:
                self.stderr.write(f"{place}: {message}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written. The counts are what they would be.")
        elif not summary.written:
            self.stdout.write("Nothing was written. The counts are what they would be.")
        self.stdout.write(
            f"created {summary.created} / updated {summary.updated} / "
            f"unchanged {summary.unchanged} / rejected {summary.rejected}"
        )
        if summary.rejections and not options["skip_invalid"]:
            raise CommandError(f"{summary.rejected} of {summary.records} studies were rejected.")
