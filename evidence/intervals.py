"""Where to draw estimates and their intervals: places on one common axis, as SVG percentages."""

from collections.abc import Iterable
from dataclasses import dataclass

from . import effects

MARGIN = 4.0
"""Per cent of the width left free at each end."""


def place(value: float, low: float, high: float) -> float:
    """Where a value is drawn between `low` and `high`, in per cent; the middle where these are the same."""
    share = 0.5 if low == high else (value - low) / (high - low)
    return MARGIN + (100 - 2 * MARGIN) * share


@dataclass(frozen=True)
class Span:
    """An effect on the display scale; the bounds are None where no interval is known."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Places:
    """The same as places for the tag `interval`, for example "53.1%"."""

    x_estimate: str
    x_low: str | None
    x_high: str | None
    x_null: str | None


class Axis:
    """An axis that holds every span and the null of their measure; ratios are drawn on a log scale."""

    def __init__(self, measure: effects.Measure, spans: Iterable[Span]) -> None:
        self.measure = measure
        ends = [self._analysis(value) for span in spans for value in (span.estimate, span.low, span.high)]
        if measure.null is not None:
            ends.append(self._analysis(measure.null))
        known = [end for end in ends if end is not None]
        self._low, self._high = (min(known), max(known)) if known else (0.0, 0.0)

    def places(self, span: Span) -> Places:
        """Where to draw this span, which must be one of those that the axis was made of."""
        estimate = self._percent(span.estimate)
        if estimate is None:
            raise ValueError("An estimate outside the scale of its measure cannot be drawn.")
        return Places(
            x_estimate=estimate,
            x_low=self._percent(span.low),
            x_high=self._percent(span.high),
            x_null=self._percent(self.measure.null),
        )

    def _analysis(self, value: float | None) -> float | None:
        return None if value is None else self.measure.scale.to_analysis(value)

    def _percent(self, value: float | None) -> str | None:
        on_scale = self._analysis(value)
        return None if on_scale is None else f"{place(on_scale, self._low, self._high):.1f}%"
