"""Drift: what the evidence says today, less what an assessment looked at. Computed, never entered."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .bodies import Member, members
from .models import AssessedResult, Assessment, Conclusion, Result

RESTORED = "no longer retracted"


@dataclass(frozen=True)
class Drift:
    """How far the evidence has moved since an assessment; results and studies by primary key.

    A result is restored if its study was retracted then and is not any more; it is gone if it was deleted, is
    not public any more, or does not match the conclusion now.
    """

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    retracted: tuple[int, ...] = ()
    restored: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    new_studies: tuple[int, ...] = ()
    is_overdue: bool = False
    digest: str = field(default="", compare=False)
    """SHA-256 of what moved and of what it says now; empty if nothing did."""

    @property
    def kinds(self) -> dict[str, tuple[int, ...]]:
        """The results of each kind that there are, by its name."""
        kinds = {
            "new": self.new,
            "changed": self.changed,
            "retracted": self.retracted,
            RESTORED: self.restored,
            "gone": self.gone,
        }
        return {kind: results for kind, results in kinds.items() if results}

    @property
    def n_results(self) -> int:
        """How many results are not what they were; one that changed and was retracted counts once."""
        return len({result for results in self.kinds.values() for result in results})

    @property
    def says(self) -> str:
        """How many results moved how: “2 new, 1 retracted”; empty if none did."""
        return ", ".join(f"{len(results)} {kind}" for kind, results in self.kinds.items())

    @property
    def is_empty(self) -> bool:
        """Whether the evidence is what it was; the date alone moves no evidence."""
        return not self.kinds


def drifts(
    assessments: Iterable[Assessment],
    *,
    on: datetime.date,
    bodies: Mapping[int, Iterable[Member]] | None = None,
    studies: Collection[int] | None = None,
) -> dict[int, Drift]:
    """The drift of each signed assessment by its primary key. The number of queries is constant.

    `bodies` are those of its conclusions as `members` gives them, for who has read them already. With
    `studies` (primary keys) nothing is read or said of any other.
    """
    signed = list(assessments)
    if bodies is None:
        only = None
        if studies is not None:
            only = list(Result.objects.filter(study__in=studies).order_by().values_list("pk", flat=True))
        bodies = members([assessment.conclusion for assessment in signed], only=only)
    looked_at: dict[int, dict[int, tuple[str, bool]]] = defaultdict(dict)
    rows = AssessedResult.objects.filter(assessment__in=[assessment.pk for assessment in signed])
    if studies is not None:
        rows = rows.filter(study__in=studies)
    for key, result, digest, was_retracted in rows.values_list(
        "assessment_id", "result_id", "digest", "was_retracted"
    ):
        looked_at[key][result] = (digest, was_retracted)

    found = {}
    for assessment in signed:
        before = looked_at[assessment.pk]
        today = {member.result: member for member in bodies[assessment.conclusion_id]}
        new = [member for member in today.values() if member.result not in before]
        known = [(member, *before[member.result]) for member in today.values() if member.result in before]
        moved = Drift(
            new=tuple(member.result for member in new),
            changed=tuple(member.result for member, digest, _ in known if member.digest != digest),
            retracted=tuple(member.result for member, _, was in known if member.is_retracted and not was),
            restored=tuple(member.result for member, _, was in known if was and not member.is_retracted),
            gone=tuple(sorted(before.keys() - today.keys())),
            new_studies=tuple(dict.fromkeys(member.study for member in new)),
            is_overdue=assessment.next_due < on,
        )
        found[assessment.pk] = replace(moved, digest=_digest(moved, today))
    return found


def _digest(moved: Drift, today: Mapping[int, Member]) -> str:
    if moved.is_empty:
        return ""
    lines = [
        f"{kind} {result} {today[result].digest if result in today else ''}"
        for kind, results in moved.kinds.items()
        for result in sorted(results)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def in_force(
    *, on: datetime.date, conclusions: Iterable[Conclusion] | None = None
) -> dict[int, tuple[Assessment, Drift]]:
    """The assessment in force of each conclusion (all if None) by its primary key, with its drift.

    Conclusions that nobody rated are left out. The number of queries is constant.
    """
    rows = Assessment.objects.in_force().for_display()
    if conclusions is not None:
        rows = rows.filter(conclusion__in=conclusions)
    signed = list(rows.order_by("conclusion"))
    moved = drifts(signed, on=on)
    return {assessment.conclusion_id: (assessment, moved[assessment.pk]) for assessment in signed}


def touched_by(results: Collection[int]) -> list[Conclusion]:
    """The conclusions in whose bodies any of these results stand today. The number of queries is constant."""
    everything = list(Conclusion.objects.for_display().in_order())
    bodies = members(everything, only=results)
    return [conclusion for conclusion in everything if bodies[conclusion.pk]]
