"""A whole body in one."""

from evidence.synthesis import Reason, Settings, pool, select, summarise

from .bodies import body, effect, published


def test_summary_holds_the_pool_of_what_was_kept():
    effects = [*published("bcg"), effect(0.1, 0.1, study="review", measure="rr", is_synthesis=True)]

    found = summarise(effects, Settings(level=90.0))

    assert found.selection == select(effects)
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
