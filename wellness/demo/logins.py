"""Logins for the demo: an editor, a curator and an administrator, with passwords made on this machine."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from taggit.models import Tag

from articles import models as articles
from evidence import models as evidence

FILE_NAME = "demo-logins.txt"
USERNAMES = {
    "editor": "writes and publishes pages",
    "curator": "enters studies",
    "admin": "may do everything",
}
EVIDENCE: list[type[models.Model]] = [
    getattr(evidence, name) for name in evidence.__all__ if not getattr(evidence, name)._meta.abstract
]
PAGES: list[type[models.Model]] = [
    articles.Category,
    articles.Topic,
    articles.TopicPopulation,
    articles.Term,
    *articles.BLOCK_MODELS,
]


class UnreadableLogins(Exception):
    """The file with the passwords cannot be read or written."""


@dataclass(frozen=True)
class Login:
    """How to get in: the password is None where it is not the one of the file any more."""

    username: str
    role: str
    password: str | None


def ensure(*, folder: Path) -> list[Login]:
    """Create the demo logins that do not exist yet, and return all of them.

    Passwords are drawn once and kept in `folder`, readable by its owner alone; accounts that exist are not
    touched. Raises UnreadableLogins.
    """
    passwords = _passwords(folder / FILE_NAME)
    return [_ensure(username, role, passwords[username]) for username, role in USERNAMES.items()]


def editor() -> Any:
    """The account that signs the editions of the demo."""
    return get_user_model().objects.get(username="editor")


def _ensure(username: str, role: str, password: str) -> Login:
    users = get_user_model()
    user: Any = users.objects.filter(username=username).first()
    if user is not None:
        return Login(username, role, password if check_password(password, user.password) else None)
    user = users.objects.create_user(
        username=username,
        password=password,
        first_name="Demo",
        last_name=username,
        is_staff=True,
        is_superuser=username == "admin",
    )
    if username == "editor":
        user.groups.add(_group("Editors", _editing()))
    elif username == "curator":
        user.groups.add(_group("Curators", _curating()))
    return Login(username, role, password)


def _group(name: str, permissions: list[Permission]) -> Group:
    """The group, with these permissions if it is new: what somebody gave or took since holds."""
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        group.permissions.set(permissions)
    return group


def _editing() -> list[Permission]:
    return [
        *_permissions(PAGES, "add", "change", "delete", "view", "publish"),
        *_permissions([Tag], "add", "change", "view"),
        *_permissions([articles.Message], "change", "view"),
        *_permissions([articles.Edition, *EVIDENCE], "view"),
    ]


def _curating() -> list[Permission]:
    return [
        *_permissions(EVIDENCE, "add", "change", "delete", "view"),
        *_permissions([articles.Edition, *PAGES], "view"),
    ]


def _permissions(entities: list[type[models.Model]], *actions: str) -> list[Permission]:
    types = ContentType.objects.get_for_models(*entities)
    wanted = {
        (types[entity].pk, f"{action}_{entity._meta.model_name}") for entity in entities for action in actions
    }
    found = Permission.objects.filter(content_type__in=types.values())
    return [entry for entry in found if (entry.content_type_id, entry.codename) in wanted]


def _passwords(path: Path) -> dict[str, str]:
    """The passwords of the file; those that it does not have are drawn and added."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = dict(line.split(maxsplit=1) for line in lines if len(line.split()) == 2)
        missing = [username for username in USERNAMES if username not in kept]
        if missing:
            kept |= {username: secrets.token_urlsafe(12) for username in missing}
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                os.fchmod(file.fileno(), 0o600)
                file.writelines(f"{username} {password}\n" for username, password in kept.items())
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableLogins(f"{path} cannot be used: {error}.") from error
    return kept
