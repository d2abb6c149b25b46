import datetime

import pytest
from django.urls import reverse

from evidence.admin.impact import BACK, CONFIRMED
from evidence.models import Conclusion, Intervention, Outcome, Population, Result, Study, Touch
from tests.evidence.admin.forms import errors, filled, said
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.factories import (
    ConclusionFactory,
    EditionFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    ResultFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def url(model, page, *args):
    return reverse(f"admin:evidence_{model}_{page}", args=args)


def repeated(response):
    """What the page “What this touches” posts again."""
    data = {}
    for name, value in response.context["fields"]:
        data.setdefault(name, []).append(value)
    return data


def is_impact(response):
    return response.status_code == 200 and response.context["title"] == "What this touches"


def touched(response):
    return [(impact.conclusion, impact.kinds) for impact in response.context["impacts"]]


def name(result):
    return f"{result.study.label}: {result.outcome.name}"


def test_changed_result_is_saved_once_it_is_confirmed(editor):
    conclusion, (result, *_) = a_body()
    signed(conclusion)
    page = url("result", "change", result.pk)

    asked = editor.post(page, filled(editor.get(page), estimate="0.9", finding="Two\nlines.", _continue="1"))
    before = Result.objects.get(pk=result.pk).estimate
    history = Result.history.filter(id=result.pk).count()
    response = editor.post(page, {**repeated(asked), CONFIRMED: "1"}, follow=True)

    assert is_impact(asked)
    assert touched(asked) == [(conclusion, [("Changed", (name(result),))])]
    assert (before, history) == (1.0, 1)
    result.refresh_from_db()
    assert (result.estimate, result.finding.splitlines()) == (0.9, ["Two", "lines."])
    assert response.redirect_chain[-1][0] == page
    told = said(response)
    assert any("1 conclusion has drifted" in text and "(1 changed)" in text for text in told)


def test_page_does_not_say_that_something_was_saved(editor):
    _, (result, *_) = a_body()
    page = url("result", "change", result.pk)

    response = editor.post(page, filled(editor.get(page), estimate="0.9"))

    assert said(response) == []
    assert "Nothing is saved yet." in response.content.decode()


def test_way_back_to_the_form_keeps_what_was_typed(editor):
    _, (result, *_) = a_body()
    page = url("result", "change", result.pk)
    asked = editor.post(page, filled(editor.get(page), estimate="0.9", place="Table 9"))

    back = editor.post(page, {**repeated(asked), BACK: "1"})

    form = back.context["adminform"].form
    assert (form["estimate"].value(), form["place"].value()) == ("0.9", "Table 9")
    assert [message.startswith("Nothing is saved yet.") for message in errors(back)["__all__"]] == [True]
    assert Result.objects.get(pk=result.pk).estimate == 1.0


def test_change_that_touches_nothing_is_saved_at_once(editor):
    _, (result, *_) = a_body()
    page = url("result", "change", result.pk)

    response = editor.post(page, filled(editor.get(page), place="Table 9"))

    assert response.status_code == 302
    assert Result.objects.get(pk=result.pk).place == "Table 9"


def test_result_that_answers_nothing_is_saved_at_once(editor):
    a_body()
    result = ResultFactory()
    page = url("result", "change", result.pk)

    assert editor.post(page, filled(editor.get(page), estimate="0.9")).status_code == 302


def test_mistake_in_the_form_comes_before_the_impact(editor):
    _, (result, *_) = a_body()
    page = url("result", "change", result.pk)

    response = editor.post(page, filled(editor.get(page), estimate="9"))

    assert errors(response) != {}
    assert not is_impact(response)


def test_new_result_is_added_once_it_is_confirmed(editor):
    conclusion, (result, *_) = a_body()
    signed(conclusion)
    page = f"{url('result', 'add')}?study={result.study_id}"
    new = filled(
        editor.get(page),
        key="later",
        outcome=result.outcome_id,
        sample=result.sample_id,
        arm=result.arm_id,
        comparator=result.comparator_id,
        measure="md",
        estimate="2",
        ci_low="1",
        ci_high="3",
    )

    asked = editor.post(page, new)
    n_before = Result.objects.count()
    editor.post(page, {**repeated(asked), CONFIRMED: "1"})

    assert touched(asked) == [(conclusion, [("New", (name(result),))])]
    assert (n_before, Result.objects.count()) == (3, 4)


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [("integrity", "retracted", "Retracted"), ("state", "draft", "Gone"), ("state", "retired", "Gone")],
)
def test_study_says_what_rests_on_it(field, value, kind, editor):
    conclusion, (result, *_) = a_body()
    page = url("study", "change", result.study_id)

    asked = editor.post(page, filled(editor.get(page), **{field: value}))
    before = getattr(Study.objects.get(pk=result.study_id), field)
    editor.post(page, {**repeated(asked), CONFIRMED: "1"})

    assert touched(asked) == [(conclusion, [(kind, (name(result),))])]
    assert before in ("ok", "published")
    assert getattr(Study.objects.get(pk=result.study_id), field) == value


