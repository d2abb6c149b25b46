"""Effect measures: from the numbers of one result to its effect, variance and display.

An effect is held on the *analysis scale* of its measure (ln for ratios, Fisher's z for correlations,
log odds for proportions), because sampling distributions are close to normal there: `yi` is the effect and
`vi` its sampling variance. People read the *display scale*: the ratio, the correlation, the proportion.

Raw numbers come before reported estimates, and nothing is guessed: without a variance `vi` is None, and a
variance of zero (no variation was seen) counts as none, so `vi` is always None or above zero.

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
    Warton 2011  Warton DI, Hui FKC. Ecology 92:3-10, doi:10.1890/10-0340.1 (the logit for proportions).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from statistics import NormalDist

MINUS = "\u2212"

# Numbers of health studies lie far inside these limits, and inside them no formula below can overflow.
LARGEST = 1e15
SMALLEST_DIVISOR = 1e-15


# Measures


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


# What goes in and what comes out


@dataclass(frozen=True)
class Numbers:
    """What a report gives for one result; None means not given, zero is a value.

    Means and SDs are in the unit of the outcome. For `change_md` without baseline numbers, mean and SD are
    those of the change itself. `paired` says that the same people (`arm_n` of them) were measured under both
    conditions or, for `change_md` without comparator numbers, at both times. `correlation` is within persons:
    between the two conditions, else between baseline and final values. Estimate and interval
    are on the display scale as a fraction (a risk difference of 5 percentage points is 0.05), `ci_level`
    in percent, `se` on the analysis scale (of ln RR, not of RR). For a correlation `arm_n` is the number of
    people and `estimate` the coefficient.
    """

    arm_n: int | None = None
    arm_mean: float | None = None
    arm_sd: float | None = None
    arm_baseline_mean: float | None = None
    arm_baseline_sd: float | None = None
    arm_events: int | None = None
    arm_person_time: float | None = None
    comparator_n: int | None = None
    comparator_mean: float | None = None
    comparator_sd: float | None = None
    comparator_baseline_mean: float | None = None
    comparator_baseline_sd: float | None = None
    comparator_events: int | None = None
    comparator_person_time: float | None = None
    correlation: float | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = 95.0
    se: float | None = None
    p_value: float | None = None
    paired: bool = False


DERIVATIONS: dict[str, str] = {
    "means_and_sds": "Calculated from the means, standard deviations and numbers of people of both arms",
    "paired_means_and_sds": "Calculated from means and standard deviations of the same people in both arms",
    "baseline_and_final": "Calculated from means and standard deviations at baseline and at the end",
    "changes_and_sds": "Calculated from the mean changes and their standard deviations",
    "change_of_one_arm": "Calculated from the change of one arm, without a comparator",
    "mean_and_sd": "Calculated from the mean, standard deviation and number of people",
    "means_only": "Calculated from means; the numbers give no variance",
    "counts": "Calculated from the numbers of people with and without the event",
    "counts_with_half_added": "Calculated from counts; 0.5 was added to each because one of them was zero",
    "counts_only": "Calculated from counts; the numbers give no variance",
    "estimate_and_n": "From the reported estimate and the number of people",
    "estimate_and_interval": "From the reported estimate and its confidence interval",
    "estimate_and_se": "From the reported estimate and its standard error",
    "estimate_and_p": "From the reported estimate and its p-value",
    "estimate_only": "The reported estimate; the numbers give no variance",
    "not_estimable": "Not estimable from the numbers given",
    "none": "No number given",
}


@dataclass(frozen=True)
class Effect:
    """One effect on the analysis scale of its measure, with its variance and how both were derived.

    `derivation` is a key of DERIVATIONS; `vi` is None or above zero. `reported` is an interval as printed in
    the source, (low, high, level in percent) on the display scale, where yi and vi were derived from it.
    """

    measure: Measure
    yi: float | None
    vi: float | None
    derivation: str
    reported: tuple[float, float, float] | None = None

    @property
    def se(self) -> float | None:
        """The standard error on the analysis scale."""
        return None if self.vi is None else math.sqrt(self.vi)

    @property
    def estimate(self) -> float | None:
        """The effect on the display scale, before `display_factor`."""
        return None if self.yi is None else self.measure.scale.to_display(self.yi)

    def interval(self, level: float = 95.0) -> tuple[float, float] | None:
        """Return the interval at `level` percent on the display scale, before `display_factor`.

        The reported one if it has this level (it need not lie evenly around its estimate), else the Wald
        interval. None without a variance. Raises ValueError for a level that is not between 0 and 100.
        """
        if self.reported is not None and self.reported[2] == level:
            return self.reported[:2]
        if self.yi is None or self.se is None:
            return None
        margin = _z(level) * self.se
        to_display = self.measure.scale.to_display
        return to_display(self.yi - margin), to_display(self.yi + margin)


class ImpossibleInput(ValueError):
    """Numbers that cannot be true together; `problems` pairs the name of each field with a message."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{field}: {message}" for field, message in problems))


