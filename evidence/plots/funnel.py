"""The funnel plot: whether small studies found something else than large ones."""

import math
from dataclasses import dataclass

from .. import effects
from ..intervals import place
from ..synthesis import Funnel as Found
from .axis import Axis, Tick

N_DEPTHS = 3


@dataclass(frozen=True)
class Dot:
    """One study: how far across and how far down it is drawn, for example "31.2%"."""

    label: str
    x: str
    y: str


@dataclass(frozen=True)
class Funnel:
    """A drawn funnel plot: precise studies on top, the pseudo confidence region as two lines from its tip.

    `depths` are round standard errors, each with its place down.
    """

    dots: tuple[Dot, ...]
    tip: str
    top: str
    bottom: str
    base: tuple[str, str]
    null: str | None
    ticks: tuple[Tick, ...]
    depths: tuple[Tick, ...]


def funnel(measure: effects.Measure, found: Found) -> Funnel:
    """Where to draw a funnel of effects on the analysis scale. Pure."""
    axis = Axis(measure, estimates=[point.x for point in found.points], bounds=found.base, always=[found.tip])
    return Funnel(
        dots=tuple(
            Dot(point.effect.label, axis.x(point.x), _down(point.se, found.deepest)) for point in found.points
        ),
        tip=axis.x(found.tip),
        top=_down(0.0, found.deepest),
        bottom=_down(found.deepest, found.deepest),
        base=(axis.x(found.base[0]), axis.x(found.base[1])),
        null=axis.null,
        ticks=tuple(axis.ticks()),
        depths=tuple(
            Tick(_down(depth, found.deepest), format(depth, ".6g")) for depth in _depths(found.deepest)
        ),
    )


def _down(se: float, deepest: float) -> str:
    """The place of a standard error: 0 on top, the largest at the bottom."""
    return f"{place(se, 0, deepest):.1f}%"


def _depths(deepest: float) -> list[float]:
    """A few round standard errors from 0 down."""
    power = 10.0 ** math.floor(math.log10(deepest))
    steps = [digit * scale for scale in (power / 10, power) for digit in (1, 2, 5)]
    step = next((step for step in steps if deepest / step <= N_DEPTHS + 1), power)
    return [place * step for place in range(math.floor(deepest / step + 1e-9) + 1)]
