"""Effects from reported estimates.

Sources, cited below by short name
    Handbook     Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    Borenstein   Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. 2009.
"""

import math
from statistics import NormalDist

from .derived import NOT_ESTIMABLE, Derived
from .effect import normal_quantile
from .measures import Measure
from .numbers import Given, take


def correlation(given: Given, paired: bool) -> Derived | None:
    """Fisher's z = atanh(r) with 1/(n-3): Borenstein ch. 6; three people or fewer give no variance."""
    values = take(given, "estimate", "arm_n")
    if values is None or abs(values[0]) == 1 or values[1] <= 3:
        return None
    return Derived(math.atanh(values[0]), 1 / (values[1] - 3), "estimate_and_n")


def estimate(measure: Measure, given: Given) -> Derived | None:
    """The reported estimate on the analysis scale with the variance that was reported for it.

    An estimate at the edge of its range has no analysis scale value.
    """
    if "estimate" not in given:
        return None
    yi = measure.scale.to_analysis(given["estimate"])
    if math.isinf(yi):
        return NOT_ESTIMABLE
    for se, derivation in _standard_errors(measure, given, yi):
        if se * se > 0 and math.isfinite(se):
            return Derived(yi, se * se, derivation)
    return Derived(yi, None, "estimate_only")


def _standard_errors(measure: Measure, given: Given, yi: float) -> list[tuple[float, str]]:
    """Return what the numbers give for the standard error, with its derivation, best first.

    The width of the interval over 2 z(level), the reported one, or |yi| over the z of a two-sided p-value:
    Handbook 6.3.
    """
    found: list[tuple[float, str]] = []
    interval = take(given, "ci_low", "ci_high", "ci_level")
    if interval is not None:
        low, high, level = interval
        width = measure.scale.to_analysis(high) - measure.scale.to_analysis(low)
        found.append((width / (2 * normal_quantile(level)), "estimate_and_interval"))
    if "se" in given:
        found.append((given["se"], "estimate_and_se"))
    p = given.get("p_value")
    if p is not None and measure.null is not None and p / 2 > 0 and p < 1:
        found.append((abs(yi) / -NormalDist().inv_cdf(p / 2), "estimate_and_p"))
    return found
