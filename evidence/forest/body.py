"""The results that satisfy a filter, as a body that can be weighed like that of a conclusion."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .. import effects
from ..browsing import Filter, Option
from ..models import Result
from ..models.result import ResultQuerySet
from ..synthesis import Summary, summarise
from ..weighing import Weighed, effect_of, reading_order
from .view import View

MOST_RESULTS = 500
"""With more, neither a plot nor its tables can be read, and REML takes longer than an answer may."""


class TooManyResults(Exception):
    """More results satisfy the filter than are pooled at once."""


@dataclass(frozen=True, kw_only=True)
class FilteredBody(Weighed):
    """The reported results of one outcome that satisfy a filter, and what they say together in one measure.

    `measure` stands for its pool group; without one nothing can be pooled. `in_part` are the results, by
    primary key, that satisfy the filter only because samples count that belong to a population in part.
    """

    view: View
    outcome: Option
    measure: effects.Measure | None
    in_part: frozenset[int] = field(default_factory=frozenset)

    @property
    def partly(self) -> frozenset[int]:
        return self.in_part

    @cached_property
    def summary(self) -> Summary:
        return summarise(
            (effect_of(result) for result in self.results),
            self.settings,
            group=None if self.measure is None else self.measure.pool_group,
            without=self.view.left,
        )

    @property
    def question(self) -> str:
        return f"{self.outcome.label}: {self.words}"

    @property
    def words(self) -> str:
        """What else is chosen, as the chips say it."""
        chosen = self.view.of_outcome(self.outcome.slug)
        chips = [chip.label for chip in chosen.chips() if chip.label != self.outcome.label]
        return "; ".join(chips) or "every study"

    @property
    def asked(self) -> dict[str, Any]:
        return {
            "filter": [list(pair) for pair in self.view.strict.parameters(with_sort=False)],
            "outcome": self.outcome.slug,
            "measure": None if self.measure is None else self.measure.code,
            "left_out": sorted(self.view.left),
            "note": "Each term with everything below it; reported results of published studies only; "
            "all of the filter holds for the same result.",
        }


def reported(chosen: Filter) -> ResultQuerySet:
    """The reported results that satisfy all of a filter themselves, in no order."""
    about_studies = replace(chosen, answer=None)
    for axis in chosen.axes_on:
        if axis.about_results:
            about_studies = about_studies.without(axis.key)
    results = chosen.results().published().filter(state=Result.State.REPORTED).order_by()
    if about_studies.is_empty:
        return results
    return results.filter(study__in=about_studies.apply().order_by().values("pk"))


def body_of(view: View, outcome: Option, measure: effects.Measure | None) -> FilteredBody:
    """Read the body of a view. Raises TooManyResults. The number of queries is constant."""
    chosen = view.of_outcome(outcome.slug)
    keys = list(reported(chosen).values_list("pk", flat=True)[: MOST_RESULTS + 1])
    if len(keys) > MOST_RESULTS:
        raise TooManyResults
    results = Result.objects.filter(pk__in=keys).for_display().select_related("sample__parent").order_by()
    in_part: frozenset[int] = frozenset()
    if chosen.with_part:
        whole = replace(chosen, with_part=False).results().filter(pk__in=keys)
        in_part = frozenset(keys) - frozenset(whole.order_by().values_list("pk", flat=True))
    return FilteredBody(
        results=tuple(sorted(results, key=reading_order)),
        view=view,
        outcome=outcome,
        measure=measure,
        in_part=in_part,
    )
