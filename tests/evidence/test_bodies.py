import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.bodies import SAID, Trees, digest_of, members
from evidence.models import Arm, ComparatorClass, Conclusion, Result
from tests.evidence.worlds import random_world
from tests.factories import (
    ArmFactory,
    ConclusionFactory,
    ExclusionFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def result_of(conclusion, *, role=Arm.Role.USUAL_CARE, share="all", population=None, **study):
    """A result that answers `conclusion`, in a study of its own."""
    study = StudyFactory(**study)
    sample = SampleFactory(study=study)
    if population is not None:
        PopulationShareFactory(sample=sample, population=population, share=share)
    arm = ArmFactory(study=study, interventions=[conclusion.intervention])
    comparator = ArmFactory(study=study, role=role)
    return ResultFactory(
        study=study, sample=sample, arm=arm, comparator=comparator, outcome=conclusion.outcome
    )


def found(conclusion):
    """The primary keys of the body, the same both ways."""
    trees = Trees.read()
    asked = set(Result.objects.answering(conclusion, trees).values_list("pk", flat=True))
    assert {member.result for member in members([conclusion])[conclusion.pk]} == asked
    return asked


def test_body_holds_results_of_all_descendants():
    outcome, intervention = OutcomeFactory(), InterventionFactory()
    conclusion = ConclusionFactory(outcome=outcome, intervention=intervention)
    narrow = ConclusionFactory(
        outcome=OutcomeFactory(parent=outcome), intervention=InterventionFactory(parent=intervention)
    )
    wide, deep = result_of(conclusion), result_of(narrow)
    result_of(ConclusionFactory())

    assert found(conclusion) == {wide.pk, deep.pk}
    assert found(narrow) == {deep.pk}


def test_body_needs_the_population_of_the_same_result():
    older = PopulationFactory()
    conclusion = ConclusionFactory(population=older)
    inside = result_of(conclusion, population=older)
    result_of(conclusion, population=PopulationFactory())
    result_of(conclusion, population=older, share="excluded")
    part = result_of(conclusion, population=older, share="part")

    assert found(conclusion) == {inside.pk}

    conclusion.takes_part_samples = True
    conclusion.save()

    assert found(conclusion) == {inside.pk, part.pk}
    assert {member.result: member.is_direct for member in members([conclusion])[conclusion.pk]} == {
        inside.pk: True,
        part.pk: False,
    }


@pytest.mark.parametrize(
    ("comparator", "roles"),
    [
        (ComparatorClass.ANY, set(Arm.Role)),
        (ComparatorClass.SHAM, {Arm.Role.SHAM}),
        (ComparatorClass.NONE, {Arm.Role.NO_TREATMENT}),
        (
            ComparatorClass.INACTIVE,
            {
                Arm.Role.SHAM,
                Arm.Role.ATTENTION,
                Arm.Role.USUAL_CARE,
                Arm.Role.WAIT_LIST,
                Arm.Role.NO_TREATMENT,
            },
        ),
        (ComparatorClass.OWN_BASELINE, {Arm.Role.OWN_BASELINE}),
    ],
)
def test_body_needs_a_comparator_of_its_class(comparator, roles):
    conclusion = ConclusionFactory(comparator=comparator)
    results = {role: result_of(conclusion, role=role) for role in Arm.Role}

    assert found(conclusion) == {results[role].pk for role in roles}


def test_change_within_one_group_is_compared_with_its_own_baseline():
    conclusion = ConclusionFactory(comparator=ComparatorClass.OWN_BASELINE)
    result = result_of(conclusion)
    result.comparator = None
    result.save()

    assert found(conclusion) == {result.pk}


def test_body_leaves_out_what_is_not_public_or_has_no_result():
    conclusion = ConclusionFactory()
    result_of(conclusion, state="draft")
    result_of(conclusion, state="retired")
    planned = result_of(conclusion)
    planned.state = Result.State.PLANNED
    planned.save()

    assert found(conclusion) == set()


def test_body_keeps_a_retracted_study_marked():
    conclusion = ConclusionFactory()
    result = result_of(conclusion, integrity="retracted")

    assert found(conclusion) == {result.pk}
    assert members([conclusion])[conclusion.pk][0].is_retracted


def test_exclusions_leave_out_a_study_or_one_result():
    conclusion, other = ConclusionFactory(), ConclusionFactory()
    first, second, third = (result_of(conclusion) for _ in range(3))
    more = ResultFactory(study=second.study, sample=second.sample, arm=second.arm, outcome=conclusion.outcome)
    ExclusionFactory(conclusion=conclusion, study=first.study)
    ExclusionFactory(conclusion=conclusion, study=second.study, result=second)
    ExclusionFactory(conclusion=other, study=third.study)

    assert found(conclusion) == {more.pk, third.pk}


@pytest.mark.parametrize("seed", range(12))
def test_members_are_what_the_database_finds(seed):
    world, chance = random_world(seed), random.Random(seed)
    populations = [None, *(node for nodes in world.populations.values() for node in nodes)]
    wanted = []
    for _ in range(12):
        population = chance.choice(populations)
        asked = {
            "population": population,
            "intervention": chance.choice(world.interventions),
            "comparator": chance.choice(["any", "any", "own baseline", "usual care"]),
            "outcome": chance.choice(world.outcomes),
        }
        if not Conclusion.objects.filter(**asked).exists():
            part = population is not None and chance.random() < 0.5
            wanted.append(ConclusionFactory(**asked, takes_part_samples=part))
    one_of_each = {result.study_id: result for result in Result.objects.order_by("pk")}
    for result in one_of_each.values():
        ExclusionFactory(
            conclusion=chance.choice(wanted), study=result.study, result=chance.choice([None, result])
        )

    bodies = members(wanted)

    trees = Trees.read()
    assert {pk: [member.result for member in body] for pk, body in bodies.items()} == {
        conclusion.pk: sorted(Result.objects.answering(conclusion, trees).values_list("pk", flat=True))
        for conclusion in wanted
    }


def test_members_take_as_many_queries_for_many_as_for_one():
    older = PopulationFactory()
    conclusions = [ConclusionFactory(population=older) for _ in range(8)]
    for conclusion in conclusions:
        for _ in range(3):
            result_of(conclusion, population=older)

    counts = []
    for wanted in (conclusions[:1], conclusions):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bodies = members(wanted)
        assert all(len(body) == 3 for body in bodies.values())
        counts.append(len(queries))

    assert counts == [8, 8]


def test_members_of_no_conclusion_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert members([]) == {}


def test_digest_changes_with_everything_that_a_result_says():
    result = ResultFactory(weeks=4, finding="Faster.")
    before = digest_of(result)

    for name, value in {
        "yi": 1.5,
        "vi": 0.2,
        "finding": "Slower.",
        "weeks": 0,
        "paired": True,
        "estimate": 0,
    }.items():
        changed = Result.objects.get(pk=result.pk)
        setattr(changed, name, value)
        assert digest_of(changed) != before, name


def test_digest_is_the_same_from_the_row_as_from_the_object():
    conclusion = ConclusionFactory()
    result = result_of(conclusion)
    result.refresh_from_db()

    assert members([conclusion])[conclusion.pk][0].digest == digest_of(result)


def test_digest_does_not_hang_on_where_a_result_stands_or_was_read():
    assert not {"position", "place", "quote", "report_id", "key", "study_id", "is_primary"} & set(SAID)
