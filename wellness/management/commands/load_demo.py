"""Load the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from wellness.demo import loading, logins


class Command(BaseCommand):
    help = "Create what is missing of the demo: studies, pages and logins. What is there is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-logins", action="store_true", help="create no logins; the only way outside the demo"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with_logins = not options["without_logins"]
        if with_logins and not settings.DEMO:
            raise CommandError("Logins are created in the demo only (DEMO=1). Use --without-logins here.")
        try:
            with transaction.atomic():
                found = logins.ensure(folder=settings.VAR_DIR) if with_logins else []
                cast = logins.cast() if with_logins else logins.cast_without_logins()
                loaded = loading.load(at=timezone.now(), cast=cast)
        except (loading.InvalidDemo, logins.UnreadableLogins) as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error

        terms = sum(count.created for count in loaded.vocabularies)
        self.stdout.write(
            f"created: {terms} vocabulary terms, {loaded.studies.created} studies, "
            f"{loaded.categories} categories, {loaded.terms} glossary terms, {loaded.topics} topics, "
            f"{loaded.conclusions} conclusions; published: {loaded.published} topics; "
            f"arrived afterwards: {loaded.arrived} studies"
        )
        if loaded.without_findings:
            self.stdout.write(
                "left as they are, without the findings of the demo (load it into an empty database to see "
                f"them): {', '.join(loaded.without_findings)}"
            )
        if found:
            self.stdout.write(f"Logins for {settings.SITE_URL}/admin/ (kept in {logins.FILE_NAME}):")
        for login in found:
            password = login.password or "(the password was changed)"
            self.stdout.write(f"  {login.username:<9} {password:<18} {login.role}")
