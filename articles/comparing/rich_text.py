"""What changed in a rich text beside its words: links, emphasis, and the kind of its paragraphs."""

import re
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from itertools import groupby
from typing import NamedTuple

from django.utils.text import Truncator

from .words import TOKEN, Piece, Step, pieces, steps

_SPACE = re.compile(r"[ \t\n\r\f]+")
_EMPHASIS = {"strong": "bold", "em": "italic", "sub": "subscript", "sup": "superscript"}
_PARAGRAPHS = {
    "p": "paragraph",
    "li": "point of a list",
    "h3": "heading",
    "h4": "small heading",
    "blockquote": "quotation",
}

NameOf = Callable[[str], str]
"""Says in words where a link leads."""


class Marks(NamedTuple):
    """What holds for a word beside its letters."""

    paragraph: str
    emphasis: frozenset[str]
    link: str | None


class _Reader(HTMLParser):
    """Plain text with the marks of each of its letters."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.marks: list[Marks] = []
        self._open: list[tuple[str, str | None]] = []
        self._gap = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._gap = "\n"
            return
        if tag in _PARAGRAPHS:
            # A paragraph inside a point of a list opens no line of its own.
            self._gap = self._gap if self._gap.endswith("• ") else "\n"
            if tag == "li":
                self._gap = "\n• "
        self._open.append((tag, dict(attrs).get("href")))

    def handle_endtag(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._gap = "\n"
        for place in reversed(range(len(self._open))):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        data = _SPACE.sub(" ", data)
        if self._gap or not self.text:
            data = data.lstrip(" ")
        if not data:
            return
        gap = self._gap if self.text else self._gap.removeprefix("\n")
        tags = [tag for tag, _ in self._open]
        marks = Marks(
            paragraph=self._paragraph(tags),
            emphasis=frozenset(_EMPHASIS[tag] for tag in tags if tag in _EMPHASIS),
            link=next((href for tag, href in self._open if tag == "a"), None),
        )
        self.text += gap + data
        self.marks += [marks] * (len(gap) + len(data))
        self._gap = ""

    @staticmethod
    def _paragraph(tags: list[str]) -> str:
        if "li" in tags:
            return "point of a numbered list" if "ol" in tags else _PARAGRAPHS["li"]
        outer = next((tag for tag in tags if tag in _PARAGRAPHS), "p")
        return _PARAGRAPHS[outer]


def _read(html: str) -> tuple[list[str], list[Marks]]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = list(TOKEN.finditer(reader.text))
    # The space before a word does not decide: it may stand outside the link.
    letters = [match.end() - len(match.group().lstrip()) for match in found]
    return [match.group() for match in found], [
        reader.marks[min(letter, len(reader.marks) - 1)] for letter in letters
    ]


def plain(html: str) -> str:
    """The words of a rich text, a line for each paragraph."""
    return "".join(_read(html)[0])


def mark(before: str, after: str, name_of: NameOf = str) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """How one cleaned rich text became another: its words as `words.mark`, and the rest in sentences."""
    old, old_marks = _read(before)
    new, new_marks = _read(after)
    runs = steps(old, new)
    notes = list(_kept_words(new, old_marks, new_marks, runs, name_of))
    gone = list(_links(old, old_marks, runs, "removed"))
    come = list(_links(new, new_marks, runs, "added"))
    # A link whose words were rewritten leads where it led: the words tell that already.
    gone_targets, come_targets = {target for target, _ in gone}, {target for target, _ in come}
    notes += [
        f"{_quoted(text)} linked to {name_of(target)}." for target, text in gone if target not in come_targets
    ]
    notes += [
        f"{_quoted(text)} links to {name_of(target)}." for target, text in come if target not in gone_targets
    ]
    return pieces(old, new, runs), tuple(dict.fromkeys(notes))


def _kept_words(
    new: list[str], old_marks: list[Marks], new_marks: list[Marks], runs: Iterable[Step], name_of: NameOf
) -> Iterator[str]:
    """What changed about words that stayed."""
    for how, a, b, c, _ in runs:
        if how != "same":
            continue
        pairs = [(old_marks[a + i], new_marks[c + i], new[c + i]) for i in range(b - a)]
        for (was, now), group in groupby(pairs, key=lambda pair: (pair[0].link, pair[1].link)):
            text = _quoted("".join(word for _, _, word in group))
            if was == now:
                continue
            if now is None:
                yield f"{text} no longer links to {name_of(str(was))}."
            elif was is None:
                yield f"{text} now links to {name_of(now)}."
            else:
                yield f"{text} now links to {name_of(now)}, before to {name_of(was)}."
        for (was_set, now_set), group in groupby(
            pairs, key=lambda pair: (pair[0].emphasis, pair[1].emphasis)
        ):
            text = _quoted("".join(word for _, _, word in group))
            for word in sorted(now_set - was_set):
                yield f"{text} is now {word}."
            for word in sorted(was_set - now_set):
                yield f"{text} is no longer {word}."
        for (was, now), group in groupby(pairs, key=lambda pair: (pair[0].paragraph, pair[1].paragraph)):
            text = _quoted("".join(word for _, _, word in group))
            if was != now:
                yield f"{text} is now a {now}, before a {was}."


def _links(
    words: list[str], marks: list[Marks], runs: Iterable[Step], wanted: str
) -> Iterator[tuple[str, str]]:
    """Each (target, words) of the links in words that went or came."""
    for how, a, b, c, d in runs:
        if how != wanted:
            continue
        span = range(a, b) if wanted == "removed" else range(c, d)
        for link, group in groupby(span, key=lambda place: marks[place].link):
            if link is not None:
                yield link, "".join(words[place] for place in group)


def _quoted(text: str) -> str:
    return f"“{Truncator(' '.join(text.split())).chars(60)}”"
