"""From the bytes of a file to its values, with the place of everything that no database can hold."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from .places import Path, place, printable

FORMAT = "wellness-evidence"
VERSION = 1

# No record nests deeper than a judgement of a domain; what lies below is not ours.
DEEPEST = 40
# PostgreSQL refuses NUL, UTF-8 has no surrogates, and XML (feeds, sitemaps) none of the others.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class UnreadableFile(Exception):
    """A file that cannot be taken apart into records; the message names the place."""


class Unrepresentable(str):
    """A number of the file that is none, or is too large for one, as it was written."""

    __slots__ = ()


class RepeatingObject(dict[str, Any]):
    """A JSON object that gives the same key more than once; `repeated` is the first such key."""

    repeated: str


def read_json(data: bytes) -> Any:
    """The value in `data`, UTF-8 with or without a byte order mark.

    Impossible numbers come as `Unrepresentable` and objects with repeated keys as `RepeatingObject`, so that
    `flaws` can say where they are. Raises UnreadableFile with line and column.
    """
    if not data.strip():
        raise UnreadableFile("The file is empty.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise UnreadableFile(
            f"The file is not UTF-8: byte 0x{data[error.start]:02x} in line {line}, column {column}."
        ) from error
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=Unrepresentable,
        )
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"The file is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise UnreadableFile("The file is nested too deeply to be read.") from error


def flaws(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """What is in `value` that no record may hold, with its path. Never recurses, however deep `value` is."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Unrepresentable):
            yield path, _about_number(value)
        elif isinstance(value, str):
            if not value.isascii() or not value.isprintable():
                yield from _about_text(path, value)
        elif isinstance(value, float):
            if not math.isfinite(value):
                yield path, _about_number(str(value))
        elif isinstance(value, (dict, list)):
            if len(path) > DEEPEST:
                yield path[:DEEPEST], "This is nested too deeply."
                continue
            if isinstance(value, RepeatingObject):
                yield path, f"The key “{printable(value.repeated)}” is given more than once."
            if isinstance(value, dict):
                for key in value:
                    yield from _about_text(path, str(key))
            entries = list(value.items() if isinstance(value, dict) else enumerate(value))
            waiting.extend((((*path, step), entry) for step, entry in reversed(entries)))


def read_studies(data: bytes) -> list[Any]:
    """The records of an import file, one JSON value for a study, not yet checked.

    Raises UnreadableFile for a file that is not one of this form and version.
    """
    root = read_json(data)
    if not isinstance(root, dict):
        raise UnreadableFile(f"The file holds {_kind(root)} where an object with “format” is expected.")
    outside = {key: entry for key, entry in root.items() if key != "studies"}
    if isinstance(root, RepeatingObject):
        raise UnreadableFile(f"The key “{printable(root.repeated)}” is given more than once.")
    for path, message in flaws(outside):
        raise UnreadableFile(f"{place(path, root)}: {message}")
    if root.get("format") != FORMAT:
        raise UnreadableFile(f"format: Expected “{FORMAT}”.")
    version = root.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise UnreadableFile(f"version: Expected {VERSION}; this program knows no other version.")
    for key in sorted(outside.keys() - {"format", "version"}):
        raise UnreadableFile(f"{printable(key)}: Unknown field.")
    studies = root.get("studies")
    if not isinstance(studies, list):
        raise UnreadableFile(f"studies: Expected a list, found {_kind(studies)}.")
    return studies


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeating = RepeatingObject(found)
    repeating.repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeating


def _float(text: str) -> float | Unrepresentable:
    value = float(text)
    return value if math.isfinite(value) else Unrepresentable(text)


def _int(text: str) -> int | Unrepresentable:
    return int(text) if len(text) <= 20 else Unrepresentable(text)


def _about_number(text: str) -> str:
    if text.lstrip("-").lower() in ("nan", "infinity", "inf"):
        return f"“{text}” is not a number; use null for what is not known."
    return f"The number {printable(text)} is too large."


def _about_text(path: Path, text: str) -> Iterator[tuple[Path, str]]:
    found = _FORBIDDEN.search(text)
    if found is not None:
        name = "a NUL character" if found[0] == "\x00" else f"the character U+{ord(found[0]):04X}"
        yield path, f"The text holds {name}, which cannot be stored."


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true or false", dict: "an object", list: "a list", str: "a text"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")
