"""What a cell of a spreadsheet may hold."""

from __future__ import annotations

Cell = str | int | float | None

BYTE_ORDER_MARK = "\ufeff"
"""Without it, spreadsheet programs read minus signs and names in UTF-8 as something else."""


def safe_cell(value: Cell | bool) -> Cell:
    """What a cell holds. A text that a spreadsheet would run as a formula gets an apostrophe in front.

    Numbers stay numbers, also negative ones.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
    return value
