"""Presence: who has the form of a topic open now. A notice for others, never a lock."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import OperationalError, connections, router

from .models import Presence, Topic
from .patience import impatient

SILENCE = datetime.timedelta(seconds=40)
"""Who is not heard of for so long is gone; browsers say every 15 seconds that they are there."""

KEPT = datetime.timedelta(days=1)


def here(*, topic: Topic, user: User, at: datetime.datetime, has_changes: bool) -> bool:
    """Note that `user` has the form of `topic` open, and whether something typed is not saved yet.

    Whoever was silent has opened it anew. Rows older than a day go by the way. Returns whether it was noted:
    where the database lets one write at a time and somebody writes, nobody waits, and the next call will do.
    Two to three queries; the row of the topic is neither locked nor changed.
    """
    with _without_waiting() as is_free:
        known = Presence.objects.filter(topic=topic, user=user).since(at - SILENCE)
        if not known.update(seen_at=at, has_changes=has_changes):
            Presence.objects.bulk_create(
                [Presence(topic=topic, user=user, opened_at=at, seen_at=at, has_changes=has_changes)],
                update_conflicts=True,
                unique_fields=["topic", "user"],
                update_fields=["opened_at", "seen_at", "has_changes"],
            )
            Presence.objects.filter(seen_at__lt=at - KEPT).delete()
        is_free.append(True)
    return bool(is_free)


def left(*, topic: Topic, user: User) -> None:
    """Note that `user` closed the form; if nobody can note it now, the silence will tell."""
    with _without_waiting():
        Presence.objects.filter(topic=topic, user=user).delete()


def others(*, topic: Topic, user: User, at: datetime.datetime) -> list[Presence]:
    """Who else has the form of `topic` open, whoever opened it first coming first. One query."""
    seen = Presence.objects.filter(topic=topic).exclude(user=user).since(at - SILENCE)
    return list(seen.select_related("user").order_by("opened_at", "pk"))


@contextmanager
def _without_waiting() -> Iterator[list[bool]]:
    """Gives up at once where SQLite would wait until another writer is done; PostgreSQL has no need to."""
    done: list[bool] = []
    connection = connections[router.db_for_write(Presence)]
    try:
        with impatient(connection):
            yield done
    except OperationalError as error:
        if connection.vendor != "sqlite" or "locked" not in str(error):
            raise
