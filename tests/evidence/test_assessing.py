import datetime
import random

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import assessing, weighing
from evidence.assessing import NotSigned, sign
from evidence.drift import Drift, drifts, touched_by
from evidence.models import AssessedResult, Assessment, PopulationShare, Result, Study
from tests.evidence.test_bodies import result_of
from tests.evidence.worlds import random_world
from tests.factories import (
    AppraisalFactory,
    AssessmentFactory,
    ConclusionFactory,
    OutcomeFactory,
    PopulationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 11, 23)


@pytest.fixture
def metres():
    return OutcomeFactory(unit="m/s")


def a_body(n=3, **fields):
    """A conclusion that `n` pooled trials answer."""
    conclusion = ConclusionFactory(outcome=OutcomeFactory(unit="m/s"), **fields)
    results = [result_of(conclusion, population=conclusion.population) for _ in range(n)]
    return conclusion, results


def signed(conclusion, **fields):
    draft = AssessmentFactory(conclusion=conclusion, **fields)
    return sign(assessment=draft, by=UserFactory(), at=AT)


def drift_of(assessment):
    return drifts([assessment], on=TODAY)[assessment.pk]


def test_sign_keeps_exactly_what_was_looked_at():
    conclusion, results = a_body()
    reader = UserFactory()

    assessment = sign(assessment=AssessmentFactory(conclusion=conclusion), by=reader, at=AT)

    assert (assessment.number, assessment.by, assessment.signed_at, assessment.certainty) == (
        1,
        reader,
        AT,
        "low",
    )
    assert assessment.sentence == (
        f"{conclusion.intervention.name} may increase {conclusion.outcome.name} slightly."
    )
    assert set(assessment.looked_at.values_list("result", "is_pooled", "is_direct")) == {
        (result.pk, True, True) for result in results
    }
    assert (assessment.pool["pooled"]["k"], assessment.pool["refusal"]) == (3, None)
    assert assessment.pool["pooled"]["estimate"] == "1"


def test_second_assessment_takes_over():
    conclusion, _ = a_body()
    first = signed(conclusion)
    second = signed(conclusion, imprecision=0, imprecision_reason="", sentence="")

    assert (first.number, second.number) == (1, 2)
    assert list(Assessment.objects.in_force()) == [second]
    assert second.certainty == "moderate"


def test_sign_without_any_result_is_refused():
    draft = AssessmentFactory()

    with pytest.raises(NotSigned, match="No result answers this conclusion"):
        sign(assessment=draft, by=UserFactory(), at=AT)

    draft.refresh_from_db()
    assert not draft.is_signed
    assert not AssessedResult.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"sentence": "Training improves gait."}, "claims more than low certainty allows"),
        ({"start": "low", "imprecision": 0, "imprecision_reason": ""}, "the studies start high"),
    ],
)
def test_sign_refuses_what_is_not_sound(fields, problem):
    conclusion, _ = a_body()

    with pytest.raises(NotSigned, match=problem):
        signed(conclusion, **fields)


def test_sign_asks_for_a_threshold_where_nothing_is_pooled():
    conclusion, _ = a_body(n=1)

    with pytest.raises(NotSigned, match="say against what the size was judged"):
        signed(conclusion)

    draft = conclusion.assessments.drafts().get()
    draft.threshold = "A difference of 0.1 m/s, which people notice (Perera 2006)."
    draft.save()
    assert sign(assessment=draft, by=UserFactory(), at=AT).is_signed


def test_sign_refuses_a_body_that_is_another_by_now():
    conclusion, _ = a_body()
    draft = AssessmentFactory(conclusion=conclusion)
    seen = weighing.body(conclusion).digest
    result_of(conclusion)

    with pytest.raises(NotSigned, match="The results changed while you were rating them"):
        sign(assessment=draft, by=UserFactory(), at=AT, seen=seen)

    assert sign(assessment=draft, by=UserFactory(), at=AT, seen=weighing.body(conclusion).digest).is_signed


def test_sign_twice_is_refused():
    conclusion, _ = a_body()
    assessment = signed(conclusion)

    with pytest.raises(NotSigned, match="signed already"):
        sign(assessment=assessment, by=UserFactory(), at=AT)


@pytest.mark.parametrize(
    "fields",
    [
        {"level": 4},
        {"risk_of_bias_reason": ""},
        {"imprecision": 4},
        {"size": "large", "direction": "neither"},
        {"size": "trivial or none", "direction": "increases"},
        {"differs": True},
    ],
)
def test_database_refuses_a_judgement_that_does_not_add_up(fields):
    assessment = AssessmentFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(**fields)


def test_drift_is_empty_right_after_signing():
    assessment = signed(a_body()[0])

    assert drift_of(assessment) == Drift()


def test_drift_names_a_new_result_and_its_study():
    conclusion, _ = a_body()
    assessment = signed(conclusion)

    new = result_of(conclusion)

    drift = drift_of(assessment)
    assert (drift.new, drift.new_studies, drift.is_empty) == ((new.pk,), (new.study_id,), False)


def test_drift_names_a_changed_number():
    conclusion, results = a_body()
    assessment = signed(conclusion)

    results[1].estimate = 0.9
    results[1].derive()
    results[1].save()

    assert drift_of(assessment) == Drift(changed=(results[1].pk,))


