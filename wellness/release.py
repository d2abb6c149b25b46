"""By what pages are drawn, beside the database: code, templates, static files, settings."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from . import settings

PACKAGES = ("wellness", "articles", "evidence", "search", "templates")
# Versions of all that is installed; and what static files are called.
LISTS = (settings.BASE_DIR / "requirements.txt", settings.STATIC_ROOT / "staticfiles.json")
# No page shows them: secrets, and what differs between a server and a command.
UNSEEN = frozenset({"SECRET_KEY", "DATABASES", "CACHES", "EMAIL_HOST_PASSWORD", "LOGGING", "READ_AHEAD"})


@cache
def name() -> str:
    """The same in all processes that draw alike, another one as soon as anything of it differs.

    Each process asks once, when it starts: later, files may have been replaced under it.
    """
    values = {
        setting: value
        for setting, value in vars(settings).items()
        if setting.isupper() and setting not in UNSEEN
    }
    return digest(_files(), values)


def digest(files: Iterable[Path], values: Mapping[str, object]) -> str:
    """SHA-256 of what these files are called and hold, and of values by name."""
    parts = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        parts.update(f"{file} {len(content)}\n".encode() + content)
    for name, value in sorted(values.items()):
        parts.update(f"{name} {value!r}\n".encode())
    return parts.hexdigest()


def _files() -> list[Path]:
    files = [
        file
        for package in PACKAGES
        for file in sorted((settings.BASE_DIR / package).rglob("*"))
        if file.is_file() and file.suffix != ".pyc"
    ]
    return [*files, *(file for file in LISTS if file.exists())]