def _z(level: float) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for a level of 95 percent."""
    if not 0 < level < 100:
        raise ValueError(f"A level lies between 0 and 100 per cent, not {level}.")
    return -NormalDist().inv_cdf((100 - level) / 200)


# Checking

_WHOLE = ("arm_n", "arm_events", "comparator_n", "comparator_events")
_SDS = ("arm_sd", "arm_baseline_sd", "comparator_sd", "comparator_baseline_sd")
_REPORTED = ("estimate", "ci_low", "ci_high")


def check(code: str, numbers: Numbers) -> None:
    """Raise ImpossibleInput with every problem of `numbers` for this measure, each naming its field.

    A code that is not in MEASURES is a problem of the field `measure`.
    """
    _inspected(code, numbers)


def _inspected(code: str, numbers: Numbers) -> "_Inspection":
    if code not in MEASURES:
        raise ImpossibleInput([("measure", "Not an effect measure that is known here.")])
    inspection = _Inspection(MEASURES[code], numbers)
    if inspection.problems:
        raise ImpossibleInput(inspection.problems)
    return inspection


class _Inspection:
    """The numbers that are sound one by one (`given`, as floats) and the problems of the others."""

    def __init__(self, chosen: Measure, numbers: Numbers) -> None:
        self.measure = chosen
        self.given: dict[str, float] = {}
        self.problems: list[tuple[str, str]] = []
        for field in fields(numbers):
            value = getattr(numbers, field.name)
            if field.name != "paired" and value is not None:
                self._inspect(field.name, value)
        for prefix in ("arm", "comparator"):
            self._inspect_counts(prefix)
        if numbers.paired and not self._same("arm_n", "comparator_n"):
            self._report(
                "comparator_n",
                "In a paired comparison this must equal the number in the arm: "
                "give the number of people measured under both conditions.",
            )
        self._inspect_interval()

    def _report(self, field: str, message: str) -> None:
        self.problems.append((field, message))

    def _same(self, a: str, b: str) -> bool:
        return a not in self.given or b not in self.given or self.given[a] == self.given[b]

    def _inspect(self, name: str, value: float) -> None:
        try:
            x = float(value)
        except OverflowError:  # a whole number with more than 308 digits
            x = math.inf
        except (TypeError, ValueError):  # text that a form has not cleaned
            x = math.nan
        message = self._problem_of(name, x)
        if message is None:
            self.given[name] = x
        else:
            self._report(name, message)

    def _problem_of(self, name: str, x: float) -> str | None:
        """Return what is wrong with this one number, or None."""
        if math.isnan(x):
            return "Must be a number."
        if abs(x) > LARGEST:
            return "Too large to calculate with."
        if name in _WHOLE and x != math.floor(x):
            return "Must be a whole number."
        if name in ("arm_n", "comparator_n") and x < 1:
            return "Must be at least 1."
        if name in ("arm_events", "comparator_events") and x < 0:
            return "Must not be negative."
        if name in _SDS and x < 0:
            return "A standard deviation must not be negative."
        if name in _SDS and 0 < x < SMALLEST_DIVISOR:
            return "Too close to zero to calculate with."
        if name in ("arm_person_time", "comparator_person_time") and x < SMALLEST_DIVISOR:
            return "Person-time must be above zero."
        if name == "correlation" and abs(x) > 1:
            return "A correlation must lie between \u22121 and 1."
        if name == "ci_level" and not 50 < x < 100:
            return "The level must lie between 50 and 100 per cent, for example 95."
        if name == "se" and x < 0:
            return "A standard error must not be negative."
        if name == "p_value" and not 0 <= x <= 1:
            return "A p-value must lie between 0 and 1."
        if self.measure.code == "rom" and name in ("arm_mean", "comparator_mean") and x < SMALLEST_DIVISOR:
            return "A ratio of means needs means above zero."
        if name in _REPORTED:
            return self._problem_of_reported(x)
        return None

    def _problem_of_reported(self, x: float) -> str | None:
        """Return why an estimate or bound is outside the range of its measure, or None."""
        if self.measure.scale is Scale.log and x <= 0:
            return "A ratio must be above zero; leave a bound that was rounded down to zero empty."
        if self.measure.code == "rd" and abs(x) > 1:
            return "A risk difference must lie between \u22121 and 1: 5 percentage points are 0.05."
        if self.measure.code == "proportion" and not 0 <= x <= 1:
            return "A proportion must lie between 0 and 1: 5 per cent are 0.05."
        if self.measure.code == "correlation" and abs(x) > 1:
            return "A correlation must lie between \u22121 and 1."
        return None

    def _inspect_counts(self, prefix: str) -> None:
        # The events of a rate may recur in one person, so only people who had an event are compared.
        if self.measure.code not in ("rr", "or", "rd", "proportion"):
            return
        counts = _take(self.given, f"{prefix}_events", f"{prefix}_n")
        if counts is not None and counts[0] > counts[1]:
            self._report(f"{prefix}_events", "More people with the event than people.")

    def _inspect_interval(self) -> None:
        low, high, estimate = (self.given.get(name) for name in ("ci_low", "ci_high", "estimate"))
        if low is not None and high is not None and low > high:
            self._report("ci_low", "The lower bound is above the upper bound.")
            return
        if low is not None and estimate is not None and low > estimate:
            self._report("ci_low", "The interval does not enclose its estimate: the lower bound is above it.")
        if high is not None and estimate is not None and high < estimate:
            self._report(
                "ci_high", "The interval does not enclose its estimate: the upper bound is below it."
            )


def cautions(code: str, numbers: Numbers) -> list[tuple[str, str]]:
    """Return what is possible but should be looked at again, as pairs of field name and message.

    Raises ImpossibleInput as `check` does.
    """
    check(code, numbers)
    found: list[tuple[str, str]] = []
    low, high, estimate = numbers.ci_low, numbers.ci_high, numbers.estimate
    if low is None and high is not None:
        found.append(("ci_low", "Only one bound of the interval is given; it is not used."))
    if high is None and low is not None:
        found.append(("ci_high", "Only one bound of the interval is given; it is not used."))
    if low is None or high is None:
        return found
    if estimate is None:
        found.append(("estimate", "An interval without its estimate is not used."))
        return found
    to_analysis = measure(code).scale.to_analysis
    y, bottom, top = to_analysis(float(estimate)), to_analysis(float(low)), to_analysis(float(high))
    if math.isinf(bottom) or math.isinf(top):
        found.append(
            ("ci_low", "A bound at the edge of its range gives no variance; the interval is not used.")
        )
    elif abs((bottom + top) / 2 - y) > (top - bottom) / 10:
        found.append(
            ("estimate", "The estimate is far from the middle of its interval; check all three numbers.")
        )
    return found


# Formulas on raw numbers


@dataclass(frozen=True)
class _Derived:
    """What a formula gives, before it is known whether a reported estimate has to help out."""

    yi: float | None
    vi: float | None
    derivation: str


_Given = dict[str, float]


def _take(given: _Given, *names: str) -> list[float] | None:
    """Return the named numbers, or None when one of them was not given."""
    if all(name in given for name in names):
        return [given[name] for name in names]
    return None


def _variance_of_difference(sd_1: float, sd_2: float, r: float) -> float:
    """Return the variance of the difference of two correlated values (Handbook 6.5.2.8), never negative."""
    return (sd_1 - sd_2) ** 2 + 2 * (1 - r) * sd_1 * sd_2


def _derived(yi: float, vi: float | None, derivation: str, without_variance: str) -> _Derived:
    """Name what was derived; a variance of zero is not one that could be used."""
    if vi is None or vi <= 0:
        return _Derived(yi, None, without_variance)
    return _Derived(yi, vi, derivation)


def _mean_difference(given: _Given, paired: bool) -> _Derived | None:
    """Mean difference: m1 - m2 with sd1^2/n1 + sd2^2/n2 (Handbook 6.5.1; Borenstein ch. 4).

    Paired: the variance of the difference within persons over the number of people (Handbook 23.2).
    """
    means = _take(given, "arm_mean", "comparator_mean")
    if means is None:
        return None
    yi = means[0] - means[1]
    sds = _take(given, "arm_sd", "comparator_sd", "arm_n")
    if paired:
        vi = None
        if sds is not None and "correlation" in given:
            vi = _variance_of_difference(sds[0], sds[1], given["correlation"]) / sds[2]
        return _derived(yi, vi, "paired_means_and_sds", "means_only")
    vi = None
    if sds is not None and "comparator_n" in given:
        vi = sds[0] ** 2 / sds[2] + sds[1] ** 2 / given["comparator_n"]
    return _derived(yi, vi, "means_and_sds", "means_only")


def _change_difference(given: _Given, paired: bool) -> _Derived | None:
    """Difference in mean change between two arms, or the mean change of one arm without a comparator.

    The SD of change from baseline SD, final SD and their correlation: Handbook 6.5.2.8. Without baseline
    numbers mean and SD are taken as those of the change. One arm alone counts only when it is said to be
    compared with itself (`paired`) and nothing else is reported: else its comparator is merely missing.
    """
    with_baseline = "arm_baseline_mean" in given
    if not any(name.startswith("comparator_") for name in given):
        if not paired or "estimate" in given:
            return None
        change = _change_of_arm(given, "arm", with_baseline)
        return None if change is None else _derived(*change, "change_of_one_arm", "means_only")
    if with_baseline != ("comparator_baseline_mean" in given):
        return None  # a final value in one arm and a change in the other cannot be compared
    if not with_baseline and paired:
        difference = _mean_difference(given, paired)
        if difference is None or difference.vi is None:
            return difference
        return _Derived(difference.yi, difference.vi, "changes_and_sds")
    arm = _change_of_arm(given, "arm", with_baseline)
    comparator = _change_of_arm(given, "comparator", with_baseline)
    if arm is None or comparator is None:
        return None
    # With baselines in both conditions a paired comparison would need more than one correlation.
    vi = None if paired or arm[1] is None or comparator[1] is None else arm[1] + comparator[1]
    derivation = "baseline_and_final" if with_baseline else "changes_and_sds"
    return _derived(arm[0] - comparator[0], vi, derivation, "means_only")


def _change_of_arm(given: _Given, prefix: str, with_baseline: bool) -> tuple[float, float | None] | None:
    """Return the mean change of one arm and its variance, None where the numbers do not give it."""
    if f"{prefix}_mean" not in given:
        return None
    mean = given[f"{prefix}_mean"]
    if not with_baseline:
        spread = _take(given, f"{prefix}_sd", f"{prefix}_n")
        return mean, None if spread is None else spread[0] ** 2 / spread[1]
    change = mean - given[f"{prefix}_baseline_mean"]
    spread = _take(given, f"{prefix}_baseline_sd", f"{prefix}_sd", "correlation", f"{prefix}_n")
    if spread is None:
        return change, None
    return change, _variance_of_difference(*spread[:3]) / spread[3]


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


def _standardised_mean_difference(given: _Given, paired: bool) -> _Derived | None:
    """Hedges g = J (m1 - m2) / SD, with the exact J (Hedges 1981).

    Independent arms: pooled SD, J(n1+n2-2) and the large-sample variance 1/n1 + 1/n2 + g^2 / (2 (n1+n2)) of
    Hedges 1982, equation 8. Paired: SD = sqrt((sd1^2+sd2^2)/2), J(2 (n-1) / (1+r^2)) and the variance
    2 (1-r) / n + g^2 (1+r^2) / (4n) that follows from Cousineau 2020; the variance of Handbook 23.2 is too
    small when r is large (Kitchenham 2020, doi:10.1002/sim.8669).
    """
    values = _take(given, "arm_mean", "comparator_mean", "arm_sd", "comparator_sd", "arm_n")
    other = given.get("correlation" if paired else "comparator_n")
    if values is None or other is None:
        return None
    mean_1, mean_2, sd_1, sd_2, n = values
    if paired:
        df = 2 * (n - 1) / (1 + other**2)
        spread = math.sqrt((sd_1**2 + sd_2**2) / 2)
    else:
        df = n + other - 2
        spread = math.sqrt(((n - 1) * sd_1**2 + (other - 1) * sd_2**2) / df) if df > 0 else 0.0
    if df < 2 or spread == 0:
        return _Derived(None, None, "not_estimable")
    g = hedges_correction(df) * (mean_1 - mean_2) / spread
    if paired:
        vi = 2 * (1 - other) / n + g**2 * (1 + other**2) / (4 * n)
        return _derived(g, vi, "paired_means_and_sds", "means_only")
    return _Derived(g, 1 / n + 1 / other + g**2 / (2 * (n + other)), "means_and_sds")


def _standardised_mean_change(given: _Given, paired: bool) -> _Derived | None:
    """Change of one group over its baseline SD: g = J(n-1) (final - baseline) / baseline SD.

    Becker 1988 and Morris 2002 (raw-score metric), with the large-sample variance
    2 (1-r) / n + g^2 / (2n). Always within persons, so `paired` changes nothing.
    """
    values = _take(given, "arm_mean", "arm_baseline_mean", "arm_baseline_sd", "arm_n")
    if values is None:
        return None
    final, baseline, sd, n = values
    if n < 3 or sd == 0:
        return _Derived(None, None, "not_estimable")
    g = hedges_correction(n - 1) * (final - baseline) / sd
    vi = 2 * (1 - given["correlation"]) / n + g**2 / (2 * n) if "correlation" in given else None
    return _derived(g, vi, "baseline_and_final", "means_only")


def _ratio_of_means(given: _Given, paired: bool) -> _Derived | None:
    """ln(m1/m2) with the delta-method variance sd1^2/(n1 m1^2) + sd2^2/(n2 m2^2): Hedges 1999.

    Paired: less 2 r sd1 sd2 / (n m1 m2), Lajeunesse 2011.
    """
    means = _take(given, "arm_mean", "comparator_mean")
    if means is None:
        return None
    yi = math.log(means[0]) - math.log(means[1])
    derivation = "paired_means_and_sds" if paired else "means_and_sds"
    spread = _take(given, "arm_sd", "comparator_sd", "arm_n", "correlation" if paired else "comparator_n")
    if spread is None:
        return _Derived(yi, None, "means_only")
    cv_1, cv_2 = spread[0] / means[0], spread[1] / means[1]
    if paired:
        vi = _variance_of_difference(cv_1, cv_2, spread[3]) / spread[2]
    else:
        vi = cv_1**2 / spread[2] + cv_2**2 / spread[3]
    return _derived(yi, vi, derivation, "means_only")


def _table(given: _Given) -> tuple[float, float, float, float] | None:
    """Return people with and without the event, in the arm and in the comparator."""
    values = _take(given, "arm_events", "arm_n", "comparator_events", "comparator_n")
    if values is None:
        return None
    return values[0], values[1] - values[0], values[2], values[3] - values[2]


def _from_table(given: _Given, paired: bool, formula: Callable[..., tuple[float, float]]) -> _Derived | None:
    """Apply a ratio formula to the table, with 0.5 added to all four cells if one of them is zero.

    Handbook 10.4.4. No events in both arms leave a ratio undefined. The margins of a paired table give
    no variance, which depends on who had the event under both conditions.
    """
    table = _table(given)
    if table is None:
        return None
    if table[0] == table[2] == 0:
        return _Derived(None, None, "not_estimable")
    halved = 0 in table
    yi, vi = formula(*(cell + 0.5 if halved else cell for cell in table))
    if paired:
        return _Derived(yi, None, "counts_only")
    return _Derived(yi, vi, "counts_with_half_added" if halved else "counts")


def _log_risk_ratio(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """ln RR and 1/a - 1/n1 + 1/c - 1/n2: Handbook 6.4.1; Borenstein ch. 5."""
    # b / (a n1) is 1/a - 1/n1 without cancellation when nearly everybody had the event.
    return math.log(a / (a + b)) - math.log(c / (c + d)), b / a / (a + b) + d / c / (c + d)


def _log_odds_ratio(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """ln OR and 1/a + 1/b + 1/c + 1/d: Handbook 6.4.1; Borenstein ch. 5."""
    return math.log(a / b) - math.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d


def _risk_ratio(given: _Given, paired: bool) -> _Derived | None:
    """The risk ratio of a table of counts."""
    return _from_table(given, paired, _log_risk_ratio)


def _odds_ratio(given: _Given, paired: bool) -> _Derived | None:
    """The odds ratio of a table of counts; events in everybody leave it undefined, as events in nobody do."""
    table = _table(given)
    if table is not None and table[1] == table[3] == 0:
        return _Derived(None, None, "not_estimable")
    return _from_table(given, paired, _log_odds_ratio)


def _risk_difference(given: _Given, paired: bool) -> _Derived | None:
    """p1 - p2 with p1 (1-p1)/n1 + p2 (1-p2)/n2: Handbook 6.4.1; Borenstein ch. 5.

    A zero cell is no obstacle. Only where both risks are 0 or 1, so that this variance vanishes, it is
    calculated with 0.5 added to all cells (Handbook 10.4.4); the difference itself stays as observed.
    """
    table = _table(given)
    if table is None:
        return None
    a, b, c, d = table
    yi = a / (a + b) - c / (c + d)
    if paired:
        return _Derived(yi, None, "counts_only")
    vi = _variance_of_risk(a, b) + _variance_of_risk(c, d)
    if vi > 0:
        return _Derived(yi, vi, "counts")
    halved = _variance_of_risk(a + 0.5, b + 0.5) + _variance_of_risk(c + 0.5, d + 0.5)
    return _Derived(yi, halved, "counts_with_half_added")


def _variance_of_risk(events: float, others: float) -> float:
    return events * others / (events + others) ** 3


def _rates(given: _Given) -> list[float] | None:
    """Return events and person-time of the arm and of the comparator."""
    return _take(given, "arm_events", "arm_person_time", "comparator_events", "comparator_person_time")


def _rate_ratio(given: _Given, paired: bool) -> _Derived | None:
    """ln((e1/t1) / (e2/t2)) with 1/e1 + 1/e2: Handbook 6.7; 0.5 is added to both if one is zero."""
    values = _rates(given)
    if values is None:
        return None
    events_1, time_1, events_2, time_2 = values
    if events_1 == events_2 == 0:
        return _Derived(None, None, "not_estimable")
    halved = 0 in (events_1, events_2)
    if halved:
        events_1, events_2 = events_1 + 0.5, events_2 + 0.5
    yi = math.log(events_1 / time_1) - math.log(events_2 / time_2)
    if paired:
        return _Derived(yi, None, "counts_only")
    return _Derived(yi, 1 / events_1 + 1 / events_2, "counts_with_half_added" if halved else "counts")


def _rate_difference(given: _Given, paired: bool) -> _Derived | None:
    """e1/t1 - e2/t2 with e1/t1^2 + e2/t2^2: Handbook 6.7; without any event the variance with 0.5 added."""
    values = _rates(given)
    if values is None:
        return None
    events_1, time_1, events_2, time_2 = values
    yi = events_1 / time_1 - events_2 / time_2
    if paired:
        return _Derived(yi, None, "counts_only")
    if events_1 == events_2 == 0:
        return _Derived(yi, 0.5 / time_1**2 + 0.5 / time_2**2, "counts_with_half_added")
    return _Derived(yi, events_1 / time_1**2 + events_2 / time_2**2, "counts")


def _correlation(given: _Given, paired: bool) -> _Derived | None:
    """Fisher's z = atanh(r) with 1/(n-3): Borenstein ch. 6; three people or fewer give no variance."""
    values = _take(given, "estimate", "arm_n")
    if values is None or abs(values[0]) == 1 or values[1] <= 3:
        return None
    return _Derived(math.atanh(values[0]), 1 / (values[1] - 3), "estimate_and_n")


