"""The list of studies page by page, without a limit of depth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import search

from ..keyset import BadCursor, Cursors
from ..models import Study
from .counting import Matches
from .filters import BEST_MATCH, NEWEST, Filter
from .index.bitmaps import slots
from .index.ordering import part

SIZE, MOST = 25, 100

__all__ = ["MOST", "SIZE", "BadCursor", "Page", "page"]


@dataclass(frozen=True)
class Page:
    """Primary keys in the order of the list, and the cursors of the pages around, None where none is.

    `n_before` studies come before them in the list. `is_ranked` says whether they are in the order chosen.
    """

    keys: tuple[int, ...]
    next: str | None
    previous: str | None
    n_before: int = 0
    is_ranked: bool = True


def page(
    chosen: Filter, cursor: str | None = None, size: int = SIZE, *, matches: Matches | None = None
) -> Page:
    """One page of `chosen.in_order()`. No query with `matches` at hand; one where words rank studies.

    Raises BadCursor for a cursor of another filter or order, and for what is none.
    """
    matches = matches or Matches(chosen)
    order, ranks = chosen.order, None
    if order == BEST_MATCH:
        if len(matches.studies) > search.MOST_RANKED:
            order = NEWEST
        else:
            ranks = _ranks(matches)
    cursors = Cursors(f"{order} studies?{chosen.as_query(with_sort=False)}")
    backward, start = False, None
    if cursor is not None:
        backward, place = cursors.read(cursor)
        start = (place[0], place[1])
    index, studies = matches.index, matches.studies
    ordered = partial(part, index, studies, order, size=size)
    if start is None and ranks is None:
        found = index.of_all(studies, ("first", order, size), ordered)
    else:
        found = ordered(start=start, backward=backward, ranks=ranks)
    around = cursors.page(
        found.keys, found.places, backward=backward, has_more=found.has_more, is_first=cursor is None
    )
    return Page(around.keys, around.next, around.previous, found.n_before, order == chosen.order)


def _ranks(matches: Matches) -> dict[int, float]:
    """How well each study matches the words, by its primary key."""
    keys = matches.index.keys_of(slots(matches.studies))
    words = search.parse(matches.chosen.q)
    return dict(Study.objects.filter(pk__in=keys).matching(words).order_by().values_list("pk", "rank"))
