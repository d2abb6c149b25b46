"""Pages without numbers: the rows after one, or before it, found by what the list is sorted by.

However deep a page lies, it costs what the first one costs, and what is added meanwhile neither repeats nor
hides a row. A cursor holds what one row was sorted by. It is signed for its list: one of another list, or
one that somebody made up, is refused and never reaches the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.db.models.expressions import OrderBy

# It grows when what a cursor holds, or means, changes: those handed out before are then refused.
VERSION = 1

Place = Sequence[Any]
"""What a row is sorted by, column by column."""


class BadCursor(Exception):
    """The cursor is none of this list."""

    def __init__(self) -> None:
        super().__init__("This is no cursor of this list. Start without one.")


@dataclass(frozen=True)
class Page:
    """Primary keys in the order of the list, and the cursors of the pages around, None where none is."""

    keys: tuple[int, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Column:
    """One column that a list is sorted by. Where it may be unknown, unknown comes last."""

    name: str
    is_descending: bool
    may_be_unknown: bool

    def is_at(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def is_beyond(self, value: Any, *, backward: bool) -> Q:
        """That it comes after `value` in the list, or before it."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backward else Q(pk__in=())
        comparison = "lt" if self.is_descending != backward else "gt"
        beyond = Q(**{f"{self.name}__{comparison}": value})
        if self.may_be_unknown and not backward:
            beyond |= Q(**{f"{self.name}__isnull": True})
        return beyond


class Cursors:
    """The cursors of one list. `of` names it, and no cursor of another list is taken."""

    def __init__(self, of: str) -> None:
        self._signer = signing.Signer(sep=".", salt=f"{__name__}:{of}")

    def write(self, place: Place, *, backward: bool) -> str:
        """The cursor to what comes after this place, or before it."""
        return self._signer.sign_object([VERSION, backward, list(place)])

    def read(self, cursor: str) -> tuple[bool, Place]:
        """Whether it leads backward, and the place it leads away from. Raises BadCursor."""
        try:
            version, backward, start = self._signer.unsign_object(cursor)
        except (signing.BadSignature, ValueError) as error:
            raise BadCursor from error
        if version != VERSION:
            raise BadCursor
        return backward, start

    def page(
        self,
        keys: Sequence[int],
        places: Sequence[Place],
        *,
        backward: bool,
        has_more: bool,
        is_first: bool,
    ) -> Page:
        """The page of these keys with what each was sorted by, and the cursors around it."""
        if not keys:
            return Page((), None, None)
        has_next, has_previous = (True, has_more) if backward else (has_more, not is_first)
        return Page(
            keys=tuple(keys),
            next=self.write(places[-1], backward=False) if has_next else None,
            previous=self.write(places[0], backward=True) if has_previous else None,
        )


def walk(rows: QuerySet, *, cursor: str | None, size: int, of: str) -> Page:
    """The page of `rows` at `cursor`, with at most `size` of them; the first one without a cursor. One query.

    `rows` are ordered by names of columns or annotations that are never null and by `F(name)` with nulls
    last; the last one is unique. `of` names the list, and no cursor of another list is taken.
    Raises BadCursor.
    """
    columns = _columns(rows)
    cursors = Cursors(of)
    backward = False
    if cursor is not None:
        backward, start = cursors.read(cursor)
        rows = rows.filter(_beyond(columns, start, backward=backward))
    if backward:
        rows = rows.reverse()
    found = list(rows.values_list("pk", *(column.name for column in columns))[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    places = [place for _, *place in found]
    return cursors.page(
        [key for key, *_ in found],
        places,
        backward=backward,
        has_more=has_more,
        is_first=cursor is None,
    )


def _columns(rows: QuerySet) -> list[Column]:
    columns = []
    for entry in rows.query.order_by:
        if isinstance(entry, OrderBy):
            column: Any = entry.expression
            columns.append(Column(column.name, entry.descending, bool(entry.nulls_last)))
        else:
            name = str(entry)
            columns.append(Column(name.removeprefix("-"), name.startswith("-"), False))
    return columns


def _beyond(columns: Sequence[Column], start: Place, *, backward: bool) -> Q:
    """Beyond `start`: in the first column, or level in it and beyond in those that follow."""
    condition = Q(pk__in=())
    for column, value in reversed(list(zip(columns, start, strict=True))):
        condition = column.is_beyond(value, backward=backward) | (column.is_at(value) & condition)
    return condition
