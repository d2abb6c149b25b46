"""Studies as the list shows them: one row each, with the first result that satisfies the filter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import FilteredRelation, Model, Q, QuerySet
from django.db.models.base import ModelState

from ..intervals import Places
from ..models import Arm, Outcome, PopulationShare, Report, Result, Sample, Study
from ..prepared import Prepared
from .counting import Matches
from .drawings import drawings
from .filters import Filter
from .vocabulary import Vocabulary

# What is loaded here stands in attributes that the models do not declare.
Loaded = Any


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


# What a row shows, so that nothing else is read.
OF_STUDY = (
    "id",
    "label",
    "slug",
    "title",
    "design",
    "integrity",
    "year",
    "n_enrolled",
    "n_analysed",
    "n_studies",
    "summary",
)
OF_REPORT = ("id", "language", "bibliography")
OF_SAMPLE = ("id", "parent_id", "label", "description", "percent_female")
OF_ARM = ("id", "weeks")
OF_OUTCOME = ("id", "short_name")
OF_RESULT = (
    "id",
    "study_id",
    "sample_id",
    "arm_id",
    "comparator_id",
    "outcome_id",
    "instrument",
    "unit",
    "weeks",
    "phase",
    "state",
    "finding",
    "measure",
    "ci_low",
    "ci_high",
    "ci_level",
    "yi",
    "vi",
    "derivation",
)
OUTCOME = OF_RESULT.index("outcome_id")


def _through(relation: str, columns: Iterable[str]) -> list[str]:
    return [f"{relation}__{column}" for column in columns]


def _study_columns_words(keys: Sequence[int]) -> QuerySet[Study, tuple]:
    return (
        Study.objects.filter(pk__in=keys)
        .annotate(whole=FilteredRelation("samples", condition=Q(samples__parent=None)))
        # As in ReportQuerySet.primary_first().
        .order_by("-reports__is_primary", "reports__year", "reports__pk")
        .values_list(*OF_STUDY, *_through("whole", OF_SAMPLE), *_through("reports", OF_REPORT))
    )


# What terms are called the index knows: joining a tree to few rows takes the database longer than the rows.
def _result_columns_words(studies: Sequence[int]) -> QuerySet[Result, tuple]:
    return (
        Result.objects.filter(study__in=studies)
        .order_by("pk")
        .values_list(
            *OF_RESULT,
            *_through("sample", OF_SAMPLE),
            *_through("arm", OF_ARM),
            "is_primary",
            "position",
        )
    )


def _shares_words(samples: Sequence[int]) -> QuerySet[PopulationShare, tuple]:
    shares = PopulationShare.objects.filter(sample__in=samples, share__in=PopulationShare.INCLUDED)
    return shares.order_by("pk").values_list("sample_id", "population_id")


_study_columns = Prepared(_study_columns_words, keys=list)
_result_columns = Prepared(_result_columns_words, studies=list)
_shares = Prepared(_shares_words, samples=list)


def study_rows(keys: Iterable[int], matches: Matches) -> list[StudyRow]:
    """Rows for the studies with these primary keys, in their order, without those that are gone.

    Three queries at most, whatever their number.
    """
    keys = list(keys)
    found = _studies(keys)
    studies = [found[key] for key in keys if key in found]
    results = _first_results(keys, matches)
    undescribed = [study.whole for study in studies if study.whole and not study.whole.description]
    groups = _groups(undescribed, matches.index.vocabulary)
    for study in studies:
        study.first_result = results.get(study.pk)
        if study.whole is not None:
            study.whole.groups = groups.get(study.whole.pk, [])
    return made_of(studies, matches.chosen)


def _studies(keys: Sequence[int]) -> dict[int, Loaded]:
    """The studies by their keys, each with its `main_report` and its `whole` sample. One query."""
    studies: dict[int, Loaded] = {}
    for row in _study_columns(keys=keys):
        if row[0] not in studies:
            columns = iter(row)
            studies[row[0]] = study = _loaded(Study, OF_STUDY, columns)
            whole, report = _loaded(Sample, OF_SAMPLE, columns), _loaded(Report, OF_REPORT, columns)
            study.whole = whole if whole.pk is not None else None
            study.main_report = report if report.pk is not None else None
    return studies


def _first_results(keys: Sequence[int], matches: Matches) -> dict[int, Result]:
    """The first result that satisfies the filter of each of these studies that has one. One query.

    The index says which do, by their numbers within the study.
    """
    answer = matches.chosen.answer
    outcomes = matches.axes["outcome"].by_pk
    known: dict[int, list[tuple]] = {}
    for row in _result_columns(studies=keys):
        if answer is None or row[0] in answer.results:
            known.setdefault(row[1], []).append(row)
    results: dict[int, Result] = {}
    for study, numbers in matches.results_among(list(known)).items():
        rows = known[study]
        # A result may have gone since the index was asked, or an outcome come in.
        shown = [
            rows[number] for number in numbers if number < len(rows) and rows[number][OUTCOME] in outcomes
        ]
        if not shown:
            continue
        # As in ResultQuerySet.in_order(); the rows stand in the order of their keys.
        columns = iter(min(shown, key=lambda row: (not row[-2], row[-1])))
        results[study] = result = _loaded(Result, OF_RESULT, columns)
        result.sample = _loaded(Sample, OF_SAMPLE, columns)
        result.arm = _loaded(Arm, OF_ARM, columns)
        label = outcomes[result.outcome_id].label
        result.outcome = _loaded(Outcome, OF_OUTCOME, iter((result.outcome_id, label)))
    return results


def _groups(samples: Sequence[Sample], vocabulary: Vocabulary) -> dict[int, list[str]]:
    """The groups that all or most of these samples belong to, by axis. One query, none without samples."""
    populations = vocabulary.populations
    found: dict[int, list[tuple[str, str]]] = {}
    for sample, population in _shares(samples=[sample.pk for sample in samples]):
        # One that came in since the index was asked has no name yet.
        if population in populations:
            axis = populations[population]
            found.setdefault(sample, []).append((axis.stored, axis.by_pk[population].label))
    return {
        sample: [label for _, label in sorted(groups, key=itemgetter(0))] for sample, groups in found.items()
    }


def _loaded(model: type[Model], columns: Collection[str], values: Iterator[Any]) -> Loaded:
    """A row of `model` with the next of these values in its columns; what else it has is not loaded.

    As by `Model.from_db`, which takes most of its time for the columns that are not loaded.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding = False
    row.__dict__.update(zip(columns, values, strict=False))
    return row


