"""Queries that many readers ask: their SQL is made once, and only the values in it differ.

Making the SQL of a QuerySet takes Django forty times as long as the database needs to answer it. Planning it
takes PostgreSQL ten times as long, so that each connection does that once; SQLite's remember by themselves.
"""

import copy
import datetime
import itertools
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ValuesListIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# Values that no reader gives, by which the places of the real ones are found: far off, and each another one.
_MOMENT = datetime.datetime(9871, 6, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
_KEYS = itertools.count(9_871_654_321)

_STATEMENTS: weakref.WeakKeyDictionary[Any, dict["Statement", str]] = weakref.WeakKeyDictionary()
"""Under which names each connection to PostgreSQL has prepared its statements."""


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
        given = {
            name: value if name in lengths else [_as_parameter(value, connection)]
            for name, value in values.items()
        }
        params = tuple(
            given[place.name][place.number] if isinstance(place, _Place) else place for place in made.places
        )
        # What is made is shared by all threads; connections are not.
        compiler = copy.copy(made.compiler)
        compiler.connection = connection
        compiler.get_converters = lambda expressions: made.converters  # type: ignore[method-assign]
        with made.statement.executing(connection) as sql:
            compiler.as_sql = lambda *args, **kwargs: (sql, params)  # type: ignore[method-assign]
            if made.are_tuples:
                return list(compiler.results_iter(tuple_expected=True))
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
        converters = compiler.get_converters([column for column, *_ in compiler.select or []])
        if connection.vendor == "postgresql":
            sql, found = _numbered(sql, found, connection)
        are_tuples = rows._iterable_class is ValuesListIterable  # type: ignore[attr-defined]
        return _Made(rows, compiler, converters, Statement(sql, len(found)), found, are_tuples)


class Statement:
    """SQL that each connection to PostgreSQL plans once; in it stand values, each as %s, or numbered."""

    def __init__(self, sql: str, n_numbered: int = 0) -> None:
        self._sql = sql
        numbers = itertools.count(1)
        self._planned = re.sub("(?<!%)%s", lambda place: f"${next(numbers)}", sql)
        n_values = n_numbered or next(numbers) - 1
        self._values = f" ({', '.join(['%s'] * n_values)})" if n_values else ""

    @contextmanager
    def executing(self, connection: Any) -> Iterator[str]:
        """The SQL that executes it; on PostgreSQL the first time on a connection also prepares it."""
        if connection.vendor != "postgresql":
            yield self._sql
            return
        # What a connection prepared goes with it.
        connection.ensure_connection()
        names = _STATEMENTS.setdefault(connection.connection, {})
        name = names.get(self)
        if name is not None:
            yield f"EXECUTE {name}{self._values}"
            return
        # A name that no attempt which failed has taken.
        name = f"prepared_{next(_KEYS)}"
        yield f"PREPARE {name} AS {self._planned}; EXECUTE {name}{self._values}"
        # It stays, even if this transaction is taken back.
        names[self] = name

    def first_row(self, connection: Any, *values: Any) -> tuple[Any, ...] | None:
        """By hand, for where even a QuerySet that is made takes too long. One query."""
        with self.executing(connection) as sql, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row


class _Place(NamedTuple):
    """Where the value of this name stands among the parameters; of several, the one with this number."""

    name: str
    number: int = 0


class _Made(NamedTuple):
    rows: QuerySet[Any, Any]
    compiler: SQLCompiler
    converters: Any
    statement: Statement
    places: list[Any]
    are_tuples: bool


def _numbered(sql: str, places: list[Any], connection: Any) -> tuple[str, list[_Place]]:
    """The same with numbers in place of values ($1, $2), each value once, and constants written into it."""
    values = list(dict.fromkeys(place for place in places if isinstance(place, _Place)))
    with connection.cursor() as cursor:
        written = tuple(
            f"${values.index(place) + 1}"
            if isinstance(place, _Place)
            else cursor.mogrify("%s", [place]).decode()
            for place in places
        )
    return (sql % written).replace("%", "%%"), values


def _stand_in(kind: type) -> Any:
    number = next(_KEYS)
    if kind is datetime.datetime:
        return _MOMENT + datetime.timedelta(microseconds=number % 1000)
    return number if kind is int else f"stand-in-{number}"


def _as_parameter(value: Any, connection: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
