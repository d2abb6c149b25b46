"""The numbers that a report gives for one result."""

from dataclasses import dataclass

# The numbers that are given, by field name, once they were checked.
Given = dict[str, float]


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


def take(given: Given, *names: str) -> list[float] | None:
    """Return the named numbers, or None when one of them was not given."""
    if all(name in given for name in names):
        return [given[name] for name in names]
    return None
