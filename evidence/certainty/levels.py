"""The levels of certainty, and how reasons lower and raise them.

After GRADE: Guyatt and others 2011, J Clin Epidemiol 64:383 (GRADE guidelines 1) and 64:1311 (guidelines 9).
"""

from collections.abc import Iterable, Mapping

from django.db.models import TextChoices


class Certainty(TextChoices):
    """How sure one can be that an effect is close to what was found."""

    HIGH = "high", "High"
    MODERATE = "moderate", "Moderate"
    LOW = "low", "Low"
    VERY_LOW = "very low", "Very low"

    @property
    def level(self) -> int:
        """4 for high to 1 for very low: how many of the four blocks are filled."""
        return {"high": 4, "moderate": 3, "low": 2, "very low": 1}[self.value]

    @classmethod
    def of_level(cls, level: int) -> "Certainty":
        return next(word for word in cls if word.level == level)


class Start(TextChoices):
    """Where a body of evidence starts, by the designs in it."""

    HIGH = "high", "High: randomised trials"
    LOW = "low", "Low: other studies"

    @property
    def level(self) -> int:
        return 4 if self == Start.HIGH else 2


class Lowering(TextChoices):
    """The reasons to lower certainty."""

    RISK_OF_BIAS = "risk_of_bias", "Risk of bias"
    INCONSISTENCY = "inconsistency", "Inconsistency"
    INDIRECTNESS = "indirectness", "Indirectness"
    IMPRECISION = "imprecision", "Imprecision"
    PUBLICATION_BIAS = "publication_bias", "Publication bias"


class Raising(TextChoices):
    """The reasons to raise certainty, usually of observational evidence that nothing lowers."""

    LARGE_EFFECT = "large_effect", "Large effect"
    DOSE_RESPONSE = "dose_response", "Dose response"
    CONFOUNDING = "confounding", "Confounding would hide it"


_SERIOUS = ("Not serious", "Serious", "Very serious", "Extremely serious")
LOWERING: Mapping[Lowering, tuple[str, ...]] = {
    Lowering.RISK_OF_BIAS: _SERIOUS,
    Lowering.INCONSISTENCY: _SERIOUS[:3],
    Lowering.INDIRECTNESS: _SERIOUS[:3],
    Lowering.IMPRECISION: _SERIOUS,
    Lowering.PUBLICATION_BIAS: ("Not suspected", "Strongly suspected"),
}
"""For each reason what may be judged: the place in the tuple is by how many levels it lowers."""

RAISING: Mapping[Raising, tuple[str, ...]] = {
    Raising.LARGE_EFFECT: ("No", "Large", "Very large"),
    Raising.DOSE_RESPONSE: ("No", "Yes"),
    Raising.CONFOUNDING: ("No", "Yes"),
}
"""The same for reasons to raise."""


class Size(TextChoices):
    """How large the effect is, judged against the difference that matters to people."""

    LARGE = "large", "Large"
    MODERATE = "moderate", "Moderate"
    SMALL = "small important", "Small but important"
    TRIVIAL = "trivial or none", "Trivial or none"
    UNCLEAR = "unclear", "Unclear"


class Direction(TextChoices):
    """Where the outcome goes. Whether that is good is said by the outcome, not by its sign."""

    INCREASES = "increases", "Increases"
    REDUCES = "reduces", "Reduces"
    NEITHER = "neither", "Little or no difference"
    UNCLEAR = "unclear", "Unclear"


def certainty(
    *, start: Start, lowered: Mapping[Lowering, int], raised: Mapping[Raising, int] | None = None
) -> Certainty:
    """The level that follows from a start, less what lowers and plus what raises it; never typed.

    Reasons that are not given count 0. Raises ValueError for a step that a reason does not have.
    """
    level = start.level
    for reason, steps in lowered.items():
        level -= _checked(LOWERING[reason], steps, reason)
    for good_reason, steps in (raised or {}).items():
        level += _checked(RAISING[good_reason], steps, good_reason)
    return Certainty.of_level(max(1, min(4, level)))


def _checked(allowed: tuple[str, ...], steps: int, reason: TextChoices) -> int:
    if not 0 <= steps < len(allowed):
        raise ValueError(f"{reason.label} moves certainty by 0 to {len(allowed) - 1} levels.")
    return steps


def start_of(*, randomised: Iterable[bool]) -> Start | None:
    """Where a body starts: `randomised` says it of each study. None where both kinds are in it, or none.

    A body of both is rated apart or started by a person who says why.
    """
    kinds = set(randomised)
    if len(kinds) != 1:
        return None
    return Start.HIGH if kinds.pop() else Start.LOW
