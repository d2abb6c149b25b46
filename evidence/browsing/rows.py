"""Studies as the list shows them: one row each, with the first result that satisfies the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from ..intervals import Places
from ..models import PopulationShare, Report, Result, Sample, Study
from .drawings import drawings
from .filters import Filter


@dataclass(frozen=True)
class StudyRow:
    """One study with what stands beside it in a list.

    `result` is the first that satisfies the filter, with its number (an empty text without one) and its
    drawing; `report` the main report, which says in which language the title is and whether it is verified.
    In a list as of a day, `since` says what is known of the integrity of the study by now.
    """

    study: Study
    report: Report | None
    result: Result | None
    finding: str
    who: str
    length: str
    number: str
    places: Places | None
    since: str = ""


def study_rows(studies: Sequence[Study], chosen: Filter) -> list[StudyRow]:
    """Rows for these studies, in their order. Five queries at most, whatever their number."""
    # What is loaded here stands in attributes that the models do not declare.
    loaded: list[Any] = list(studies)
    results = chosen.results().select_related("sample", "arm", "outcome").in_order()
    shares = PopulationShare.objects.select_related("population").order_by("population__axis", "pk")
    prefetch_related_objects(
        loaded,
        Prefetch("results", results, to_attr="matching_results"),
        Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order"),
        Prefetch("samples", Sample.objects.filter(parent=None), to_attr="whole_samples"),
        Prefetch("whole_samples__shares", shares, to_attr="shares_in_order"),
    )
    return made_of(loaded, chosen)


def made_of(studies: Sequence[Any], chosen: Filter) -> list[StudyRow]:
    """Rows of studies with what `study_rows` loads. No query."""
    first = {study.pk: study.matching_results[0] for study in studies if study.matching_results}
    places = drawings(first.values(), per_outcome=True)
    rows = []
    for study in studies:
        result = first.get(study.pk)
        rows.append(
            StudyRow(
                study=study,
                report=study.reports_in_order[0] if study.reports_in_order else None,
                result=result,
                finding=_finding(study, result, chosen),
                who=_who(study, result),
                length=_length(study, result),
                number=result.display if result is not None else "",
                places=places.get(result.pk) if result is not None else None,
            )
        )
    return rows


def _finding(study: Study, result: Result | None, chosen: Filter) -> str:
    """What was found: of the result that was asked for, else of the study as a whole."""
    own = result.finding if result is not None else ""
    return (own or study.summary) if chosen.is_about_results else (study.summary or own)


def _who(study: Any, result: Result | None) -> str:
    """Who took part, in words: of the subgroup that the result is about, else of the whole sample."""
    whole = study.whole_samples[0] if study.whole_samples else None
    subgroup = result.sample if result is not None and result.sample.is_subgroup else None
    if subgroup is not None:
        words = subgroup.description.rstrip(".")
        if not words.startswith(subgroup.label):
            words = f"{subgroup.label}: {words}" if words else subgroup.label
        return ", ".join([words, *_women(subgroup)])
    if whole is None:
        return ""
    words = whole.description or ", ".join(
        share.population.label for share in whole.shares_in_order if share.share in PopulationShare.INCLUDED
    )
    return ", ".join([*([words.rstrip(".")] if words else []), *_women(whole)])


def _women(sample: Sample) -> list[str]:
    says_already = "women" in f"{sample.label} {sample.description}".lower()
    if sample.percent_female is None or says_already:
        return []
    return [f"{sample.percent_female:.0f}% women"]


def _length(study: Study, result: Result | None) -> str:
    """How long it lasted; for a review, how many studies it holds."""
    if study.n_studies is not None:
        return "1 study" if study.n_studies == 1 else f"{study.n_studies} studies"
    if result is None:
        return ""
    weeks = result.arm.weeks if result.arm.weeks else result.weeks
    if result.phase == Result.Phase.ACUTE or weeks == 0:
        return "single session"
    if weeks is None:
        return ""
    return "1 week" if weeks == 1 else f"{weeks:g} weeks"
