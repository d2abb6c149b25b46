"""What a reader has made of a filter: which measure, who is left out, what stands beside the studies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from .. import effects
from ..browsing import Filter

GROUPS: dict[str, effects.Measure] = {}
"""Of each pool group its first measure, by whose code the group is chosen."""
for _measure in effects.MEASURES.values():
    if _measure.pool_group not in {known.pool_group for known in GROUPS.values()} | {None}:
        GROUPS[_measure.code] = _measure

YEAR, EFFECT, WEIGHT, PEOPLE, NAME = "year", "effect", "weight", "people", "name"
ORDERS = {
    YEAR: "Oldest study first",
    EFFECT: "Smallest effect first",
    WEIGHT: "Most weight first",
    PEOPLE: "Most people first",
    NAME: "By name",
}


@dataclass(frozen=True)
class View:
    """A filter with what is drawn of it.

    `measure` is a key of `GROUPS`, `left` are the slugs of studies that the reader leaves out of the pool,
    `by` is the key of an axis of which the options are compared, `columns` are keys of `COLUMNS`.
    """

    chosen: Filter
    measure: str = ""
    left: frozenset[str] = frozenset()
    by: str = ""
    columns: tuple[str, ...] = ()
    order: str = YEAR

    @property
    def strict(self) -> Filter:
        """The filter as results are asked: all of it must hold for the same result."""
        return replace(self.chosen, loosely=False)

    def of_outcome(self, slug: str) -> Filter:
        """The strict filter with exactly this outcome chosen."""
        strict = self.strict
        values = frozenset(value for value in strict.values if value[0] != "outcome")
        return replace(strict, values=values | {("outcome", slug)})

    def leaving(self, study: str) -> View:
        """The same without this study in the pool, or with it again if it was left out."""
        return replace(self, left=self.left ^ {study})

    def own_parameters(self) -> list[tuple[str, str]]:
        """What the view adds to the filter, as parameters of an address, always in the same order."""
        pairs = [("measure", self.measure)] if self.measure else []
        pairs += [("leave", slug) for slug in sorted(self.left)]
        pairs += [("by", self.by)] if self.by else []
        pairs += [("col", key) for key in self.columns]
        return pairs + ([("order", self.order)] if self.order != YEAR else [])

    def parameters(self) -> list[tuple[str, str]]:
        return [*self.chosen.parameters(), *self.own_parameters()]

    def as_query(self) -> str:
        """The query string of this view, without a question mark."""
        return urlencode(self.parameters())
