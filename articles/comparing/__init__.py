"""Comparing two contents of a topic: block by block, row by row, word by word. Nothing asks the database."""

from .contents import BlockChange, Comparison, FieldChange, RowChange, compare
from .words import Piece, mark

__all__ = ["BlockChange", "Comparison", "FieldChange", "Piece", "RowChange", "compare", "mark"]
