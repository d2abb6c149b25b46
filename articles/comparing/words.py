"""Which words of a text went, came and stayed."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# A word or a sign with the space before it; a number with its sign and its decimals is one word.
TOKEN = re.compile(r"\s*[−-]?\w+(?:[.,'’–-]\w+)*|\s*[^\w\s]|\s+")
# Above this many pairs of like words, words that occur very often no longer count as anchors.
_MANY_PAIRS = 200_000
# Fewer letters than these between two changes tear a sentence apart without holding it together.
_HOLDING = 4

How = Literal["same", "removed", "added"]
Step = tuple[How, int, int, int, int]
"""A run: what happened to before[a:b], now after[c:d]. A removed run has c == d, an added one a == b."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text with what happened to it."""

    how: How
    text: str


def mark(before: str, after: str) -> tuple[Piece, ...]:
    """How `before` became `after`. Same and removed pieces make `before`; same and added ones `after`."""
    old, new = tokens(before), tokens(after)
    return pieces(old, new, steps(old, new))


def replace(before: str, after: str) -> tuple[Piece, ...]:
    """As `mark`, for what is read as a whole: all of it stayed, or one went and the other came."""
    if before == after:
        return (Piece("same", before),) if before else ()
    removed, added = Piece("removed", before), Piece("added", after)
    return tuple(piece for piece in (removed, added) if piece.text)


def tokens(text: str) -> list[str]:
    """The words of a text; joined they are the text again."""
    return TOKEN.findall(text)


def steps(before: Sequence[str], after: Sequence[str]) -> list[Step]:
    """The runs that lead from one list of words to the other, in reading order."""
    start = 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]

    found: list[Step] = [("same", 0, start, 0, start)] if start else []
    old_counts, new_counts = Counter(old), Counter(new)
    n_pairs = sum(count * new_counts[word] for word, count in old_counts.items())
    matcher = SequenceMatcher(None, old, new, autojunk=n_pairs > _MANY_PAIRS)
    for how, a, b, c, d in matcher.get_opcodes():
        a, b, c, d = a + start, b + start, c + start, d + start
        if how == "equal":
            found.append(("same", a, b, c, d))
            continue
        if a < b:
            found.append(("removed", a, b, c, c))
        if c < d:
            found.append(("added", b, b, c, d))
    if end:
        found.append(("same", len(before) - end, len(before), len(after) - end, len(after)))
    return found


def pieces(before: Sequence[str], after: Sequence[str], runs: Sequence[Step]) -> tuple[Piece, ...]:
    """The runs as text, each change as one removed and one added piece."""
    found: list[Piece] = []
    removed = added = ""

    def change() -> list[Piece]:
        both: list[Piece] = []
        if removed:
            both.append(Piece("removed", removed))
        if added:
            both.append(Piece("added", added))
        return both

    for place, (how, a, b, c, d) in enumerate(runs):
        if how == "removed":
            removed += "".join(before[a:b])
        elif how == "added":
            added += "".join(after[c:d])
        else:
            text = "".join(before[a:b])
            is_between = 0 < place < len(runs) - 1
            if is_between and sum(map(str.isalnum, text)) < _HOLDING:
                removed += text
                added += text
                continue
            found += [*change(), Piece("same", text)]
            removed = added = ""
    return tuple(found + change())
