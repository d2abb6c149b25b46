"""Effects from reported estimates, by the interval, standard error or p-value beside them."""

import math
from dataclasses import replace

import pytest

from evidence.effects import Numbers, compute, display

from .numbers import Z_90, Z_95, close, outcome_of, reported


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


def test_zero_estimate_and_zero_bound_are_used():
    assert compute("md", reported(0.0, -1.0, 1.0)).vi == pytest.approx((1 / Z_95) ** 2, rel=1e-9)
    assert compute("md", reported(1.0, 0.0, 2.0)).vi == pytest.approx((1 / Z_95) ** 2, rel=1e-9)
    assert compute("rd", reported(-0.1, -0.2, 0.0)).derivation == "estimate_and_interval"
    assert display(compute("md", reported(0.0, -1.0, 1.0)), unit="kg") == "0.0 (\u22121.0 to 1.0) kg"
