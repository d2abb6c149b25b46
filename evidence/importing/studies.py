"""Importing studies: every record is checked before the first row is written."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, transaction
from pydantic import ValidationError

from ..models import Study
from .form import StudyForm, sentence
from .matching import Identifiers, Matching, Plan
from .places import Path, place
from .reading import flaws
from .vocabularies import Vocabularies
from .writing import write

CHUNK = 500

# Called with what is being done (“checked”, “written”), how many records are done, and of how many.
Progress = Callable[[str, int, int], None]


class Interrupted(Exception):
    """The database refused what was checked, since somebody else wrote meanwhile. Nothing was written."""


@dataclass(frozen=True)
class Rejection:
    """A record that cannot be imported, with (place, reason) for each thing that is wrong with it."""

    place: str
    reasons: list[tuple[str, str]]


@dataclass
class Summary:
    """What became of the records of a file: the four counts add up to their number.

    Unless `written`, these are the counts as they would have been.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    written: bool = False

    @property
    def rejected(self) -> int:
        return len(self.rejections)

    @property
    def records(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected


def import_studies(
    *,
    records: Sequence[Any],
    at: datetime.datetime,
    by: AbstractBaseUser | None = None,
    dry_run: bool = False,
    skip_invalid: bool = False,
    reason: str = "Imported",
    progress: Progress | None = None,
) -> Summary:
    """Bring the studies of `records` (see docs/import-form.md) into the database, in one transaction.

    Nothing is written when a record is rejected, unless `skip_invalid`: then the others are, each study
    whole. Rows that are as the file says are not touched. `at`, `by` and `reason` go into the history.
    Records may be any JSON values; raises nothing but Interrupted.
    """
    summary = Summary()
    try:
        with nullcontext() if dry_run else transaction.atomic():
            plans = []
            for plan in _plans(records, summary, progress):
                if plan.is_new:
                    summary.created += 1
                elif plan.changes:
                    summary.updated += 1
                else:
                    summary.unchanged += 1
                    continue
                plans.append(plan)
            if not dry_run and (skip_invalid or not summary.rejections):
                for start in range(0, len(plans), CHUNK):
                    write(plans[start : start + CHUNK], by=by, at=at, reason=reason)
                    _tell(progress, "written", min(start + CHUNK, len(plans)), len(plans))
                summary.written = True
    except DatabaseError as error:
        raise Interrupted(f"The database refused the import, nothing was written: {error}") from error
    return summary


def _plans(records: Sequence[Any], summary: Summary, progress: Progress | None) -> Iterator[Plan]:
    """The plans of the valid records; the others are rejected in `summary`."""
    vocabularies = Vocabularies.read()
    identifiers = Identifiers()
    slugs: dict[str, int] = {}
    for start in range(0, len(records), CHUNK):
        forms: dict[int, StudyForm] = {}
        problems: dict[int, list[tuple[Path, str]]] = {}
        chunk = range(start, min(start + CHUNK, len(records)))
        for number in chunk:
            form, problems[number] = _form(records[number])
            if form is None:
                continue
            first = slugs.setdefault(form.slug, number)
            if first == number:
                forms[number] = form
            else:
                problems[number].append((("slug",), f"“{form.slug}” is given already at studies[{first}]."))
        identifiers.read(forms.values())
        stored = _stored([form.slug for form in forms.values()])
        for number in chunk:
            form = forms.get(number)
            plan = None
            if form is not None:
                matching = Matching(
                    form,
                    found=stored.get(form.slug),
                    vocabularies=vocabularies,
                    identifiers=identifiers,
                    place=_place(number, (), records[number]),
                )
                problems[number].extend(matching.problems)
                plan = matching.plan
            if plan is None or problems[number]:
                summary.rejections.append(_rejection(number, records[number], problems[number]))
            else:
                yield plan
        _tell(progress, "checked", chunk.stop, len(records))


def _form(record: Any) -> tuple[StudyForm | None, list[tuple[Path, str]]]:
    """The record as a form, or what keeps it from being one."""
    found = list(flaws(record))
    if found:
        return None, found
    try:
        return StudyForm.model_validate(record), []
    except ValidationError as error:
        return None, [(entry["loc"], sentence(entry)) for entry in error.errors(include_url=False)]


def _stored(slugs: list[str]) -> dict[str, Study]:
    """The studies with these slugs with everything below them, in ten queries."""
    studies = Study.objects.filter(slug__in=slugs).prefetch_related(
        "reports",
        "samples__shares",
        "arms__interventions",
        "results",
        "appraisals__domain_judgements",
    )
    return {study.slug: study for study in studies}


def _rejection(number: int, record: Any, problems: list[tuple[Path, str]]) -> Rejection:
    reasons = list(dict.fromkeys((_place(number, path, record), message) for path, message in problems))
    return Rejection(place=_place(number, (), record), reasons=reasons)


def _place(number: int, path: Path, record: Any) -> str:
    return place(("studies", number, *path), {"studies": {number: record}})


def _tell(progress: Progress | None, done: str, count: int, total: int) -> None:
    if progress is not None:
        progress(done, count, total)
