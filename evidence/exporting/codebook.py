"""The codebook: what every column of every file means, in which unit, on which scale, with which values.

It is made from the declarations that the files are written from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from .column import Column
from .columns import RESULT_ROWS, STUDY_ROWS
from .csv_file import lines
from .study_json import MEMBERS


@dataclass(frozen=True)
class Section:
    """The columns of one file or of one part of it. `code` is its name in the codebook as a file."""

    code: str
    title: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return self.code.replace(".", "-")


@dataclass(frozen=True)
class Entry:
    """One column, in the place where it stands."""

    section: Section
    column: Column


SHEETS = [
    Section(
        "results",
        "One row for each result",
        "CSV, and the first sheet of the workbook. A study without a result has a row too, where nothing is "
        "chosen about results.",
        tuple(RESULT_ROWS),
    ),
    Section(
        "studies",
        "One row for each study",
        "CSV, and the second sheet of the workbook.",
        tuple(STUDY_ROWS),
    ),
]

SECTIONS = [
    *SHEETS,
    *(
        Section(
            f"json.{name}" if name else "json",
            f"JSON: {name.replace('.', ', ')}" if name else "JSON: each study",
            meaning,
            columns,
        )
        for name, meaning, columns in MEMBERS
    ),
]
"""Every file that has columns or named values, in the order of the codebook."""

CODEBOOK_COLUMNS = [
    Column("file", "Where the column stands", attrgetter("section.code")),
    Column("column", "Its name", attrgetter("column.name")),
    Column("meaning", "What it holds", attrgetter("column.meaning")),
    Column("kind", "What sort of value", attrgetter("column.kind.value")),
    Column("unit", "In which unit; “none” for a number without one", attrgetter("column.unit")),
    Column("scale", "On which scale, where there is a choice", attrgetter("column.scale")),
    Column(
        "allowed", "Which values it may hold; empty where anything may", attrgetter("column.allowed_words")
    ),
]


def entries(sections: Iterable[Section]) -> Iterator[Entry]:
    for section in sections:
        for column in section.columns:
            yield Entry(section, column)


def codebook_lines() -> Iterator[str]:
    """The codebook as CSV."""
    yield from lines(CODEBOOK_COLUMNS, entries(SECTIONS))
