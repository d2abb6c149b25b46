"""An axis with round numbers, linear or of ratios; places on it are per cent of its width."""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from .. import effects
from ..intervals import place

MOST_TICKS = 5
# What a bound may lie beyond all estimates, as a multiple of their spread, before it is cut off.
REACH = 2.0
# Ratios beyond this, on the log scale, are drawn at the edge: exp of it is a number that everything can hold.
LARGEST_LOG = 40.0


@dataclass(frozen=True)
class Tick:
    """A round number on the axis: its place, for example "31.2%", and how it is written."""

    x: str
    label: str


class Axis:
    """An axis for effects of one measure, given on the analysis scale, that holds their null.

    It holds every estimate; of bounds those that do not make the rest too small to see.
    """

    def __init__(
        self,
        measure: effects.Measure,
        *,
        estimates: Iterable[float],
        bounds: Iterable[float] = (),
        always: Iterable[float] = (),
    ) -> None:
        self.measure = measure
        held = [self._held(value) for value in (*estimates, *always) if math.isfinite(value)]
        if measure.null is not None:
            held.append(measure.scale.to_analysis(measure.null))
        low, high = (min(held), max(held)) if held else (0.0, 0.0)
        reach = REACH * (high - low)
        ends = [self._held(value) for value in bounds if math.isfinite(value)]
        if reach > 0:
            ends = [min(max(end, low - reach), high + reach) for end in ends]
        self.low, self.high = min([low, *ends]), max([high, *ends])
        if self.low == self.high:
            self.low, self.high = self.low - 1, self.high + 1

    def _held(self, value: float) -> float:
        """The value as far as an axis of its scale reaches."""
        if self.measure.scale is not effects.Scale.log:
            return value
        return min(max(value, -LARGEST_LOG), LARGEST_LOG)

    def place(self, value: float) -> float:
        """Where a value is drawn, in per cent; what lies outside is drawn at the edge."""
        inside = min(max(value, self.low), self.high)
        return place(inside, self.low, self.high)

    def x(self, value: float) -> str:
        """The same as SVG writes it: "53.1%"."""
        return f"{self.place(value):.1f}%"

    @property
    def null(self) -> str | None:
        """The place of no effect."""
        if self.measure.null is None:
            return None
        return self.x(self.measure.scale.to_analysis(self.measure.null))

    def ticks(self) -> list[Tick]:
        """At most a handful of round numbers inside the axis, in order."""
        scale = self.measure.scale
        values = self._ratios() if scale is effects.Scale.log else self._steps()
        return [
            Tick(self.x(scale.to_analysis(value)), _written(value * self.measure.display_factor))
            for value in values
        ]

    def _steps(self) -> list[float]:
        """Round steps on the display scale."""
        to_display = self.measure.scale.to_display
        low, high = to_display(self.low), to_display(self.high)
        least = (high - low) / MOST_TICKS
        # Of what is narrower than this no power of ten is left to step by.
        if not (math.isfinite(least) and least > sys.float_info.min):
            return []
        step = _round_up(least)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [place * step for place in range(first, last + 1)]

    def _ratios(self) -> list[float]:
        """Round ratios: 1, 2 and 5 of each power of ten, or of fewer of them where there are many."""
        low, high = math.exp(self.low), math.exp(self.high)
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for digits in ((1, 2, 5), (1,)):
            found = [digit * 10.0**power for power in powers for digit in digits]
            inside = [value for value in found if low <= value <= high]
            if digits == (1, 2, 5) and len(inside) < 2:
                return self._steps()
            if len(inside) <= MOST_TICKS + 1:
                return inside
        return inside[:: math.ceil(len(inside) / MOST_TICKS)]


def _round_up(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= step * (1 - 1e-9))


def _written(value: float) -> str:
    text = format(value, ".6g")
    return text.replace("-", "−")
