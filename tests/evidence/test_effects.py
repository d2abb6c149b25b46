"""Effect measures against published examples, hand arithmetic, laws, and input that cannot be true."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evidence.effects import (
    DERIVATIONS,
    MEASURES,
    Effect,
    ImpossibleInput,
    Numbers,
    Scale,
    cautions,
    check,
    compute,
    display,
    hedges_correction,
    may_pool,
    measure,
    number,
)

Z_95 = 1.959963984540054
Z_90 = 1.6448536269514722


def two_arms(n_1, mean_1, sd_1, n_2, mean_2, sd_2, **more):
    return Numbers(
        arm_n=n_1,
        arm_mean=mean_1,
        arm_sd=sd_1,
        comparator_n=n_2,
        comparator_mean=mean_2,
        comparator_sd=sd_2,
        **more,
    )


def table(events_1, n_1, events_2, n_2, **more):
    return Numbers(arm_events=events_1, arm_n=n_1, comparator_events=events_2, comparator_n=n_2, **more)


def rates(events_1, time_1, events_2, time_2):
    return Numbers(
        arm_events=events_1,
        arm_person_time=time_1,
        comparator_events=events_2,
        comparator_person_time=time_2,
    )


def reported(estimate, ci_low=None, ci_high=None, **more):
    return Numbers(estimate=estimate, ci_low=ci_low, ci_high=ci_high, **more)


def swapped(numbers):
    """The same numbers with arm and comparator in each other's place."""
    values = {field.name: getattr(numbers, field.name) for field in fields(numbers)}
    for name in [name for name in values if name.startswith("arm_")]:
        other = name.replace("arm_", "comparator_", 1)
        values[name], values[other] = values[other], values[name]
    return Numbers(**values)


def outcome_of(effect):
    return effect.yi, effect.vi, effect.derivation


def close(*values, rel=1e-9):
    return tuple(pytest.approx(value, rel=rel) if isinstance(value, float) else value for value in values)


# Measures


def test_measures_are_the_agreed_ones():
    assert list(MEASURES) == [
        "md", "change_md", "smd", "smcr", "rom", "percent_change", "rr", "or", "rd", "hr", "irr",
        "rate_difference", "correlation", "beta", "proportion", "mean", "direction_only", "narrative",
    ]  # fmt: skip
    assert all(measure(code).code == code for code in MEASURES)


def test_measures_with_a_null_have_zero_there_on_the_analysis_scale():
    with_null = [entry for entry in MEASURES.values() if entry.null is not None]

    assert {entry.scale.to_analysis(entry.null) for entry in with_null} == {0.0}
    assert {entry.code for entry in MEASURES.values() if entry.null is None} == {
        "proportion", "mean", "direction_only", "narrative",
    }  # fmt: skip


def test_measure_refuses_an_unknown_code():
    with pytest.raises(KeyError):
        measure("cohens_d")


def test_may_pool_joins_only_final_and_change_differences():
    pooled_across = {(a, b) for a in MEASURES for b in MEASURES if a != b and may_pool(a, b)}

    assert pooled_across == {("md", "change_md"), ("change_md", "md")}


def test_may_pool_refuses_measures_without_a_group_even_with_themselves():
    alone = {code for code in MEASURES if not may_pool(code, code)}

    assert alone == {"percent_change", "direction_only", "narrative"}


@given(st.floats(0.001, 0.999))
def test_scale_returns_where_it_came_from(x):
    for scale in Scale:
        assert scale.to_display(scale.to_analysis(x)) == pytest.approx(x, rel=1e-12)


def test_scale_shows_edges_as_infinities_and_back():
    assert Scale.log.to_analysis(0) == -math.inf
    assert Scale.fisher_z.to_analysis(-1) == -math.inf
    assert (Scale.logit.to_analysis(0), Scale.logit.to_analysis(1)) == (-math.inf, math.inf)
    assert (Scale.logit.to_display(-math.inf), Scale.logit.to_display(math.inf)) == (0.0, 1.0)
    assert Scale.logit.to_display(-1e9) == 0.0
    assert (Scale.log.to_display(-math.inf), Scale.log.to_display(1e9)) == (0.0, math.inf)


