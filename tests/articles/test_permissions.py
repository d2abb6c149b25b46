import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied

from articles.permissions import may, require
from tests import factories

ACTIONS = ["view", "add", "change", "delete", "publish", "withdraw"]


def allowed(user, topic=None):
    return [action for action in ACTIONS if may(user, action, topic)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("right", "actions"),
    [
        ("view_topic", ["view"]),
        ("add_topic", ["add"]),
        ("change_topic", ["view", "change"]),
        ("delete_topic", ["delete"]),
        ("publish_topic", ["view", "publish", "withdraw"]),
        ("change_term", []),
    ],
)
def test_each_right_allows_its_actions(right, actions):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename=right))

    assert allowed(user) == actions
    assert allowed(user, factories.TopicFactory()) == actions


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
