"""Since an edition: what the evidence says that the page has not looked at, and what editors say of that.

What moved is computed, never entered; what it could do is a triage, said by people. Neither changes a text or
a rating: only an assessment, and the next edition, do.
"""

import datetime
import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import localdate

from evidence import drift, drift_index, triaging
from evidence.changes import Moment
from evidence.drift import RESTORED, Named
from evidence.drift_index import Index, Name
from evidence.models import Arm, PopulationShare, Result, Sample, Study
from evidence.triaging import Outlook, Standing

from .models import Edition


class Level(enum.StrEnum):
    """How loudly the page says it. Only the third also marks the finding itself."""

    NONE = "none"
    NEW_STUDIES = "new studies"
    COULD_CHANGE = "could change a finding"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Moved:
    """A finding of the page under which evidence moved, and what that could do to it.

    `reason` and `assess_by` are those of the triage, if there is one. `is_renewed` says that the conclusion
    was assessed again: the next edition takes it in.
    """

    name: str
    anchor: str
    outlook: Outlook
    reason: str = ""
    assess_by: datetime.date | None = None
    overdue_since: datetime.date | None = None
    is_renewed: bool = False

    @property
    def could_change(self) -> bool:
        return self.outlook == Outlook.COULD

    @property
    def says(self) -> str:
        """What editors say of it, in the middle of a sentence."""
        return "assessed again, for the next edition" if self.is_renewed else self.outlook.value


@dataclass(frozen=True)
class News:
    """One study whose evidence moved under a page: how, and the findings that it concerns."""

    study: Study
    how: str  # a kind of evidence.drift.Drift
    findings: tuple[Moved, ...]

    @property
    def says(self) -> str:
        """The same in the middle of a sentence."""
        return {
            "new": "a new study",
            "changed": "a study changed",
            "retracted": "a study was retracted",
            RESTORED: "a study is no longer retracted",
            "gone": "a study no longer counts",
        }[self.how]

    @property
    def words(self) -> str:
        return {
            "new": "New",
            "changed": "Changed",
            "retracted": "Retracted",
            RESTORED: "No longer retracted",
            "gone": "No longer counted",
        }[self.how]


@dataclass(frozen=True)
class Overdue:
    """A finding that was to be assessed again by a day that has passed."""

    name: str
    anchor: str
    since: datetime.date


@dataclass(frozen=True)
class Since:
    """What moved since an edition, the gravest first; `findings` are those under which anything moved.

    A study that is not public any more is among no news: the finding alone says that something moved.
    """

    news: tuple[News, ...] = ()
    findings: tuple[Moved, ...] = ()
    overdue: tuple[Overdue, ...] = ()

    @property
    def n_new(self) -> int:
        return sum(entry.how == "new" for entry in self.news)

    @property
    def retracted(self) -> list[News]:
        return [entry for entry in self.news if entry.how == "retracted"]

    @property
    def could_change(self) -> list[Moved]:
        """The findings that what moved could change."""
        return [finding for finding in self.findings if finding.could_change]

    @property
    def triaged(self) -> list[Moved]:
        """The findings of which editors said something."""
        return [finding for finding in self.findings if finding.reason or finding.is_renewed]

    @property
    def overdue_since(self) -> datetime.date | None:
        """Since when the first of them is overdue."""
        return min((finding.since for finding in self.overdue), default=None)

    @property
    def level(self) -> Level:
        if self.overdue:
            return Level.OVERDUE
        if self.could_change:
            return Level.COULD_CHANGE
        return Level.NEW_STUDIES if self.findings else Level.NONE


_GRAVITY = ("retracted", "changed", RESTORED, "gone", "new")
_GRAVEST_FIRST = tuple(Outlook)


_said: tuple[object, dict[int, Since]] = (None, {})
"""What was found out for editions (by their keys) at one moment of the evidence, on one day."""


def since(edition: Edition, *, at: datetime.datetime, moment: Moment | None = None) -> Since:
    """What moved since the assessments that an edition shows. The number of queries is constant.

    Nothing for a page without findings. One query where nothing changed since this process was asked last;
    none if the `moment` of the evidence is known.
    """
    global _said
    if not edition.page.get("rests_on"):
        return Since()
    index = drift_index.current(moment)
    if index is None:
        return _since([edition], at=at)[edition.pk]
    when = (index.moment, localdate(at))
    said = _said
    if said[0] != when:
        said = _said = (when, {})
    if edition.pk not in said[1]:
        said[1][edition.pk] = _since([edition], at=at, index=index)[edition.pk]
    return said[1][edition.pk]


LATELY = 500
"""How many rows of each history are looked through for what moved last."""


@dataclass(frozen=True)
class Note:
    """That evidence moved under an edition, and when the evidence was last written."""

    edition: Edition
    news: News
    at: datetime.datetime


def notes(editions: Iterable[Edition], *, at: datetime.datetime, most: int) -> list[Note]:
    """What moved last under these editions, the newest first, at most `most`.

    Only the studies whose histories were written last are looked at, so that it costs as little for all pages
    of the site as for one. The number of queries is constant.
    """
    rested = [edition for edition in editions if edition.page.get("rests_on")]
    if not rested:
        return []
    written = _written_lately(at)
    moved = _since(rested, at=at, studies=written.keys())
    found = [
        Note(edition, news, max(written[news.study.pk], edition.go_live_at))
        for edition in rested
        for news in moved[edition.pk].news
    ]
    return sorted(found, key=lambda note: (note.at, note.edition.pk, note.news.study.pk), reverse=True)[:most]


