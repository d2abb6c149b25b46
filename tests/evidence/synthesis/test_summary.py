"""A whole body in one."""

from evidence import effects
from evidence.synthesis import Reason, Settings, pool, select, summarise

from .bodies import body, effect, published


def test_summary_holds_the_pool_of_what_was_kept():
    everything = [*published("bcg"), effect(0.1, 0.1, study="review", measure="rr", is_synthesis=True)]

    found = summarise(everything, Settings(level=90.0))

    assert found.selection == select(everything)
    assert found.pool == pool(published("bcg"), Settings(level=90.0))
    assert found.refusal is None


def test_summary_of_studies_without_variance_says_so():
    found = summarise(body((0.1, None), (0.2, None), (None, None)))

    assert found.pool is None
    assert found.refusal.reason is Reason.NO_VARIANCE
    assert str(found.refusal) == (
        "No study is left to pool. Left out: 3 studies (no number with its uncertainty)."
    )


def test_summary_of_one_trial_and_its_review_says_so():
    found = summarise([effect(0.1, 0.1), effect(0.2, 0.1, study="b", is_synthesis=True)])

    assert found.refusal.reason is Reason.REVIEW
    assert str(found.refusal) == (
        "A single study is left to pool. Left out: 1 study (a review, which counts people of other studies "
        "again)."
    )


def test_summary_with_several_reasons_names_them_all():
    found = summarise([effect(0.1, 0.1, is_retracted=True), effect(0.2, None, study="b")])

    assert found.refusal.reason is Reason.TOO_FEW
    assert str(found.refusal) == (
        "No study is left to pool. Left out: 1 study (retracted); 1 study (no number with its uncertainty)."
    )


def test_summary_of_nothing_and_of_one_study_has_nothing_to_explain():
    assert str(summarise([]).refusal) == "No study is left to pool."
    assert str(summarise([effect(0.1, 0.1)]).refusal) == "A single study is left to pool."


def test_summary_of_different_measures_refuses_for_that():
    found = summarise(
        [effect(0.1, 0.1), effect(0.2, 0.1, study="b", measure="smd"), effect(0.2, None, study="c")]
    )

    assert found.refusal.reason is Reason.MEASURES


def test_summary_without_a_study_keeps_what_was_chosen_of_the_others():
    first = effect(0.1, 0.1, study="a", measure="rr")
    second = effect(0.2, 0.2, study="b", measure="rr")
    either = [effect(0.3, 0.1, study="c", key=measure, measure=measure) for measure in ("rr", "smd")]
    other = effect(0.4, 0.1, study="d", measure="smd")

    found = summarise([first, second, *either, other], without={"a", "not here"}, group="risk ratio")

    # Without the first, most studies would have been in the other measure.
    assert found.selection.kept == (second, either[0])
    assert [(dropped.effect.key, dropped.reason) for dropped in found.selection.dropped] == [
        (either[1].key, Reason.MEASURES),
        (other.key, Reason.MEASURES),
        (first.key, Reason.LEFT_OUT),
    ]
    assert found.pool == pool([second, either[0]])


def test_summary_without_a_study_of_combined_arms_drops_each_arm():
    numbers = effects.Numbers(
        arm_n=10, arm_mean=1.0, arm_sd=1.0, comparator_n=10, comparator_mean=0.5, comparator_sd=1.0
    )
    arms = [
        effect(
            *(0.5, 0.2),
            key=key,
            comparator="control",
            arms=frozenset({key}),
            numbers=numbers,
            derivation="means_and_sds",
        )
        for key in ("light", "heavy")
    ]
    others = [effect(0.1, 0.1, study=study) for study in "bc"]

    found = summarise([*arms, *others], without={"a"})

    assert found.selection.kept == tuple(others)
    assert found.selection.combined == ()
    assert {dropped.effect.key for dropped in found.selection.dropped} == {"light", "heavy"}


def test_summary_of_nothing_but_what_was_left_out_says_so():
    found = summarise(body((0.1, 0.1), (0.2, 0.1)), without={"0", "1"})

    assert found.refusal.reason is Reason.LEFT_OUT
    assert str(found.refusal) == "No study is left to pool. Left out: 2 studies (left out by choice)."
