"""Did you mean: another spelling of what was typed, from the words the site uses."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from .query import MAX_LENGTH, MAX_WORDS

_WORD = re.compile(r"[^\W_]+")
# Three letters have too many neighbours ("hip", "lip", "tip").
_MIN_LETTERS = 4
# As PostgreSQL's pg_trgm has it for its operator of similarity, a little lower: two swapped letters
# in a short word change most of its trigrams, and the distance decides in the end.
_MIN_SIMILARITY = 0.2


def suggest(text: str, vocabulary: Iterable[str]) -> str | None:
    """What the person may have meant by `text`; None if every word is known or nothing close is.

    `vocabulary` is any texts in the spelling of the site: titles, synonyms, terms of the glossary. Words
    in them are known, also with or without a final s. Each unknown word of at least four letters becomes
    the closest known one: one slip (a letter wrong, missing, too many, or two swapped) in a word of four,
    two in longer ones; or two known words it is run together from. Everything else stays as typed.
    Accents and case make no difference. Looks at the first 200 characters and 12 words.
    """
    spellings: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for entry in vocabulary:
        for word in _WORD.findall(unicodedata.normalize("NFC", entry)):
            folded = _fold(word)
            spellings.setdefault(folded, word.lower())
            counts[folded] += 1

    text = unicodedata.normalize("NFC", text[:MAX_LENGTH])
    parts = []
    place = 0
    is_changed = False
    for n, found in enumerate(_WORD.finditer(text)):
        if n == MAX_WORDS:
            break
        better = _closest(_fold(found[0]), counts)
        if better:
            parts += [text[place : found.start()], " ".join(spellings[word] for word in better)]
            place = found.end()
            is_changed = True
    if not is_changed:
        return None
    return " ".join("".join([*parts, text[place:]]).split())


def _closest(word: str, counts: Counter[str]) -> list[str] | None:
    """The known words to put for `word`; None to leave it."""
    if len(word) < _MIN_LETTERS or not word.isalpha() or _is_known(word, counts):
        return None
    slips = 1 if len(word) == _MIN_LETTERS else 2
    trigrams = _trigrams(word)
    candidates = []
    for known, count in counts.items():
        if abs(len(known) - len(word)) > slips or len(known) < _MIN_LETTERS or not known.isalpha():
            continue
        similarity = _similarity(trigrams, _trigrams(known))
        if similarity < _MIN_SIMILARITY:
            continue
        distance = _distance(word, known)
        if distance <= slips:
            candidates.append((distance, -similarity, -count, known))
    if candidates:
        return [min(candidates)[-1]]
    for cut in range(3, len(word) - 2):
        if word[:cut] in counts and word[cut:] in counts:
            return [word[:cut], word[cut:]]
    return None


def _is_known(word: str, counts: Counter[str]) -> bool:
    return word in counts or f"{word}s" in counts or word.removesuffix("s") in counts


def _fold(word: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _trigrams(word: str) -> set[str]:
    """As pg_trgm has them: two blanks before the word, one after it."""
    padded = f"  {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _similarity(one: set[str], other: set[str]) -> float:
    """Shared trigrams among all, 0 to 1 (Jaccard, as pg_trgm)."""
    return len(one & other) / len(one | other)


def _distance(one: str, other: str) -> int:
    """Slips between two words: optimal string alignment (Damerau 1964, doi:10.1145/363958.363994)."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
