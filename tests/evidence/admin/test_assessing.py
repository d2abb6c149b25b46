import datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from evidence.drafting import draft_of, version
from evidence.models import Assessment
from tests.evidence.admin.forms import said
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.factories import (
    AppraisalFactory,
    AssessmentFactory,
    ConclusionFactory,
    OutcomeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)
RATED = {
    "start": "high",
    "imprecision": "1",
    "imprecision_reason": "Few people.",
    "size": "unclear",
    "direction": "increases",
}


def address(conclusion, page="assess"):
    return reverse(f"admin:evidence_conclusion_{page}", args=[conclusion.pk])


def member(client, role):
    user = UserFactory(is_staff=True, username=role.replace(" ", "-"))
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


@pytest.fixture
def curator(client):
    return member(client, "evidence curator")


def posted(response, **changes):
    """What a browser would post of the form, with `changes`."""
    form = response.context["form"]
    data = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if value is not None and value is not False and not field.disabled:
            data[name] = str(value)
    return data | changes


def typed(response, name):
    return str(response.context["form"][name].value())


def test_draft_is_saved_and_resumed(client, curator):
    conclusion, _ = a_body()
    page = client.get(address(conclusion))

    response = client.post(address(conclusion), posted(page, _save="1", **RATED), follow=True)

    draft = Assessment.objects.get()
    assert (draft.by, draft.is_signed, draft.level, draft.imprecision_reason) == (
        curator,
        False,
        3,
        "Few people.",
    )
    assert said(response) == ["The draft is saved."]
    assert typed(response, "imprecision_reason") == "Few people."


def test_page_shows_the_body_and_suggests_without_filling_in(client, curator):
    conclusion, (result, *_) = a_body()
    AppraisalFactory(study=result.study, judgement="high")

    response = client.get(address(conclusion))

    page = response.content.decode()
    assert '<table class="forest"' in page
    assert "The designs of these studies start high." in page
    assert "Suggests −1, because: " in page
    assert "fewer than about 400" in page
    assert typed(response, "imprecision") == "0"
    assert typed(response, "start") == ""


def test_page_says_why_nothing_is_pooled(client, curator):
    conclusion, _ = a_body(n=1)

    page = client.get(address(conclusion)).content.decode()

    assert "<strong>Not pooled.</strong>" in page
    assert 'class="stack directions"' in page


def test_conclusion_without_results_says_so(client, curator):
    page = client.get(address(ConclusionFactory())).content.decode()

    assert "there is nothing to assess" in page


def test_sign_saves_and_signs_in_one_go(client, curator):
    conclusion, results = a_body()
    page = client.get(address(conclusion))

    response = client.post(address(conclusion), posted(page, _sign="1", **RATED), follow=True)

    assessment = Assessment.objects.get()
    assert (assessment.number, assessment.by, assessment.level) == (1, curator, 3)
    assert assessment.looked_at.count() == len(results)
    assert said(response) == ["Assessment 1 is signed: moderate certainty. It never changes."]


def test_reason_without_words_is_named_at_its_field_and_nothing_is_lost(client, curator):
    conclusion, _ = a_body()
    page = client.get(address(conclusion))
    data = posted(page, _sign="1", **RATED, inconsistency="2", seen="They walked faster.")

    response = client.post(address(conclusion), data)

    assert response.context["form"].errors["inconsistency_reason"] == ["Inconsistency: say why."]
    assert typed(response, "seen") == "They walked faster."
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"start": "x", "imprecision": "99", "size": "\x00", "next_due": "soon"},
        {"start": "high", "risk_of_bias": "-1", "next_due": "9" * 40},
        {"start": "", "differs": "on", "next_due": "2027-01-01"},
    ],
)
@pytest.mark.parametrize("page", ["assess", "assess_preview"])
def test_nonsense_is_answered_with_the_form(data, page, client, curator):
    conclusion, _ = a_body()

    response = client.post(address(conclusion, page), {"_sign": "1", **data})

    assert response.status_code == 200
    assert not Assessment.objects.exists()


