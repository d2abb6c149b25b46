"""Which outcome and which measure a filter leaves: one of each, or a choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Case, CharField, Count, Value, When

from .. import effects
from ..browsing import Option, count
from .body import reported
from .view import GROUPS, View

MOST_CHOICES = 40


@dataclass(frozen=True)
class Choice:
    """Something to choose, with the number of studies that have it and the view that it leads to."""

    label: str
    n_studies: int
    view: View


@dataclass(frozen=True)
class Determined:
    """The outcome and the measure of a view, None where they are not determined.

    Then `outcomes` or `measures` are what can be chosen; those of `measures` also where one is determined.
    `n_more` outcomes are not listed. With an outcome and no measure to choose, nothing can be pooled.
    """

    outcome: Option | None
    measure: effects.Measure | None = None
    outcomes: tuple[Choice, ...] = ()
    measures: tuple[Choice, ...] = ()
    n_more: int = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to choose."""
        return self.outcome is not None and (self.measure is not None or not self.measures)


def determine(view: View) -> Determined:
    """Find the outcome and the measure of a view. One query at most with an index that is current."""
    outcome, outcomes, n_more = _outcome(view)
    if outcome is None:
        return Determined(None, outcomes=outcomes, n_more=n_more)
    measures = _measures(view, outcome)
    measure = GROUPS.get(view.measure)
    if measure is None and len(measures) == 1:
        measure = GROUPS[measures[0].view.measure]
    return Determined(outcome, measure, measures=measures)


def _outcome(view: View) -> tuple[Option | None, tuple[Choice, ...], int]:
    axis = view.chosen.vocabulary.axes["outcome"]
    chosen = view.chosen.chosen(axis.key)
    if len(chosen) == 1:
        return axis.by_slug[next(iter(chosen))], (), 0
    options = chosen or axis.by_slug.keys()
    strict = replace(view.strict, unit="studies")
    counts = count(strict, options={axis.key: list(options)})
    there = [option for option in axis.options if option.slug in options and counts.of(axis.key, option.slug)]
    if not chosen and there:
        # All of them one below the other: the narrowest that still has every study.
        path = set(axis.path(there[-1].slug))
        if all(option.slug in path for option in there):
            whole = counts.of(axis.key, there[0].slug)
            return [o for o in there if counts.of(axis.key, o.slug) == whole][-1], (), 0
    choices = [
        Choice(
            option.label,
            counts.of(axis.key, option.slug),
            replace(view, chosen=replace(view.of_outcome(option.slug), loosely=view.chosen.loosely)),
        )
        for option in there
    ]
    choices.sort(key=lambda choice: -choice.n_studies)
    return None, tuple(choices[:MOST_CHOICES]), max(len(choices) - MOST_CHOICES, 0)


def _measures(view: View, outcome: Option) -> tuple[Choice, ...]:
    """The measures in which a study of this outcome can be pooled, those of most studies first. One query."""
    members = {
        code: [m.code for m in effects.MEASURES.values() if m.pool_group == first.pool_group]
        for code, first in GROUPS.items()
    }
    rows = (
        reported(view.of_outcome(outcome.slug))
        .filter(vi__gt=0)
        .annotate(
            group=Case(
                *(When(measure__in=codes, then=Value(code)) for code, codes in members.items()),
                default=Value(""),
                output_field=CharField(),
            )
        )
        .values_list("group")
        .annotate(n=Count("study", distinct=True))
    )
    found = [Choice(GROUPS[code].label, n, replace(view, measure=code)) for code, n in rows if code in GROUPS]
    return tuple(sorted(found, key=lambda choice: (-choice.n_studies, choice.label)))
