"""The two full-text engines, one module each with the same functions."""

from types import ModuleType

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper

from . import postgresql, sqlite

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def engine_of(connection: BaseDatabaseWrapper) -> ModuleType:
    """The engine inside the database of `connection`. Raises NotSupportedError if it has none."""
    try:
        return _ENGINES[connection.vendor]
    except KeyError:
        raise NotSupportedError(f"Search knows SQLite and PostgreSQL, not {connection.vendor}.") from None
