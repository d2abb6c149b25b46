"""Work that nobody waits for: each task calls the module that knows how; `db_worker` runs them.

A task is stored in the transaction that asks for it: what is taken back is never done.
"""

import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from . import mailing, outside_links

AGAIN_AFTER = (
    datetime.timedelta(minutes=5),
    datetime.timedelta(hours=1),
    datetime.timedelta(hours=6),
)
"""How long to wait before each new try of an e-mail that could not be sent; then it is given up."""


@task()
def mail_notices(notices: list[int], n_tries: int = 0) -> int:
    """Send these notices (their keys) to those who want them at once; returns how many were sent."""
    try:
        return mailing.send_at_once(notices, at=timezone.now())
    except mailing.NotSent as error:
        _try_again(mail_notices, error.keys, n_tries)
        raise


@task()
def mail_message(message: int, n_tries: int = 0) -> None:
    """Send the message of a reader (its key) to the editors."""
    try:
        mailing.send_message(message)
    except mailing.NotSent:
        _try_again(mail_message, message, n_tries)
        raise


@task(priority=-10)
def check_outside_links() -> int:
    """Bring the outside links in step with the live pages and ask for those whose turn it is.

    Returns how many were asked for; none where CHECK_OUTSIDE_LINKS is off.
    """
    at = timezone.now()
    outside_links.gather(at=at)
    return outside_links.check(at=at) if settings.CHECK_OUTSIDE_LINKS else 0


def _try_again(what: Any, about: Any, n_tries: int) -> None:
    if n_tries < len(AGAIN_AFTER):
        what.using(run_after=timezone.now() + AGAIN_AFTER[n_tries]).enqueue(about, n_tries=n_tries + 1)
