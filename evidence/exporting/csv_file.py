"""CSV for spreadsheets: one row for each result, or one row for each study.

The first has one row for each result that satisfies the filter, and one row for a study without such a
result where nothing is chosen about results. Both are UTF-8 with a byte order mark, because spreadsheet
programs otherwise read the minus signs and names in them as something else, and programs for statistics
skip the mark.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from ..browsing import Filter
from .cells import BYTE_ORDER_MARK, safe_cell
from .column import Column
from .columns import RESULT_COLUMNS, RESULT_ROWS, STUDY_COLUMNS, STUDY_ROWS
from .loading import Loaded, with_results, with_rows


class Line:
    """A file that hands back each line instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def result_lines(chosen: Filter) -> Iterator[str]:
    """The results of what is filtered, line by line, in the order chosen."""
    writer = csv.writer(Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.name for column in RESULT_ROWS])
    for study in with_results(chosen):
        for row in result_rows(study):
            yield writer.writerow([safe_cell(value) for value in row])


def result_rows(study: Loaded) -> Iterator[list[object]]:
    """The rows of one study, each value as its column reads it."""
    about_study: list[object] = [column.read(study) for column in STUDY_COLUMNS]
    for result in study.matching_results:
        yield about_study + [column.read(result) for column in RESULT_COLUMNS]
    if not study.matching_results:
        yield about_study + [None] * len(RESULT_COLUMNS)


def study_lines(chosen: Filter) -> Iterator[str]:
    """The studies of what is filtered, line by line, in the order chosen."""
    writer = csv.writer(Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.name for column in STUDY_ROWS])
    for study in with_rows(chosen):
        yield writer.writerow([safe_cell(column.read(study)) for column in STUDY_ROWS])


def lines(columns: Iterable[Column], rows: Iterable[object]) -> Iterator[str]:
    """Any rows with their columns, line by line."""
    columns = list(columns)
    writer = csv.writer(Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.name for column in columns])
    for row in rows:
        yield writer.writerow([safe_cell(column.read(row)) for column in columns])
