"""Why results are not pooled."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a result, or a whole set of them, is not pooled."""

    TOO_FEW = "too few"
    NO_VARIANCE = "no variance"
    NEVER_POOLED = "never pooled"
    MEASURES = "different measures"
    UNITS = "different units"
    INSTRUMENTS = "different instruments"
    COMPARISONS = "different comparisons"
    DIRECTIONS = "different directions"
    REVIEW = "review"
    RETRACTED = "retracted"
    SAME_PEOPLE = "same people"
    LEFT_OUT = "left out"

    @property
    def words(self) -> str:
        """What is in the way, in a few words for readers."""
        return {
            Reason.TOO_FEW: "Fewer than two studies",
            Reason.NO_VARIANCE: "No number with its uncertainty",
            Reason.NEVER_POOLED: "A measure that is never pooled",
            Reason.MEASURES: "Different measures",
            Reason.UNITS: "Different or unknown units",
            Reason.INSTRUMENTS: "Scores of different instruments",
            Reason.COMPARISONS: "Changes within groups beside differences between groups",
            Reason.DIRECTIONS: "Outcomes of which higher is better beside outcomes of which lower is better",
            Reason.REVIEW: "A review, which counts people of other studies again",
            Reason.RETRACTED: "Retracted",
            Reason.SAME_PEOPLE: "The same people more than once",
            Reason.LEFT_OUT: "Left out by choice",
        }[self]


class NotPoolable(Exception):
    """These results must not be pooled; `reason` is for code, the message a sentence for readers."""

    def __init__(self, reason: Reason, message: str) -> None:
        self.reason = reason
        super().__init__(message)
