"""The past states of a row: who sees them, and who brings one back."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from evidence.models import Intervention
from tests import factories

SECRET = "Zinc and the common cold"
NAME = "evidence_intervention"


@pytest.fixture
def row(db):
    """An intervention that had another name once."""
    row = factories.InterventionFactory(name=SECRET)
    row.name = "Zinc"
    row.save()
    return row


@pytest.fixture
def somebody(client, db):
    """A function that logs somebody in with rights to interventions."""

    def somebody(*actions):
        user = factories.UserFactory(is_staff=True)
        names = [f"{action}_intervention" for action in actions]
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return somebody


def state(row):
    return reverse(f"admin:{NAME}_simple_history", args=[row.pk, row.history.earliest().pk])


def posted(row):
    return {
        "name": SECRET,
        "slug": row.slug,
        "kind": row.kind,
        "synonyms": "",
        "identifiers": "",
        "is_active": "on",
    }


def test_earlier_state_is_the_row_again(somebody, row):
    answer = somebody("view", "change").post(state(row), posted(row))

    assert answer.status_code == 302
    assert Intervention.objects.get(pk=row.pk).name == SECRET
    assert row.history.count() == 3


def test_who_may_only_look_sees_an_earlier_state_and_brings_none_back(somebody, row):
    client = somebody("view")

    shown, sent = client.get(state(row)), client.post(state(row), posted(row))

    assert (shown.status_code, sent.status_code) == (200, 403)
    assert SECRET in shown.content.decode()
    assert Intervention.objects.get(pk=row.pk).name == "Zinc"
    assert row.history.count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_look_learns_nothing_of_the_past(method, somebody, row):
    client = somebody()

    addresses = [state(row), reverse(f"admin:{NAME}_history", args=[row.pk])]
    missing = [address.replace(f"/{row.pk}/", "/999999/") for address in addresses]
    answers = [getattr(client, method)(address) for address in (*addresses, *missing)]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert not any(SECRET in answer.content.decode() for answer in answers)


@pytest.mark.parametrize(
    "path",
    [
        "x/history/",
        "x/history/1/",
        "{pk}/history/x/",
        "{pk}/history/0/",
        "{pk}/history/9999999999999999999999/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_state_that_there_is_not_is_not_found(method, path, somebody, row):
    client = somebody("view", "change")

    answer = getattr(client, method)(f"/admin/evidence/intervention/{path.format(pk=row.pk)}")

    assert answer.status_code == 404


def test_state_of_another_row_is_not_found(somebody, row):
    other = factories.InterventionFactory()

    answer = somebody("view", "change").get(
        reverse(f"admin:{NAME}_simple_history", args=[other.pk, row.history.earliest().pk])
    )

    assert answer.status_code == 404