def test_studies_published_together_say_what_they_touch(editor):
    conclusion, _ = a_body()
    new = [result_of(conclusion, state="draft") for _ in range(2)]
    page = url("study", "changelist")
    data = {"action": "publish", "_selected_action": [result.study_id for result in new]}

    asked = editor.post(page, data)
    drafts = Study.objects.filter(state="draft").count()
    response = editor.post(page, {**repeated(asked), CONFIRMED: "1"}, follow=True)

    assert touched(asked) == [(conclusion, [("New", tuple(name(result) for result in new))])]
    assert (drafts, Study.objects.filter(state="draft").count()) == (2, 0)
    assert said(response) == ["2 studies published."]


def test_study_that_nothing_rests_on_is_published_at_once(editor):
    a_body()
    study = StudyFactory(state="draft")

    editor.post(url("study", "changelist"), {"action": "publish", "_selected_action": [study.pk]})

    assert Study.objects.get(pk=study.pk).state == "published"


def test_node_that_gets_another_parent_says_what_it_touches(editor):
    old, new = OutcomeFactory(), OutcomeFactory()
    node = OutcomeFactory(parent=old)
    conclusion = ConclusionFactory(outcome=old)
    result = result_of(ConclusionFactory(outcome=node, intervention=conclusion.intervention))
    page = url("outcome", "change", node.pk)

    asked = editor.post(page, filled(editor.get(page), parent=new.pk))
    before = Outcome.objects.get(pk=node.pk).parent
    editor.post(page, {**repeated(asked), CONFIRMED: "1"})

    assert touched(asked) == [(conclusion, [("Gone", (name(result),))])]
    assert (before, Outcome.objects.get(pk=node.pk).parent) == (old, new)


def test_node_that_changes_its_axis_says_what_it_touches(editor):
    age = PopulationFactory()
    conclusion = ConclusionFactory(population=age)
    result = result_of(conclusion, population=PopulationFactory(axis=Population.Axis.SEX))
    result.sample.shares.create(population=age, share="all")
    page = url("population", "change", age.pk)

    response = editor.post(page, filled(editor.get(page), axis=Population.Axis.SEX))

    # A whole sample has its nodes on whatever axis: nothing moves.
    assert response.status_code == 302


def test_move_in_the_list_that_touches_something_is_done_on_its_own_page(editor):
    old, new = OutcomeFactory(), OutcomeFactory()
    node = OutcomeFactory(parent=old)
    conclusion = ConclusionFactory(outcome=old)
    result_of(ConclusionFactory(outcome=node, intervention=conclusion.intervention))
    data = {"move": node.pk, "relative_to": new.pk, "position": "first-child"}

    response = editor.post("/admin/evidence/outcome/move-node/", data)

    assert response.content == b"error"
    assert Outcome.objects.get(pk=node.pk).parent == old
    page = editor.get(url("outcome", "changelist")).content.decode()
    assert "1 conclusion rests on where" in page
    assert url("outcome", "change", node.pk) in page


def test_page_names_the_findings_of_live_pages(editor, now):
    conclusion, (result, *_) = a_body()
    signed(conclusion)
    said_of = {"conclusion": {"slug": conclusion.slug}, "assessment": {"sentence": "It may help."}}
    block = {
        "kind": "finding",
        "name": "Walking and gait",
        "anchor": "gait",
        "statement": "People may walk faster.",
    }
    content = {"blocks": [{**block, **said_of, "lenses": {"older": said_of}}, {"kind": "heading"}]}
    edition = EditionFactory(content=content, published_at=now - datetime.timedelta(days=900))
    edition.studies.add(result.study)
    gone = EditionFactory(
        content=content, published_at=now, withdrawn_at=now, title="Quokka", withdrawal_note="x"
    )
    gone.studies.add(result.study)
    page = url("study", "change", result.study_id)

    words = editor.post(page, filled(editor.get(page), integrity="retracted")).content.decode()

    assert (
        f'<a href="{edition.get_absolute_url()}#gait">{edition.short_title}</a>, Walking and gait: '
        "“People may walk faster.”"
    ) in words
    assert "(note for one group): “It may help.”" in words
    assert gone.short_title not in words


