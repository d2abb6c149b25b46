"""Which options stand beside a list: all of them where they are few, else branch by branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .filters import Filter
from .vocabulary import Axis, Vocabulary

FEW = 200
"""A site with no more options than this shows narrower ones, folded, where a facet stands open."""

# Open on arrival, as long as nothing is chosen elsewhere: what most people filter by.
OPEN = frozenset({"age", "outcome", "design"})

MOST_FOUND = 40
"""How many options a search inside a facet shows."""

LONG = 12
"""A tree with more options than this can be searched."""


TREES = ("population", "intervention", "outcome")


def shown(
    chosen: Filter, *, opened: frozenset[tuple[str, str]], looked_for: Mapping[str, str]
) -> dict[str, Sequence[str]]:
    """The slugs to show of each axis, in tree order.

    `opened` are options, by the key of their axis, whose narrower ones are shown; `looked_for` gives the
    words that an axis is searched for, by its parameter. What is chosen or excluded is always there, with
    the way to it.
    """
    are_few = sum(chosen.vocabulary.n_options.values()) <= FEW
    return {
        axis.key: _shown(
            axis,
            chosen,
            opened,
            looked_for.get(axis.param, ""),
            everything=axis.param not in TREES or (are_few and axis.key in OPEN),
        )
        for axis in chosen.vocabulary.axes.values()
    }


def can_be_searched(vocabulary: Vocabulary, param: str) -> bool:
    """Whether the options of this parameter are too many to look through."""
    return param in TREES and vocabulary.n_options[param] > LONG


def _shown(
    axis: Axis, chosen: Filter, opened: frozenset[tuple[str, str]], words: str, *, everything: bool
) -> Sequence[str]:
    if everything and not words:
        return axis.slugs
    asked_for = [slug for key, slug in opened if key == axis.key]
    standing = chosen.chosen(axis.key) | chosen.excluded_on(axis.key)
    if not (words or asked_for or standing):
        return axis.at_top
    wanted = _found(axis, words) if words else set(axis.at_top)
    for slug in [] if words else asked_for:
        wanted.update(axis.path(slug))
        wanted.update(option.slug for option in axis.below(slug))
    for slug in standing:
        path = axis.path(slug)
        wanted.update(path)
        if not words:
            # Those beside it as well: they are what somebody would choose instead.
            for above in path[1:]:
                wanted.update(option.slug for option in axis.below(above))
    return [option.slug for option in axis.in_order(wanted)]


def _found(axis: Axis, words: str) -> set[str]:
    """The options whose name holds these words, with the way to each."""
    wanted: set[str] = set()
    pieces = words.casefold().split()
    hits = [
        option.slug for option in axis.options if all(piece in option.label.casefold() for piece in pieces)
    ]
    for slug in hits[:MOST_FOUND]:
        wanted.update(axis.path(slug))
    return wanted
