"""Registering: what a study said beforehand that it would measure, beside what it then reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import Outcome, Report, Result

BEFOREHAND = (Report.Kind.REGISTRATION, Report.Kind.PROTOCOL)


@dataclass(frozen=True)
class Compared:
    """One outcome of a study: the results planned for it beforehand, and those measured."""

    outcome: Outcome
    planned: tuple[Result, ...]
    measured: tuple[Result, ...]

    @property
    def difference(self) -> str:
        """How the two differ, in words; empty where they do not."""
        if not self.measured:
            return "No result of it is known"
        if not self.planned:
            return "Not among the outcomes entered from the registration or protocol"
        was, became = (
            any(result.is_primary for result in results) for results in (self.planned, self.measured)
        )
        if was and not became:
            return "Planned as a primary outcome, not reported as one"
        if became and not was:
            return "Reported as a primary outcome, not planned as one"
        if not any(result.state == Result.State.REPORTED for result in self.measured):
            return "Measured, its result was not seen in the source"
        return ""


def compared(results: Sequence[Result]) -> list[Compared]:
    """The outcomes of one study side by side, those planned first; none unless both sides are known.

    `results` come with their outcome and report. What was planned is a result without a number yet, entered
    from a registration or a protocol.
    """
    planned: dict[int, list[Result]] = {}
    measured: dict[int, list[Result]] = {}
    outcomes: dict[int, Outcome] = {}
    for result in results:
        if result.state != Result.State.PLANNED:
            measured.setdefault(result.outcome_id, []).append(result)
        elif result.report is not None and result.report.kind in BEFOREHAND:
            planned.setdefault(result.outcome_id, []).append(result)
        outcomes[result.outcome_id] = result.outcome
    if not planned or not measured:
        return []
    return [
        Compared(outcomes[key], tuple(planned.get(key, ())), tuple(measured.get(key, ())))
        for key in dict.fromkeys([*planned, *measured])
    ]
