"""What a process knows of drift is what is computed anew, whatever was written meanwhile."""

import datetime
import random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import changes, drift_index
from evidence.assessing import sign
from evidence.bodies import members
from evidence.drift import drifted, drifts, in_force, known, named
from evidence.drift_index import Index
from evidence.models import (
    Arm,
    Assessment,
    Conclusion,
    Exclusion,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Result,
    Sample,
    Stamp,
    Study,
)
from evidence.trees import Tree
from tests import factories
from tests.evidence.test_bodies import result_of
from tests.evidence.worlds import random_world

AT = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 11, 23)


def signed(conclusion):
    draft = factories.AssessmentFactory(conclusion=conclusion, start_reason="Of both kinds.", threshold="1.")
    return sign(assessment=draft, by=factories.UserFactory(), at=AT)


# Everything that may be written


def one(chance, model, **fields):
    return chance.choice(list(model.objects.filter(**fields).order_by("pk")))


def new_result(chance):
    like = one(chance, Result)
    factories.ResultFactory(
        study=like.study, sample=like.sample, arm=like.arm, comparator=None, outcome=one(chance, Outcome)
    )


def new_study(chance):
    result_of(one(chance, Conclusion))


def changed_number(chance):
    Result.objects.filter(pk=one(chance, Result).pk).update(yi=chance.random())


def other_outcome(chance):
    Result.objects.filter(pk=one(chance, Result).pk).update(outcome=one(chance, Outcome))


def other_study(chance):
    Result.objects.filter(pk=one(chance, Result).pk).update(
        study=one(chance, Study), key=f"k{chance.random()}"
    )


def deleted_result(chance):
    one(chance, Result).delete()


def deleted_study(chance):
    study = one(chance, Study)
    # A result that went to another study still has the sample and the arms that it had.
    for whose in ("study", "sample__study", "arm__study", "comparator__study"):
        Result.objects.filter(**{whose: study}).delete()
    study.delete()


def integrity(chance):
    Study.objects.filter(pk=one(chance, Study).pk).update(integrity=chance.choice(["ok", "retracted"]))


def state(chance):
    Study.objects.filter(pk=one(chance, Study).pk).update(state=chance.choice(["draft", "published"]))


def moved_node(chance):
    model = chance.choice([Population, Intervention, Outcome])
    node = one(chance, model)
    elsewhere = set(model.objects.values_list("pk", flat=True)) - Tree.of(model).branch([node.pk])
    model.objects.filter(pk=node.pk).update(parent=chance.choice([None, *sorted(elsewhere)]))


def other_axis(chance):
    Population.objects.filter(pk=one(chance, Population).pk).update(axis=chance.choice(["age", "sex"]))


def share(chance):
    wanted = one(chance, PopulationShare)
    PopulationShare.objects.filter(pk=wanted.pk).update(share=chance.choice(["all", "part", "excluded"]))


def no_share(chance):
    one(chance, PopulationShare).delete()


def other_interventions(chance):
    arm = one(chance, Arm)
    arm.interventions.set(Intervention.objects.order_by("pk")[: chance.randrange(3)])


def other_parent(chance):
    sample = one(chance, Sample, parent__isnull=False)
    parent = one(chance, Sample, study=sample.study)
    Sample.objects.filter(pk=sample.pk).exclude(pk=parent.pk).update(parent=parent)


def exclusion(chance):
    result = one(chance, Result)
    Exclusion.objects.get_or_create(
        conclusion=one(chance, Conclusion), study=result.study, result=chance.choice([None, result])
    )


def no_exclusion(chance):
    Exclusion.objects.all().delete()


def new_assessment(chance):
    conclusions = list(Conclusion.objects.order_by("pk"))
    bodies = members(conclusions)
    answered = [conclusion for conclusion in conclusions if bodies[conclusion.pk]]
    if answered:
        signed(chance.choice(answered))


def new_conclusion(chance):
    factories.ConclusionFactory(outcome=one(chance, Outcome))


