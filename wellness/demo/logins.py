"""The people of the demo: one for each role, with logins whose passwords are made on this machine."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group, User

from articles.permissions import Role

FILE_NAME = "demo-logins.txt"
# Everybody with what they do and the group that lets them; the administrator needs none.
USERNAMES: dict[str, tuple[str, Role | None]] = {
    "writer": ("writes pages and hands them in", Role.WRITER),
    "editor": ("edits, submits and signs off as an editor", Role.EDITOR),
    "reviewer": ("signs off as a scientist, or sends back", Role.REVIEWER),
    "publisher": ("publishes and withdraws", Role.PUBLISHER),
    "curator": ("enters studies", Role.CURATOR),
    "admin": ("may do everything", None),
}


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
    return [_ensure(username, role, passwords[username]) for username, (role, _) in USERNAMES.items()]


@dataclass(frozen=True)
class Cast:
    """Those who bring the pages of the demo from draft to edition."""

    writer: User
    editor: User
    reviewer: User
    publisher: User


def cast() -> Cast:
    """The people behind the logins."""
    users = {user.username: user for user in User.objects.filter(username__in=USERNAMES)}
    return Cast(users["writer"], users["editor"], users["reviewer"], users["publisher"])


def cast_without_logins() -> Cast:
    """People of the same roles who cannot sign in: no password, no way into the admin.

    They are named `demo-…`, so that nobody who works on the site is said to have signed the demo.
    """
    names = ("writer", "editor", "reviewer", "publisher")
    return Cast(*(_member(f"demo-{name}", name, None) for name in names))


def _ensure(username: str, role: str, password: str) -> Login:
    user = User.objects.filter(username=username).first()
    if user is not None:
        return Login(username, role, password if check_password(password, user.password) else None)
    _member(username, username, password)
    return Login(username, role, password)


def _member(username: str, name: str, password: str | None) -> User:
    """The account, made if it is missing; without a password nobody can sign in with it."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user
    user = User.objects.create_user(
        username=username,
        # A domain that can never exist: no mail of the demo reaches anybody.
        email="" if password is None else f"{username}@demo.invalid",
        password=password,
        first_name="Demo",
        last_name=name,
        is_staff=password is not None,
        is_superuser=name == "admin",
    )
    group = USERNAMES[name][1]
    if group is not None:
        user.groups.add(Group.objects.get(name=group))
    return user


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
