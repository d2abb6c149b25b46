"""The hedge check: whether a sentence claims more, or less, than its rating allows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .levels import Certainty

# What a sentence may say of an effect, as the strongest certainty that it needs.
_UNHEDGED, _PROBABLY, _MAY, _UNCERTAIN = 4, 3, 2, 1


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a sentence; `is_stop` keeps the page from going out."""

    words: str
    message: str
    is_stop: bool


_NEVER = (
    (
        r"(?:not |in|non-?)?significan(?:t|tly|ce)",
        "Readers take it for “important”: say how large the effect is",
    ),
    (r"pro(?:ven|ves?|ved|of)", "Studies make something more or less certain; they do not prove it"),
    (
        r"(?<!little or )(?<!little to )no (?:effects?|difference|benefits?)",
        "Say “little to no difference”, or that it is not known",
    ),
    (r"(?:does|do|did) not work|ineffective", "Say “little to no difference”, or that it is not known"),
)
_NEVER_PATTERNS = [(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), why) for words, why in _NEVER]

# Verbs that claim an effect. The second group are nouns as well, so that their neighbours decide.
_ONLY_VERBS = [
    "alter",
    "build",
    "enhance",
    "heal",
    "improve",
    "lengthen",
    "lessen",
    "lower",
    "make",
    "prevent",
    "produce",
    "promote",
    "protect",
    "raise",
    "reduce",
    "relieve",
    "shorten",
    "slow",
    "strengthen",
    "treat",
    "weaken",
    "widen",
    "worsen",
    "lead",
    "give",
    "bring",
    "have",
]
_ALSO_NOUNS = [
    "aid",
    "boost",
    "cause",
    "change",
    "cut",
    "damage",
    "decrease",
    "delay",
    "ease",
    "harm",
    "help",
    "increase",
    "lift",
    "limit",
    "result",
    "speed",
    "strain",
    "support",
    "work",
]
_THIRD = {verb: "has" if verb == "have" else f"{verb}s" for verb in (*_ONLY_VERBS, *_ALSO_NOUNS)}
_BARE = re.compile(rf"(?<!\w)(?:{'|'.join((*_ONLY_VERBS, *_ALSO_NOUNS))})(?!\w)", re.IGNORECASE)
_FINITE = re.compile(
    rf"(?<!\w)(?:{'|'.join(_THIRD.values())}|(?:is|are) (?:\w+ )?(?:better|worse|higher|lower|safer?"
    r"|effective|as good|faster|slower|stronger|weaker))(?!\w)",
    re.IGNORECASE,
)
# A hedge before a bare verb (“may reduce”) and before either kind of verb (“probably reduces”).
_MODAL = re.compile(r"(?<!\w)(?:may|might|could)(?!\w)", re.IGNORECASE)
_ADVERBS = (
    (re.compile(r"(?<!\w)(?:probably|likely)(?!\w)", re.IGNORECASE), _PROBABLY),
    (
        re.compile(
            r"(?<!\w)(?:possibly|perhaps|maybe|evidence suggests?|studies suggest|seems?|appears?)(?!\w)",
            re.IGNORECASE,
        ),
        _MAY,
    ),
    (
        re.compile(
            r"(?<!\w)(?:whether|if)(?!\w)",
            re.IGNORECASE,
        ),
        _UNCERTAIN,
    ),
)
_OPEN = re.compile(
    r"(?<!\w)(?:very uncertain|uncertain|unclear|not (?:yet )?(?:known|clear|certain)|unknown|nobody knows"
    r"|cannot tell|no stud(?:y|ies)|not (?:been )?studied|too few)(?!\w)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;:.!?]|\b(?:but|while|whereas|although|though|because)\b", re.IGNORECASE)
