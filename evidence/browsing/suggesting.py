"""Another spelling, where no study holds the words that somebody typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import search

from ..models import Study
from .counting import Matches

MOST_TITLES = 2000


@dataclass(frozen=True)
class Suggestion:
    """Words that studies hold, and the query string of the list with them."""

    words: str
    query: str


def suggestion(matches: Matches) -> Suggestion | None:
    """What somebody may have meant; None where studies hold the words, or nothing close is known.

    At most one query, and only where nothing was found.
    """
    chosen = matches.chosen
    if not chosen.q or not matches.words_are_unknown:
        return None
    words = search.suggest(chosen.q, _known(matches))
    return None if words is None else Suggestion(words, replace(chosen, q=words).as_query())


def _known(matches: Matches) -> Iterator[str]:
    """The words of this site for what is studied, and of the studies that came in last."""
    for axis in matches.axes.values():
        if axis.about_results:
            yield from (option.label for option in axis.options)
    newest = Study.objects.published().last_added_first()
    for label, title in newest.values_list("label", "title")[:MOST_TITLES]:
        yield label
        yield title
