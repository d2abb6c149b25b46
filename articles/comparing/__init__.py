"""Comparing two contents of a topic: block by block, row by row, word by word. Nothing asks the database."""

from .contents import BlockChange, Comparison, FieldChange, RowChange, compare
from .findings import FindingChange, Moved, compare_findings, moved_ratings
from .words import Piece, mark

__all__ = [
    "BlockChange",
    "Comparison",
    "FieldChange",
    "FindingChange",
    "Moved",
    "Piece",
    "RowChange",
    "compare",
    "compare_findings",
    "mark",
    "moved_ratings",
]
