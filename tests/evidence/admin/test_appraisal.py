import pytest
from django.urls import reverse

from evidence.models import Appraisal, DomainJudgement
from tests import factories

from .forms import errors, filled

ADD = reverse("admin:evidence_appraisal_add")


@pytest.fixture
def tool(db):
    tool = factories.ToolFactory()
    for position in (2, 1, 3):
        factories.ToolDomainFactory(tool=tool, code=f"D{position}", position=position)
    return tool


def add(study, tool):
    return f"{ADD}?study={study.pk}&tool={tool.pk}"


def rows(response):
    (inline,) = response.context["inline_admin_formsets"]
    return inline.formset.forms


def codes(response):
    return [
        form["domain"].field.widget.names[str(form["domain"].value())].split()[0] for form in rows(response)
    ]


def test_study_and_tool_are_asked_for_first(editor, tool):
    study = factories.StudyFactory()

    for known in ({}, {"study": study.pk}, {"tool": tool.pk}):
        assert 'id="choose-first"' in editor.get(ADD, known).content.decode()


def test_new_appraisal_has_a_row_for_each_domain_in_order(editor, tool):
    page = editor.get(add(factories.StudyFactory(), tool))

    assert codes(page) == ["D1", "D2", "D3"]
    assert [value for value, _ in rows(page)[0].fields["judgement"].choices] == ["", "low", "some", "high"]


def test_rows_without_a_judgement_are_left_out(editor, tool):
    study = factories.StudyFactory()
    page = editor.get(add(study, tool))
    data = filled(page, judgement="some") | {
        "domain_judgements-1-judgement": "high",
        "domain_judgements-1-reason": "Late",
    }

    response = editor.post(add(study, tool), data)

    assert response.headers["Location"] == reverse("admin:evidence_study_change", args=[study.pk])
    appraisal = Appraisal.objects.get()
    assert (appraisal.study, appraisal.tool, appraisal.level) == (study, tool, "some concerns")
    assert list(DomainJudgement.objects.values_list("domain__code", "judgement", "reason")) == [
        ("D2", "high", "Late")
    ]


def test_change_page_offers_the_domains_that_are_not_judged_yet(editor, tool):
    appraisal = factories.AppraisalFactory(tool=tool)
    factories.DomainJudgementFactory(appraisal=appraisal, domain=tool.domains.get(code="D3"))

    page = editor.get(reverse("admin:evidence_appraisal_change", args=[appraisal.pk]))

    assert codes(page) == ["D3", "D1", "D2"]


def test_judgement_that_the_tool_does_not_know_is_refused(editor, tool):
    study = factories.StudyFactory()
    data = filled(editor.get(add(study, tool)), judgement="excellent")

    response = editor.post(add(study, tool), data)

    assert "judgement" in errors(response)
    assert not Appraisal.objects.exists()


def test_domain_of_another_tool_is_refused(editor, tool):
    study = factories.StudyFactory()
    foreign = factories.ToolDomainFactory()
    data = filled(editor.get(add(study, tool)), judgement="low")
    data |= {"domain_judgements-0-domain": foreign.pk, "domain_judgements-0-judgement": "low"}

    response = editor.post(add(study, tool), data)

    assert list(errors(response)) == ["domain_judgements-0-domain"]


def test_second_appraisal_of_the_study_with_the_tool_is_refused(editor, tool):
    first = factories.AppraisalFactory(tool=tool)

    response = editor.post(
        add(first.study, tool), filled(editor.get(add(first.study, tool)), judgement="low")
    )

    assert errors(response) == {"__all__": ["This study is appraised with that tool already."]}


def test_tool_that_is_out_of_use_is_not_offered(editor, tool):
    factories.ToolFactory(name="Old tool", is_active=False)
    address = reverse("admin:autocomplete")
    asked = {"app_label": "evidence", "model_name": "appraisal", "field_name": "tool"}

    found = editor.get(address, asked).json()["results"]

    assert [row["text"] for row in found] == [str(tool)]
