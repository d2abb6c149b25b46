"""The effect of one result, with its variance and interval."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from .measures import Measure

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
        margin = normal_quantile(level) * self.se
        to_display = self.measure.scale.to_display
        return to_display(self.yi - margin), to_display(self.yi + margin)


def normal_quantile(level: float) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for a level of 95 percent."""
    if not 0 < level < 100:
        raise ValueError(f"A level lies between 0 and 100 per cent, not {level}.")
    return -NormalDist().inv_cdf((100 - level) / 200)
