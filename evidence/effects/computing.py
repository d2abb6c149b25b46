"""The effect of a result, from the best of its numbers."""

from . import counts, means, reported
from .checking import sound
from .derived import Derived, Formula
from .effect import Effect
from .measures import MEASURES, WITHOUT_NUMBERS
from .numbers import Numbers

# Measures that are missing here (HR, regression coefficient, percentage change) exist only as reported.
_FORMULAS: dict[str, Formula] = {
    "md": means.mean_difference,
    "change_md": means.change_difference,
    "smd": means.standardised_mean_difference,
    "smcr": means.standardised_mean_change,
    "rom": means.ratio_of_means,
    "rr": counts.risk_ratio,
    "or": counts.odds_ratio,
    "rd": counts.risk_difference,
    "irr": counts.rate_ratio,
    "rate_difference": counts.rate_difference,
    "correlation": reported.correlation,
    "proportion": counts.proportion,
    "mean": means.mean,
}


def compute(code: str, numbers: Numbers) -> Effect:
    """Return the effect of `numbers` for the measure `code`, with its variance where the numbers give one.

    Raw numbers come first where they give effect and variance; then the reported estimate with its interval
    of any level, its standard error or its p-value; then an effect without variance. Raises ImpossibleInput
    as `check` does.
    """
    given = sound(code, numbers)
    chosen = MEASURES[code]
    found: Derived | None = None
    if code not in WITHOUT_NUMBERS:
        if code in _FORMULAS:
            found = _FORMULAS[code](given, numbers.paired)
        if found is None or found.vi is None:
            found = reported.estimate(chosen, given) or found
    if found is None:
        return Effect(chosen, None, None, "none")
    return Effect(chosen, found.yi, found.vi, found.derivation)
