"""Patience: how long a connection waits for another writer, where the database lets one write at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def impatient(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """On SQLite, let writing fail at once while somebody else writes; afterwards waiting is as it was.

    Elsewhere nothing changes.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")
