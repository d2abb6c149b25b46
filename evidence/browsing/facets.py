"""The filters beside the list: what can be chosen on each axis, and how many studies each choice holds."""

from __future__ import annotations

from dataclasses import dataclass

from .counting import Counts
from .filters import Filter
from .vocabulary import Axis, Option

# Open on arrival, as long as nothing is chosen elsewhere: what most people filter by.
OPEN = frozenset({"age", "outcome", "design"})


@dataclass(frozen=True)
class Value:
    """One option of a facet with the number of studies it holds; `below` are the narrower ones."""

    slug: str
    label: str
    depth: int
    count: int
    chosen: bool
    below: tuple[Value, ...] = ()

    @property
    def is_open(self) -> bool:
        """Something below is chosen, so the fold must show it."""
        return any(value.chosen or value.is_open for value in self.below)


@dataclass(frozen=True)
class Facet:
    """One axis of the filter form. `values` are the options at the top, each with those below it."""

    key: str
    param: str
    label: str
    values: tuple[Value, ...]
    n_chosen: int
    is_open: bool

    def flat(self) -> list[Value]:
        """All values in tree order."""
        values: list[Value] = []
        waiting = list(reversed(self.values))
        while waiting:
            value = waiting.pop()
            values.append(value)
            waiting.extend(reversed(value.below))
        return values


def facets(chosen: Filter, counts: Counts) -> list[Facet]:
    """Every axis that has something to choose, in the order of the vocabulary. No query.

    The options at the top are always there; those below only with a study, or chosen, or above a chosen one.
    """
    return [
        Facet(
            key=axis.key,
            param=axis.param,
            label=axis.label,
            values=_values(axis, None, chosen, counts),
            n_chosen=len(chosen.chosen(axis.key)) + chosen.has_bounds(axis.key),
            is_open=axis.key in OPEN or chosen.is_on(axis.key),
        )
        for axis in chosen.vocabulary.axes.values()
        if len(axis.options) > 1 or axis.key in ("year", "people")
    ]


def _values(axis: Axis, above: str | None, chosen: Filter, counts: Counts) -> tuple[Value, ...]:
    values = []
    for option in axis.below(above):
        value = Value(
            slug=option.slug,
            label=option.label,
            depth=option.depth,
            count=counts.of(axis.key, option.slug),
            chosen=option.slug in chosen.chosen(axis.key),
            below=_values(axis, option.slug, chosen, counts),
        )
        if value.count or value.chosen or value.below or _is_always_shown(option):
            values.append(value)
    return tuple(values)


def _is_always_shown(option: Option) -> bool:
    return option.depth == 0 and option.is_active
