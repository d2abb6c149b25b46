"""Effects and their intervals as people read them."""

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext

from .effect import Effect
from .measures import Measure, Scale

MINUS = "\u2212"
_TWO_DECIMALS = frozenset({"smd", "smcr", "correlation"})
_MOST_DECIMALS = 6


def number(x: float, digits: int) -> str:
    """Return `x` with `digits` decimals, halves away from zero, a real minus sign and no minus zero."""
    if math.isinf(x):
        return f"{MINUS if x < 0 else ''}\u221e"
    # Twelve significant digits: the noise of binary arithmetic must not decide how a half is rounded.
    with localcontext(prec=400):
        rounded = Decimal(f"{x:.12g}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{rounded.copy_abs():f}"  # abs() would round to the 28 digits of the outer context
    return f"{MINUS}{text}" if rounded < 0 else text


def display(effect: Effect, *, unit: str = "", level: float = 95.0, digits: int | None = None) -> str:
    """Return estimate and interval as people read them, such as "0.07 (0.01 to 0.13) m/s".

    `unit` is that of the outcome and is shown for measures that need one. Empty without an estimate. All
    numbers have the same decimals: `digits` if given, else two for ratios, standardised differences and
    correlations, else as many as show two significant digits of the interval's width.
    """
    if effect.estimate is None:
        return ""
    factor = effect.measure.display_factor
    estimate = effect.estimate * factor
    interval = effect.interval(level)
    bounds = None if interval is None else (interval[0] * factor, interval[1] * factor)
    if digits is None:
        digits = _digits(effect.measure, estimate, bounds)
    sign = "%" if effect.measure.code in ("proportion", "percent_change") else ""
    text = f"{number(estimate, digits)}{sign}"
    if bounds is not None:
        text += f" ({number(bounds[0], digits)}{sign} to {number(bounds[1], digits)}{sign})"
    # Not "%": a difference of 5 percentage points is not a change by 5 per cent.
    suffix = "percentage points" if effect.measure.code == "rd" else unit if effect.measure.needs_unit else ""
    return f"{text} {suffix}" if suffix else text


def _digits(measure: Measure, estimate: float, bounds: tuple[float, float] | None) -> int:
    """Return how many decimals tell enough about this effect and not too much."""
    if measure.scale is Scale.log:
        # A ratio is never zero, so it must not look like one.
        return 2 if estimate >= 0.005 else _decimals(estimate, significant=1)
    if measure.code in _TWO_DECIMALS:
        return 2
    fewest = 0 if measure.display_factor == 1 else 1
    if bounds is None:
        # As reported, up to three significant digits.
        text = f"{abs(estimate):.{_decimals(estimate, significant=3)}f}"
        return max(fewest, len(text.rstrip("0").partition(".")[2]))
    return max(fewest, _decimals(bounds[1] - bounds[0], significant=2))


def _decimals(x: float, *, significant: int) -> int:
    """Return the decimals that show so many significant digits of `x`, between 0 and 6."""
    if x == 0 or math.isinf(x):
        return 0
    # Six digits first, so that a width of 0.0999999999 and one of 0.1 are shown alike.
    exponent = int(f"{abs(x):.5e}".partition("e")[2])
    return min(max(significant - 1 - exponent, 0), _MOST_DECIMALS)
