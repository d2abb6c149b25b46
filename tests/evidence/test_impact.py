import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.bodies import members
from evidence.impact import Watch, impact_of, impact_of_move, impact_of_result, impact_of_study
from evidence.models import Conclusion, Outcome, Result, Study
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.factories import ConclusionFactory, InterventionFactory, OutcomeFactory, PopulationFactory

pytestmark = pytest.mark.django_db


def in_short(impacts):
    return [(impact.conclusion.pk, impact.kinds) for impact in impacts]


def name(result):
    return f"{result.study.label}: {result.outcome.name}"


def test_changed_result_touches_the_conclusions_that_it_answers():
    conclusion, (result, *_) = a_body()
    a_body()
    result.estimate = 2.0
    result.ci_high = 3.0
    result.derive()

    impacts = impact_of_result(result)

    assert in_short(impacts) == [(conclusion.pk, [("Changed", (name(result),))])]
    assert Result.objects.get(pk=result.pk).estimate == 1.0
    assert Result.history.filter(id=result.pk).count() == 1


def test_note_about_a_result_touches_nothing():
    _, (result, *_) = a_body()
    result.place = "Table 9"

    assert impact_of_result(result) == []


def test_new_result_is_not_saved_and_does_not_believe_that_it_was():
    conclusion, (result, *_) = a_body()
    new = copy.copy(result)
    new.pk, new._state.adding, new.key = None, True, "later"

    impacts = impact_of_result(new)

    assert in_short(impacts) == [(conclusion.pk, [("New", (name(result),))])]
    assert (new.pk, new._state.adding, Result.objects.count()) == (None, True, 3)


@pytest.mark.parametrize(
    ("field", "before", "after", "kind"),
    [
        ("integrity", "ok", "retracted", "Retracted"),
        ("integrity", "retracted", "ok", "No longer retracted"),
        ("state", "published", "draft", "Gone"),
        ("state", "published", "retired", "Gone"),
        ("state", "draft", "published", "New"),
    ],
)
def test_study_touches_what_rests_on_it(field, before, after, kind):
    conclusion, (result, *_) = a_body()
    Study.objects.filter(pk=result.study_id).update(**{field: before})
    study = Study.objects.get(pk=result.study_id)
    setattr(study, field, after)

    assert in_short(impact_of_study(study)) == [(conclusion.pk, [(kind, (name(result),))])]
    assert getattr(Study.objects.get(pk=study.pk), field) == before


def test_impact_names_the_rating_that_holds():
    conclusion, (result, *_) = a_body()
    assessment = signed(conclusion)
    result.study.integrity = "retracted"

    (impact,) = impact_of_study(result.study)

    assert impact.assessment == assessment


def test_deleted_result_is_named_still():
    conclusion, (result, *_) = a_body()
    study = result.study_id

    impacts = impact_of(lambda: Result.objects.filter(pk=result.pk).delete(), studies=[study])

    assert in_short(impacts) == [(conclusion.pk, [("Gone", (name(result),))])]
    assert Result.objects.filter(pk=result.pk).exists()


def test_moved_node_touches_what_stands_above_its_old_and_its_new_place():
    top = OutcomeFactory(name="Movement")
    old, new = OutcomeFactory(name="Gait", parent=top), OutcomeFactory(name="Balance", parent=top)
    node = OutcomeFactory(name="Walking speed", parent=old)
    intervention = InterventionFactory()
    asked = {
        outcome.name: ConclusionFactory(outcome=outcome, intervention=intervention)
        for outcome in (top, old, new, node)
    }
    result = result_of(asked["Walking speed"])

    impacts = impact_of_move(node, parent=new)

    assert sorted((str(impact.conclusion.outcome), impact.kinds) for impact in impacts) == [
        ("Balance", [("New", (name(result),))]),
        ("Gait", [("Gone", (name(result),))]),
    ]
    assert Outcome.objects.get(pk=node.pk).parent == old


def test_node_that_moves_to_the_top_or_nowhere():
    parent = PopulationFactory()
    node = PopulationFactory(parent=parent)
    conclusion = ConclusionFactory(population=parent)
    result = result_of(conclusion, population=node)

    assert in_short(impact_of_move(node, parent=None)) == [(conclusion.pk, [("Gone", (name(result),))])]
    assert impact_of_move(node, parent=parent) == []
    assert impact_of_move(parent, parent=None) == []


def test_intervention_that_nobody_received_touches_nothing():
    node = InterventionFactory()
    conclusion = ConclusionFactory()

    assert impact_of_move(node, parent=conclusion.intervention) == []


def test_failing_change_leaves_nothing_behind():
    _, (result, *_) = a_body()

    def change():
        Result.objects.filter(pk=result.pk).update(estimate=9.0, ci_high=9.5)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        impact_of(change)

    assert Result.objects.get(pk=result.pk).estimate == 1.0


def test_number_of_queries_does_not_grow_with_conclusions():
    conclusion, (result, *_) = a_body()
    result.study.integrity = "retracted"

    def ask_one_more():
        other = ConclusionFactory(
            intervention=conclusion.intervention, outcome=conclusion.outcome, population=PopulationFactory()
        )
        result.sample.shares.create(population=other.population, share="all")
        signed(other, threshold="Half a standard deviation.")

    def look():
        with CaptureQueriesContext(connection) as queries:
            found = impact_of_study(result.study)
        return len(found), len(queries)

    ask_one_more()
    few, n_queries = look()
    for _ in range(5):
        ask_one_more()

    assert (few, look()) == (2, (7, n_queries))


def test_watch_says_the_same_as_two_looks_at_everything():
    conclusion, (result, *_) = a_body()
    before = members(Conclusion.objects.all())[conclusion.pk]
    watch = Watch()
    Study.objects.filter(pk=result.study_id).update(state="draft")
    after = members(Conclusion.objects.all())[conclusion.pk]

    (impact,) = watch.impacts()

    assert {member.result for member in before} - {member.result for member in after} == {result.pk}
    assert impact.gone == (name(result),)
