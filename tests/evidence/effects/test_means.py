"""Effects from means against published examples and hand arithmetic."""

import math
from dataclasses import replace

import pytest

from evidence.effects import Numbers, compute, hedges_correction

from .numbers import close, outcome_of, two_arms


def test_mean_difference_is_that_of_borenstein_chapter_4():
    effect = compute("md", two_arms(50, 103, 5.5, 50, 100, 4.5))

    assert outcome_of(effect) == close(3.0, 1.01, "means_and_sds")


def test_mean_difference_paired_is_that_of_the_cochrane_crossover_example():
    effect = compute("md", two_arms(10, 7.0, 2.38, 10, 6.5, 2.21, paired=True, correlation=0.68))

    variance = (2.38**2 + 2.21**2 - 2 * 0.68 * 2.38 * 2.21) / 10
    assert outcome_of(effect) == close(0.5, variance, "paired_means_and_sds")
    assert round(effect.se, 3) == 0.583


# Length of stay after stroke care (Normand 1999), as published with R metafor: SMD, then ln ratio of means.
NORMAND = [
    (155, 55, 47, 156, 75, 64, -0.3552, 0.0131, -0.3102, 0.0094),
    (31, 27, 7, 32, 29, 4, -0.3479, 0.0645, -0.0715, 0.0028),
    (75, 64, 17, 71, 119, 29, -2.3176, 0.0458, -0.6202, 0.0018),
    (18, 66, 20, 18, 137, 48, -1.8880, 0.1606, -0.7303, 0.0119),
]


@pytest.mark.parametrize("row", NORMAND)
def test_standardised_difference_and_ratio_of_means_agree_with_normand(row):
    numbers = two_arms(*row[:6])

    smd, rom = compute("smd", numbers), compute("rom", numbers)

    assert (round(smd.yi, 4), round(smd.vi, 4)) == row[6:8]
    assert (round(rom.yi, 4), round(rom.vi, 4)) == row[8:10]


def test_standardised_difference_uses_the_exact_correction():
    effect = compute("smd", two_arms(3, 2.0, 1.0, 3, 0.0, 1.0))

    # J(4) = G(2) / (sqrt(2) G(3/2)) = sqrt(2 / pi), where 1 - 3 / (4 df - 1) would give 0.8.
    g = 2 * math.sqrt(2 / math.pi)
    assert outcome_of(effect) == close(g, 2 / 3 + g * g / 12, "means_and_sds")


def test_standardised_difference_paired_follows_cousineau():
    effect = compute("smd", two_arms(10, 7.0, 2.0, 10, 6.0, 2.0, paired=True, correlation=0.5))

    m = 2 * 9 / 1.25
    j = math.exp(math.lgamma(m / 2) - math.lgamma((m - 1) / 2) - 0.5 * math.log(m / 2))
    g = 0.5 * j
    assert outcome_of(effect) == close(g, 0.1 + g * g * 1.25 / 40, "paired_means_and_sds")


@pytest.mark.parametrize("df", [2, 3, 10, 57.5, 299, 300, 301, 1000, 2500.5])
def test_hedges_correction_is_the_gamma_expression(df):
    expected = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)

    assert hedges_correction(df) == pytest.approx(expected, rel=1e-11)


def test_hedges_correction_does_not_break_where_the_series_begins():
    assert hedges_correction(300.0000001) == pytest.approx(hedges_correction(300), rel=1e-12)
    assert hedges_correction(1e15) == pytest.approx(1, rel=1e-14)


# Training and attention (Morris 2008, treated groups), as published with R metafor.
MORRIS = [
    (20, 38.5, 30.6, 15.0, 0.47, 0.5056, 0.0594),
    (50, 26.8, 23.5, 3.1, 0.64, 1.0481, 0.0254),
    (9, 0.7, 0.5, 0.1, 0.77, 1.8054, 0.2322),
    (10, 75.9, 53.4, 14.5, 0.89, 1.4181, 0.1225),
    (14, 36.0, 35.6, 4.7, 0.44, 0.0801, 0.0802),
]


@pytest.mark.parametrize(("n", "final", "baseline", "sd", "r", "yi", "vi"), MORRIS)
def test_standardised_mean_change_agrees_with_morris(n, final, baseline, sd, r, yi, vi):
    numbers = Numbers(arm_n=n, arm_mean=final, arm_baseline_mean=baseline, arm_baseline_sd=sd, correlation=r)

    effect = compute("smcr", numbers)

    assert (round(effect.yi, 4), round(effect.vi, 4)) == (yi, vi)
    assert effect.derivation == "baseline_and_final"