def _proportion(given: _Given, paired: bool) -> _Derived | None:
    """Log odds of the event ln(e/(n-e)) with 1/e + 1/(n-e): Warton 2011.

    The logit keeps intervals inside 0 to 1 and needs no sample size to go back, as the double arcsine does
    (Schwarzer 2019, doi:10.1002/jrsm.1348). With events in nobody or in everybody 0.5 is added to both.
    """
    values = _take(given, "arm_events", "arm_n")
    if values is None:
        return None
    events, others = values[0], values[1] - values[0]
    halved = events == 0 or others == 0
    if halved:
        events, others = events + 0.5, others + 0.5
    vi = 1 / events + 1 / others
    return _Derived(math.log(events / others), vi, "counts_with_half_added" if halved else "counts")


def _mean(given: _Given, paired: bool) -> _Derived | None:
    """The mean of one arm with sd^2 / n."""
    if "arm_mean" not in given:
        return None
    spread = _take(given, "arm_sd", "arm_n")
    vi = None if spread is None else spread[0] ** 2 / spread[1]
    return _derived(given["arm_mean"], vi, "mean_and_sd", "means_only")


# Measures that are missing here (HR, regression coefficient, percentage change) exist only as reported.
_FORMULAS: dict[str, Callable[[_Given, bool], _Derived | None]] = {
    "md": _mean_difference,
    "change_md": _change_difference,
    "smd": _standardised_mean_difference,
    "smcr": _standardised_mean_change,
    "rom": _ratio_of_means,
    "rr": _risk_ratio,
    "or": _odds_ratio,
    "rd": _risk_difference,
    "irr": _rate_ratio,
    "rate_difference": _rate_difference,
    "correlation": _correlation,
    "proportion": _proportion,
    "mean": _mean,
}


