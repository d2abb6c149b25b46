"""What must not stand in one pool."""

import math

import pytest

from evidence.synthesis import NotPoolable, Reason, check, pool

from .bodies import body, effect

SOUND = effect(0.1, 0.1, study="sound")


def refusal(*effects):
    with pytest.raises(NotPoolable) as caught:
        check(effects)
    return caught.value.reason, str(caught.value)


def test_two_sound_studies_pass():
    check([SOUND, effect(0.2, 0.1)])


def test_fewer_than_two_studies_are_refused():
    assert refusal() == (Reason.TOO_FEW, "No study is left to pool.")
    assert refusal(SOUND) == (Reason.TOO_FEW, "A single study is left to pool.")


def test_retracted_study_is_refused():
    assert refusal(SOUND, effect(0.1, 0.1, is_retracted=True)) == (
        Reason.RETRACTED, "Study a was retracted.",
    )  # fmt: skip


def test_review_is_refused_beside_trials_and_beside_reviews():
    words = "Study a is a review: pooled with studies, it would count their people again."

    assert refusal(SOUND, effect(0.1, 0.1, is_synthesis=True)) == (Reason.REVIEW, words)
    assert refusal(effect(0.1, 0.1, is_synthesis=True), effect(0.1, 0.1, study="b", is_synthesis=True)) == (
        Reason.REVIEW, words,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("yi", "vi"),
    [(0.1, None), (None, None), (0.1, 0.0), (0.1, -1.0), (math.nan, 0.1), (0.1, math.inf), (0.1, 5e-324)],
)  # fmt: skip
def test_effect_that_cannot_be_weighted_is_refused(yi, vi):
    assert refusal(SOUND, effect(yi, vi)) == (
        Reason.NO_VARIANCE,
        "Study a gives no number with its uncertainty, so that it cannot be weighted.",
    )


def test_effect_of_zero_is_an_effect():
    check([SOUND, effect(0.0, 0.1)])


def test_measure_that_is_never_pooled_is_refused():
    assert refusal(*body((1.0, 0.1), (2.0, 0.1), measure="percent_change")) == (
        Reason.NEVER_POOLED, "Percentage change (Study 0) is a measure that is never pooled.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b"), [("rr", "or"), ("or", "hr"), ("smd", "md"), ("rr", "rd"), ("smd", "smcr")]
)
def test_different_measures_are_refused(a, b):
    reason, words = refusal(effect(0.1, 0.1, measure=a), effect(0.1, 0.1, study="b", measure=b))

    assert reason is Reason.MEASURES
    assert words.startswith("Different measures cannot be pooled: ")


def test_different_units_are_refused():
    assert refusal(SOUND, effect(0.1, 0.1, unit="km/h"), effect(0.1, 0.1, study="b", unit="")) == (
        Reason.UNITS, "Different units cannot be pooled: not stated; km/h; m/s.",
    )  # fmt: skip


def test_units_do_not_matter_to_a_measure_without_one():
    check([effect(0.1, 0.1, measure="smd", unit="m/s"), effect(0.1, 0.1, study="b", measure="smd", unit="s")])


def test_scores_of_different_instruments_are_refused():
    assert refusal(
        effect(1.0, 0.1, unit="points", instrument="Visual analogue scale"),
        effect(1.0, 0.1, study="b", unit="points", instrument="WOMAC"),
        effect(1.0, 0.1, study="c", unit="points"),
    ) == (
        Reason.INSTRUMENTS,
        "Scores of different instruments cannot be pooled: not stated; Visual analogue scale; WOMAC.",
    )


def test_scores_of_one_instrument_pass():
    check(body((1.0, 0.1), (1.1, 0.1), unit="points", instrument="WOMAC"))
    check(body((1.0, 0.1), (1.1, 0.1), unit="", instrument="WOMAC"))


def test_numbers_of_nobody_knows_what_are_refused():
    assert refusal(*body((1.0, 0.1), (1.1, 0.1), unit="")) == (
        Reason.UNITS, "Neither unit nor instrument is stated, so that numbers cannot be compared.",
    )  # fmt: skip


def test_change_within_a_group_beside_a_difference_between_groups_is_refused():
    assert refusal(SOUND, effect(1.0, 0.1, measure="change_md", comparator=None)) == (
        Reason.COMPARISONS,
        "Study a measured a change within one group; it cannot be pooled with differences between groups.",
    )


def test_changes_within_groups_pass_among_themselves():
    check(body((1.0, 0.1), (1.1, 0.1), measure="change_md", comparator=None))


def test_measures_that_compare_nothing_need_no_comparator():
    check(body((0.3, 0.1), (0.4, 0.1), measure="correlation", comparator=None))


def test_directions_that_contradict_each_other_are_refused():
    assert refusal(
        effect(0.1, 0.1, measure="smd", better="higher"),
        effect(0.1, 0.1, study="b", measure="smd", better="lower"),
    ) == (
        Reason.DIRECTIONS,
        "In some studies higher values are better and in others lower ones: the sign of one side has to be "
        "turned first.",
    )


def test_direction_that_depends_contradicts_nothing():
    check([effect(0.1, 0.1, better="higher"), effect(0.1, 0.1, study="b", better="depends")])


def test_several_results_of_one_study_are_refused():
    assert refusal(SOUND, effect(0.1, 0.1, key="4 weeks"), effect(0.2, 0.1, key="8 weeks")) == (
        Reason.SAME_PEOPLE, "Study a would be counted 2 times: choose one of its results.",
    )  # fmt: skip


def test_pool_refuses_what_the_check_refuses():
    with pytest.raises(NotPoolable, match="A single study"):
        pool([SOUND])


def test_every_reason_has_words():
    assert all(reason.words for reason in Reason)