# Published and hand-checked examples

# The BCG vaccine trials (Colditz 1994), with ln RR and variance as published with R metafor.
BCG = [
    (4, 123, 11, 139, -0.8893, 0.3256),
    (6, 306, 29, 303, -1.5854, 0.1946),
    (3, 231, 11, 220, -1.3481, 0.4154),
    (62, 13598, 248, 12867, -1.4416, 0.0200),
    (33, 5069, 47, 5808, -0.2175, 0.0512),
    (180, 1541, 372, 1451, -0.7861, 0.0069),
    (8, 2545, 10, 629, -1.6209, 0.2230),
    (505, 88391, 499, 88391, 0.0120, 0.0040),
    (29, 7499, 45, 7277, -0.4694, 0.0564),
    (17, 1716, 65, 1665, -1.3713, 0.0730),
    (186, 50634, 141, 27338, -0.3394, 0.0124),
    (5, 2498, 3, 2341, 0.4459, 0.5325),
    (27, 16913, 29, 17854, -0.0173, 0.0714),
]


@pytest.mark.parametrize(("events_1", "n_1", "events_2", "n_2", "yi", "vi"), BCG)
def test_risk_ratio_agrees_with_the_bcg_trials(events_1, n_1, events_2, n_2, yi, vi):
    effect = compute("rr", table(events_1, n_1, events_2, n_2))

    assert (round(effect.yi, 4), round(effect.vi, 4), effect.derivation) == (yi, vi, "counts")


def test_risk_ratio_odds_ratio_and_risk_difference_agree_with_borenstein_chapter_5():
    numbers = table(5, 100, 10, 100)

    rr, odds_ratio, rd = (compute(code, numbers) for code in ("rr", "or", "rd"))

    assert outcome_of(rr) == close(-0.6931471805599453, 0.28, "counts")
    assert outcome_of(odds_ratio) == close(math.log(9 / 19), 1 / 5 + 1 / 95 + 1 / 10 + 1 / 90, "counts")
    assert outcome_of(rd) == close(-0.05, 0.001375, "counts")


def test_odds_ratio_interval_agrees_with_metafor():
    low, high = compute("or", table(4, 123, 11, 139)).interval()

    assert (round(math.log(low), 4), round(math.log(high), 4)) == (-2.1100, 0.2326)


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


def test_rate_ratio_and_difference_by_hand():
    numbers = rates(15, 1000.0, 30, 1200.0)

    ratio, difference = compute("irr", numbers), compute("rate_difference", numbers)

    assert outcome_of(ratio) == close(math.log(0.6), 0.1, "counts")
    assert outcome_of(difference) == close(-0.01, 15 / 1e6 + 30 / 1.44e6, "counts")


def test_rate_ratio_allows_more_events_than_people():
    numbers = Numbers(
        arm_n=10, arm_events=15, arm_person_time=20, comparator_events=10, comparator_person_time=20
    )

    assert compute("irr", numbers).estimate == pytest.approx(1.5, rel=1e-12)


def test_correlation_is_that_of_borenstein_chapter_6():
    effect = compute("correlation", Numbers(estimate=0.5, arm_n=100))

    assert outcome_of(effect) == close(0.5493061443340548, 1 / 97, "estimate_and_n")
    assert effect.estimate == pytest.approx(0.5, rel=1e-12)


def test_correlation_of_three_people_has_no_variance():
    effect = compute("correlation", Numbers(estimate=0.5, arm_n=3))

    assert (effect.vi, effect.derivation) == (None, "estimate_only")


def test_correlation_of_exactly_one_is_not_estimable():
    effect = compute("correlation", Numbers(estimate=1.0, arm_n=30))

    assert outcome_of(effect) == (None, None, "not_estimable")


