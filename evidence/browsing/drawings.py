"""Small drawings of results: each beside its number, on an axis it shares with what can be compared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from .. import effects
from ..intervals import Axis, Places, Span
from ..models import Result


def drawings(results: Iterable[Result], *, per_outcome: bool = False) -> dict[int, Places]:
    """Where to draw these results, by primary key; a result without an estimate has no entry.

    Results share an axis where their numbers compare: those in a unit with the same outcome, instrument and
    unit, those without a unit (such as ratios) with the same measure; with `per_outcome` also outcome.
    """
    groups: dict[tuple, dict[int, Span]] = defaultdict(dict)
    for result in results:
        span = _span(result)
        if span is not None:
            key: tuple = (result.measure,)
            if effects.measure(result.measure).needs_unit:
                key += (result.outcome_id, result.unit, result.instrument)
            elif per_outcome:
                key += (result.outcome_id,)
            groups[key][result.pk] = span
    places = {}
    for (measure, *_), spans in groups.items():
        axis = Axis(effects.measure(measure), spans.values())
        places.update({pk: axis.places(span) for pk, span in spans.items()})
    return places


def _span(result: Result) -> Span | None:
    """What to draw of a result, without what does not fit on any axis."""
    measure = effects.measure(result.measure)
    effect = result.shown_effect()
    estimate = effect.estimate
    if estimate is None or not _fits(measure, estimate):
        return None
    interval = effect.interval()
    if interval is None or not all(_fits(measure, bound) for bound in interval):
        return Span(estimate, None, None)
    return Span(estimate, *interval)


def _fits(measure: effects.Measure, value: float) -> bool:
    """Very wide intervals of ratios reach 0 or infinity, which have no place."""
    return math.isfinite(value) and math.isfinite(measure.scale.to_analysis(value))
