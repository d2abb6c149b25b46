import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.exceptions import PermissionDenied

from articles.permissions import Role, may, require
from tests import factories

ACTIONS = ["view", "comment", "add", "change", "delete", "edit", "review", "send back", "publish", "withdraw"]


def allowed(user, topic=None):
    return [action for action in ACTIONS if may(user, action, topic)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("right", "actions"),
    [
        ("view_topic", ["view", "comment"]),
        ("add_topic", ["add"]),
        ("change_topic", ["view", "comment", "change"]),
        ("delete_topic", ["delete"]),
        ("edit_topic", ["view", "comment", "edit", "send back"]),
        ("review_topic", ["view", "comment", "review", "send back"]),
        ("publish_topic", ["view", "comment", "send back", "publish", "withdraw"]),
        ("change_term", []),
    ],
)
def test_each_right_allows_its_actions(right, actions):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename=right))

    assert allowed(user) == actions
    assert allowed(user, factories.TopicFactory()) == actions


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (Role.WRITER, ["view", "comment", "add", "change"]),
        (Role.EDITOR, ["view", "comment", "add", "change", "delete", "edit", "send back"]),
        (Role.REVIEWER, ["view", "comment", "review", "send back"]),
        (Role.PUBLISHER, ["view", "comment", "send back", "publish", "withdraw"]),
        (Role.CURATOR, ["view", "comment"]),
    ],
)
def test_each_role_has_its_actions(role, actions):
    user = factories.UserFactory()
    user.groups.add(Group.objects.get(name=role))

    assert allowed(user) == actions


# Asking conclusions and rating them is for editors and scientists too.
JUDGEMENTS = ("assessment", "conclusion", "exclusion", "triage")


@pytest.mark.django_db
def test_only_curators_change_evidence():
    changing = {
        group.name: group.permissions.filter(content_type__app_label="evidence")
        .exclude(codename__startswith="view_")
        .exclude(content_type__model__in=JUDGEMENTS)
        .exists()
        for group in Group.objects.all()
    }

    assert changing == {role: role == Role.CURATOR for role in Role}


@pytest.mark.django_db
def test_nobody_has_the_right_to_change_history():
    kept = Permission.objects.filter(content_type__model__in=["edition", "event", "signoff"])

    for group in Group.objects.all():
        assert set(group.permissions.filter(pk__in=kept).values_list("codename", flat=True)) == {
            "view_edition",
            "view_event",
            "view_signoff",
        }


@pytest.mark.django_db
def test_superuser_may_do_everything():
    assert allowed(factories.UserFactory(is_superuser=True)) == ACTIONS


@pytest.mark.django_db
def test_inactive_superuser_may_do_nothing():
    assert allowed(factories.UserFactory(is_superuser=True, is_active=False)) == []


def test_public_may_do_nothing():
    assert allowed(AnonymousUser()) == []


def test_unknown_action_is_an_error():
    with pytest.raises(KeyError):
        may(AnonymousUser(), "burn")


def test_require_refuses():
    with pytest.raises(PermissionDenied):
        require(AnonymousUser(), "publish")