def test_proportion_is_analysed_as_log_odds():
    effect = compute("proportion", Numbers(arm_events=10, arm_n=50))

    assert outcome_of(effect) == close(math.log(0.25), 1 / 10 + 1 / 40, "counts")
    assert effect.estimate == pytest.approx(0.2, rel=1e-12)


def test_proportion_interval_stays_between_nobody_and_everybody():
    low, high = compute("proportion", Numbers(arm_events=1, arm_n=4)).interval(99.9)

    assert 0 < low < 0.25 < high < 1


def test_mean_of_one_arm():
    effect = compute("mean", Numbers(arm_mean=5, arm_sd=2, arm_n=16))

    assert outcome_of(effect) == (5.0, 0.25, "mean_and_sd")


# Reported estimates


def test_reported_ratio_with_a_95_per_cent_interval():
    effect = compute("hr", reported(0.8, 0.64, 1.0))

    se = math.log(1 / 0.64) / (2 * Z_95)
    assert outcome_of(effect) == close(math.log(0.8), se**2, "estimate_and_interval")


def test_reported_difference_with_a_90_per_cent_interval():
    effect = compute("md", reported(2.0, 0.0, 4.0, ci_level=90))

    assert outcome_of(effect) == close(2.0, (2 / Z_90) ** 2, "estimate_and_interval")


def test_reported_standard_error_is_on_the_analysis_scale():
    effect = compute("or", reported(2.0, se=0.25))

    assert outcome_of(effect) == close(math.log(2), 0.0625, "estimate_and_se")


def test_reported_p_value_gives_a_wald_standard_error():
    effect = compute("rr", reported(0.5, p_value=0.05))

    assert outcome_of(effect) == close(math.log(0.5), (math.log(2) / Z_95) ** 2, "estimate_and_p")


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("md", reported(2.0)),
        ("md", reported(2.0, p_value=0.0)),
        ("md", reported(2.0, p_value=1.0)),
        ("md", reported(0.0, p_value=0.5)),
        ("md", reported(2.0, se=0.0)),
        ("md", reported(2.0, 2.0, 2.0)),
        ("md", reported(2.0, 1.0, 3.0, ci_level=None)),
        ("proportion", reported(0.1, 0.0, 0.2)),
        ("proportion", reported(0.1, p_value=0.01)),
        ("percent_change", reported(12.0)),
    ],
)
def test_reported_estimate_without_a_usable_variance_stands_alone(code, numbers):
    effect = compute(code, numbers)

    assert (effect.estimate, effect.vi, effect.derivation) == close(numbers.estimate, None, "estimate_only")
    assert (effect.se, effect.interval()) == (None, None)


def test_reported_interval_comes_before_se_and_se_before_p():
    numbers = reported(2.0, 1.0, 3.0, se=5.0, p_value=0.9)

    assert compute("md", numbers).derivation == "estimate_and_interval"
    assert compute("md", replace(numbers, ci_low=None)).derivation == "estimate_and_se"
    assert compute("md", replace(numbers, ci_low=None, se=None)).derivation == "estimate_and_p"


def test_raw_numbers_come_before_a_reported_estimate_when_complete():
    numbers = two_arms(50, 103, 5.5, 50, 100, 4.5, estimate=9.0, ci_low=8.0, ci_high=10.0)

    assert compute("md", numbers).derivation == "means_and_sds"
    assert compute("md", replace(numbers, arm_sd=None)).derivation == "estimate_and_interval"


def test_paired_counts_use_the_reported_interval():
    numbers = table(5, 20, 10, 20, paired=True)

    assert compute("rr", numbers).derivation == "counts_only"
    effect = compute("rr", replace(numbers, estimate=0.5, ci_low=0.3, ci_high=0.8))
    assert effect.derivation == "estimate_and_interval"


def test_words_alone_have_no_effect():
    for code in ("direction_only", "narrative"):
        assert outcome_of(compute(code, reported(1.0, 0.5, 2.0))) == (None, None, "none")


def test_nothing_given_is_no_effect():
    for code in MEASURES:
        effect = compute(code, Numbers())

        assert outcome_of(effect) == (None, None, "none")
        assert (effect.estimate, effect.se, effect.interval(), display(effect)) == (None, None, None, "")


