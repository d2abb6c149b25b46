"""Who may do what with topics: the one place that every view and every admin hook asks."""

from typing import Any

from django.core.exceptions import PermissionDenied

from .models import Topic

# What each action needs. Changing includes looking; whoever may publish may look as well.
_NEEDED: dict[str, tuple[str, ...]] = {
    "view": ("articles.view_topic", "articles.change_topic", "articles.publish_topic"),
    "add": ("articles.add_topic",),
    "change": ("articles.change_topic",),
    "delete": ("articles.delete_topic",),
    "publish": ("articles.publish_topic",),
    "withdraw": ("articles.publish_topic",),
}


def may(user: Any, action: str, obj: Topic | None = None) -> bool:
    """Whether `user` may do `action` to the topic `obj`, or to topics at all if it is None.

    Actions: view, add, change, delete, publish, withdraw; any other raises KeyError. The answer is about
    the person alone: whether a topic has something to withdraw, say, is asked elsewhere. Today no topic
    differs from another; rules by topic belong here and nowhere else.
    """
    return any(user.has_perm(permission) for permission in _NEEDED[action])


def require(user: Any, action: str, obj: Topic | None = None) -> None:
    """Raise PermissionDenied (an answer 403) unless `user` may do `action`."""
    if not may(user, action, obj):
        raise PermissionDenied
