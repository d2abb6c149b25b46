"""CSV for spreadsheets.

It has one row for each result that satisfies the filter, and one row for a study without such a result
where nothing is chosen about results. It is UTF-8 with a byte order mark, because spreadsheet programs
otherwise read the minus signs and names in it as something else, and programs for statistics skip the mark.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from ..browsing import Filter
from .cells import BYTE_ORDER_MARK, Cell, safe_cell
from .columns import COLUMNS, RESULT_COLUMNS, STUDY_COLUMNS
from .loading import with_results


class _Line:
    """A file that hands back each line instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(chosen: Filter) -> Iterator[str]:
    """The CSV of what is filtered, line by line, in the order chosen."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([name for name, _ in COLUMNS])
    no_result: list[Cell] = [None] * len(RESULT_COLUMNS)
    for study in with_results(chosen):
        about_study = [safe_cell(cell(study)) for _, _, cell in STUDY_COLUMNS]
        for result in study.matching_results:
            yield writer.writerow(about_study + [safe_cell(cell(result)) for _, _, cell in RESULT_COLUMNS])
        if not study.matching_results:
            yield writer.writerow(about_study + no_result)