# Zero is a value


def test_zero_means_are_means():
    effect = compute("md", two_arms(10, 0, 1, 10, 0, 1))

    assert outcome_of(effect) == close(0.0, 0.2, "means_and_sds")


def test_zero_estimate_and_zero_bound_are_used():
    assert compute("md", reported(0.0, -1.0, 1.0)).vi == pytest.approx((1 / Z_95) ** 2, rel=1e-9)
    assert compute("md", reported(1.0, 0.0, 2.0)).vi == pytest.approx((1 / Z_95) ** 2, rel=1e-9)
    assert compute("rd", reported(-0.1, -0.2, 0.0)).derivation == "estimate_and_interval"
    assert display(compute("md", reported(0.0, -1.0, 1.0)), unit="kg") == "0.0 (\u22121.0 to 1.0) kg"


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


def test_zero_cell_adds_half_to_all_four_cells():
    numbers = table(0, 20, 4, 30)

    rr, odds_ratio = compute("rr", numbers), compute("or", numbers)

    yi, vi = math.log((0.5 / 21) / (4.5 / 31)), 1 / 0.5 - 1 / 21 + 1 / 4.5 - 1 / 31
    assert outcome_of(rr) == close(yi, vi, "counts_with_half_added")
    yi, vi = math.log((0.5 / 20.5) / (4.5 / 26.5)), 1 / 0.5 + 1 / 20.5 + 1 / 4.5 + 1 / 26.5
    assert outcome_of(odds_ratio) == close(yi, vi, "counts_with_half_added")


def test_zero_cell_leaves_the_risk_difference_as_it_is():
    effect = compute("rd", table(0, 20, 3, 30))

    assert outcome_of(effect) == close(-0.1, 0.1 * 0.9 / 30, "counts")


def test_no_events_in_both_arms_are_not_estimable_as_ratios():
    for code in ("rr", "or"):
        assert outcome_of(compute(code, table(0, 20, 0, 30))) == (None, None, "not_estimable")
    assert outcome_of(compute("irr", rates(0, 10, 0, 10))) == (None, None, "not_estimable")


def test_events_in_everybody_are_not_estimable_as_odds_ratio_only():
    numbers = table(20, 20, 30, 30)

    assert outcome_of(compute("or", numbers)) == (None, None, "not_estimable")
    assert compute("rr", numbers).derivation == "counts_with_half_added"


def test_no_events_in_both_arms_are_a_risk_difference_of_zero():
    risk, rate = compute("rd", table(0, 20, 0, 30)), compute("rate_difference", rates(0, 10, 0, 20))

    vi = 0.5 * 20.5 / 21**3 + 0.5 * 30.5 / 31**3
    assert outcome_of(risk) == close(0.0, vi, "counts_with_half_added")
    assert outcome_of(rate) == close(0.0, 0.005 + 0.00125, "counts_with_half_added")


def test_zero_events_in_one_arm_of_a_rate_ratio_add_half_to_both():
    effect = compute("irr", rates(0, 10, 4, 20))

    assert outcome_of(effect) == close(math.log(0.05 / 0.225), 2 + 1 / 4.5, "counts_with_half_added")


def test_proportion_of_nobody_adds_half():
    effect = compute("proportion", Numbers(arm_events=0, arm_n=50))

    assert outcome_of(effect) == close(math.log(0.5 / 50.5), 2 + 1 / 50.5, "counts_with_half_added")


def test_too_few_people_for_the_correction_are_not_estimable():
    assert compute("smd", two_arms(1, 3, 1, 2, 1, 1)).derivation == "not_estimable"
    assert compute("smd", two_arms(2, 3, 1, 2, 1, 1)).derivation == "means_and_sds"
    one_group = Numbers(arm_n=2, arm_mean=1, arm_baseline_mean=0, arm_baseline_sd=1, correlation=0.5)
    assert compute("smcr", one_group).derivation == "not_estimable"


