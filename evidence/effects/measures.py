"""The effect measures: how each is named, analysed, shown and pooled."""

import math
from dataclasses import dataclass
from enum import Enum


class Scale(Enum):
    """The scale on which an effect is analysed, and the way there and back."""

    natural = "natural"
    log = "log"
    fisher_z = "fisher_z"
    logit = "logit"

    def to_analysis(self, x: float) -> float:
        """Return `x` on the analysis scale; an edge of the range becomes an infinity.

        Raises ValueError for a value outside the range (ratio < 0, correlation outside -1 to 1,
        proportion outside 0 to 1).
        """
        if self is Scale.log:
            return -math.inf if x == 0 else math.log(x)
        if self is Scale.fisher_z:
            return math.copysign(math.inf, x) if abs(x) == 1 else math.atanh(x)
        if self is Scale.logit:
            if x in (0, 1):
                return math.inf if x else -math.inf
            return math.log(x) - math.log1p(-x)
        return x

    def to_display(self, y: float) -> float:
        """Return `y` of the analysis scale on the display scale; too large for a number becomes infinity."""
        if self is Scale.log:
            try:
                return math.exp(y)
            except OverflowError:
                return math.inf
        if self is Scale.fisher_z:
            return math.tanh(y)
        if self is Scale.logit:
            return 1 / (1 + math.exp(-y)) if y >= -700 else 0.0
        return y


@dataclass(frozen=True)
class Measure:
    """A standard effect measure: how it is named, analysed, shown and pooled.

    `null` is the value of no effect on the display scale, None where there is none. Measures with the same
    `pool_group` may be pooled; None may not be pooled at all. `display_factor` multiplies what is shown and
    nothing else. `needs_unit` means that a number says nothing without the unit of the outcome, and that
    only results in the same unit may be pooled. `comparative` measures compare two arms, conditions or
    time points, so that they can favour one of them.
    """

    code: str
    label: str
    short: str
    scale: Scale
    null: float | None
    pool_group: str | None
    display_factor: float = 1.0
    needs_unit: bool = False
    comparative: bool = True


MEASURES: dict[str, Measure] = {
    entry.code: entry
    for entry in (
        Measure("md", "Mean difference", "MD", Scale.natural, 0.0, "mean difference", needs_unit=True),
        Measure(
            "change_md",
            "Mean difference in change from baseline",
            "MD of change",
            Scale.natural,
            0.0,
            "mean difference",
            needs_unit=True,
        ),
        Measure(
            "smd",
            "Standardised mean difference (Hedges g)",
            "SMD",
            Scale.natural,
            0.0,
            "standardised mean difference",
        ),
        Measure(
            "smcr",
            "Standardised mean change of one group (raw-score standardisation)",
            "SMCR",
            Scale.natural,
            0.0,
            "standardised mean change",
        ),
        Measure("rom", "Ratio of means", "RoM", Scale.log, 1.0, "ratio of means"),
        Measure("percent_change", "Percentage change", "% change", Scale.natural, 0.0, None),
        Measure("rr", "Risk ratio", "RR", Scale.log, 1.0, "risk ratio"),
        Measure("or", "Odds ratio", "OR", Scale.log, 1.0, "odds ratio"),
        Measure("rd", "Risk difference", "RD", Scale.natural, 0.0, "risk difference", display_factor=100.0),
        Measure("hr", "Hazard ratio", "HR", Scale.log, 1.0, "hazard ratio"),
        Measure("irr", "Rate ratio", "IRR", Scale.log, 1.0, "rate ratio"),
        Measure(
            "rate_difference",
            "Rate difference",
            "IRD",
            Scale.natural,
            0.0,
            "rate difference",
            needs_unit=True,
        ),
        Measure(
            "correlation",
            "Correlation coefficient",
            "r",
            Scale.fisher_z,
            0.0,
            "correlation",
            comparative=False,
        ),
        Measure(
            "beta",
            "Regression coefficient",
            "\u03b2",
            Scale.natural,
            0.0,
            "regression coefficient",
            needs_unit=True,
            comparative=False,
        ),
        Measure(
            "proportion",
            "Proportion",
            "Proportion",
            Scale.logit,
            None,
            "proportion",
            display_factor=100.0,
            comparative=False,
        ),
        Measure("mean", "Mean", "Mean", Scale.natural, None, "mean", needs_unit=True, comparative=False),
        Measure("direction_only", "Direction of effect only", "Direction", Scale.natural, None, None),
        Measure("narrative", "Described in words", "Narrative", Scale.natural, None, None),
    )
}

# Reported in words: a number beside them would be a different measure.
WITHOUT_NUMBERS = frozenset({"direction_only", "narrative"})


def measure(code: str) -> Measure:
    """Return the measure with this code; raises KeyError for a code that is not in MEASURES."""
    return MEASURES[code]


def may_pool(a: str, b: str) -> bool:
    """Say whether results of the measures with codes `a` and `b` may stand in one pooled set.

    Where `needs_unit` holds, the caller also sees to it that the units are the same, and always that a
    change of one arm (no comparator) is not mixed with a difference between two. Raises KeyError for an
    unknown code.
    """
    group = measure(a).pool_group
    return group is not None and group == measure(b).pool_group
