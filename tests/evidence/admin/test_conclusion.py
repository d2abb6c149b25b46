import datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from evidence.models import Assessment, Conclusion, Exclusion, Study
from tests.evidence.admin.forms import errors, filled
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.factories import (
    AssessmentFactory,
    ConclusionFactory,
    ExclusionFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:evidence_conclusion_changelist")
ADD = reverse("admin:evidence_conclusion_add")
DAY = datetime.timedelta(days=1)


def change(conclusion):
    return reverse("admin:evidence_conclusion_change", args=[conclusion.pk])


def listed(response):
    return {conclusion.pk for conclusion in response.context["cl"].result_list}


@pytest.fixture
def world():
    """Conclusions that are as they were assessed, drifted, overdue, and never assessed."""
    today = timezone.localdate()
    same, moved, late, never = (a_body()[0] for _ in range(4))
    signed(same, next_due=today)
    signed(moved, next_due=today + DAY, imprecision=0, imprecision_reason="")
    signed(late, next_due=today - DAY)
    result_of(moved)
    return {"same": same.pk, "moved": moved.pk, "late": late.pk, "never": never.pk}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"same", "moved", "late", "never"}),
        ({"drift": "yes"}, {"moved"}),
        ({"drift": "no"}, {"same", "late"}),
        ({"due": "overdue"}, {"late"}),
        ({"due": "later"}, {"same", "moved"}),
        ({"certainty": "none"}, {"never"}),
        ({"certainty": "3"}, {"moved"}),
        ({"certainty": "2"}, {"same", "late"}),
        ({"certainty": "x"}, {"same", "moved", "late", "never"}),
        ({"drift": "x", "due": "\x00", "intervention": "9" * 40}, {"same", "moved", "late", "never"}),
        ({"drift": "yes", "due": "overdue"}, set()),
    ],
)
def test_list_is_filtered_by_how_the_rating_stands(query, expected, world, editor):
    assert listed(editor.get(LIST, query)) == {world[name] for name in expected}


def test_list_is_filtered_by_a_branch_of_interventions(editor):
    root = InterventionFactory()
    inside = ConclusionFactory(intervention=InterventionFactory(parent=root))
    ConclusionFactory()

    assert listed(editor.get(LIST, {"intervention": root.pk})) == {inside.pk}


def test_list_says_what_is_asked_and_how_it_stands(world, editor):
    page = editor.get(LIST, {"drift": "yes"}).content.decode()

    assert "<strong>1</strong> (1 new)" in page
    assert "Moderate" in page
    assert '<strong class="late">overdue</strong>' in editor.get(LIST, {"due": "overdue"}).content.decode()


def test_list_takes_as_many_queries_for_many_bodies(editor, django_assert_num_queries):
    def some(n):
        for _ in range(n):
            conclusion, _ = a_body(n=2, population=PopulationFactory())
            signed(conclusion)
            result_of(conclusion, population=conclusion.population)

    some(2)
    editor.get(LIST)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        editor.get(LIST)
    some(5)
    with django_assert_num_queries(len(few)):
        response = editor.get(LIST)

    assert [conclusion.moved.n_results for conclusion in response.context["cl"].result_list] == [1] * 7


def test_slug_is_made_from_the_terms(editor):
    outcome, intervention = OutcomeFactory(slug="gait-speed"), InterventionFactory(slug="ankle-weights")
    for _ in ("first", "everybody asked twice"):
        data = filled(editor.get(ADD), outcome=outcome.pk, intervention=intervention.pk)
        response = editor.post(ADD, data)

    assert errors(response) == {"__all__": ["This question is asked already, for everybody."]}
    assert [conclusion.slug for conclusion in Conclusion.objects.all()] == ["ankle-weights-gait-speed"]