# Laws

people = st.integers(2, 5000)
positive = st.floats(0.01, 1000)
any_mean = st.floats(-1000, 1000)
mean_numbers = st.builds(two_arms, people, positive, positive, people, positive, positive)
tables = st.tuples(people, people).flatmap(
    lambda n: st.builds(table, st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
rate_numbers = st.builds(rates, st.integers(0, 500), positive, st.integers(0, 500), positive)
unhurried = settings(deadline=None)


@unhurried
@given(mean_numbers, tables, rate_numbers)
@example(two_arms(2, 1.0, 1.0, 2, 1.0, 1.0), table(0, 5, 3, 9), rates(0, 1.0, 2, 3.0))
def test_effect_changes_sign_when_arms_swap(means, counts, events):
    cases = [("md", means), ("change_md", means), ("smd", means), ("rom", means)]
    cases += [("rr", counts), ("or", counts), ("rd", counts), ("irr", events), ("rate_difference", events)]

    for code, numbers in cases:
        effect, other = compute(code, numbers), compute(code, swapped(numbers))

        assert other.derivation == effect.derivation
        if effect.yi is None:
            assert other.yi is None
        else:
            assert other.yi == pytest.approx(-effect.yi, rel=1e-9, abs=1e-12)
            assert other.vi == pytest.approx(effect.vi, rel=1e-9)


@unhurried
@given(mean_numbers, st.floats(0.01, 100), st.floats(-0.99, 0.99), st.booleans())
def test_standardised_difference_and_ratio_of_means_do_not_depend_on_the_unit(means, factor, r, paired):
    n_2 = means.arm_n if paired else means.comparator_n
    numbers = replace(means, comparator_n=n_2, correlation=r, paired=paired)
    in_unit = {
        name: getattr(numbers, name) * factor
        for name in ("arm_mean", "arm_sd", "comparator_mean", "comparator_sd")
    }

    for code in ("smd", "rom"):
        effect, other = compute(code, numbers), compute(code, replace(numbers, **in_unit))
        assume(effect.yi is not None)  # a standardised difference of two people is not estimable

        assert other.yi == pytest.approx(effect.yi, rel=1e-9, abs=1e-9)
        assert other.vi == pytest.approx(effect.vi, rel=1e-9)


@unhurried
@given(
    st.sampled_from(
        [code for code, entry in MEASURES.items() if code not in ("direction_only", "narrative")]
    ),
    st.floats(-0.9, 0.9),
    st.floats(0.001, 0.05),
    st.floats(50.5, 99.5),
)
def test_interval_fed_back_at_its_level_gives_the_same_effect(code, yi, se, level):
    effect = Effect(measure(code), yi, se**2, "counts")
    low, high = effect.interval(level)
    if code == "rd" and max(abs(low), abs(high)) > 1:
        return

    again = compute(code, reported(effect.estimate, low, high, ci_level=level))

    assert again.yi == pytest.approx(yi, rel=1e-9, abs=1e-12)
    assert again.vi == pytest.approx(se**2, rel=1e-9)
    assert again.derivation == "estimate_and_interval"


wild_float = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1.0, 1e-308, 1e-15, 1e15, 1e308]))
wild_whole = st.one_of(st.none(), st.integers(-1, 5), st.integers(), st.just(10**400))
mild_float = st.one_of(st.none(), st.floats(1e-15, 1), st.floats(-1e15, 1e15), st.just(0.5))
mild_whole = st.one_of(st.none(), st.integers(0, 10), st.integers(1, 10**15))
WHOLE = {"arm_n", "arm_events", "comparator_n", "comparator_events"}