def part_samples(chance):
    wanted = one(chance, Conclusion, population__isnull=False)
    Conclusion.objects.filter(pk=wanted.pk).update(takes_part_samples=chance.random() < 0.5)


def other_slug(chance):
    Conclusion.objects.filter(pk=one(chance, Conclusion).pk).update(slug=f"another-{chance.randrange(2**32)}")


WAYS = [
    new_result,
    new_study,
    changed_number,
    other_outcome,
    other_study,
    deleted_result,
    deleted_study,
    integrity,
    state,
    moved_node,
    other_axis,
    share,
    no_share,
    other_interventions,
    other_parent,
    exclusion,
    no_exclusion,
    new_assessment,
    new_conclusion,
    part_samples,
    other_slug,
]


@pytest.fixture
def base(db):
    """The index of a random world with assessed conclusions; that of one, by now replaced, was asked for."""
    random_world(5)
    chance = random.Random(5)
    everyone = [None, *Population.objects.order_by("pk")]
    conclusions = {}
    for _ in range(60):
        asked = (chance.choice(everyone), one(chance, Intervention), one(chance, Outcome))
        if asked not in conclusions:
            fields = dict(zip(("population", "intervention", "outcome"), asked, strict=True))
            part = asked[0] is not None and chance.random() < 0.5
            conclusions[asked] = factories.ConclusionFactory(**fields, takes_part_samples=part)
    bodies = members(conclusions.values())
    answered = [conclusion for conclusion in conclusions.values() if bodies[conclusion.pk]]
    replaced, *_ = [signed(conclusion) for conclusion in answered[:12]]
    result_of(replaced.conclusion)
    signed(replaced.conclusion)
    index = Index.read(changes.now()).asking(pks=[replaced.pk])
    assert len(index.assessments.rows) > 6
    return index


def agrees(index):
    """That it says what is computed anew, of everything that it is to know."""
    assert set(index.assessments.in_force) == set(Assessment.objects.in_force().values_list("pk", flat=True))
    rows = list(Assessment.objects.filter(pk__in=index.assessments.rows).select_related("conclusion"))
    anew, says = drifts(rows, on=TODAY), known(rows, on=TODAY, index=index)
    assert says == anew
    for pk, moved in says.items():
        assert moved.studies.keys() == {result for results in moved.kinds.values() for result in results}
        assert moved.studies.items() <= anew[pk].studies.items()
        assert moved.digest == anew[pk].digest
    assert index.assessments.by_name.keys() == {(row.conclusion.slug, row.number) for row in rows}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(st.lists(st.sampled_from(WAYS), min_size=2, max_size=5), min_size=2, max_size=2),
    seed=st.integers(0, 2**16),
)
def test_what_is_caught_up_is_what_is_computed_anew(base, rounds, seed):
    chance, index = random.Random(seed), base
    with transaction.atomic():
        for ways in rounds:
            for way in ways:
                way(chance)
            index = index.caught_up(changes.now())
            agrees(index)
        transaction.set_rollback(True)


@pytest.mark.parametrize("n", [1, 8])
def test_catching_up_takes_as_many_queries_for_many_as_for_one(db, n):
    conclusions = [factories.ConclusionFactory() for _ in range(n)]
    for conclusion in conclusions:
        result_of(conclusion)
        signed(conclusion)
    index = Index.read(changes.now())
    new = [result_of(conclusion) for conclusion in conclusions]
    Outcome.objects.filter(pk=conclusions[0].outcome_id).update(parent=factories.OutcomeFactory())
    moment = changes.now()

    with CaptureQueriesContext(connection) as queries:
        index = index.caught_up(moment)

    assert {moved.result for pk in index.assessments.in_force for moved in index.of(pk)} == {
        result.pk for result in new
    }
    # One asks what changed, three for the terms; eleven find what became of the results.
    assert len(queries) == 15


