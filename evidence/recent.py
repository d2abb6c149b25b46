"""What is new or changed among studies: which ones, when, and what happened, in words.

It is read from the history of the rows.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils import timezone

from .browsing import Filter
from .models import Appraisal, Arm, DomainJudgement, PopulationShare, Report, Result, Sample, Study

MOST = 50
"""Studies that are told of."""

WINDOW = 1000
"""Rows of each history that are looked through for the newest changes."""

ADDED, CHANGED, REMOVED = "+", "~", "-"

# What belongs to a study: the way there, and what one and several of it are called.
PARTS: list[tuple[Any, str, str, str]] = [
    (Report, "study", "report", "reports"),
    (Sample, "study", "sample", "samples"),
    (PopulationShare, "sample__study", "population of a sample", "populations of samples"),
    (Arm, "study", "arm", "arms"),
    (Result, "study", "result", "results"),
    (Appraisal, "study", "appraisal", "appraisals"),
    (DomainJudgement, "appraisal__study", "judgement of a domain", "judgements of domains"),
]
_NOT_TOLD = {"state", "integrity", "slug", "added_at", "changed_at"}
_FIELDS = [field.name for field in Study._meta.concrete_fields if field.name not in ("id", *_NOT_TOLD)]


@dataclass(frozen=True)
class Recent:
    """A study with its newest change: all that happened to it on that day, since when it is public."""

    study: Study
    at: datetime.datetime
    public_since: datetime.datetime
    words: str

    @property
    def day(self) -> datetime.date:
        return timezone.localdate(self.at)


def recent(chosen: Filter, *, most: int = MOST) -> list[Recent]:
    """The studies of what is filtered that changed last, the newest change first.

    Where a history is so full of newer changes that the window ends, fewer than `most`, but none is passed
    over. The number of queries is constant.
    """
    changed = _newest_changes(chosen)
    keys = sorted(changed, key=lambda key: (changed[key], key), reverse=True)[:most]
    studies = Study.objects.in_bulk(keys)
    day_of = {key: _start_of_day(changed[key]) for key in keys}
    own = _rows(Study, "id", keys, since=None, fields=["state", "integrity", *_FIELDS])
    reports = _rows(Report, "study", keys, since=None, fields=["retraction"])
    earliest = min(day_of.values(), default=None)
    parts = [
        (one, several, reports if model is Report else _rows(model, path, keys, since=earliest))
        for model, path, one, several in PARTS
    ]
    found = []
    for key in keys:
        public_since, was_public = _publication(own[key])
        since = day_of[key]
        if public_since is not None and public_since >= since:
            # Of what was done to it before, nobody could see anything.
            words = ["Back on this site." if was_public else "New on this site."]
            words += _said_of_integrity(own[key], public_since) + _said_of_reports(reports[key], public_since)
        else:
            words = _said_of_integrity(own[key], since) + _said_of_reports(reports[key], since)
            words += _said_of_fields(own[key], since)
            words += _said_of_parts([(one, several, rows[key]) for one, several, rows in parts], since)
        if studies[key].is_retracted and "Retracted." not in words:
            words.append("It is retracted.")
        found.append(Recent(studies[key], changed[key], public_since or changed[key], " ".join(words)))
    return found


# Which studies


def _newest_changes(chosen: Filter) -> dict[int, datetime.datetime]:
    """The moment of the newest change of those studies that changed last. A query for each history."""
    studies = chosen.apply().order_by().values("pk")
    newest: dict[int, datetime.datetime] = {}
    complete_from = None
    for model, path in [(Study, "id"), *((model, path) for model, path, _, _ in PARTS)]:
        rows = (
            model.history.filter(**{f"{path}__in": studies})
            .order_by("-history_date", "-history_id")
            .values_list(path, "history_date")[:WINDOW]
        )
        at = None
        for n, (key, at) in enumerate(rows, start=1):
            newest[key] = max(at, newest.get(key, at))
            if n == WINDOW:
                complete_from = at if complete_from is None else max(at, complete_from)
    return {key: at for key, at in newest.items() if complete_from is None or at >= complete_from}


def _start_of_day(at: datetime.datetime) -> datetime.datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


# What happened

Row = Mapping[str, Any]


def _rows(
    model: Any, path: str, keys: Iterable[int], *, since: datetime.datetime | None, fields: Iterable[str] = ()
) -> Mapping[int, list[Row]]:
    """The history of these studies from `since` on, the oldest first, by study. One query."""
    rows = model.history.filter(**{f"{path}__in": list(keys)}).order_by("history_date", "history_id")
    if since is not None:
        rows = rows.filter(history_date__gte=since)
    found = defaultdict(list)
    for row in rows.values(path, "id", "history_date", "history_type", *fields):
        found[row[path]].append(row)
    return found


def _publication(history: Iterable[Row]) -> tuple[datetime.datetime | None, bool]:
    """Since when the study is public, and whether it had been so before."""
    since, times, before = None, 0, None
    for row in history:
        if row["state"] == Study.State.PUBLISHED and before != Study.State.PUBLISHED:
            since, times = row["history_date"], times + 1
        before = row["state"]
    return since, times > 1


_INTEGRITY = {
    Study.Integrity.RETRACTED.value: "Retracted.",
    Study.Integrity.CONCERN.value: "Its publisher expressed a concern.",
    Study.Integrity.OK.value: "No longer marked as retracted or of concern.",
}


def _said_of_integrity(history: list[Row], since: datetime.datetime) -> list[str]:
    """Whether it was retracted, or no longer is."""
    return [
        _INTEGRITY[row["integrity"]]
        for before, row in pairwise(history)
        if row["history_date"] >= since and row["integrity"] != before["integrity"]
    ]


def _said_of_fields(history: list[Row], since: datetime.datetime) -> list[str]:
    """What else of the study itself changed, by the names of the fields."""
    changed = {
        name: None
        for before, row in pairwise(history)
        if row["history_date"] >= since
        for name in _FIELDS
        if row[name] != before[name]
    }
    names = [str(Study._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
    return [f"Changed: {', '.join(names)}."] if names else []


def _said_of_reports(history: list[Row], since: datetime.datetime) -> list[str]:
    """How many of the reports were retracted."""
    before: dict[int, str] = {}
    retracted = set()
    for row in history:
        key, state = row["id"], row["retraction"]
        is_news = row["history_date"] >= since and before.get(key) != state
        if is_news and state == Report.Retraction.RETRACTED and row["history_type"] != REMOVED:
            retracted.add(key)
        before[key] = state
    return [f"{_count(len(retracted), 'report was', 'reports were')} retracted."] if retracted else []


def _said_of_parts(parts: Iterable[tuple[str, str, list[Row]]], since: datetime.datetime) -> list[str]:
    """How many of each part came, changed and went."""
    said = []
    for one, several, rows in parts:
        happened: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            if row["history_date"] >= since:
                happened[row["id"]].add(row["history_type"])
        counts = Counter(
            next(kind for kind in (ADDED, REMOVED, CHANGED) if kind in kinds)
            for kinds in happened.values()
            # What came and went on the same day leaves nothing to tell.
            if not {ADDED, REMOVED} <= kinds
        )
        said += [
            f"{_count(counts[kind], one, several)} {verb}."
            for kind, verb in ((ADDED, "added"), (CHANGED, "changed"), (REMOVED, "removed"))
            if counts[kind]
        ]
    return said


def _count(n: int, one: str, several: str) -> str:
    return f"{n} {one if n == 1 else several}"
