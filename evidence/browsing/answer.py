"""The studies behind one conclusion: as an assessment looked at them, or as they are today."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..bodies import members
from ..models import AssessedResult, Assessment, Conclusion


class UnknownAnswer(Exception):
    """There is no such conclusion, or it has no such assessment; `param` names which, the message says it."""

    def __init__(self, param: str, message: str) -> None:
        self.param = param
        super().__init__(message)


@dataclass(frozen=True)
class Answer:
    """A conclusion with the primary keys of its results; `assessment` is None for those of today."""

    slug: str
    assessment: int | None
    label: str = field(compare=False)
    results: frozenset[int] = field(compare=False, repr=False)

    @classmethod
    def read(cls, slug: str, assessment: int | None) -> Answer:
        """The answer of this address. Raises UnknownAnswer."""
        conclusion = Conclusion.objects.for_display().filter(slug=slug).first()
        if conclusion is None:
            raise UnknownAnswer("conclusion", "There is no such conclusion.")
        if assessment is None:
            body = frozenset(member.result for member in members([conclusion])[conclusion.pk])
            return cls(slug, None, f"{conclusion}, today", body)
        signed = Assessment.objects.signed().filter(conclusion=conclusion, number=assessment).first()
        if signed is None:
            raise UnknownAnswer("assessment", f"This conclusion has no assessment {assessment}.")
        looked_at = AssessedResult.objects.filter(assessment=signed).values_list("result_id", flat=True)
        return cls(slug, assessment, f"{conclusion}, as assessed", frozenset(looked_at))

    def parameters(self) -> list[tuple[str, str]]:
        """As parameters of an address."""
        pairs = [("conclusion", self.slug)]
        return pairs if self.assessment is None else [*pairs, ("assessment", str(self.assessment))]