def _written_lately(at: datetime.datetime) -> dict[int, datetime.datetime]:
    """When the evidence of a study was last written, by its primary key, for those written last."""
    found: dict[int, datetime.datetime] = {}
    histories = [
        (model.history, study)  # type: ignore[attr-defined]
        for model, study in (
            (Study, "id"),
            (Sample, "study_id"),
            (PopulationShare, "sample__study_id"),
            (Arm, "study_id"),
            (Result, "study_id"),
        )
    ]
    for history, study in histories:
        rows = history.filter(history_date__lte=at).order_by("-history_date", "-history_id")
        for key, moment in rows.values_list(study, "history_date")[:LATELY]:
            if key is not None:
                found[key] = max(moment, found.get(key, moment))
    return found


def _since(
    editions: list[Edition],
    *,
    at: datetime.datetime,
    studies: Collection[int] | None = None,
    index: Index | None = None,
) -> dict[int | None, Since]:
    """What moved under each edition by its primary key; with `studies` nothing is said of any other."""
    rests_on = {edition.pk: edition.page.get("rests_on", []) for edition in editions}
    entries = [entry for shown in rests_on.values() for entry in shown]
    if not entries:
        return {key: Since() for key in rests_on}
    today = localdate(at)
    names = {(entry["conclusion"], entry["assessment"]) for entry in entries}
    named = drift.named(names, on=today, studies=studies, index=index)
    moved = {found.assessment: found.drift for found in named.values()}
    # What was said of a drift was said of all of it.
    standings = triaging.standing(moved) if studies is None else {}
    pks = {
        found.studies[result]
        for found in moved.values()
        for results in found.kinds.values()
        for result in results
    }
    # A study that is not public any more is not named to the public.
    public = {study.pk: study for study in Study.objects.published().filter(pk__in=pks)} if pks else {}
    known = _Known(named, standings, public, today)
    return {key: _of_page(shown, known) for key, shown in rests_on.items()}


@dataclass(frozen=True)
class _Known:
    """What is known of all conclusions behind some pages."""

    named: Mapping[Name, Named]
    standings: Mapping[int, Standing]
    public: Mapping[int, Study]
    today: datetime.date


@dataclass
class _Finding:
    """One finding of a page: how what moved under it stands, and the days that were to be kept.

    `renewed` is how it stands where the conclusion was assessed again.
    """

    name: str
    anchor: str
    standings: list[Standing] = field(default_factory=list)
    renewed: list[Standing] = field(default_factory=list)
    due: list[datetime.date] = field(default_factory=list)

    def said(self, today: datetime.date) -> Moved:
        """The gravest that is said of it, and the earliest day that was promised."""
        gravest = min(
            self.standings or self.renewed, key=lambda standing: _GRAVEST_FIRST.index(standing.outlook)
        )
        promised = [standing.triage.assess_by for standing in self.standings if standing.triage is not None]
        return Moved(
            self.name,
            self.anchor,
            gravest.outlook,
            reason="" if gravest.triage is None else gravest.triage.reason,
            assess_by=min(promised, default=None),
            overdue_since=min((day for day in promised if day < today), default=None),
            is_renewed=not self.standings,
        )


def _of_page(rests_on: list[dict[str, Any]], known: _Known) -> Since:
    """What moved under one page, from what is known of all of its conclusions. No query."""
    findings: dict[str, _Finding] = {}
    concerns: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for entry in rests_on:
        named = known.named.get((entry["conclusion"], entry["assessment"]))
        if named is None:
            continue
        finding = findings.setdefault(entry["anchor"], _Finding(entry["name"], entry["anchor"]))
        for how, moving in named.drift.kinds.items():
            for result in moving:
                if named.drift.studies[result] in known.public:
                    concerns[how, named.drift.studies[result]][entry["anchor"]] = None
        if not named.drift.is_empty:
            standing = known.standings.get(named.assessment, Standing(Outlook.NOT_ASSESSED))
            (finding.renewed if named.is_renewed else finding.standings).append(standing)
        if named.drift.is_overdue and not named.is_renewed:
            finding.due.append(named.next_due)
    said = {
        anchor: finding.said(known.today)
        for anchor, finding in findings.items()
        if finding.standings or finding.renewed
    }
    for anchor, moved in said.items():
        if moved.overdue_since is not None:
            findings[anchor].due.append(moved.overdue_since)
    news = [
        News(known.public[pk], how, tuple(said[anchor] for anchor in anchors))
        for (how, pk), anchors in concerns.items()
    ]
    return Since(
        news=tuple(sorted(news, key=lambda entry: (_GRAVITY.index(entry.how), entry.study.label))),
        findings=tuple(said.values()),
        overdue=tuple(
            Overdue(finding.name, finding.anchor, min(finding.due))
            for finding in findings.values()
            if finding.due
        ),
    )