def test_two_questions_on_the_same_terms_have_two_slugs(editor):
    taken = ConclusionFactory(outcome__slug="sleep", intervention__slug="zinc", slug="zinc-sleep")
    data = filled(
        editor.get(ADD), outcome=taken.outcome_id, intervention=taken.intervention_id, comparator="none"
    )

    editor.post(ADD, data)

    assert set(Conclusion.objects.values_list("slug", flat=True)) == {"zinc-sleep", "zinc-sleep-2"}


def test_exclusion_is_added_with_its_reason(editor):
    conclusion, (result, *_) = a_body()
    data = filled(editor.get(change(conclusion)))
    data |= {"exclusions-TOTAL_FORMS": "1", "exclusions-0-study": result.study_id, "exclusions-0-id": ""}
    data |= {"exclusions-0-conclusion": conclusion.pk, "exclusions-0-result": "", "exclusions-0-reason": ""}

    refused = editor.post(change(conclusion), data)
    saved = editor.post(change(conclusion), data | {"exclusions-0-reason": "The same people as Miller."})

    assert errors(refused) == {"exclusions-0-reason": ["This field is required."]}
    assert saved.status_code == 302
    assert Exclusion.objects.get().study == result.study


def test_result_of_another_study_is_not_excluded_with_a_study(editor):
    exclusion = ExclusionFactory()
    other = result_of(exclusion.conclusion)
    data = filled(editor.get(change(exclusion.conclusion)), **{"exclusions-0-result": str(other.pk)})

    response = editor.post(change(exclusion.conclusion), data)

    assert errors(response) == {"exclusions-0-result": ["This result belongs to another study."]}


def test_question_stays_once_it_was_assessed(editor):
    conclusion, _ = a_body()
    before = editor.get(change(conclusion))
    signed(conclusion)
    other = OutcomeFactory()

    after = editor.get(change(conclusion))
    editor.post(change(conclusion), filled(before, outcome=other.pk, versus="rest"))
    conclusion.refresh_from_db()

    assert "outcome" in before.context["adminform"].form.fields
    assert "outcome" not in after.context["adminform"].form.fields
    assert (conclusion.versus, conclusion.outcome == other) == ("rest", False)


def test_form_shows_the_body_the_drift_and_the_history(editor):
    conclusion, (kept, changed, retracted) = a_body()
    assessment = signed(conclusion)
    AssessmentFactory(conclusion=conclusion, by=UserFactory(username="wombat"))
    new = result_of(conclusion)
    changed.unit = "km/h"
    changed.save()
    Study.objects.filter(pk=retracted.study_id).update(integrity="retracted")
    Study.objects.filter(pk=kept.study_id).update(state="draft")

    response = editor.get(change(conclusion))

    moved = [(kind, [label for label, _ in results]) for kind, _, results in response.context["moved"]]
    name = f"{{}}: {conclusion.outcome.name}".format
    assert moved == [
        ("New", [name(new.study.label)]),
        ("Changed", [name(changed.study.label)]),
        ("Retracted", [name(retracted.study.label)]),
        ("Gone", [name(kept.study.label)]),
    ]
    page = response.content.decode()
    assert "4 results moved" in page
    assert f"Assessment {assessment.number}" in page
    assert "A draft by wombat is at hand." in page
    assert "Go on with the draft" in page


def test_conclusion_that_was_assessed_is_not_deleted(editor):
    conclusion, _ = a_body()
    signed(conclusion)

    response = editor.post(reverse("admin:evidence_conclusion_delete", args=[conclusion.pk]), {"post": "yes"})

    assert response.status_code == 200
    assert (Conclusion.objects.count(), Assessment.objects.count()) == (1, 1)


def test_who_may_only_look_finds_no_way_to_assess(client):
    conclusion, _ = a_body()
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_conclusion"))
    client.force_login(reader)

    page = client.get(change(conclusion)).content.decode()

    assert "The body today" in page
    assert "/assess/" not in page
    assert client.post(change(conclusion), {"versus": "rest"}).status_code == 403
