"""Input that cannot be true, and input that should be looked at again."""

import math

import pytest

from evidence.effects import ImpossibleInput, Numbers, cautions, check, compute

from .numbers import rates, reported, table, two_arms


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
