"""Columns of numbers from a query, without an object for each number on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, QuerySet, Value, When

CHUNK = 20_000

NOT_KNOWN = -1
"""Stands for a whole number that is not there."""

WHOLE, FLOAT = "i8", "f8"

Column = npt.NDArray

_HEAD, _TAIL = 19, 2
"""Bytes before the first row of a COPY in binary, and after the last one."""


def place_among(name: str, values: Iterable[str]) -> Case:
    """The place of a field's value among these; NOT_KNOWN of any other."""
    return Case(
        *(When(**{name: value}, then=Value(place)) for place, value in enumerate(values)),
        default=Value(NOT_KNOWN),
    )


def fetch(rows: QuerySet, kinds: Sequence[str]) -> list[Column]:
    """The columns of these values, each WHOLE or FLOAT; for NULL stands NOT_KNOWN, or NaN. One query."""
    try:
        sql, params = rows.order_by().query.sql_with_params()
    except EmptyResultSet:
        return [np.zeros(0, dtype=kind) for kind in kinds]
    if connection.vendor == "postgresql":
        return _copied(sql, params, kinds)
    parts = [np.empty((0, len(kinds)))]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(CHUNK):
            # Keys and counts are far below 2 to the 53, so that floats hold them exactly.
            parts.append(np.array(chunk, dtype=np.float64))
    table = np.concatenate(parts)
    return [
        np.where(np.isnan(column), NOT_KNOWN, column).astype(kind) if kind == WHOLE else column.copy()
        for column, kind in zip(table.T, kinds, strict=True)
    ]


def _copied(sql: str, params: tuple, kinds: Sequence[str]) -> list[Column]:
    """By COPY in binary, where each row has as many bytes as any other, since none of its values is NULL."""
    names = [f"c{place}" for place in range(len(kinds))]
    of_kind = {WHOLE: f"coalesce({{}}::bigint, {NOT_KNOWN})", FLOAT: "coalesce({}::double precision, 'NaN')"}
    stated = ", ".join(of_kind[kind].format(name) for name, kind in zip(names, kinds, strict=True))
    asked = f"WITH t ({', '.join(names)}) AS ({sql}) SELECT {stated} FROM t"  # noqa: S608
    buffer = BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        asked = cursor.mogrify(asked, params).decode()
        cursor.copy_expert(f"COPY ({asked}) TO STDOUT (FORMAT binary)", buffer)
    # A row is the number of its values, then of each the number of its bytes and those.
    fields = [("n", ">i2")]
    for name, kind in zip(names, kinds, strict=True):
        fields += [(f"n_{name}", ">i4"), (name, f">{kind}")]
    row = np.dtype(fields)
    n, rest = divmod(buffer.tell() - _HEAD - _TAIL, row.itemsize)
    assert rest == 0, rest
    table = np.frombuffer(buffer.getbuffer(), dtype=row, count=n, offset=_HEAD)
    return [table[name].astype(kind) for name, kind in zip(names, kinds, strict=True)]
