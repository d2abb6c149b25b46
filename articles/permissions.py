"""Who may do what with topics: the one place that every view and every admin hook asks."""

import enum
from typing import Any

from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import Topic


class Role(enum.StrEnum):
    """What people on the staff do: the names of the groups that a migration makes."""

    WRITER = "writer"
    EDITOR = "editor"
    REVIEWER = "scientific reviewer"
    PUBLISHER = "publisher"
    CURATOR = "evidence curator"


def name_of(person: Any) -> str:
    """The full name, else the user name; empty if there is nobody."""
    return "" if person is None else person.get_full_name() or person.get_username()


# What each action needs: any one of these. Changing includes looking; so does everything that needs a look.
_NEEDED: dict[str, tuple[str, ...]] = {
    "view": (
        "articles.view_topic",
        "articles.change_topic",
        "articles.edit_topic",
        "articles.review_topic",
        "articles.publish_topic",
    ),
    "comment": (
        "articles.view_topic",
        "articles.change_topic",
        "articles.edit_topic",
        "articles.review_topic",
        "articles.publish_topic",
    ),
    "add": ("articles.add_topic",),
    "change": ("articles.change_topic",),
    "delete": ("articles.delete_topic",),
    "edit": ("articles.edit_topic",),
    "review": ("articles.review_topic",),
    "send back": ("articles.edit_topic", "articles.review_topic", "articles.publish_topic"),
    "publish": ("articles.publish_topic",),
    "withdraw": ("articles.publish_topic",),
    "view images": ("articles.view_image", "articles.change_image"),
    "add images": ("articles.add_image",),
    "change images": ("articles.change_image",),
    "delete images": ("articles.delete_image",),
}


def may(user: Any, action: str, obj: Topic | None = None) -> bool:
    """Whether `user` may do `action` to the topic `obj`, or to topics at all if it is None.

    Actions: view, comment (whoever may look), add, change, delete, edit (what writers handed in), review (as
    a scientist), send back, publish, withdraw, and those on images; any other raises KeyError. The answer is
    about the person alone: in which state a topic allows what is in the table of `workflow`. Today no topic
    differs from another; rules by topic belong here and nowhere else.
    """
    return any(user.has_perm(permission) for permission in _NEEDED[action])


def require(user: Any, action: str, obj: Topic | None = None) -> None:
    """Raise PermissionDenied (an answer 403) unless `user` may do `action`."""
    if not may(user, action, obj):
        raise PermissionDenied


def staff_who_may(action: str) -> QuerySet[User]:
    """Those who can sign in to the admin and for whom `may` says yes about topics at all, in one query."""
    names = [permission.partition(".")[2] for permission in _NEEDED[action]]
    needed = Permission.objects.filter(content_type__app_label="articles", codename__in=names)
    own, of_group = needed.filter(user=OuterRef("pk")), needed.filter(group__user=OuterRef("pk"))
    staff = User.objects.filter(is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | Exists(own) | Exists(of_group))
