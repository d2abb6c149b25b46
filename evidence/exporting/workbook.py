"""XLSX: the results, the studies and the codebook as the sheets of one workbook.

Rows go to the disk one by one, so that its size costs no memory; it is whole only at the end, hence a file.
Texts are written as texts, so that no spreadsheet runs them as formulas or turns them into links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO

import xlsxwriter

from ..browsing import Filter
from .cells import is_run, plain_cell
from .codebook import CODEBOOK_COLUMNS, SHEETS, entries
from .column import Column
from .columns import RESULT_ROWS, STUDY_ROWS
from .csv_file import result_rows
from .loading import with_rows

MOST_ROWS = 10_000
"""Rows of one sheet, which take about ten seconds to write; the CSV has no limit."""

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}

# XML cannot hold these.
_NOT_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")


class TooLarge(Exception):
    """So much that it is no workbook; the message says what to do."""


def check_size(chosen: Filter) -> None:
    """Refuse what is too much for a workbook. Two queries."""
    studies = chosen.apply()
    n_results = chosen.results().filter(study__in=studies.values("pk")).order_by().count()
    most = max(n_results, studies.count())
    if most > MOST_ROWS:
        raise TooLarge(
            f"A workbook holds at most {MOST_ROWS:,} rows here, and this would be {most:,}. "
            "Choose more filters, or take the CSV, which has no limit."
        )


def write_workbook(chosen: Filter, file: IO[bytes]) -> None:
    """Write what is filtered to `file`."""
    book = xlsxwriter.Workbook(file, OPTIONS)
    results, studies = Sheet(book, "Results", RESULT_ROWS), Sheet(book, "Studies", STUDY_ROWS)
    for study in with_rows(chosen):
        for row in result_rows(study):
            results.add(row)
        studies.add(column.read(study) for column in STUDY_ROWS)
    codebook = Sheet(book, "Codebook", CODEBOOK_COLUMNS)
    for entry in entries(SHEETS):
        codebook.add(column.read(entry) for column in CODEBOOK_COLUMNS)
    book.close()


class Sheet:
    """A sheet with the names of its columns on top, filled from there."""

    def __init__(self, book: xlsxwriter.Workbook, name: str, columns: Iterable[Column]) -> None:
        self._sheet = book.add_worksheet(name)
        # The mark of a text that is not to be read as anything else.
        self._quoted = book.add_format({"quote_prefix": True})
        self._next = 1
        self._sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name, bold)

    def add(self, values: Iterable[object]) -> None:
        """One row more. What a cell cannot hold of a text, beyond 32,767 characters, is cut off."""
        for place, value in enumerate(values):
            cell = plain_cell(value)
            if isinstance(cell, str):
                text = _NOT_XML.sub("\ufffd", cell)
                if text:
                    self._sheet.write_string(self._next, place, text, self._quoted if is_run(text) else None)
            elif cell is not None:
                self._sheet.write_number(self._next, place, cell)
        self._next += 1