def any_numbers(a_float, a_whole):
    names = [field.name for field in fields(Numbers) if field.name != "paired"]
    values = {name: a_whole if name in WHOLE else a_float for name in names}
    level = st.one_of(st.none(), st.floats(50, 100), a_float)
    share = st.one_of(a_float, st.floats(0, 1))
    return st.builds(
        Numbers,
        **(values | {"ci_level": level, "p_value": share, "correlation": share}),
        paired=st.booleans(),
    )


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(list(MEASURES)),
    st.one_of(any_numbers(wild_float, wild_whole), any_numbers(mild_float, mild_whole)),
    st.floats(0.001, 99.999),
)
def test_any_numbers_give_a_finite_effect_or_name_the_fields_that_are_impossible(code, numbers, level):
    try:
        effect, problems = compute(code, numbers), []
    except ImpossibleInput as impossible:
        effect, problems = None, impossible.problems

    assert (effect is None) == bool(problems)
    assert {field for field, _ in problems} <= {field.name for field in fields(Numbers)}
    assert all(message for _, message in problems)
    if effect is None:
        return
    assert effect.derivation in DERIVATIONS
    assert effect.yi is None or math.isfinite(effect.yi)
    assert effect.vi is None or (effect.yi is not None and 0 < effect.vi < math.inf)
    assert isinstance(display(effect, unit="m", level=level), str)
    assert all(field and message for field, message in cautions(code, numbers))


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["md", "change_md", "smd", "rom", "rr", "or", "rd", "irr", "rate_difference", "smcr"]),
    st.lists(st.sampled_from([1e-15, 1e-9, 1.0, 1e9, 1e15]), min_size=10, max_size=10),
    st.lists(st.sampled_from([1, 2, 3, 10**6, 10**15]), min_size=2, max_size=2),
    st.lists(st.sampled_from([0, 1]), min_size=2, max_size=2),
    st.sampled_from([-1.0, 0.0, 1.0]),
    st.booleans(),
)
def test_numbers_at_the_limits_never_overflow(code, values, n, events, r, paired):
    numbers = Numbers(
        arm_n=n[0], arm_mean=values[0], arm_sd=values[1], arm_events=events[0], arm_person_time=values[2],
        comparator_n=n[0] if paired else n[1], comparator_mean=values[3], comparator_sd=values[4],
        comparator_events=events[1], comparator_person_time=values[5],
        arm_baseline_mean=values[6], arm_baseline_sd=values[7],
        comparator_baseline_mean=values[8], comparator_baseline_sd=values[9], correlation=r, paired=paired,
    )  # fmt: skip

    effect = compute(code, numbers)

    assert effect.yi is None or math.isfinite(effect.yi)
    assert effect.vi is None or 0 < effect.vi < math.inf
    assert isinstance(display(effect), str)


# Impossible input


def problems_of(code, numbers):
    with pytest.raises(ImpossibleInput) as caught:
        check(code, numbers)
    with pytest.raises(ImpossibleInput):
        compute(code, numbers)
    return caught.value.problems


