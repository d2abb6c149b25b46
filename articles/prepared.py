"""Queries that many readers ask: their SQL is made once, and only the values in it differ.

Making the SQL of a QuerySet takes Django forty times as long as the database needs to answer it.
"""

import copy
import datetime
import itertools
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)

# Values that no reader gives, by which the places of the real ones are found: far off, and each another one.
_MOMENT = datetime.datetime(9871, 6, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
_KEYS = itertools.count(9_871_654_321)


class Prepared(Generic[Row]):
    """The QuerySet that `words` makes of named values, which are moments, texts or keys.

    The values may only stand in the SQL as parameters; `words` decides nothing by them.
    """

    def __init__(self, words: Callable[..., QuerySet[Row]], **values: type) -> None:
        self._words = words
        self._values = values
        self._made: dict[str, tuple[QuerySet[Row], SQLCompiler, str, list[Any]]] = {}
        self._lock = threading.Lock()

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values. One query."""
        using = DEFAULT_DB_ALIAS
        connection = connections[using]
        with self._lock:
            if connection.vendor not in self._made:
                self._made[connection.vendor] = self._make(using)
        rows, made, sql, places = self._made[connection.vendor]
        given = {name: _as_parameter(value, connection) for name, value in values.items()}
        params = tuple(given[place.name] if isinstance(place, _Place) else place for place in places)
        # What is made is shared by all threads; connections are not.
        compiler = copy.copy(made)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (sql, params)  # type: ignore[method-assign]
        asked = rows.all()
        asked.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(asked)

    def _make(self, using: str) -> tuple[QuerySet[Row], SQLCompiler, str, list[Any]]:
        connection = connections[using]
        stand_ins: dict[str, Any] = {name: _stand_in(kind) for name, kind in self._values.items()}
        rows = self._words(**stand_ins)
        compiler = rows.query.get_compiler(using)
        sql, params = compiler.as_sql()
        found = {_as_parameter(stand_in, connection): _Place(name) for name, stand_in in stand_ins.items()}
        places = [found.get(param, param) for param in params]
        missing = set(self._values) - {place.name for place in places if isinstance(place, _Place)}
        assert not missing, missing
        return rows, compiler, sql, places


class _Place:
    """Where the value of this name stands among the parameters."""

    def __init__(self, name: str) -> None:
        self.name = name


def _stand_in(kind: type) -> Any:
    number = next(_KEYS)
    if kind is datetime.datetime:
        return _MOMENT + datetime.timedelta(microseconds=number % 1000)
    return number if kind is int else f"stand-in-{number}"


def _as_parameter(value: Any, connection: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