def test_who_may_not_change_learns_nothing_of_the_impact(client, django_user_model):
    conclusion, (result, *_) = a_body()
    ConclusionFactory(intervention__name="Zyxomma", outcome=conclusion.outcome)
    client.force_login(django_user_model.objects.create(username="nobody", is_staff=True))

    response = client.post(url("result", "change", result.pk), {"estimate": "9", CONFIRMED: "1"})

    assert response.status_code == 403
    assert conclusion.intervention.name not in response.content.decode()
    assert Conclusion.objects.count() == 2


def test_what_is_confirmed_is_kept_with_who_did_it(editor, publisher):
    conclusion, (result, *_) = a_body()
    assessment = signed(conclusion)
    unrated = ConclusionFactory(
        intervention=conclusion.intervention, outcome=conclusion.outcome, comparator="usual care"
    )
    page = url("result", "change", result.pk)

    asked = editor.post(page, filled(editor.get(page), estimate="0.9"))
    before = Touch.objects.count()
    editor.post(page, {**repeated(asked), CONFIRMED: "1"})

    assert {found for found, _ in touched(asked)} == {conclusion, unrated}
    touch = Touch.objects.get()
    assert before == 0
    assert (touch.assessment, touch.by, touch.says) == (assessment, publisher, f"Changed: {name(result)}")


def test_what_is_deleted_says_what_rested_on_it(editor):
    conclusion, (result, *_) = a_body()
    signed(conclusion)
    page = url("result", "delete", result.pk)

    asked = editor.post(page, {"post": "yes"})
    before = Result.objects.filter(pk=result.pk).count()
    response = editor.post(page, {**repeated(asked), CONFIRMED: "1"}, follow=True)

    assert is_impact(asked)
    assert "Nothing is deleted yet" in asked.content.decode()
    assert touched(asked) == [(conclusion, [("Gone", (name(result),))])]
    assert (before, Result.objects.filter(pk=result.pk).count()) == (1, 0)
    assert any("(1 gone)" in text for text in said(response))
    assert Touch.objects.get().says == f"Gone: {name(result)}"


def test_what_is_deleted_together_says_what_rested_on_it(editor):
    conclusion, results = a_body()
    page = url("result", "changelist")
    data = {"action": "delete_selected", "_selected_action": [result.pk for result in results], "post": "yes"}

    question = editor.post(page, {name: value for name, value in data.items() if name != "post"})
    asked = editor.post(page, data)
    before = Result.objects.count()
    editor.post(page, {**repeated(asked), CONFIRMED: "1"})

    assert not is_impact(question)
    assert [found for found, _ in touched(asked)] == [conclusion]
    assert (before, Result.objects.count()) == (3, 0)


def test_term_that_is_deleted_says_what_it_touches(editor):
    broad = InterventionFactory()
    node = InterventionFactory(parent=broad)
    conclusion = ConclusionFactory(intervention=broad)
    result = ResultFactory(outcome=conclusion.outcome)
    result.arm.interventions.add(node)
    page = url("intervention", "delete", node.pk)

    asked = editor.post(page, {"post": "yes"})

    assert touched(asked) == [(conclusion, [("Gone", (name(result),))])]
    assert Intervention.objects.filter(pk=node.pk).exists()


def test_what_nothing_rests_on_is_deleted_at_once(editor):
    a_body()
    result = ResultFactory()

    assert editor.post(url("result", "delete", result.pk), {"post": "yes"}).status_code == 302
    assert not Result.objects.filter(pk=result.pk).exists()


def test_past_state_that_is_brought_back_says_what_it_touches(editor):
    conclusion, (result, *_) = a_body()
    result.estimate = 0.9
    result.derive()
    result.save()
    first = Result.history.filter(id=result.pk).earliest("history_id")
    page = url("result", "simple_history", result.pk, first.pk)
    form = editor.get(page).context["adminform"].form
    data = {
        name: value
        for name in form.fields
        if (value := form[name].value()) is not None and value is not False
    }

    response = editor.post(page, {**data, "_change_history": "1"})

    assert is_impact(response)
    assert touched(response) == [(conclusion, [("Changed", (name(result),))])]
    assert Result.objects.get(pk=result.pk).estimate == 0.9
