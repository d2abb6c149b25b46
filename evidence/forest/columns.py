"""Columns that can be added beside the studies of a forest plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..effects import number
from ..models import Result
from ..weighing import Weighed, effect_of

MOST_COLUMNS = 4
"""With more there is no room for the drawing."""

UNKNOWN = "Not reported"


def _amount(value: float | None, unit: str = "") -> str:
    return UNKNOWN if value is None else f"{float(value):g}{unit}"


def _dose(result: Result, body: Weighed) -> str:
    arm = result.arm
    return UNKNOWN if arm.load is None else f"{_amount(arm.load)} {arm.load_unit}"


def _weeks(result: Result, body: Weighed) -> str:
    return "Single session" if result.weeks == 0 else _amount(result.weeks)


def _people(result: Result, body: Weighed) -> str:
    people = effect_of(result).people
    return UNKNOWN if people is None else f"{people:,}"


def _age(result: Result, body: Weighed) -> str:
    sample = result.sample
    if sample.age_mean is not None:
        return f"Mean {number(sample.age_mean, 0)}"
    if sample.age_min is None and sample.age_max is None:
        return UNKNOWN
    if sample.age_max is None:
        return f"From {_amount(sample.age_min)}"
    return f"Up to {_amount(sample.age_max)}" if sample.age_min is None else _span(sample)


def _span(sample: Any) -> str:
    return f"{_amount(sample.age_min)} to {_amount(sample.age_max)}"


def _bias(result: Result, body: Weighed) -> str:
    level = body.levels.get(result.pk)
    return "Not appraised" if level is None else str(level.label)


Read = Callable[[Result, Weighed], str]

COLUMNS: dict[str, tuple[str, Read]] = {
    "dose": ("Load or dose", _dose),
    "weeks": ("Weeks", _weeks),
    "female": ("Women", lambda result, body: _amount(result.sample.percent_female, "%")),
    "people": ("People", _people),
    "age": ("Years of age", _age),
    "year": ("Year", lambda result, body: UNKNOWN if result.study.year is None else str(result.study.year)),
    "design": ("Design", lambda result, body: result.study.get_design_display()),
    "bias": ("Risk of bias", _bias),
}
"""The heading of each column and what it says of a result."""


def cells(result: Result, body: Weighed, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Heading and text of each of these columns for one result."""
    return [(COLUMNS[key][0], COLUMNS[key][1](result, body)) for key in columns]
