"""Effects from counts against published examples and hand arithmetic, with and without zero cells."""

import math

import pytest

from evidence.effects import Numbers, compute

from .numbers import close, outcome_of, rates, table

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


def test_proportion_is_analysed_as_log_odds():
    effect = compute("proportion", Numbers(arm_events=10, arm_n=50))

    assert outcome_of(effect) == close(math.log(0.25), 1 / 10 + 1 / 40, "counts")
    assert effect.estimate == pytest.approx(0.2, rel=1e-12)


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