_DETERMINED = re.compile(
    r"(?<!\w)(?:an?|the|this|that|these|those|any|more|less|of|in|large|small|slight|their|its|for|no|with|without|smaller"
    r"|larger|greater)\s+$",
    re.IGNORECASE,
)
# What stands right before a verb that shares an earlier hedge: “may improve gait and reduce falls”.
_SHARING = re.compile(
    r"(?:(?<!\w)(?:may|might|could|and|or|also|then|not|even|both|help|helps|let|lets|\w+ly)|,)\s*$",
    re.IGNORECASE,
)
_INFINITIVE = re.compile(r"(?<!\w)to\s+$", re.IGNORECASE)
_HELPING = re.compile(r"(?<!\w)(?:may|might|could)\s+(?:\w+ly\s+)?(?:help|let|make)(?!\w)", re.IGNORECASE)
# A word that is a noun as well is a verb after a modal, an adverb or a plural.
_VERB_PLACE = re.compile(
    r"(?<!\w)(?:may|might|could|not|also|then|they|these|those|people|\w+ly|\w+[^s\W]s)\s+$", re.IGNORECASE
)
_NOUN_FOLLOWS = re.compile(r"\s+(?:in|of|to|from)(?!\w)", re.IGNORECASE)


def flaws(sentence: str, *, certainty: Certainty) -> list[Flaw]:
    """What is wrong with a sentence over a finding of this certainty, worst first; empty if nothing is.

    A verb of effect must be hedged as far as the certainty goes: “may” up to low, “probably” up to moderate;
    very low asks for the words that the evidence is (very) uncertain. Without any such verb the sentence as a
    whole is taken for a claim. It stops what says too much and warns of what says too little.
    """
    found = [
        Flaw(match.group(), f"“{match.group()}” is never said. {why}.", True)
        for pattern, why in _NEVER_PATTERNS
        for match in pattern.finditer(sentence)
    ]
    claims = list(_claims(sentence))
    is_open = _OPEN.search(sentence) is not None
    hedges = [strength for _, strength in claims]
    if not claims:
        hedges = [_weakest(sentence)]
        claims = [("", hedges[0])]
    level = certainty.level
    allowed = _MAY if certainty == Certainty.VERY_LOW and is_open else level
    for words, strength in claims:
        if strength > allowed:
            found.append(Flaw(words, _too_much(words, certainty), True))
            break
    else:
        if max(hedges) < level and certainty in (Certainty.HIGH, Certainty.MODERATE):
            found.append(
                Flaw(
                    claims[0][0],
                    f"The certainty is {certainty.label.lower()}, and the sentence says less than that: "
                    f"{'leave out the hedge' if level == _UNHEDGED else 'say “probably”'}.",
                    False,
                )
            )
    return found


def _too_much(words: str, certainty: Certainty) -> str:
    needed = {
        Certainty.MODERATE: "say “probably”",
        Certainty.LOW: "say “may”",
        Certainty.VERY_LOW: "say that the evidence is very uncertain",
    }[certainty]
    what = f"“{words}” claims" if words else "The sentence claims"
    return f"{what} more than {certainty.label.lower()} certainty allows: {needed}."


def _claims(sentence: str) -> Iterator[tuple[str, int]]:
    """Each verb of effect with how strongly it claims it."""
    for clause in _clauses(sentence):
        for match in _FINITE.finditer(clause):
            before, after = clause[: match.start()], clause[match.end() :]
            word = match.group().casefold()
            is_noun = word[:-1] in _ALSO_NOUNS and word != "results" and _NOUN_FOLLOWS.match(after)
            if word != "speeds" and not is_noun and not _DETERMINED.search(before):
                yield match.group(), _strength(before, shares_modal=False)
        for match in _BARE.finditer(clause):
            before = clause[: match.start()]
            if _DETERMINED.search(before) or _INFINITIVE.search(before):
                continue
            if match.group().casefold() in _ALSO_NOUNS and not _VERB_PLACE.search(before):
                continue
            shares = _SHARING.search(before) is not None or _HELPING.search(before) is not None
            yield match.group(), _strength(before, shares_modal=shares)


def _clauses(sentence: str) -> list[str]:
    return [clause for clause in _CLAUSE_END.split(sentence) if clause.strip()]


def _strength(before: str, *, shares_modal: bool) -> int:
    """How strongly a verb claims after these words of its clause."""
    strengths = [strength for pattern, strength in _ADVERBS if pattern.search(before)]
    if shares_modal and _MODAL.search(before):
        strengths.append(_MAY)
    return min(strengths, default=_UNHEDGED)


def _weakest(sentence: str) -> int:
    strengths = [strength for pattern, strength in _ADVERBS if pattern.search(sentence)]
    if _MODAL.search(sentence):
        strengths.append(_MAY)
    if _OPEN.search(sentence):
        strengths.append(_UNCERTAIN)
    return min(strengths, default=_UNHEDGED)
