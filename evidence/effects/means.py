"""Effects from means and standard deviations.

Sources, cited below by short name
    Handbook     Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    Borenstein   Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. 2009.
    Hedges 1981  J Educ Stat 6:107-128, doi:10.3102/10769986006002107.
    Hedges 1982  Psychol Bull 92:490-499, doi:10.1037/0033-2909.92.2.490.
    Becker 1988  Br J Math Stat Psychol 41:257-278, doi:10.1111/j.2044-8317.1988.tb00901.x.
    Morris 2002  Morris SB, DeShon RP. Psychol Methods 7:105-125, doi:10.1037/1082-989X.7.1.105.
    Hedges 1999  Hedges LV, Gurevitch J, Curtis PS. Ecology 80:1150-1156 (log response ratio).
    Lajeunesse 2011  Ecology 92:2049-2055, doi:10.1890/11-0423.1 (correlated log response ratio).
    Cousineau 2020  Quant Meth Psychol 16:418-421, doi:10.20982/tqmp.16.4.p418 (Cohen's d within subjects).
"""

import math

from .derived import NOT_ESTIMABLE, Derived
from .numbers import Given, take


def mean_difference(given: Given, paired: bool) -> Derived | None:
    """Mean difference: m1 - m2 with sd1^2/n1 + sd2^2/n2 (Handbook 6.5.1; Borenstein ch. 4).

    Paired: the variance of the difference within persons over the number of people (Handbook 23.2).
    """
    return _difference(given, paired, "paired_means_and_sds" if paired else "means_and_sds")


def change_difference(given: Given, paired: bool) -> Derived | None:
    """Difference in mean change between two arms, or the mean change of one arm without a comparator.

    The SD of change from baseline SD, final SD and their correlation: Handbook 6.5.2.8. Without baseline
    numbers mean and SD are taken as those of the change. One arm alone counts only when it is said to be
    compared with itself (`paired`) and nothing else is reported: else its comparator is merely missing.
    """
    with_baseline = "arm_baseline_mean" in given
    if not any(name.startswith("comparator_") for name in given):
        if not paired or "estimate" in given:
            return None
        change = _change_from_baseline(given, "arm") if with_baseline else _mean_of(given, "arm")
        return None if change is None else _derived(*change, "change_of_one_arm")
    if with_baseline != ("comparator_baseline_mean" in given):
        return None  # a final value in one arm and a change in the other cannot be compared
    if not with_baseline:
        return _difference(given, paired, "changes_and_sds")
    arm, comparator = _change_from_baseline(given, "arm"), _change_from_baseline(given, "comparator")
    if arm is None or comparator is None:
        return None
    # With baselines in both conditions a paired comparison would need more than one correlation.
    vi = None if paired or arm[1] is None or comparator[1] is None else arm[1] + comparator[1]
    return _derived(arm[0] - comparator[0], vi, "baseline_and_final")


def standardised_mean_difference(given: Given, paired: bool) -> Derived | None:
    """Hedges g = J (m1 - m2) / SD, with the exact J (Hedges 1981).

    Independent arms: pooled SD, J(n1+n2-2) and the large-sample variance 1/n1 + 1/n2 + g^2 / (2 (n1+n2)) of
    Hedges 1982, equation 8. Paired: SD = sqrt((sd1^2+sd2^2)/2), J(2 (n-1) / (1+r^2)) and the variance
    2 (1-r) / n + g^2 (1+r^2) / (4n) that follows from Cousineau 2020; the variance of Handbook 23.2 is too
    small when r is large (Kitchenham 2020, doi:10.1002/sim.8669).
    """
    means = take(given, "arm_mean", "comparator_mean")
    spread = _spread_of_both(given, paired)
    if means is None or spread is None:
        return None
    sd_1, sd_2, n, other = spread
    df = 2 * (n - 1) / (1 + other**2) if paired else n + other - 2
    if df < 2:
        return NOT_ESTIMABLE
    if paired:
        sd = math.sqrt((sd_1**2 + sd_2**2) / 2)
    else:
        sd = math.sqrt(((n - 1) * sd_1**2 + (other - 1) * sd_2**2) / df)
    if sd == 0:
        return NOT_ESTIMABLE
    g = hedges_correction(df) * (means[0] - means[1]) / sd
    if paired:
        return _derived(g, 2 * (1 - other) / n + g**2 * (1 + other**2) / (4 * n), "paired_means_and_sds")
    return _derived(g, 1 / n + 1 / other + g**2 / (2 * (n + other)), "means_and_sds")