@pytest.mark.parametrize(
    ("code", "numbers", "field"),
    [
        ("md", reported(1.0, 1.5, 2.0), "ci_low"),
        ("md", reported(-1.0, 0.0, 2.0), "ci_low"),
        ("md", reported(1.0, -2.0, 0.0), "ci_high"),
        ("md", reported(3.0, 1.5, 2.0), "ci_high"),
        ("md", reported(1.8, 2.0, 1.5), "ci_low"),
        ("md", reported(None, 2.0, 1.5), "ci_low"),
        ("md", reported(1.0, 1.5, None), "ci_low"),
        ("md", Numbers(arm_sd=-0.1), "arm_sd"),
        ("md", Numbers(arm_baseline_sd=-0.1), "arm_baseline_sd"),
        ("md", Numbers(comparator_sd=-0.1), "comparator_sd"),
        ("md", Numbers(comparator_baseline_sd=-0.1), "comparator_baseline_sd"),
        ("md", Numbers(arm_n=0), "arm_n"),
        ("md", Numbers(comparator_n=0), "comparator_n"),
        ("md", Numbers(arm_n=2.5), "arm_n"),
        ("md", Numbers(arm_n=10, comparator_n=12, paired=True), "comparator_n"),
        ("md", reported(1.0, se=-0.1), "se"),
        ("md", reported(1.0, p_value=-0.1), "p_value"),
        ("md", reported(1.0, p_value=1.1), "p_value"),
        ("md", reported(1.0, ci_level=50), "ci_level"),
        ("md", reported(1.0, ci_level=100), "ci_level"),
        ("md", reported(1.0, ci_level=0.95), "ci_level"),
        ("md", Numbers(correlation=1.01), "correlation"),
        ("md", reported(math.nan), "estimate"),
        ("md", reported(math.inf), "estimate"),
        ("md", reported("a lot"), "estimate"),
        ("cohens_d", Numbers(), "measure"),
        ("", Numbers(), "measure"),
        ("md", Numbers(arm_mean=1e300), "arm_mean"),
        ("md", Numbers(arm_n=10**400), "arm_n"),
        ("smd", Numbers(arm_sd=1e-300), "arm_sd"),
        ("rr", table(11, 10, 1, 10), "arm_events"),
        ("or", table(1, 10, 11, 10), "comparator_events"),
        ("rd", table(11, 10, 1, 10), "arm_events"),
        ("proportion", Numbers(arm_events=11, arm_n=10), "arm_events"),
        ("rr", table(-1, 10, 1, 10), "arm_events"),
        ("rr", reported(0.0), "estimate"),
        ("hr", reported(-0.5), "estimate"),
        ("or", reported(0.5, 0.0, 1.0), "ci_low"),
        ("rom", reported(0.5, 0.2, -1.0), "ci_high"),
        ("rom", two_arms(10, 0, 1, 10, 1, 1), "arm_mean"),
        ("rom", two_arms(10, 1, 1, 10, -1, 1), "comparator_mean"),
        ("irr", rates(1, 0, 1, 1), "arm_person_time"),
        ("irr", rates(1, 1, 1, -1), "comparator_person_time"),
        ("rd", reported(5.0), "estimate"),
        ("rd", reported(-0.9, -1.1, -0.5), "ci_low"),
        ("proportion", reported(-0.01), "estimate"),
        ("proportion", reported(0.9, 0.8, 1.01), "ci_high"),
        ("correlation", reported(1.2), "estimate"),
        ("correlation", reported(-0.9, -1.2, -0.5), "ci_low"),
    ],
)
def test_impossible_input_names_its_field(code, numbers, field):
    assert [name for name, _ in problems_of(code, numbers)] == [field]


def test_impossible_input_lists_every_problem():
    numbers = two_arms(0, 1, -1, 10, 1, 1, estimate=1.0, ci_low=2.0, ci_high=3.0)

    with pytest.raises(ImpossibleInput) as caught:
        compute("md", numbers)

    assert [field for field, _ in caught.value.problems] == ["arm_n", "arm_sd", "ci_low"]
    assert str(caught.value) == (
        "arm_n: Must be at least 1.; arm_sd: A standard deviation must not be negative.; "
        "ci_low: The interval does not enclose its estimate: the lower bound is above it."
    )


def test_check_accepts_what_lies_on_the_edge():
    for code, numbers in [
        ("md", reported(1.0, 1.0, 2.0)),
        ("md", reported(1.0, p_value=0.0, se=0.0)),
        ("md", Numbers(arm_n=1, arm_sd=0.0, correlation=-1.0)),
        ("rr", table(10, 10, 0, 10)),
        ("rd", reported(-1.0, -1.0, 1.0)),
        ("proportion", reported(0.0, 0.0, 1.0)),
        ("correlation", reported(1.0, -1.0, 1.0)),
    ]:
        check(code, numbers)


@pytest.mark.parametrize(
    ("code", "numbers", "named"),
    [
        ("rr", reported(1.5, 1.1, 2.05), []),
        ("rr", reported(1.9, 1.1, 2.0), ["estimate"]),
        ("md", reported(0.0, -1.0, 1.0), []),
        ("md", reported(None, 1.0, 2.0), ["estimate"]),
        ("md", reported(1.0, 0.0, None), ["ci_high"]),
        ("md", reported(1.0, None, 2.0), ["ci_low"]),
        ("proportion", reported(0.1, 0.0, 0.2), ["ci_low"]),
        ("md", Numbers(), []),
    ],
)
def test_cautions_name_what_should_be_looked_at_again(code, numbers, named):
    assert [field for field, _ in cautions(code, numbers)] == named


