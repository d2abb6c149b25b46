"""The editors' side of the pages: one file for each noun."""

from . import category, edition, event, message, tag, term, topic  # noqa: F401  importing registers