# Reported estimates


def _reported(measure: Measure, given: _Given) -> _Derived | None:
    """Return the reported estimate on the analysis scale with the variance that was reported for it.

    The standard error is the width of the interval over 2 z(level), or |estimate| over the z of a two-sided
    p-value: Handbook 6.3. An estimate at the edge of its range has no analysis scale value.
    """
    if "estimate" not in given:
        return None
    to_analysis = measure.scale.to_analysis
    yi = to_analysis(given["estimate"])
    if math.isinf(yi):
        return _Derived(None, None, "not_estimable")
    candidates: list[tuple[float, str]] = []
    interval = _take(given, "ci_low", "ci_high", "ci_level")
    if interval is not None:
        width = to_analysis(interval[1]) - to_analysis(interval[0])
        candidates.append((width / (2 * _z(interval[2])), "estimate_and_interval"))
    if "se" in given:
        candidates.append((given["se"], "estimate_and_se"))
    p = given.get("p_value")
    if p is not None and measure.null is not None and p / 2 > 0 and p < 1:
        candidates.append((abs(yi) / -NormalDist().inv_cdf(p / 2), "estimate_and_p"))
    for se, derivation in candidates:
        if se * se > 0 and math.isfinite(se):
            return _Derived(yi, se * se, derivation)
    return _Derived(yi, None, "estimate_only")


def compute(code: str, numbers: Numbers) -> Effect:
    """Return the effect of `numbers` for the measure `code`, with its variance where the numbers give one.

    Raw numbers come first where they give effect and variance; then the reported estimate with its interval
    of any level, its standard error or its p-value; then an effect without variance. Raises ImpossibleInput
    as `check` does.
    """
    inspection = _inspected(code, numbers)
    chosen, given = inspection.measure, inspection.given
    if code in WITHOUT_NUMBERS:
        return Effect(chosen, None, None, "none")
    raw = _FORMULAS[code](given, numbers.paired) if code in _FORMULAS else None
    found = raw if raw is not None and raw.vi is not None else _reported(chosen, given) or raw
    if found is None:
        return Effect(chosen, None, None, "none")
    return Effect(chosen, found.yi, found.vi, found.derivation)


# Display

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
