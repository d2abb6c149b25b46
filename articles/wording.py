"""Wording: how hard a text is to read, and words that promise more than research can."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from django.utils.html import strip_tags

LONGEST_SENTENCE = 30
"""Words in a sentence that most people still read in one go."""

PARAGRAPH_END = re.compile(r"</(?:p|li|ul|ol|h\d|blockquote)>|<br ?/?>")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=[\"“‘'(\[]*[A-Z0-9])")
_WORD = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_SILENT_END = re.compile(r"(?:[^laeiouy]e|[^aeiouydt]ed|[^aeiouyszxc]es)$")


def paragraphs(html: str) -> list[str]:
    """The plain words of rich text, one entry for each paragraph, item or small heading that has any."""
    return list(_paragraphs(html))


# Most checks of a page ask for all its texts again.
@lru_cache(maxsize=512)
def _paragraphs(html: str) -> tuple[str, ...]:
    lines = PARAGRAPH_END.sub("\n", html).split("\n")
    plain = (" ".join(unescape(strip_tags(line)).split()) for line in lines)
    return tuple(line for line in plain if line)


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph. “e.g. 5 kg” may be taken for two: good enough for a hint."""
    return [sentence for sentence in _SENTENCE_END.split(text) if _WORD.search(sentence)]


def count_words(text: str) -> int:
    return len(_WORD.findall(text))


def syllables(word: str) -> int:
    """How many syllables an English word seems to have, at least one: groups of vowels less a silent end."""
    groups = len(_VOWELS.findall(word.casefold()))
    return max(1, groups - (1 if _SILENT_END.search(word.casefold()) else 0))


def grade(texts: Iterable[str]) -> float | None:
    """Years of schooling that the paragraphs `texts` ask for; None below 100 words, where it says nothing.

    The Flesch-Kincaid grade level: Kincaid, Fishburne, Rogers and Chissom 1975, Research Branch Report 8-75,
    Naval Technical Training Command. Its syllables are estimated here, and words of digits are left out.
    """
    n_sentences = n_words = n_syllables = 0
    for text in texts:
        for sentence in sentences(text):
            words = [word for word in _WORD.findall(sentence) if _LETTERS.search(word)]
            n_sentences += bool(words)
            n_words += len(words)
            n_syllables += sum(syllables(part) for word in words for part in _LETTERS.findall(word))
    if n_words < 100:
        return None
    return 0.39 * n_words / n_sentences + 11.8 * n_syllables / n_words - 15.59


@dataclass(frozen=True)
class Promise:
    """A word that says more than research can, with what to write instead.

    `is_stop` marks those that no honest sentence needs; the others have innocent uses as well.
    """

    pattern: re.Pattern[str]
    advice: str
    is_stop: bool = False


@dataclass(frozen=True)
class Promised:
    """A promise found in a text: the word as it stands there, and whether the page must not go out."""

    word: str
    advice: str
    is_stop: bool


def _promise(words: str, advice: str, *, is_stop: bool = False) -> Promise:
    return Promise(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), advice, is_stop)


_HEDGE = "Say what was found, in whom, and how certain it is."
# The first that matches at a place counts, so that the longer one stands first.
PROMISES = (
    _promise(r"(?:clinically|scientifically|medically) pro(?:ven|ved)", _HEDGE, is_stop=True),
    _promise(r"pro(?:ven|ved) to", _HEDGE, is_stop=True),
    _promise(r"miracles?|miraculous(?:ly)?", _HEDGE, is_stop=True),
    _promise(r"guarantee(?:s|d|ing)?", "Nothing in health is certain. " + _HEDGE, is_stop=True),
    _promise(r"100 ?(?:%|per cent) (?:safe|effective|natural)", _HEDGE, is_stop=True),
    _promise(r"no side[- ]effects", "Say which harms were looked for, and in how many.", is_stop=True),
    _promise(r"cures", _HEDGE, is_stop=True),
    _promise(r"cure|curing|cured(?! (?:meat|ham|fish|pork|bacon|sausage)s?\b)", _HEDGE),
    _promise(r"proven|proves?", "Studies make something more or less certain; they do not prove it."),
    _promise(
        r"detox(?:es|ing|ify|ifies|ifying|ification)?|toxins?", "Name the substance, and what was measured."
    ),
    _promise(r"boost(?:s|ed|ing|ers?)?", "Say what rose, and by how much."),
    _promise(
        r"(?:not |in)?significant(?:ly)?",
        "Readers take it for “important”. Give the size of the effect and its interval.",
    ),
    _promise(
        r"(?<!little or )(?<!little to )no (?:effects?|difference)",
        "Say “little or no difference”, or that it is not known, with the interval.",
    ),
    _promise(r"breakthroughs?|game[- ]changers?|superfoods?|wonder drugs?", _HEDGE),
)

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_NEGATED = re.compile(
    r"(?<!\w)(?:no|not|never|nor|none|cannot|nothing|neither|without|\w+n[’']t)(?:\W+\w+){0,3}\W*$",
    re.IGNORECASE,
)


def promises(text: str, *, titles: Iterable[str] = ()) -> Iterator[Promised]:
    """Each promise in one paragraph, in its order, every word once.

    What stands in double quotation marks is mentioned, not said, and `titles` of studies are not our words:
    both are passed over. A denied promise (“no miracle”) never stops a page.
    """
    for title in titles:
        # Shorter names are labels like “Miller 1987”; taking them out could only hide our own words.
        if count_words(title) >= 3:
            text = re.sub(re.escape(title), "“”", text, flags=re.IGNORECASE)
    text = _QUOTED.sub("“”", text)
    found: dict[str, tuple[int, Promised]] = {}
    taken: list[tuple[int, int]] = []
    for promise in PROMISES:
        for match in promise.pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            is_stop = promise.is_stop and not _NEGATED.search(text[: match.start()])
            word = match.group()
            earlier = found.get(word.casefold())
            if earlier is None or (is_stop and not earlier[1].is_stop):
                found[word.casefold()] = (match.start(), Promised(word, promise.advice, is_stop))
    for _, promised in sorted(found.values(), key=lambda entry: entry[0]):
        yield promised
