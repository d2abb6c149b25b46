"""Studies as a list as of a day shows them: each as it was recorded then."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..models import Arm, Outcome, Population, PopulationShare, Report, Result, Sample, Study
from ..states import end_of, states
from .counting import Matches
from .rows import Loaded, StudyRow, made_of


def studies_then(keys: Sequence[int], day: datetime.date) -> list[Loaded]:
    """These studies as they were recorded at the end of a day, in their order. Two queries.

    Only those that are public today, by the slug of today; `integrity_today` is what is known by now.
    """
    public = Study.objects.published().in_bulk(keys)
    then = _rows(states(Study, end_of(day)).filter(id__in=public))
    found: dict[int, Loaded] = {study.pk: study for study in then}
    for key, study in found.items():
        study.slug, study.integrity_today = public[key].slug, public[key].integrity
    return [found[key] for key in keys if key in found]


def study_rows_then(keys: Sequence[int], matches: Matches) -> list[StudyRow]:
    """Rows for these studies as of the day of the filter, in their order. Nine queries at most."""
    day = matches.chosen.as_of
    assert day is not None
    before, studies = end_of(day), studies_then(keys, day)
    public = [study.pk for study in studies]
    reports = _by_study(states(Report, before).filter(study__in=public).order_by("-is_primary", "year", "id"))
    samples = _by_study(states(Sample, before).filter(study__in=public).order_by("id"))
    results = _by_study(states(Result, before).filter(study__in=public).order_by("id"))
    among = matches.results_among(public)
    for study in studies:
        of_study = {sample.pk: sample for sample in samples[study.pk]}
        study.main_report = next(iter(reports[study.pk]), None)
        study.whole = next((sample for sample in samples[study.pk] if not sample.is_subgroup), None)
        # The index knows no results without a sample either.
        known = [result for result in results[study.pk] if result.sample_id in of_study]
        shown = [known[number] for number in among.get(study.pk, ()) if number < len(known)]
        shown.sort(key=lambda result: (not result.is_primary, result.position, result.pk))
        study.first_result = result = next(iter(shown), None)
        if result is not None:
            result.study, result.sample = study, of_study[result.sample_id]
    _fill_results([study.first_result for study in studies if study.first_result is not None], before)
    _fill_samples([study.whole for study in studies if study.whole is not None], before)
    return [
        replace(row, since=_since(study))
        for row, study in zip(made_of(studies, matches.chosen), studies, strict=True)
    ]


def _fill_results(results: Collection[Loaded], before: datetime.datetime) -> None:
    """Give results what they point to: arms as they were, outcomes as they are."""
    arms = {arm.pk: arm for arm in _rows(states(Arm, before).filter(id__in={r.arm_id for r in results}))}
    outcomes = Outcome.objects.in_bulk({result.outcome_id for result in results})
    for result in results:
        result.arm = arms.get(result.arm_id) or Arm(pk=result.arm_id)
        gone = Outcome(pk=result.outcome_id, name="An outcome that is no longer listed")
        result.outcome = outcomes.get(result.outcome_id, gone)


def _fill_samples(samples: Iterable[Loaded], before: datetime.datetime) -> None:
    """Give samples the groups that they belonged to then, by the order of populations today."""
    by_key = {sample.pk: sample for sample in samples}
    shares = list(_rows(states(PopulationShare, before).filter(sample__in=list(by_key)).order_by("id")))
    populations = Population.objects.in_bulk({share.population_id for share in shares})
    for sample in by_key.values():
        sample.groups = []
    for share in sorted(
        (share for share in shares if share.population_id in populations),
        key=lambda share: (populations[share.population_id].axis, share.pk),
    ):
        if share.share in PopulationShare.INCLUDED:
            by_key[share.sample_id].groups.append(populations[share.population_id].label)


def _since(study: Loaded) -> str:
    """What became known of the integrity of a study after that day, in a few words."""
    if study.integrity_today in (study.integrity, Study.Integrity.OK):
        return ""
    is_retracted = study.integrity_today == Study.Integrity.RETRACTED
    return "Retracted since" if is_retracted else "Expression of concern since"


def _by_study(found: Any) -> dict[int, list[Loaded]]:
    by_study: defaultdict[int, list[Loaded]] = defaultdict(list)
    for row in _rows(found):
        by_study[row.study_id].append(row)
    return by_study


def _rows(found: Any) -> Iterable[Loaded]:
    """States as the rows that they were."""
    return (state.instance for state in found)
