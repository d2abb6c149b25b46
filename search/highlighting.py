"""Short extracts of texts with the words looked for marked, as safe HTML."""

import re
from collections import Counter
from collections.abc import Mapping
from html import unescape
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe

from .engines import engine_of
from .query import Query

Key = TypeVar("Key")
Span = tuple[int, int]

# Unicode keeps these two out of all text, for use inside a program.
_OPENING, _CLOSING = "\ufdd0", "\ufdd1"

MAX_CHARACTERS = 100_000

_BLOCK_TAG = re.compile(
    r"</?(?:p|br|hr|li|[uod]l|d[td]|h[1-6]|div|section|t[drh]|table|figcaption|blockquote)\b", re.IGNORECASE
)
_GAP = re.compile(r"\s+|[-.'’\u2010\u2011]")
_SENTENCE_END = re.compile(r"[.!?…][)\]\"'”’]*\s+(?=\S)")


def snippets(
    texts: Mapping[Key, str],
    query: Query,
    *,
    length: int | None = 200,
    html: bool = False,
    using: str = DEFAULT_DB_ALIAS,
) -> dict[Key, SafeString]:
    """For each text of a page of results, the place that shows most of the words looked for.

    `texts` maps any key, such as a primary key, to the text of its row. The answer has the same keys; its
    values have the found words in `<mark>` and everything else escaped. `length` is the wanted number of
    characters, of which a text that is cut keeps at most about a quarter more or less to begin and end with
    a sentence or at least a word; None keeps the text whole, as for titles. A text without any of the words
    is shown from its beginning. Only the first 100,000 characters of a text are looked at.

    With `html` the texts are HTML: tags are removed (blocks leave a space between them) and entities
    resolved before anything else, so that a tag is neither searched nor cut in half.

    The engine of the database `using` marks the words, so that stemming and accents agree with what it
    found: no query on SQLite, one on PostgreSQL. Of a phrase, PostgreSQL also marks the single words.
    """
    plain = {key: _plain(text, html=html) for key, text in texts.items()}
    if query.is_empty or not plain:
        marked = list(plain.values())
    else:
        connection = connections[using]
        marked = engine_of(connection).mark(
            connection, list(plain.values()), query, opening=_OPENING, closing=_CLOSING
        )
    return {key: _extract(text, length) for key, text in zip(plain, marked, strict=True)}


def _plain(text: str, *, html: bool) -> str:
    """One line of text without markup, control characters and our own two signs."""
    text = text[:MAX_CHARACTERS]
    if html:
        text = unescape(strip_tags(_BLOCK_TAG.sub(lambda tag: f" {tag[0]}", text)))
    text = re.sub(f"[\0-\x1f\x7f{_OPENING}{_CLOSING}]", " ", text)
    return " ".join(text.split())


def _extract(marked: str, length: int | None) -> SafeString:
    text, spans = _spans(marked)
    start, end = (0, len(text)) if length is None else _window(text, spans, length)
    parts = ["… "] if start > 0 else []
    place = start
    for first, last in spans:
        if first < start or last > end:
            continue
        parts += [escape(text[place:first]), "<mark>", escape(text[first:last]), "</mark>"]
        place = last
    parts.append(escape(text[place:end]))
    if end < len(text):
        parts.append(" …")
    return mark_safe("".join(parts))  # noqa: S308  every part is escaped above


def _spans(marked: str) -> tuple[str, list[Span]]:
    """The text without our signs, and where they were; marks that a blank or hyphen parts are one."""
    text: list[str] = []
    spans: list[Span] = []
    opened: int | None = None
    for character in marked:
        if character == _OPENING:
            opened = len(text)
        elif character == _CLOSING:
            if opened is not None:
                spans.append((opened, len(text)))
            opened = None
        else:
            text.append(character)
    whole = "".join(text)
    joined: list[Span] = []
    for first, last in spans:
        if joined and _GAP.fullmatch(whole, joined[-1][1], first):
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return whole, joined


def _window(text: str, spans: list[Span], length: int) -> Span:
    """Start and end of the extract: most marks, then the earliest; at sentences or else at words."""
    if len(text) <= length:
        return 0, len(text)
    slack = length // 4
    start = 0
    if spans:
        start = _start_before(text, _richest(text, spans, length - slack), slack)
    end = min(start + length, len(text))
    # Near its end a text is shown from further before, so that the extract keeps its length.
    if end - start < length // 2:
        start = _start_before(text, max(0, end - length + slack), slack)
    return start, _end_near(text, end, slack)


def _richest(text: str, spans: list[Span], width: int) -> int:
    """Where the first stretch of `width` characters begins that shows most different marked words."""
    shown: Counter[str] = Counter()
    best, most = spans[0][0], 0
    last = 0
    for first, (start, end) in enumerate(spans):
        while last < len(spans) and (spans[last][1] <= start + width or last == first):
            shown.update(text[slice(*spans[last])].casefold().split())
            last += 1
        if len(shown) > most:
            best, most = start, len(shown)
        shown -= Counter(text[start:end].casefold().split())
    return best


def _start_before(text: str, place: int, slack: int) -> int:
    """The start of the sentence that holds `place`, if within `slack`; else of a word a little before."""
    if place <= slack:
        return 0
    sentences = [found.end() for found in _SENTENCE_END.finditer(text, place - slack, place)]
    if sentences:
        return sentences[-1]
    blank = text.find(" ", place - slack // 2, place)
    return place if blank == -1 else blank + 1


def _end_near(text: str, end: int, slack: int) -> int:
    """The last end of a sentence within `slack` before `end`; else the end of a word."""
    if len(text) - end <= slack:
        return len(text)
    sentences = [found.end() for found in _SENTENCE_END.finditer(text, end - slack, end)]
    if sentences:
        return len(text[: sentences[-1]].rstrip())
    blank = text.rfind(" ", end - slack, end + 1)
    return end if blank == -1 else blank