@pytest.mark.parametrize(
    "undo",
    [
        lambda new: new.delete(),
        lambda new: Result.objects.filter(pk=new.pk).update(outcome=factories.OutcomeFactory()),
    ],
)
def test_a_new_result_that_goes_again_moves_nothing(base, undo):
    assessment = Assessment.objects.in_force().order_by("pk").first()
    new = result_of(assessment.conclusion, population=assessment.conclusion.population)
    index = base.caught_up(changes.now())
    assert [moved.how for moved in index.of(assessment.pk) if moved.result == new.pk] == [("new",)]

    undo(new)

    agrees(index.caught_up(changes.now()))


@pytest.mark.parametrize("limit", ["MOST_CHANGES", "MOST_CONCLUSIONS", "MOST_RESULTS"])
def test_many_changes_are_caught_up_with_as_few_are(base, monkeypatch, limit):
    chance = random.Random(1)
    for _ in range(3):
        for way in (new_result, new_study, deleted_result, exclusion, moved_node):
            way(chance)
    monkeypatch.setattr(drift_index, limit, 4)

    agrees(base.caught_up(changes.now()))


def test_a_new_epoch_reads_everything_anew(base):
    changes.lift(using="default")
    changed_number(random.Random(1))
    changes.enforce(using="default")

    agrees(base.caught_up(changes.now()))


# The index of the process


@pytest.fixture
def assessment(transactional_db):
    """A signed one on one result, known to this process."""
    conclusion = factories.ConclusionFactory()
    result_of(conclusion)
    made = signed(conclusion)
    assert drifted(on=TODAY) == {}
    return made


def test_every_reader_sees_what_was_committed(assessment, django_assert_num_queries):
    result = result_of(assessment.conclusion)
    name = (assessment.conclusion.slug, 1)

    assert drifted(on=TODAY)[assessment.conclusion_id][1].new == (result.pk,)
    assert in_force(on=TODAY)[assessment.conclusion_id][1].says == "1 new"
    with django_assert_num_queries(1):
        assert known([assessment], on=TODAY)[assessment.pk].says == "1 new"
    with django_assert_num_queries(1):
        assert named([name], on=TODAY)[name].drift.says == "1 new"
    assert not known([assessment], on=assessment.next_due)[assessment.pk].is_overdue
    late = assessment.next_due + datetime.timedelta(days=1)
    assert known([assessment], on=late)[assessment.pk].is_overdue


def test_what_is_taken_back_is_never_known_to_others(assessment):
    with transaction.atomic():
        result_of(assessment.conclusion)
        assert [drift.says for _, drift in drifted(on=TODAY).values()] == ["1 new"]
        assert known([assessment], on=TODAY)[assessment.pk].says == "1 new"
        transaction.set_rollback(True)

    assert drifted(on=TODAY) == {}
    # The numbers of what was taken back are given again.
    result_of(assessment.conclusion, state="draft")
    assert drifted(on=TODAY) == {}


def test_replaced_assessments_are_known_once_somebody_asks(assessment, django_assert_num_queries):
    slug = assessment.conclusion.slug
    result_of(assessment.conclusion)
    signed(assessment.conclusion)
    names = [(slug, 1), (slug, 2), (slug, 3)]

    found = named(names, on=TODAY)

    assert {name: (one.drift.says, one.is_renewed) for name, one in found.items()} == {
        (slug, 1): ("1 new", True),
        (slug, 2): ("", False),
    }
    with django_assert_num_queries(1):
        assert named(names, on=TODAY) == found
    signed(assessment.conclusion)
    assert list(named(names, on=TODAY)) == names


def test_a_database_that_was_put_back_is_read_anew(assessment):
    moment = changes.now()
    result_of(assessment.conclusion)
    assert len(drifted(on=TODAY)) == 1

    Stamp.objects.update(version=moment.version)
    Study.objects.filter(pk__gt=assessment.looked_at.get().study_id).update(state="draft")
    Stamp.objects.update(version=moment.version)

    assert drifted(on=TODAY) == {}
