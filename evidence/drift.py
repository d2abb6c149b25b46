"""Drift: what the evidence says today, less what an assessment looked at. Computed, never entered."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from . import drift_index
from .bodies import Member, members
from .drift_index import Index, Name, Signed
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
    studies: Mapping[int, int] = field(default_factory=dict, compare=False, repr=False)
    """The study of each of these results, also of those whose rows are gone."""

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


# Computed anew


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
    looked_at: dict[int, dict[int, tuple[int, str, bool]]] = defaultdict(dict)
    rows = AssessedResult.objects.filter(assessment__in=[assessment.pk for assessment in signed])
    if studies is not None:
        rows = rows.filter(study__in=studies)
    for key, result, study, digest, was_retracted in rows.values_list(
        "assessment_id", "result_id", "study_id", "digest", "was_retracted"
    ):
        looked_at[key][result] = (study, digest, was_retracted)

    found = {}
    for assessment in signed:
        before = looked_at[assessment.pk]
        today = {member.result: member for member in bodies[assessment.conclusion_id]}
        new = [member for member in today.values() if member.result not in before]
        known = [(member, *before[member.result]) for member in today.values() if member.result in before]
        gone = sorted(before.keys() - today.keys())
        moved = Drift(
            new=tuple(member.result for member in new),
            changed=tuple(member.result for member, _, digest, _ in known if member.digest != digest),
            retracted=tuple(member.result for member, _, _, was in known if member.is_retracted and not was),
            restored=tuple(member.result for member, _, _, was in known if was and not member.is_retracted),
            gone=tuple(gone),
            new_studies=tuple(dict.fromkeys(member.study for member in new)),
            is_overdue=assessment.next_due < on,
            studies={
                **{member.result: member.study for member in today.values()},
                **{result: before[result][0] for result in gone},
            },
        )
        found[assessment.pk] = _with_digest(
            moved, {member.result: member.digest for member in today.values()}
        )
    return found


def _with_digest(moved: Drift, says: Mapping[int, str]) -> Drift:
    """The same with its digest; `says` are the digests of results that still count."""
    if moved.is_empty:
        return moved
    lines = [
        f"{kind} {result} {says.get(result, '')}"
        for kind, results in moved.kinds.items()
        for result in sorted(results)
    ]
    return replace(moved, digest=hashlib.sha256("\n".join(lines).encode()).hexdigest())


# As this process knows it


def known(
    assessments: Iterable[Assessment], *, on: datetime.date, index: Index | None = None
) -> dict[int, Drift]:
    """What `drifts` says, from this index, or from that of this process: one query where nothing changed."""
    signed = list(assessments)
    if index is None and signed:
        index = drift_index.current_with(pks=[assessment.pk for assessment in signed])
    if index is None:
        return drifts(signed, on=on)
    return {assessment.pk: _of(index, assessment, on) for assessment in signed}


@dataclass(frozen=True)
class Named:
    """The drift of an assessment that a page names; `is_renewed` if a newer one is in force by now."""

    assessment: int
    next_due: datetime.date
    is_renewed: bool
    drift: Drift


def named(
    names: Collection[Name],
    *,
    on: datetime.date,
    studies: Collection[int] | None = None,
    index: Index | None = None,
) -> dict[Name, Named]:
    """The drift of signed assessments, in force or not; names that no assessment has are left out.

    With `studies`, no result but theirs is told. Read from this index, or from that of this process: one
    query where nothing changed.
    """
    if names:
        index = drift_index.current_with(names=names, index=index)
    if index is not None:
        signed = {name: row for name in names if (row := index.assessments.named(name)) is not None}
        return {
            name: Named(row.pk, row.next_due, index.is_renewed(row), _of(index, row, on, studies))
            for name, row in signed.items()
        }
    rows = Assessment.objects.signed().filter(conclusion__slug__in={slug for slug, _ in names})
    wanted: dict[Name, Assessment] = {}
    newest: dict[str, int | None] = {}
    for assessment in rows.select_related("conclusion").order_by("number"):
        slug = assessment.conclusion.slug
        newest[slug] = assessment.number
        if assessment.number is not None and (slug, assessment.number) in names:
            wanted[slug, assessment.number] = assessment
    moved = drifts(wanted.values(), on=on, studies=studies)
    return {
        name: Named(row.pk, row.next_due, newest[name[0]] != name[1], moved[row.pk])
        for name, row in wanted.items()
    }


def in_force(
    *, on: datetime.date, conclusions: Iterable[Conclusion] | None = None
) -> dict[int, tuple[Assessment, Drift]]:
    """The assessment in force of each conclusion (all if None) by its primary key, with its drift.

    Conclusions that nobody rated are left out. The number of queries is constant.
    """
    rows = Assessment.objects.in_force().for_display()
    if conclusions is not None:
        rows = rows.filter(conclusion__in=conclusions)
    return _with_drift(rows, on=on)


def drifted(
    *, on: datetime.date, conclusions: Iterable[Conclusion] | None = None
) -> dict[int, tuple[Assessment, Drift]]:
    """As `in_force`, those alone whose evidence is not what was assessed."""
    rows = Assessment.objects.in_force().for_display()
    if conclusions is not None:
        rows = rows.filter(conclusion__in=conclusions)
    index = drift_index.current()
    if index is not None:
        rows = rows.filter(pk__in=[pk for pk in index.assessments.in_force if index.of(pk)])
    found = _with_drift(rows, on, index)
    return {pk: (assessment, moved) for pk, (assessment, moved) in found.items() if not moved.is_empty}


def _with_drift(
    rows: QuerySet[Assessment], on: datetime.date, index: Index | None = None
) -> dict[int, tuple[Assessment, Drift]]:
    signed = list(rows.order_by("conclusion"))
    moved = known(signed, on=on, index=index)
    return {assessment.conclusion_id: (assessment, moved[assessment.pk]) for assessment in signed}


def _of(
    index: Index, signed: Signed | Assessment, on: datetime.date, studies: Collection[int] | None = None
) -> Drift:
    moved = sorted(entry for entry in index.of(signed.pk) if studies is None or entry.study in studies)

    def that(how: str) -> tuple[int, ...]:
        return tuple(entry.result for entry in moved if how in entry.how)

    found = Drift(
        new=that("new"),
        changed=that("changed"),
        retracted=that("retracted"),
        restored=that("restored"),
        gone=that("gone"),
        new_studies=tuple(dict.fromkeys(entry.study for entry in moved if "new" in entry.how)),
        is_overdue=signed.next_due < on,
        studies={entry.result: entry.study for entry in moved},
    )
    return _with_digest(found, {entry.result: entry.digest for entry in moved})


def touched_by(results: Collection[int]) -> list[Conclusion]:
    """The conclusions in whose bodies any of these results stand today. The number of queries is constant."""
    everything = list(Conclusion.objects.for_display().in_order())
    bodies = members(everything, only=results)
    return [conclusion for conclusion in everything if bodies[conclusion.pk]]
