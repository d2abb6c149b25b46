import datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from evidence.models import Assessment
from tests.evidence.test_assessing import a_body, signed
from tests.factories import AssessmentFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:evidence_assessment_changelist")


def url(page, *args):
    return reverse(f"admin:evidence_assessment_{page}", args=args)


def listed(response):
    return {assessment.pk for assessment in response.context["cl"].result_list}


def test_signed_assessment_is_read_only_for_everybody(editor):
    assessment = signed(a_body()[0], seen="They walked faster.")

    page = editor.get(url("change", assessment.pk))

    assert page.status_code == 200
    assert "They walked faster." in page.content.decode()
    assert "_save" not in page.content.decode()
    assert editor.post(url("change", assessment.pk), {"seen": "Changed"}).status_code == 403
    assert editor.get(url("delete", assessment.pk)).status_code == 403
    assert editor.post(url("delete", assessment.pk), {"post": "yes"}).status_code == 403
    assert editor.get(url("add")).status_code == 403
    assert Assessment.objects.get().seen == "They walked faster."


def test_draft_may_go_and_leads_to_its_page(editor):
    draft = AssessmentFactory()

    page = editor.get(url("change", draft.pk)).content.decode()
    response = editor.post(url("delete", draft.pk), {"post": "yes"})

    assert reverse("admin:evidence_conclusion_assess", args=[draft.conclusion_id]) in page
    assert response.status_code == 302
    assert not Assessment.objects.exists()


def test_list_has_no_way_to_delete_several(editor):
    assessment = signed(a_body()[0])

    response = editor.post(
        LIST, {"action": "delete_selected", "_selected_action": assessment.pk, "post": "yes"}
    )

    assert response.status_code in (200, 302)
    assert Assessment.objects.exists()


def test_list_is_filtered_by_standing(editor):
    today = timezone.localdate()
    conclusion, _ = a_body()
    signed(conclusion, next_due=today - datetime.timedelta(days=1))
    now = signed(conclusion, next_due=today, imprecision=0, imprecision_reason="")
    late = signed(a_body()[0], next_due=today - datetime.timedelta(days=1))
    draft = AssessmentFactory(conclusion=conclusion)

    assert listed(editor.get(LIST, {"standing": "force"})) == {now.pk, late.pk}
    assert listed(editor.get(LIST, {"standing": "overdue"})) == {late.pk}
    assert listed(editor.get(LIST, {"standing": "draft"})) == {draft.pk}
    assert listed(editor.get(LIST, {"certainty": "3"})) == {now.pk}
    assert Assessment.objects.count() == 4


@pytest.mark.parametrize(
    ("role", "deletes", "signs"),
    [
        ("writer", False, False),
        ("editor", True, True),
        ("scientific reviewer", False, True),
        ("publisher", False, False),
        ("evidence curator", True, True),
    ],
)
def test_roles_have_their_rights(role, deletes, signs, client):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    draft = AssessmentFactory()

    assert client.get(url("change", draft.pk)).status_code == 200
    assert client.get(url("delete", draft.pk)).status_code == (200 if deletes else 403)
    assert user.has_perm("evidence.sign_assessment") == signs
    assert user.has_perm("evidence.add_conclusion") == deletes
    assert user.has_perm("evidence.delete_exclusion") == deletes
    assert user.has_perms(["evidence.view_conclusion", "evidence.view_exclusion"])
