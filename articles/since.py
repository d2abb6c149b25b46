"""Since an edition: what the evidence says that the page has not looked at. Computed, never entered."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate

from evidence.drift import RESTORED, Drift, drifts
from evidence.models import Arm, AssessedResult, Assessment, PopulationShare, Result, Sample, Study

from .models import Edition


@dataclass(frozen=True)
class News:
    """One study whose evidence moved under a page: how, and the findings (name, anchor) that it concerns."""

    study: Study
    how: str  # a kind of evidence.drift.Drift
    findings: tuple[tuple[str, str], ...]

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
class Since:
    """What moved since an edition, the gravest first; `overdue` are findings whose date has passed."""

    news: tuple[News, ...] = ()
    overdue: tuple[tuple[str, str], ...] = ()

    @property
    def n_new(self) -> int:
        return sum(entry.how == "new" for entry in self.news)

    @property
    def retracted(self) -> list[News]:
        return [entry for entry in self.news if entry.how == "retracted"]

    @property
    def level(self) -> str:
        """none, new studies, could change a finding, or overdue: how loudly the page says it."""
        if any(entry.how != "new" for entry in self.news):
            return "could change"
        if self.news:
            return "new studies"
        return "overdue" if self.overdue else "none"


_GRAVITY = ("retracted", "changed", RESTORED, "gone", "new")


def since(edition: Edition, *, at: datetime.datetime) -> Since:
    """What moved since the assessments that an edition shows. The number of queries is constant.

    None for a page without findings. What it says is about evidence that nobody has assessed: it never
    changes a text or a rating.
    """
    return _since([edition], at=at)[edition.pk]


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
    editions: list[Edition], *, at: datetime.datetime, studies: Collection[int] | None = None
) -> dict[int | None, Since]:
    """What moved under each edition by its primary key; with `studies` nothing is said of any other."""
    rests_on = {edition.pk: edition.page.get("rests_on", []) for edition in editions}
    entries = [entry for shown in rests_on.values() for entry in shown]
    if not entries:
        return {key: Since() for key in rests_on}
    wanted = {(entry["conclusion"], entry["assessment"]) for entry in entries}
    rows = Assessment.objects.signed().filter(conclusion__slug__in={slug for slug, _ in wanted})
    signed = {
        key: assessment
        for assessment in rows.select_related("conclusion").order_by()
        if (key := (assessment.conclusion.slug, assessment.number)) in wanted
    }
    moved = drifts(signed.values(), on=localdate(at), studies=studies)

    kinds = [drift.kinds for drift in moved.values()]
    gone = {result for drift in moved.values() for result in drift.gone}
    study_of = _studies_of(
        {result for kind in kinds for keys in kind.values() for result in keys} - gone, gone
    )
    named = {
        study.pk: study
        # A study that is not public any more is not named to the public.
        for study in Study.objects.published().filter(pk__in=set(study_of.values()))
    }
    return {key: _of_page(shown, signed, moved, study_of, named) for key, shown in rests_on.items()}


def _of_page(
    rests_on: list[dict[str, Any]],
    signed: Mapping[tuple[str, int], Assessment],
    moved: Mapping[int, Drift],
    study_of: Mapping[int, int],
    named: Mapping[int, Study],
) -> Since:
    """What moved under one page, from what is known of all of its conclusions. No query."""
    concerns: dict[tuple[str, int], dict[tuple[str, str], None]] = defaultdict(dict)
    overdue: dict[tuple[str, str], None] = {}
    for entry in rests_on:
        assessment = signed.get((entry["conclusion"], entry["assessment"]))
        if assessment is None:
            continue
        finding = (entry["name"], entry["anchor"])
        drift = moved[assessment.pk]
        for how, moving in drift.kinds.items():
            for result in moving:
                if study_of.get(result) in named:
                    concerns[how, study_of[result]][finding] = None
        if drift.is_overdue:
            overdue[finding] = None
    news = [News(named[pk], how, tuple(findings)) for (how, pk), findings in concerns.items()]
    return Since(
        news=tuple(sorted(news, key=lambda entry: (_GRAVITY.index(entry.how), entry.study.label))),
        overdue=tuple(overdue),
    )


def _studies_of(results: set[int], gone: set[int]) -> dict[int, int]:
    """The study of each result, also of those whose rows are gone. Two queries at most."""
    found = dict(Result.objects.filter(pk__in=results).order_by().values_list("pk", "study"))
    if gone:
        rows = AssessedResult.objects.filter(result__in=gone).order_by()
        found |= dict(rows.values_list("result_id", "study_id"))
    return found
