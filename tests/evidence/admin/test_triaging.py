"""The page on which people say what a drift could do."""

import pytest
from django.urls import reverse
from django.utils import timezone

from evidence.models import Triage
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import touched

pytestmark = pytest.mark.django_db


def page_of(conclusion):
    return reverse("admin:evidence_conclusion_triage", args=[conclusion.pk])


def form_of(conclusion):
    return reverse("admin:evidence_conclusion_change", args=[conclusion.pk])


@pytest.fixture
def drifted():
    conclusion, results = a_body()
    signed(conclusion)
    result_of(conclusion)
    return conclusion, results


def said(response, **fields):
    """What the page posts as it is, with these fields."""
    assess_by = response.context["form"].initial["assess_by"]
    return {"seen": response.context["seen"], "assess_by": assess_by, "reason": "A small study.", **fields}


def test_triage_is_kept_with_who_said_it(drifted, editor, publisher):
    conclusion, _ = drifted
    touched(conclusion, says="New: Graves 1988: Strength")
    page = editor.get(page_of(conclusion))
    assert "New: Graves 1988: Strength" in page.content.decode()

    response = editor.post(page_of(conclusion), said(page, verdict="unlikely to change"), follow=True)

    made = Triage.objects.get()
    assert (made.verdict, made.by, made.assess_by > timezone.localdate()) == (
        "unlikely to change",
        publisher,
        True,
    )
    assert response.redirect_chain[-1][0] == form_of(conclusion)
    words = response.content.decode()
    assert "A small study." in words
    assert "(of what had moved until then)" not in words


def test_conclusion_says_that_an_earlier_triage_was_of_less(drifted, editor):
    conclusion, _ = drifted
    editor.post(page_of(conclusion), said(editor.get(page_of(conclusion)), verdict="could change"))
    result_of(conclusion)

    assert "(of what had moved until then)" in editor.get(form_of(conclusion)).content.decode()


def test_triage_of_what_moved_on_shows_it_and_keeps_the_words(drifted, editor):
    conclusion, _ = drifted
    page = editor.get(page_of(conclusion))
    result_of(conclusion)

    answer = editor.post(page_of(conclusion), said(page, verdict="could change"))

    words = answer.content.decode()
    assert "The evidence moved on while you were reading" in words
    assert "A small study." in words
    assert answer.context["seen"] != page.context["seen"]
    assert not Triage.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"verdict": "x"}, {"reason": ""}, {"assess_by": "soon"}, {"assess_by": ""}, {"seen": "x" * 65}]
)
def test_triage_that_says_too_little_is_not_kept(fields, drifted, editor):
    page = editor.get(page_of(drifted[0]))

    answer = editor.post(page_of(drifted[0]), said(page, **{"verdict": "could change", **fields}))

    assert (answer.status_code, Triage.objects.count()) == (200, 0)
    assert 'role="alert"' in answer.content.decode()


def test_there_is_nothing_to_triage_where_nothing_moved(editor):
    same, never = a_body()[0], a_body()[0]
    signed(same)

    for conclusion in (same, never):
        page = editor.get(page_of(conclusion))
        answer = editor.post(
            page_of(conclusion), {"verdict": "could change", "reason": "x", "assess_by": "2030-01-01"}
        )

        assert 'name="verdict"' not in page.content.decode()
        assert "there is nothing to triage" in answer.content.decode()
        assert page_of(conclusion) not in editor.get(form_of(conclusion)).content.decode()
    assert not Triage.objects.exists()
    assert editor.get(reverse("admin:evidence_conclusion_triage", args=[987])).status_code == 404
