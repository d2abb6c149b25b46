"""The editors' side of the pages: one file for each noun."""

# ruff: noqa: F401  importing registers

from . import (
    category,
    edition,
    event,
    folder,
    image,
    message,
    missed_search,
    tag,
    term,
    topic,
)
