"""What is done once a day."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles import mailing, notices, reminders, tasks, telling

logger = logging.getLogger(__name__)

TASKS_KEPT_DAYS = 14


class Command(BaseCommand):
    help = (
        "Remind of reviews that are due, tell of evidence that moved, send the daily e-mails, clear away "
        "what is old, have links checked."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        steps: list[tuple[str, Callable[[], object]]] = [
            ("reminders", lambda: reminders.send(at=at)),
            ("notices of evidence that moved", lambda: telling.send(at=at)),
            ("daily e-mails", lambda: mailing.send_daily(at=at)),
            ("old notices removed", lambda: notices.thin(at=at)),
            ("old tasks removed", _prune_tasks),
            ("outside links left to the worker", lambda: tasks.check_outside_links.enqueue()),
        ]
        failed = []
        for name, step in steps:
            # One that fails keeps no other from being done.
            try:
                done = step()
            except Exception as error:
                logger.exception("The daily round failed at: %s.", name)
                failed.append(f"{name}: {error}")
            else:
                self.stdout.write(f"{name}: {done}" if isinstance(done, int) else f"{name}: done")
        if failed:
            raise CommandError("Not everything was done.\n" + "\n".join(failed))


def _prune_tasks() -> None:
    call_command("prune_db_task_results", queue_name="*", min_age_days=TASKS_KEPT_DAYS, verbosity=0)