def test_too_strong_a_sentence_stops_signing_and_the_draft_is_kept(client, curator):
    conclusion, _ = a_body()
    page = client.get(address(conclusion))

    response = client.post(
        address(conclusion), posted(page, _sign="1", **RATED, sentence="It cures everybody.")
    )

    assert response.context["problems"]
    assert "it cannot be signed yet" in response.content.decode()
    assert [flaw["is_stop"] for flaw in response.context["follows"]["flaws"]] == [True]
    draft = Assessment.objects.get()
    assert (draft.is_signed, draft.sentence) == (False, "It cures everybody.")
    again = client.post(address(conclusion), posted(response, _sign="1", sentence=""))
    assert again.status_code == 302
    assert Assessment.objects.get().is_signed


def test_body_that_changed_meanwhile_is_looked_at_again_before_it_is_signed(client, curator):
    conclusion, _ = a_body()
    page = client.get(address(conclusion))
    result_of(conclusion)

    refused = client.post(address(conclusion), posted(page, _sign="1", **RATED))
    signed_now = client.post(address(conclusion), posted(refused, _sign="1"))

    assert refused.context["problems"] == [
        "The results changed while you were rating them. Look at them again, then sign."
    ]
    assert signed_now.status_code == 302
    assert Assessment.objects.get().looked_at.count() == 4


def test_what_nobody_looked_at_is_not_signed(client, curator):
    conclusion, _ = a_body()
    data = posted(client.get(address(conclusion)), _sign="1", **RATED)
    del data["body"]

    assert client.post(address(conclusion), data).status_code == 200
    assert not Assessment.objects.get().is_signed


def test_two_people_sign_one_draft_once(client, curator):
    conclusion, _ = a_body()
    client.post(address(conclusion), posted(client.get(address(conclusion)), _save="1", **RATED))
    first = second = client.get(address(conclusion))

    client.post(address(conclusion), posted(first, _sign="1"))
    response = client.post(address(conclusion), posted(second, _sign="1", seen="My own words."))

    assert "was signed or removed meanwhile" in response.content.decode()
    assert typed(response, "seen") == "My own words."
    assert Assessment.objects.get().number == 1


def test_two_people_save_one_draft_and_the_second_is_told(client, curator):
    conclusion, _ = a_body()
    first, second = client.get(address(conclusion)), client.get(address(conclusion))
    client.post(address(conclusion), posted(first, _save="1", **RATED, seen="First."))

    told = client.post(address(conclusion), posted(second, _save="1", **RATED, seen="Second."))
    kept = Assessment.objects.get().seen
    client.post(address(conclusion), posted(told, _save="1"))

    assert "saved this draft meanwhile" in told.content.decode()
    assert (kept, Assessment.objects.get().seen) == ("First.", "Second.")


def test_new_draft_starts_with_the_last_judgements(client, curator):
    conclusion, _ = a_body()
    last = signed(conclusion, seen="They walked faster.")

    response = client.get(address(conclusion))

    assert (typed(response, "imprecision"), typed(response, "seen")) == ("1", "They walked faster.")
    # The sentence that follows is not kept as somebody's own words.
    assert (last.sentence != "", typed(response, "sentence")) == (True, "")
    assert "Last time: serious." in response.content.decode()
    client.post(address(conclusion), posted(response, _sign="1"))
    assert [row.number for row in Assessment.objects.newest_first()] == [2, 1]


def test_own_words_of_the_last_assessment_are_kept():
    conclusion, _ = a_body()
    signed(conclusion, sentence="It may help a little.")

    assert draft_of(conclusion, on=TODAY).sentence == "It may help a little."


def test_version_of_a_draft_is_that_of_its_words():
    conclusion, _ = a_body()
    assert version(draft_of(conclusion, on=TODAY)) == ""
    draft = AssessmentFactory(conclusion=conclusion)

    before = version(draft_of(conclusion, on=TODAY))
    same = version(draft_of(conclusion, on=TODAY))
    draft.not_known = "Whether it lasts."
    draft.save()

    assert before == same != version(draft_of(conclusion, on=TODAY))


