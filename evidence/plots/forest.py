"""The forest plot: each study with its interval, and what they say together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .. import effects
from .axis import Axis, Tick

SMALLEST, LARGEST = 6.0, 14.0
"""Sides of the squares in pixels: their area follows the weight."""


@dataclass(frozen=True)
class Line:
    """An effect on the analysis scale; bounds and weight (a share from 0 to 1) are None where unknown."""

    estimate: float
    low: float | None = None
    high: float | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Mark:
    """Where a line is drawn: places as SVG writes them, the side of its square in pixels.

    `low_open` and `high_open` say that the interval runs beyond the axis.
    """

    x: str
    low: str | None
    high: str | None
    side: str
    half: str
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class Forest:
    """A drawn forest plot: a mark for each line given, the pooled diamond and the prediction interval.

    `diamond` are the points of a polygon in a box of 100 by 36.
    """

    marks: tuple[Mark | None, ...]
    null: str | None
    null_place: float | None
    ticks: tuple[Tick, ...]
    diamond: str = ""
    prediction: tuple[str, str] | None = None


def forest(
    measure: effects.Measure,
    lines: Sequence[Line | None],
    *,
    pooled: Line | None = None,
    prediction: tuple[float, float] | None = None,
) -> Forest:
    """Where to draw these lines; None stays None, for a study without a number. Pure."""
    known = [line for line in lines if line is not None and math.isfinite(line.estimate)]
    always = [] if pooled is None else [pooled.estimate, *_bounds(pooled)]
    axis = Axis(
        measure,
        estimates=[line.estimate for line in known],
        bounds=[bound for line in known for bound in _bounds(line)] + list(prediction or ()),
        always=always,
    )
    heaviest = max((line.weight or 0.0 for line in known), default=0.0)
    null = None if measure.null is None else measure.scale.to_analysis(measure.null)
    return Forest(
        marks=tuple(
            None if line is None or not math.isfinite(line.estimate) else _mark(line, axis, heaviest)
            for line in lines
        ),
        null=axis.null,
        null_place=None if null is None else round(axis.place(null), 1),
        ticks=tuple(axis.ticks()),
        diamond="" if pooled is None else _diamond(pooled, axis),
        prediction=None if prediction is None else (axis.x(prediction[0]), axis.x(prediction[1])),
    )


def _bounds(line: Line) -> list[float]:
    return [bound for bound in (line.low, line.high) if bound is not None]


def _mark(line: Line, axis: Axis, heaviest: float) -> Mark:
    side = SMALLEST + 2
    if line.weight is not None and heaviest > 0:
        side = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(line.weight / heaviest)
    return Mark(
        x=axis.x(line.estimate),
        low=None if line.low is None else axis.x(line.low),
        high=None if line.high is None else axis.x(line.high),
        side=f"{side:.1f}",
        half=f"{side / 2:.1f}",
        low_open=line.low is not None and line.low < axis.low,
        high_open=line.high is not None and line.high > axis.high,
    )


def _diamond(pooled: Line, axis: Axis) -> str:
    middle = axis.place(pooled.estimate)
    low = middle if pooled.low is None else axis.place(pooled.low)
    high = middle if pooled.high is None else axis.place(pooled.high)
    return f"{low:.1f},18 {middle:.1f},10 {high:.1f},18 {middle:.1f},26"