# Display


@pytest.mark.parametrize(
    ("code", "numbers", "unit", "shown"),
    [
        ("md", reported(0.07, 0.01, 0.13), "m/s", "0.07 (0.01 to 0.13) m/s"),
        ("md", reported(-4.48, -5.8, -3.16), "mmHg", "\u22124.5 (\u22125.8 to \u22123.2) mmHg"),
        ("md", two_arms(155, 55, 47, 156, 75, 64), "days", "\u221220 (\u221232 to \u22128) days"),
        ("md", reported(0.07), "m/s", "0.07 m/s"),
        ("md", reported(0.0), "m/s", "0 m/s"),
        ("md", reported(12.3456), "kg", "12.3 kg"),
        ("md", reported(1.0, 0.0, 2.0), "", "1.0 (0.0 to 2.0)"),
        ("rr", table(4, 123, 11, 139), "falls", "0.41 (0.13 to 1.26)"),
        ("rr", reported(1.0), "", "1.00"),
        ("hr", reported(0.8, 0.64, 1.0), "", "0.80 (0.64 to 1.00)"),
        ("or", reported(0.0012), "", "0.001"),
        ("smd", two_arms(50, 103, 5.5, 50, 100, 4.5), "kg", "0.59 (0.19 to 0.99)"),
        ("rd", table(5, 100, 10, 100), "kg", "\u22125.0 (\u221212.3 to 2.3) percentage points"),
        ("proportion", Numbers(arm_events=10, arm_n=50), "", "20.0% (11.1% to 33.3%)"),
        ("percent_change", reported(12.0, 5.0, 19.0), "", "12% (5% to 19%)"),
        ("correlation", Numbers(estimate=-0.5, arm_n=100), "", "\u22120.50 (\u22120.63 to \u22120.34)"),
        ("narrative", Numbers(), "kg", ""),
    ],
)
def test_display_shows_estimate_interval_and_unit(code, numbers, unit, shown):
    assert display(compute(code, numbers), unit=unit) == shown


def test_display_takes_digits_and_level():
    effect = compute("md", reported(0.07, 0.01, 0.13))

    assert display(effect, unit="m/s", digits=3) == "0.070 (0.010 to 0.130) m/s"
    assert display(effect, unit="m/s", digits=3, level=90) == "0.070 (0.020 to 0.120) m/s"
    assert display(effect, digits=0) == "0 (0 to 0)"


@pytest.mark.parametrize("half", [0.05, 0.5, 5.0])
def test_display_digits_do_not_depend_on_binary_noise(half):
    # A width of exactly 0.1, 1 or 10 must not gain a digit when the arithmetic falls just short of it.
    variance = (half / Z_95) ** 2

    shown = {
        display(Effect(measure("md"), 0.0, variance * (1 + noise), "counts")) for noise in (-1e-13, 0, 1e-13)
    }

    assert len(shown) == 1


def test_interval_refuses_a_level_that_is_none():
    effect = compute("md", reported(1.0, 0.0, 2.0))

    for level in (0, 100, -5, 195):
        with pytest.raises(ValueError, match="between 0 and 100"):
            effect.interval(level)


@pytest.mark.parametrize(
    ("x", "digits", "shown"),
    [
        (0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (-0.005, 2, "\u22120.01"),
        (0.075, 2, "0.08"),
        (1.005, 2, "1.01"),
        (-1234.5, 0, "\u22121235"),
        (1e30, 1, "1000000000000000000000000000000.0"),
        (math.inf, 2, "\u221e"),
        (-math.inf, 2, "\u2212\u221e"),
    ],
)
def test_number_rounds_and_signs_as_people_expect(x, digits, shown):
    assert number(x, digits) == shown