def test_drift_ignores_what_is_not_about_the_finding():
    conclusion, results = a_body()
    assessment = signed(conclusion)

    results[0].quote, results[0].position = "See table 2", 7
    results[0].save()

    assert drift_of(assessment).is_empty


def test_drift_names_a_retraction_once():
    conclusion, results = a_body()
    assessment = signed(conclusion)
    study = results[0].study

    study.integrity = "retracted"
    study.save()

    assert drift_of(assessment) == Drift(retracted=(results[0].pk,))
    assert drift_of(signed(conclusion)).is_empty


def test_drift_names_a_retraction_that_was_taken_back():
    conclusion, results = a_body()
    study = results[0].study
    study.integrity = "retracted"
    study.save()
    assessment = signed(conclusion)

    study.integrity = "ok"
    study.save()

    assert drift_of(assessment) == Drift(restored=(results[0].pk,))
    assert drift_of(assessment).says == "1 no longer retracted"


@pytest.mark.parametrize("how", ["deleted", "unpublished", "moved", "excluded"])
def test_drift_names_a_result_that_is_gone(how):
    conclusion, results = a_body()
    assessment = signed(conclusion)
    result, key = results[2], results[2].pk

    if how == "deleted":
        result.delete()
    elif how == "unpublished":
        result.study.state = "draft"
        result.study.save()
    elif how == "moved":
        result.outcome = OutcomeFactory()
        result.save()
    else:
        conclusion.exclusions.create(study=result.study, reason="Counted elsewhere.")

    assert drift_of(assessment) == Drift(gone=(key,))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_nothing_drifts_from_what_was_just_signed_until_a_result_comes_in(seed):
    chance, world = random.Random(seed), random_world(seed, n_studies=8)
    populations = [None, *(node for nodes in world.populations.values() for node in nodes)]
    asked = {
        (chance.choice(world.interventions), chance.choice(world.outcomes), chance.choice(populations))
        for _ in range(8)
    }
    assessments = []
    for intervention, outcome, population in asked:
        conclusion = ConclusionFactory(
            intervention=intervention,
            outcome=outcome,
            population=population,
            takes_part_samples=population is not None and chance.random() < 0.5,
        )
        left_out = chance.choice(Study.objects.order_by("pk"))
        conclusion.exclusions.create(study=left_out, reason="Counted elsewhere.")
        if weighing.body(conclusion).results:
            assessments.append(
                signed(conclusion, start_reason="Studies of both kinds.", threshold="One unit.")
            )

    assert [found for found in drifts(assessments, on=TODAY).values() if not found.is_empty] == []

    for assessment in assessments:
        conclusion = assessment.conclusion
        new = result_of(conclusion, population=conclusion.population)
        assert new.pk in drift_of(assessment).new


def test_drift_is_overdue_by_date_alone():
    conclusion, _ = a_body()
    assessment = signed(conclusion, next_due=TODAY)

    assert not drift_of(assessment).is_overdue
    later = drifts([assessment], on=TODAY + datetime.timedelta(days=1))[assessment.pk]
    assert (later.is_overdue, later.is_empty) == (True, True)


def test_drift_takes_as_many_queries_for_many_as_for_one():
    from django.test.utils import CaptureQueriesContext

    assessments = [signed(a_body()[0]) for _ in range(4)]

    counts = []
    for some in (assessments[:1], assessments):
        with CaptureQueriesContext(connection) as queries:
            drifts(some, on=TODAY)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_touched_by_names_the_conclusions_of_a_result():
    older = PopulationFactory()
    conclusion, results = a_body(population=older)
    everybody = ConclusionFactory(intervention=conclusion.intervention, outcome=conclusion.outcome)
    a_body()

    assert set(touched_by([results[0].pk])) == {conclusion, everybody}
    assert touched_by([]) == []


def test_body_counts_people_once_and_reviews_never():
    conclusion, results = a_body()
    review = result_of(conclusion, design="meta-analysis", n_enrolled=9000)
    twice = Result.objects.get(pk=results[0].pk)
    twice.pk, twice.key = None, "again"
    twice.save()

    body = weighing.body(conclusion)

    assert review in body.results
    assert (body.n_studies, len(body.results), body.n_people) == (4, 5, 120)
    assert body.start == "high"
    assert body.summary.pool.k == 3


def test_body_gives_the_numbers_that_suggestions_need():
    older = PopulationFactory()
    conclusion, results = a_body(population=older, takes_part_samples=True)
    PopulationShare.objects.filter(sample=results[0].sample).update(share="part")
    AppraisalFactory(study=results[1].study, judgement="high")

    numbers = weighing.body(conclusion).numbers

    assert numbers.weight_partly_in_population == pytest.approx(1 / 3)
    assert numbers.weight_high_risk == pytest.approx(1 / 3)
    assert numbers.weight_not_appraised == pytest.approx(2 / 3)
    assert (numbers.n_studies, numbers.n_people) == (3, 120)
    assert numbers.low < 1 < numbers.high


def test_own_appraisal_of_a_result_counts_before_that_of_its_study():
    conclusion, results = a_body(n=2)
    AppraisalFactory(study=results[0].study, judgement="high")
    AppraisalFactory(study=results[0].study, result=results[0], judgement="low")

    assert weighing.body(conclusion).levels == {results[0].pk: "low"}


def test_flaws_are_those_of_the_sentence_that_will_be_shown():
    draft = AssessmentFactory(sentence="It helps.")

    assert [flaw.words for flaw in assessing.flaws(draft)] == ["helps"]
