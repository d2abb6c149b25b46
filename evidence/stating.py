"""Stating: what a result says, as plain JSON values that can be frozen, drawn and compared."""

from collections.abc import Mapping
from typing import Any

from .models import Result

Said = Mapping[str, Any]


def number(value: float | None) -> str | None:
    """A number as text with 12 digits: more than any study has, fewer than machines disagree about."""
    return None if value is None else format(value, ".12g")


def said(result: Result, history_id: int | None = None) -> dict[str, Any]:
    """What a result says, in words and numbers; numbers are texts, so that no database can round them.

    Takes no query for a result of `ResultQuerySet.for_display` whose sample came with its parent.
    """
    sample = result.sample
    whole = sample.parent or sample
    effect = result.shown_effect()
    interval = effect.interval()
    return {
        "study": result.study.slug,
        "key": result.key,
        "history_id": history_id,
        "outcome": result.outcome.name,
        "better": result.outcome.better,
        "instrument": result.instrument,
        "who": sample.description or sample.label,
        "whole_who": whole.description or whole.label,
        "people": result.n_people,
        "arm": result.arm.label,
        "comparator": result.comparator.label if result.comparator else None,
        "weeks": number(result.weeks),
        "state": result.state,
        "finding": result.finding,
        "direction": result.direction,
        "measure": effect.measure.code,
        "measure_label": effect.measure.label,
        "measure_short": effect.measure.short,
        "derivation": effect.derivation,
        "unit": result.unit,
        "display": result.display,
        "estimate": number(effect.estimate),
        "low": number(interval[0]) if interval else None,
        "high": number(interval[1]) if interval else None,
    }


def said_in_picture(result: Result, history_id: int | None = None) -> dict[str, Any]:
    """The same with what a picture of several studies needs beside it."""
    return {
        **said(result, history_id),
        "label": result.study.label,
        "year": result.study.year,
        "design": result.study.get_design_display(),
        "is_retracted": result.study.is_retracted,
    }
