"""The list of studies page by page, without a limit of depth."""

from __future__ import annotations

from ..keyset import BadCursor, Page, walk
from .filters import Filter

SIZE, MOST = 25, 100

__all__ = ["MOST", "SIZE", "BadCursor", "Page", "page"]


def page(chosen: Filter, cursor: str | None = None, size: int = SIZE) -> Page:
    """The primary keys of one page of `chosen.in_order()`, and the cursors of those around it. One query.

    Raises BadCursor for a cursor of another filter or order, and for what is none.
    """
    of = f"{chosen.order} studies?{chosen.as_query(with_sort=False)}"
    return walk(chosen.in_order(), cursor=cursor, size=size, of=of)
