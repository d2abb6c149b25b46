"""Queries that many readers ask: their SQL is made once, and only the values in it differ.

Making the SQL of a QuerySet takes Django forty times as long as the database needs to answer it.
"""

import copy
import datetime
import itertools
import threading
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# Values that no reader gives, by which the places of the real ones are found: far off, and each another one.
_MOMENT = datetime.datetime(9871, 6, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
_KEYS = itertools.count(9_871_654_321)


class Prepared(Generic[Row]):
    """The QuerySet that `words` makes of named values: moments, texts, keys, or sequences of keys (`list`).

    The values may only stand in the SQL as parameters; `words` decides nothing by them but by how many keys
    there are: for each number of them there is a query of its own.
    """

    def __init__(self, words: Callable[..., QuerySet[Any, Row]], **values: type) -> None:
        self._words = words
        self._values = values
        self._made: dict[tuple[str, ...], _Made] = {}
        self._lock = threading.Lock()

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values. One query; none without keys, which find nothing."""
        using = DEFAULT_DB_ALIAS
        connection = connections[using]
        lengths = {name: len(values[name]) for name, kind in self._values.items() if kind is list}
        if 0 in lengths.values():
            return []
        key = (connection.vendor, *map(str, lengths.values()))
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(using, lengths)
        made = self._made[key]
        given: dict[_Place, Any] = {}
        for name, value in values.items():
            if name in lengths:
                given.update((_Place(name, number), one) for number, one in enumerate(value))
            else:
                given[_Place(name)] = _as_parameter(value, connection)
        params = tuple(given[place] if isinstance(place, _Place) else place for place in made.places)
        # What is made is shared by all threads; connections are not.
        compiler = copy.copy(made.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (made.sql, params)  # type: ignore[method-assign]
        asked = made.rows.all()
        asked.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(asked)

    def _make(self, using: str, lengths: dict[str, int]) -> "_Made":
        connection = connections[using]
        stand_ins: dict[str, Any] = {
            name: [next(_KEYS) for _ in range(lengths[name])] if kind is list else _stand_in(kind)
            for name, kind in self._values.items()
        }
        rows = self._words(**stand_ins)
        compiler = rows.query.get_compiler(using)
        sql, params = compiler.as_sql()
        places: dict[Any, _Place] = {}
        for name, stand_in in stand_ins.items():
            if name in lengths:
                places.update((one, _Place(name, number)) for number, one in enumerate(stand_in))
            else:
                places[_as_parameter(stand_in, connection)] = _Place(name)
        found = [places.get(param, param) for param in params]
        missing = {place.name for place in set(places.values()) - set(found)}
        assert not missing, missing
        return _Made(rows, compiler, sql, found)


class _Place(NamedTuple):
    """Where the value of this name stands among the parameters; of several, the one with this number."""

    name: str
    number: int = 0


class _Made(NamedTuple):
    rows: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    places: list[Any]


def _stand_in(kind: type) -> Any:
    number = next(_KEYS)
    if kind is datetime.datetime:
        return _MOMENT + datetime.timedelta(microseconds=number % 1000)
    return number if kind is int else f"stand-in-{number}"


def _as_parameter(value: Any, connection: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
