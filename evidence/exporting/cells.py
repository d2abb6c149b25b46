"""What a cell of a spreadsheet may hold."""

from __future__ import annotations

import datetime
import re
from typing import Any

Cell = str | int | float | None

BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheet programs read minus signs and names in UTF-8 as something else."""

# What spreadsheet programs take for the start of a formula, also in full width and behind apostrophes.
_RUN = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def plain_cell(value: Any) -> Cell:
    """A value as a text or a number: yes or no, dates as ISO 8601 has them, lists with semicolons."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(str(entry) for entry in value)
    if value is None or isinstance(value, int | float):
        return value
    return str(value).replace("\x00", "")


def safe_cell(value: Any) -> Cell:
    """The same for CSV: a text that a spreadsheet would run as a formula gets an apostrophe in front.

    Numbers stay numbers, also negative ones. `as_written` is the way back.
    """
    cell = plain_cell(value)
    return f"'{cell}" if isinstance(cell, str) and is_run(cell) else cell


def is_run(text: str) -> bool:
    """Whether a spreadsheet could run this text, or would if it had not got an apostrophe before."""
    return _RUN.match(text) is not None


def as_written(text: str) -> str:
    """The text that `safe_cell` made a cell of."""
    return text[1:] if text.startswith("'") and is_run(text) else text
