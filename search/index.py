"""What of a table is searched: the declaration a model makes."""

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

Weight = Literal["A", "B", "C", "D"]

# How much a match counts by the weight of its column; the ratios are those of PostgreSQL's ts_rank.
WEIGHTS: dict[Weight, float] = {"A": 10.0, "B": 4.0, "C": 2.0, "D": 1.0}

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class TextIndex:
    """The columns of one table that full-text search looks into, each with its weight (A counts most).

    The columns hold plain text: markup in them would be found as words. The table's primary key is `id`.
    Raises ValueError for a name that is not a plain lower-case identifier and for an unknown weight.
    """

    name: str
    table: str
    columns: dict[str, Weight] = field(hash=False)

    def __post_init__(self) -> None:
        for identifier in (self.name, self.table, *self.columns):
            if not _IDENTIFIER.fullmatch(identifier):
                raise ValueError(f"TextIndex {self.name!r}: {identifier!r} is not a lower-case identifier.")
        if not self.columns:
            raise ValueError(f"TextIndex {self.name!r} names no column.")
        for column, weight in self.columns.items():
            if weight not in get_args(Weight):
                raise ValueError(f"TextIndex {self.name!r}: {column!r} weighs A, B, C or D, not {weight!r}.")


registry: dict[str, TextIndex] = {}


def register(index: TextIndex) -> TextIndex:
    """Have the database build and keep `index`; returns it.

    Raises ValueError if another index has its name or its table already.
    """
    for other in registry.values():
        if other != index and (other.name == index.name or other.table == index.table):
            raise ValueError(f"TextIndex {index.name!r} on {index.table!r} collides with {other!r}.")
    registry[index.name] = index
    return index