def made_of(studies: Sequence[Loaded], chosen: Filter) -> list[StudyRow]:
    """Rows of studies with what `study_rows` loads. No query."""
    first = {study.pk: study.first_result for study in studies if study.first_result is not None}
    places = drawings(first.values(), per_outcome=True)
    rows = []
    is_about_results = chosen.is_about_results
    for study in studies:
        result = first.get(study.pk)
        rows.append(
            StudyRow(
                study=study,
                report=study.main_report,
                result=result,
                finding=_finding(study, result, is_about_results),
                who=_who(study, result),
                length=_length(study, result),
                number=result.display if result is not None else "",
                places=places.get(result.pk) if result is not None else None,
            )
        )
    return rows


def _finding(study: Study, result: Result | None, is_about_results: bool) -> str:
    """What was found: of the result that was asked for, else of the study as a whole."""
    own = result.finding if result is not None else ""
    return (own or study.summary) if is_about_results else (study.summary or own)


def _who(study: Loaded, result: Result | None) -> str:
    """Who took part, in words: of the subgroup that the result is about, else of the whole sample."""
    whole = study.whole
    subgroup = result.sample if result is not None and result.sample.is_subgroup else None
    if subgroup is not None:
        words = subgroup.description.rstrip(".")
        if not words.startswith(subgroup.label):
            words = f"{subgroup.label}: {words}" if words else subgroup.label
        return ", ".join([words, *_women(subgroup)])
    if whole is None:
        return ""
    words = whole.description or ", ".join(whole.groups)
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