def test_preview_says_what_follows_and_saves_nothing(client, curator):
    conclusion, _ = a_body()
    data = posted(client.get(address(conclusion)), **RATED)

    follows = client.post(address(conclusion, "assess_preview"), data).json()
    strong = client.post(
        address(conclusion, "assess_preview"), data | {"sentence": "It is proven to work."}
    ).json()

    assert follows == {
        "level": 3,
        "certainty": "Moderate",
        "sentence": f"{conclusion.intervention.name} probably increases {conclusion.outcome.name}, "
        "but by how much is unclear.",
        "flaws": [],
    }
    assert any(flaw["is_stop"] for flaw in strong["flaws"])
    assert not Assessment.objects.exists()
    assert client.get(address(conclusion, "assess_preview")).status_code == 405


def test_reviewer_signs_a_draft_as_it_is(client):
    conclusion, _ = a_body()
    AssessmentFactory(conclusion=conclusion, seen="As it was drafted.")
    reviewer = member(client, "scientific reviewer")
    page = client.get(address(conclusion))

    save = client.post(address(conclusion), posted(page, _save="1", **RATED))
    response = client.post(
        address(conclusion),
        {
            **RATED,
            "_sign": "1",
            "seen": "Slipped in.",
            "body": typed(page, "body"),
            "draft": typed(page, "draft"),
        },
    )

    assert save.status_code == 403
    assert response.status_code == 302
    assessment = Assessment.objects.get()
    assert (assessment.by, assessment.is_signed, assessment.seen) == (reviewer, True, "As it was drafted.")


def test_reviewer_without_a_draft_has_nothing_to_sign(client):
    conclusion, _ = a_body()
    member(client, "scientific reviewer")

    page = client.get(address(conclusion)).content.decode()
    response = client.post(address(conclusion), {"_sign": "1", **RATED})

    assert 'name="_sign"' not in page
    assert "There is no draft to sign." in response.content.decode()
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("role", ["writer", "publisher"])
def test_others_neither_rate_nor_sign(role, client):
    conclusion, _ = a_body()
    AssessmentFactory(conclusion=conclusion, seen="Zyxomma")
    member(client, role)

    answers = [
        client.get(address(conclusion)),
        client.post(address(conclusion), {"_sign": "1", **RATED}),
        client.post(address(conclusion), {"_save": "1", **RATED}),
        client.post(address(conclusion, "assess_preview"), RATED),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert not any("Zyxomma" in answer.content.decode() for answer in answers)
    assert not Assessment.objects.signed().exists()


def test_drafter_who_may_not_sign_saves_only(client, curator):
    Group.objects.get(name="evidence curator").permissions.filter(codename="sign_assessment")
    conclusion, _ = a_body()
    group = Group.objects.get(name="evidence curator")
    group.permissions.remove(group.permissions.get(codename="sign_assessment"))
    page = client.get(address(conclusion))

    assert 'name="_sign"' not in page.content.decode()
    assert client.post(address(conclusion), posted(page, _sign="1", **RATED)).status_code == 403
    assert client.post(address(conclusion), posted(page, _save="1", **RATED)).status_code == 302


def test_conclusion_that_is_not_there(client, curator):
    for key in ("987654", "x", "9" * 40):
        url = reverse("admin:evidence_conclusion_assess", args=[key])
        assert client.get(url).status_code == 404


def test_number_of_queries_does_not_grow_with_the_body(client, curator, django_assert_num_queries):
    small, _ = a_body(n=3)
    large, _ = a_body(n=12)
    for conclusion in (small, large):
        signed(conclusion)
        result_of(conclusion)
    client.get(address(small))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(address(small))
    with django_assert_num_queries(len(few)):
        client.get(address(large))


def test_important_difference_is_shown_with_its_source(client, curator):
    outcome = OutcomeFactory(
        unit="m/s", important_difference="0.1", important_difference_source="Perera 2006"
    )
    conclusion = ConclusionFactory(outcome=outcome)

    page = client.get(address(conclusion)).content.decode()

    assert "A difference of 0.1 m/s matters (Perera 2006)." in page