def test_change_difference_from_baseline_and_final_values():
    numbers = two_arms(
        20, 12, 4, 25, 11, 3,
        arm_baseline_mean=10, arm_baseline_sd=5, comparator_baseline_mean=10.5, comparator_baseline_sd=2,
        correlation=0.8,
    )  # fmt: skip

    effect = compute("change_md", numbers)

    # SD of change squared: 25 + 16 - 32 = 9 and 4 + 9 - 9.6 = 3.4
    assert outcome_of(effect) == close(1.5, 9 / 20 + 3.4 / 25, "baseline_and_final")


def test_change_difference_takes_means_without_a_baseline_as_changes():
    effect = compute("change_md", two_arms(20, 2, 3, 25, 0.5, 2))

    assert outcome_of(effect) == close(1.5, 9 / 20 + 4 / 25, "changes_and_sds")


def test_change_difference_paired_needs_the_changes_themselves():
    changes = two_arms(10, 2, 3, 10, 0.5, 2, paired=True, correlation=0.5)
    with_baseline = replace(changes, arm_baseline_mean=1, comparator_baseline_mean=1, arm_baseline_sd=1)

    assert outcome_of(compute("change_md", changes)) == close(1.5, 0.7, "changes_and_sds")
    assert outcome_of(compute("change_md", replace(changes, arm_sd=None))) == (1.5, None, "means_only")
    assert outcome_of(compute("change_md", with_baseline)) == (1.5, None, "means_only")


def test_change_difference_of_one_arm_agrees_with_metafor():
    numbers = Numbers(
        arm_n=60, arm_mean=26, arm_sd=math.sqrt(30), arm_baseline_mean=22, arm_baseline_sd=math.sqrt(20),
        correlation=0.7, paired=True,
    )  # fmt: skip

    effect = compute("change_md", numbers)

    assert (effect.yi, round(effect.vi, 4), effect.derivation) == (4.0, 0.2618, "change_of_one_arm")


def test_change_difference_of_one_arm_is_not_taken_for_a_missing_comparator():
    one_arm = Numbers(arm_n=60, arm_mean=4, arm_sd=2)

    assert outcome_of(compute("change_md", one_arm)) == (None, None, "none")
    assert compute("change_md", replace(one_arm, paired=True, estimate=1.5)).yi == 1.5


def test_change_difference_does_not_compare_a_change_with_a_final_value():
    numbers = two_arms(20, 12, 4, 25, 11, 3, arm_baseline_mean=10, arm_baseline_sd=5, correlation=0.8)

    assert outcome_of(compute("change_md", numbers)) == (None, None, "none")


def test_ratio_of_means_paired_agrees_with_metafor():
    effect = compute(
        "rom", two_arms(60, 26, math.sqrt(30), 60, 22, math.sqrt(20), paired=True, correlation=0.7)
    )

    variance = (30 / 26**2 + 20 / 22**2 - 2 * 0.7 * math.sqrt(600) / (26 * 22)) / 60
    assert outcome_of(effect) == close(math.log(26 / 22), variance, "paired_means_and_sds")


def test_mean_of_one_arm():
    effect = compute("mean", Numbers(arm_mean=5, arm_sd=2, arm_n=16))

    assert outcome_of(effect) == (5.0, 0.25, "mean_and_sd")


def test_zero_means_are_means():
    effect = compute("md", two_arms(10, 0, 1, 10, 0, 1))

    assert outcome_of(effect) == close(0.0, 0.2, "means_and_sds")


def test_zero_correlation_within_persons_is_given():
    effect = compute("md", two_arms(10, 1, 1, 10, 0, 1, paired=True, correlation=0))

    assert outcome_of(effect) == close(1.0, 0.2, "paired_means_and_sds")


def test_zero_variation_gives_no_variance():
    numbers = two_arms(10, 3, 0, 10, 1, 0)

    assert outcome_of(compute("md", numbers)) == (2.0, None, "means_only")
    assert outcome_of(compute("smd", numbers)) == (None, None, "not_estimable")


def test_means_without_spread_still_tell_their_difference():
    numbers = Numbers(arm_mean=1.2, comparator_mean=0.2)

    assert outcome_of(compute("md", numbers)) == close(1.0, None, "means_only")


@pytest.mark.parametrize("code", ["md", "rom"])
def test_paired_means_without_correlation_have_no_variance(code):
    effect = compute(code, two_arms(10, 3, 1, 10, 1, 1, paired=True))

    assert (effect.vi, effect.derivation) == (None, "means_only")


def test_too_few_people_for_the_correction_are_not_estimable():
    assert compute("smd", two_arms(1, 3, 1, 2, 1, 1)).derivation == "not_estimable"
    assert compute("smd", two_arms(2, 3, 1, 2, 1, 1)).derivation == "means_and_sds"
    one_group = Numbers(arm_n=2, arm_mean=1, arm_baseline_mean=0, arm_baseline_sd=1, correlation=0.5)
    assert compute("smcr", one_group).derivation == "not_estimable"
