"""Fragility of a filter: how the pool moves as what is chosen is relaxed, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .. import effects
from ..browsing import Filter, Option
from ..browsing.filters import RANGES, TEXT, option_words
from ..effects import number
from .body import MOST_RESULTS, TooManyResults, body_of
from .view import View

MOST_RELAXED = 12
"""Each step more is another pool, read anew."""


@dataclass(frozen=True)
class Relaxed:
    """What the results of one relaxed filter say together: the pool in words, or why there is none."""

    words: str
    view: View
    n_studies: int | None
    k: int | None = None
    display: str = ""
    i2: str = ""
    refusal: str = ""


def fragility(view: View, outcome: Option, measure: effects.Measure | None) -> tuple[list[Relaxed], int]:
    """The pool of each relaxed filter, and how many more steps there are. One or two queries for each."""
    steps = list(relaxed_filters(view.of_outcome(outcome.slug)))
    return (
        [_relaxed(words, view, chosen, measure) for words, chosen in steps[:MOST_RELAXED]],
        max(len(steps) - MOST_RELAXED, 0),
    )


def relaxed_filters(chosen: Filter) -> Iterator[tuple[str, Filter]]:
    """Each filter that is one step wider than `chosen`, in words, without those that come twice.

    A step takes a whole axis away, takes one term for the one above it, opens one side of a range or lets
    mixed groups count. One of several terms of an axis is never taken away alone: that would narrow it.
    """
    seen = {chosen}
    for words, wider in _steps(chosen):
        if wider not in seen:
            seen.add(wider)
            yield words, wider


def _steps(chosen: Filter) -> Iterator[tuple[str, Filter]]:
    if chosen.answer is not None:
        yield "Also results that are not behind the conclusion", replace(chosen, answer=None)
    if chosen.q:
        yield f"Without the words “{chosen.q}”", chosen.without(TEXT)
    for axis in chosen.axes_on:
        for option in axis.options:
            if option.slug in chosen.chosen(axis.key) and option.parent is not None:
                above = axis.by_slug[option.parent]
                wider = chosen.without_value(axis.key, option.slug).choosing(axis.key, above.slug)
                yield f"{above.label} instead of {option.label}", wider
        if chosen.has_bounds(axis.key):
            low, high = chosen.bounds(axis.key)
            names = RANGES[axis.key]
            opened = [(names[0], "below"), (names[1], "above")]
            if low is not None and high is not None:
                for (name, side), bound in zip(opened, (low, high), strict=True):
                    unbound: dict = {name: None}
                    yield f"{axis.label} also {side} {bound:g}", replace(chosen, **unbound)
        if chosen.excluded_on(axis.key):
            kept = frozenset(value for value in chosen.excluded if value[0] != axis.key)
            away = [
                option_words(axis, o.slug) for o in axis.options if o.slug in chosen.excluded_on(axis.key)
            ]
            yield f"With {' and '.join(away)} again", replace(chosen, excluded=kept)
        if axis.key != "outcome":
            yield f"Without “{chosen.words(axis.key)}”", chosen.without(axis.key)
    if not chosen.with_part and any(axis.param == "population" for axis in chosen.axes_on):
        yield "Mixed groups too", replace(chosen, with_part=True)


def _relaxed(words: str, view: View, chosen: Filter, measure: effects.Measure | None) -> Relaxed:
    axis = chosen.vocabulary.axes["outcome"]
    outcome = axis.by_slug[next(iter(chosen.chosen(axis.key)))]
    code = "" if measure is None else measure.code
    wider = replace(view, chosen=replace(chosen, loosely=view.chosen.loosely), measure=code)
    try:
        body = body_of(wider, outcome, measure)
    except TooManyResults:
        return Relaxed(words, wider, None, refusal=f"More than {MOST_RESULTS} results; not pooled here.")
    pool = body.summary.pool
    if pool is None:
        return Relaxed(words, wider, body.n_studies, refusal=str(body.summary.refusal))
    i2 = f"{number(pool.heterogeneity.i2, 0)}%"
    return Relaxed(words, wider, body.n_studies, pool.k, pool.display, i2)
