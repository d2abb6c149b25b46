"""What a person typed into a search box, reduced to words, so that no input can break an engine."""

import re
import unicodedata
from dataclasses import dataclass

MAX_LENGTH = 200  # characters
MAX_WORDS = 12
# A shorter last word is taken as it stands: "vitamin d" is not the beginning of "vitamin dose".
MIN_PREFIX = 3

# Left out where other words remain: a title need not hold the "of" that somebody typed. The engines
# themselves know no stop words, because theirs would make "vitamin A" the same as "vitamin".
FUNCTION_WORDS = frozenset(
    "a an and are as at be by do does for from how in is it of on or that the to was were".split()  # noqa: SIM905
) | {"what", "which", "with"}

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# A quoted phrase (the closing quote may be missing), or words joined by one mark inside, such as
# "omega-3" and "0.5"; a minus directly before either, at the start or after a space, excludes it.
_PIECE = re.compile(
    r"""(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<chunk>[^\W_]+(?:[-.'’\u2010\u2011][^\W_]+)*))"""
)


@dataclass(frozen=True)
class Term:
    """One word, or several in a row (a phrase); as a prefix its last word may be unfinished."""

    words: tuple[str, ...]
    is_excluded: bool = False
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """Terms that must all occur, and terms that must not."""

    terms: tuple[Term, ...] = ()

    @property
    def required(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.is_excluded)

    @property
    def excluded(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.is_excluded)

    @property
    def words(self) -> tuple[str, ...]:
        """The words looked for, lower case, in the order typed."""
        return tuple(word for term in self.required for word in term.words)

    @property
    def is_empty(self) -> bool:
        """Nothing is looked for: such a query matches nothing, even if it excludes words."""
        return not self.required


def parse(text: str) -> Query:
    """Read what a person typed: words, "quoted phrases", -excluded words or phrases.

    The last word, unless something follows it, also matches as the beginning of a word. Only the first
    200 characters and the first 12 words count. Never raises; whatever is not a letter or a digit only
    separates words.
    """
    # The cut comes first, so that endless input costs nothing; a word cut there counts as unfinished.
    text = unicodedata.normalize("NFC", text[:MAX_LENGTH].translate(_QUOTES))
    text = _POSSESSIVE.sub("", text)
    pieces = []
    n_words = 0
    for match in _PIECE.finditer(text):
        phrase, chunk = match["phrase"], match["chunk"]
        words = _WORD.findall(chunk if phrase is None else phrase)[: MAX_WORDS - n_words]
        if not words:
            continue
        n_words += len(words)
        is_excluded = match["minus"] is not None
        ends_text = text.endswith(words[-1]) and match.end() == len(text)
        term = Term(
            words=tuple(word.lower() for word in words),
            is_excluded=is_excluded,
            is_prefix=(
                ends_text and not is_excluded and len(words[-1]) >= MIN_PREFIX and not words[-1].isnumeric()
            ),
        )
        pieces.append((term, words[0] if phrase is None and len(words) == 1 else ""))
    return Query(_without_function_words(pieces, is_shouted=text.isupper()))


def _without_function_words(pieces: list[tuple[Term, str]], *, is_shouted: bool) -> tuple[Term, ...]:
    """Drop the bare function words, given with each term as typed, unless nothing else is looked for."""
    last = len(pieces) - 1
    kept = []
    for place, (term, typed) in enumerate(pieces):
        # "IT band", "vitamin A deficiency", "vitamin a"; not "A trial" and not "this OR that".
        is_capital = typed.isupper() and not is_shouted and typed not in ("AND", "OR")
        is_name = (is_capital and not (typed == "A" and place == 0)) or (
            typed in ("a", "A") and place == last
        )
        if term.is_excluded or typed.lower() not in FUNCTION_WORDS or is_name:
            kept.append(term)
    if all(term.is_excluded for term in kept):
        return tuple(term for term, _ in pieces)
    return tuple(kept)
