"""Since an edition: what the evidence says that the page has not looked at. Computed, never entered."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.utils.timezone import localdate

from evidence.drift import RESTORED, drifts
from evidence.models import AssessedResult, Assessment, Result, Study

from .models import Edition


@dataclass(frozen=True)
class News:
    """One study whose evidence moved under a page: how, and the findings (name, anchor) that it concerns."""

    study: Study
    how: str  # a kind of evidence.drift.Drift
    findings: tuple[tuple[str, str], ...]

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
    rests_on = edition.page.get("rests_on", [])
    if not rests_on:
        return Since()
    wanted = Q(pk__in=())
    for entry in rests_on:
        wanted |= Q(conclusion__slug=entry["conclusion"], number=entry["assessment"])
    signed = list(Assessment.objects.filter(wanted).select_related("conclusion"))
    by_slug = {assessment.conclusion.slug: assessment for assessment in signed}
    moved = drifts(signed, on=localdate(at))

    concerns: dict[tuple[str, int], dict[tuple[str, str], None]] = defaultdict(dict)
    results = {
        result
        for drift in moved.values()
        for result in (*drift.new, *drift.changed, *drift.retracted, *drift.restored)
    }
    gone = {result for drift in moved.values() for result in drift.gone}
    study_of = _studies_of(results, gone)
    overdue: dict[tuple[str, str], None] = {}
    for entry in rests_on:
        assessment = by_slug.get(entry["conclusion"])
        if assessment is None:
            continue
        finding = (entry["name"], entry["anchor"])
        drift = moved[assessment.pk]
        for how, moving in drift.kinds.items():
            for result in moving:
                if result in study_of:
                    concerns[how, study_of[result]][finding] = None
        if drift.is_overdue:
            overdue[finding] = None
    studies = {study.pk: study for study in Study.objects.filter(pk__in={pk for _, pk in concerns})}
    news = [
        News(studies[pk], how, tuple(findings))
        for (how, pk), findings in concerns.items()
        # A study that is not public any more is not named to the public.
        if pk in studies and studies[pk].is_published
    ]
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