def standardised_mean_change(given: Given, paired: bool) -> Derived | None:
    """Change of one group over its baseline SD: g = J(n-1) (final - baseline) / baseline SD.

    Becker 1988 and Morris 2002 (raw-score metric), with the large-sample variance
    2 (1-r) / n + g^2 / (2n). Always within persons, so `paired` changes nothing.
    """
    values = take(given, "arm_mean", "arm_baseline_mean", "arm_baseline_sd", "arm_n")
    if values is None:
        return None
    final, baseline, sd, n = values
    if n < 3 or sd == 0:
        return NOT_ESTIMABLE
    g = hedges_correction(n - 1) * (final - baseline) / sd
    vi = 2 * (1 - given["correlation"]) / n + g**2 / (2 * n) if "correlation" in given else None
    return _derived(g, vi, "baseline_and_final")


def ratio_of_means(given: Given, paired: bool) -> Derived | None:
    """ln(m1/m2) with the delta-method variance sd1^2/(n1 m1^2) + sd2^2/(n2 m2^2): Hedges 1999.

    Paired: less 2 r sd1 sd2 / (n m1 m2), Lajeunesse 2011.
    """
    means = take(given, "arm_mean", "comparator_mean")
    if means is None:
        return None
    yi = math.log(means[0]) - math.log(means[1])
    spread = _spread_of_both(given, paired)
    vi = None
    if spread is not None:
        sd_1, sd_2, n, other = spread
        vi = _variance(sd_1 / means[0], sd_2 / means[1], n, other, paired)
    return _derived(yi, vi, "paired_means_and_sds" if paired else "means_and_sds")


def mean(given: Given, paired: bool) -> Derived | None:
    """The mean of one arm with sd^2 / n."""
    found = _mean_of(given, "arm")
    return None if found is None else _derived(*found, "mean_and_sd")


def hedges_correction(df: float) -> float:
    """Return Hedges's exact small-sample factor J(df) = G(df/2) / (sqrt(df/2) G((df-1)/2)), for df >= 2.

    Hedges 1981. Beyond df = 300, where the gamma function leaves the range of a float, the
    asymptotic series of G(z+1/2)/G(z) is exact to the last digits.
    """
    if df <= 300:
        return math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))
    z = (df - 1) / 2
    series = 1 - 1 / (8 * z) + 1 / (128 * z**2) + 5 / (1024 * z**3) - 21 / (32768 * z**4)
    return math.sqrt((df - 1) / df) * series


def _derived(yi: float, vi: float | None, derivation: str) -> Derived:
    """Name what was derived; a variance of zero is not one that could be used."""
    if vi is None or vi <= 0:
        return Derived(yi, None, "means_only")
    return Derived(yi, vi, derivation)


def _difference(given: Given, paired: bool, derivation: str) -> Derived | None:
    means = take(given, "arm_mean", "comparator_mean")
    if means is None:
        return None
    spread = _spread_of_both(given, paired)
    vi = None if spread is None else _variance(*spread, paired)
    return _derived(means[0] - means[1], vi, derivation)


def _spread_of_both(given: Given, paired: bool) -> tuple[float, float, float, float] | None:
    """Return both SDs, the people of the arm and, last, their correlation or the people of the comparator."""
    values = take(given, "arm_sd", "comparator_sd", "arm_n", "correlation" if paired else "comparator_n")
    return None if values is None else (values[0], values[1], values[2], values[3])


def _variance(sd_1: float, sd_2: float, n: float, other: float, paired: bool) -> float:
    """Return the variance of a difference of means from what `_spread_of_both` returns."""
    if paired:
        return _variance_of_difference(sd_1, sd_2, other) / n
    return sd_1**2 / n + sd_2**2 / other


def _variance_of_difference(sd_1: float, sd_2: float, r: float) -> float:
    """Return the variance of the difference of two correlated values (Handbook 6.5.2.8), never negative."""
    return (sd_1 - sd_2) ** 2 + 2 * (1 - r) * sd_1 * sd_2


def _mean_of(given: Given, prefix: str) -> tuple[float, float | None] | None:
    """Return the mean of one arm and its variance, None where the numbers do not give it."""
    if f"{prefix}_mean" not in given:
        return None
    spread = take(given, f"{prefix}_sd", f"{prefix}_n")
    return given[f"{prefix}_mean"], None if spread is None else spread[0] ** 2 / spread[1]


def _change_from_baseline(given: Given, prefix: str) -> tuple[float, float | None] | None:
    """Return the mean change of one arm and its variance, None where the numbers do not give it."""
    means = take(given, f"{prefix}_mean", f"{prefix}_baseline_mean")
    if means is None:
        return None
    spread = take(given, f"{prefix}_baseline_sd", f"{prefix}_sd", "correlation", f"{prefix}_n")
    vi = None if spread is None else _variance_of_difference(*spread[:3]) / spread[3]
    return means[0] - means[1], vi
