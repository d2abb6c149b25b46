"""Columns: what each holds, in which unit and on which scale, and how it is read from a row.

Files are written from these declarations, and so are the codebook and the data dictionary: a column that
nobody described cannot be written.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any

from django.db import models

Value = str | int | float | bool | datetime.date | list[Any] | dict[str, str] | None
Read = Callable[[Any], Value]
Choices = tuple[tuple[str, str], ...]
Bounds = tuple[float | None, float | None]


class Kind(Enum):
    """What sort of value a column holds, in words."""

    TEXT = "text"
    ADDRESS = "address"
    INTEGER = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    DATE = "date"
    MOMENT = "date and time"
    LIST = "list"
    CODES = "codes"


@dataclass(frozen=True)
class Column:
    """One column. `allowed` are the values it may hold with their meaning, `bounds` the least and the most.

    An empty cell says that nothing is known. `unit` is given for every number, “none” where it has none;
    `scale` where a number could be on another one.
    """

    name: str
    meaning: str
    read: Read
    kind: Kind = Kind.TEXT
    unit: str = ""
    scale: str = ""
    allowed: Choices = ()
    bounds: Bounds = (None, None)

    @property
    def allowed_words(self) -> str:
        """What it may hold, in one line; empty where anything may stand."""
        if self.allowed:
            return "; ".join(f"{value} = {words}" if words else value for value, words in self.allowed)
        least, most = self.bounds
        if least is None and most is None:
            return ""
        if most is None:
            return f"{least:g} or more"
        return f"up to {most:g}" if least is None else f"{least:g} to {most:g}"


def of(
    model: type[models.Model],
    field: str,
    meaning: str,
    *,
    name: str = "",
    read: Read | None = None,
    unit: str = "",
    scale: str = "",
    bounds: Bounds = (None, None),
) -> Column:
    """The column of a field of a model: its kind and its values are those of the field."""
    found: Any = model._meta.get_field(field)
    return Column(
        name or field,
        meaning,
        read or attrgetter(field),
        kind=_kind(found),
        unit=unit,
        scale=scale,
        allowed=choices(model, field) if found.choices else (),
        bounds=bounds,
    )


def choices(model: type[models.Model], field: str) -> Choices:
    """The values that a field may hold, each with its meaning."""
    found: Any = model._meta.get_field(field)
    return tuple((str(value), str(words)) for value, words in found.flatchoices)


def words_only(allowed: Iterable[tuple[str, str]]) -> Choices:
    """The same for a column that holds the words instead of the values."""
    return tuple((words, "") for _, words in allowed)


def _kind(field: Any) -> Kind:
    for kind, types in (
        (Kind.YES_NO, models.BooleanField),
        (Kind.INTEGER, models.IntegerField),
        (Kind.NUMBER, (models.FloatField, models.DecimalField)),
        (Kind.MOMENT, models.DateTimeField),
        (Kind.DATE, models.DateField),
        (Kind.LIST, models.JSONField),
    ):
        if isinstance(field, types):
            return kind
    return Kind.TEXT
