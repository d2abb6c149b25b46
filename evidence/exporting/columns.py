"""The columns of the sheets: one row for each result, or one row for each study."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from .. import effects
from ..models import Outcome, PopulationShare, Report, Result, Sample, Study
from .column import Choices, Column, Kind, Read, Value, choices, of, words_only
from .loading import Loaded, address, main_report

PEOPLE = "people"
OF_RESULT = "the unit of the result (column “unit”)"
OF_EFFECT = "the unit of the result (column “unit”), for measures that have one"
OF_MEASURE = "display scale of the measure: a ratio as a ratio, a risk or proportion as a fraction of 1"
ANALYSIS = "analysis scale (column “analysis_scale”)"
MEASURES: Choices = tuple((entry.code, entry.label) for entry in effects.MEASURES.values())
SCALES: Choices = (
    (effects.Scale.natural.value, "as displayed"),
    (effects.Scale.log.value, "natural logarithm, of ratios"),
    (effects.Scale.fisher_z.value, "inverse hyperbolic tangent, of correlations"),
    (effects.Scale.logit.value, "logarithm of the odds, of proportions"),
)


def _of_main_report(field: str, meaning: str) -> Column:
    def read(study: Loaded) -> Value:
        report = main_report(study)
        return None if report is None else getattr(report, field)

    return of(Report, field, meaning, read=read)


def shares(entries: Iterable[PopulationShare]) -> str:
    """Populations as “older-adults (all); women (most)”."""
    return "; ".join(sorted(f"{entry.population.slug} ({entry.share})" for entry in entries))


def _populations(result: Result) -> str:
    """Slug and share of every population the sample is tagged with itself or takes over from the whole."""
    own = result.sample.shares.all()
    set_axes = {share.population.axis for share in own}
    whole = result.sample.parent
    taken_over = (
        [share for share in whole.shares.all() if share.population.axis not in set_axes] if whole else []
    )
    return shares((*own, *taken_over))


def _received(results: Iterable[Result]) -> str:
    return "; ".join(sorted({node.slug for result in results for node in result.arm.interventions.all()}))


def _risk_of_bias(study: Loaded) -> str:
    return "; ".join(
        f"{appraisal.tool.name}: {appraisal.judgement_label}"
        + (" (demonstration judgement)" if appraisal.is_demonstration else "")
        for appraisal in study.appraisals_of_whole
    )


def _design() -> Column:
    return Column(
        "design",
        "What was done",
        lambda study: study.get_design_display(),
        allowed=words_only(choices(Study, "design")),
    )


STUDY_NAMES: list[Column] = [
    of(Study, "slug", "Short name of the study in addresses; no other study has it", name="study"),
    of(Study, "label", "First author and year"),
    of(Study, "title", "Title of the main report; empty if nobody has seen it"),
    Column("address", "Page of the study on this site", address, kind=Kind.ADDRESS),
]
"""What a study is called."""

STUDY_SETUP: list[Column] = [
    of(Study, "year", "Year of the main report", unit="calendar years", bounds=(1800, 2100)),
    of(Study, "countries", "Where it took place: two-letter codes of ISO 3166-1"),
    of(Study, "setting", "Where it took place, in a few words"),
    of(
        Study,
        "n_enrolled",
        "People who entered; in a review, people in all its studies",
        name="people_enrolled",
        unit=PEOPLE,
        bounds=(1, None),
    ),
    of(Study, "n_analysed", "People analysed", name="people_analysed", unit=PEOPLE, bounds=(0, None)),
    of(
        Study,
        "n_studies",
        "Studies in the review, where the study is one",
        name="studies_in_review",
        unit="studies",
        bounds=(0, None),
    ),
    of(Study, "funding", "Kind of funding"),
]
"""When and where a study took place, with how many people, paid by whom."""

STUDY_STANDING: list[Column] = [
    of(
        Study,
        "is_preregistered",
        "Whether it was registered before it began; empty if not reported",
        name="preregistered",
    ),
    of(Study, "integrity", "Whether the study was retracted, or its publisher expressed a concern"),
    of(Study, "numbers", "Whether anybody has seen the numbers in the source"),
]
"""What speaks for the record of a study and what against it."""

STUDY_COLUMNS: list[Column] = [
    *STUDY_NAMES,
    _design(),
    *STUDY_SETUP,
    *STUDY_STANDING,
    Column("risk_of_bias", "Judgements of the study as a whole, each with its tool", _risk_of_bias),
    _of_main_report("authors", "Authors of the main report"),
    _of_main_report("journal", "Journal of the main report"),
    _of_main_report("bibliography", "Whether its bibliography was seen in a source"),
    _of_main_report("doi", "DOI of the main report"),
    _of_main_report("pmid", "PubMed number of the main report"),
    _of_main_report("nct", "ClinicalTrials.gov number, where the main report is a registration"),
    of(Study, "summary", "What was done and found, in plain words"),
]
"""What both sheets say of a study."""


def _group_columns(side: str, words: str) -> list[Column]:
    """The numbers of one of the two groups."""
    return [
        of(Result, f"{side}_n", f"People in {words}", unit=PEOPLE, bounds=(1, None)),
        of(Result, f"{side}_mean", f"Mean in {words}", unit=OF_RESULT),
        of(Result, f"{side}_sd", f"Standard deviation in {words}", unit=OF_RESULT, bounds=(0, None)),
        of(Result, f"{side}_baseline_mean", f"Mean in {words} at the start", unit=OF_RESULT),
        of(
            Result,
            f"{side}_baseline_sd",
            f"Standard deviation in {words} at the start",
            unit=OF_RESULT,
            bounds=(0, None),
        ),
        of(Result, f"{side}_events", f"People with the event in {words}", unit=PEOPLE, bounds=(0, None)),
        of(
            Result,
            f"{side}_person_time",
            f"Time under observation in {words}, all people together",
            unit="person-time as the source counts it",
            bounds=(0, None),
        ),
    ]


NUMBER_COLUMNS: list[Column] = [
    *_group_columns("arm", "the arm"),
    *_group_columns("comparator", "the comparator"),
    of(Result, "paired", "Whether the same people were in both conditions"),
    of(
        Result,
        "correlation",
        "Correlation between two measurements of the same person",
        unit="none",
        bounds=(-1, 1),
    ),
    of(Result, "estimate", "The effect as printed", unit=OF_EFFECT, scale=OF_MEASURE),
    of(Result, "ci_low", "Lower end of the printed interval", unit=OF_EFFECT, scale=OF_MEASURE),
    of(Result, "ci_high", "Upper end of the printed interval", unit=OF_EFFECT, scale=OF_MEASURE),
    of(Result, "ci_level", "Level of that interval", unit="%", bounds=(50, 100)),
    of(Result, "se", "Standard error as printed", unit=OF_EFFECT, scale=ANALYSIS, bounds=(0, None)),
    of(Result, "p_value", "p", unit="none", bounds=(0, 1)),
    of(Result, "p_text", "p as printed"),
    of(Result, "yi", "The effect, as it is pooled", unit=OF_EFFECT, scale=ANALYSIS),
    of(
        Result,
        "vi",
        "Variance of the effect",
        unit="the square of the unit of the effect",
        scale=ANALYSIS,
        bounds=(0, None),
    ),
    Column(
        "analysis_scale",
        "Scale of yi, vi and se",
        lambda result: effects.measure(result.measure).scale.value,
        allowed=SCALES,
    ),
]
"""The numbers of a result, wherever they are written."""


MEASUREMENT: list[Column] = [
    of(Result, "instrument", "How it was measured"),
    of(Result, "unit", "Unit of means and differences"),
    of(
        Result,
        "weeks",
        "When it was measured; 0 for a single session",
        unit="weeks since the start",
        bounds=(0, None),
    ),
    of(Result, "phase", "When in the study it was measured"),
    of(Result, "analysis", "Who was analysed"),
]
"""How and when an outcome was measured, and in whom of the sample."""


def _of(path: str) -> Read:
    return attrgetter(path)


RESULT_COLUMNS: list[Column] = [
    of(Result, "key", "Short name of the result; no other result of the study has it", name="result"),
    Column("outcome", "What was measured", _of("outcome.name")),
    Column("outcome_slug", "Short name of the outcome in addresses", _of("outcome.slug")),
    of(Outcome, "better", "Which direction is better for the person", read=_of("outcome.better")),
    *MEASUREMENT,
    of(Result, "is_primary", "Whether it was the primary outcome", name="primary_outcome"),
    of(Result, "state", "Whether there is a result"),
    Column("sample", "In whom: the whole sample, or a subgroup", _of("sample.label")),
    of(
        Sample, "n", "People in it", name="sample_people", read=_of("sample.n"), unit=PEOPLE, bounds=(1, None)
    ),
    Column(
        "populations",
        "Who they were: short names, each with its share (all, most, part or excluded)",
        _populations,
    ),
    Column("arm", "The group that is compared", _of("arm.label")),
    Column("interventions", "What that group received: short names", lambda result: _received([result])),
    Column(
        "comparator",
        "What it is compared with; empty for a change within one group",
        lambda result: result.comparator.label if result.comparator is not None else None,
    ),
    Column(
        "before_after",
        "Whether it is a change within one group, without a comparison",
        _of("is_before_after"),
        kind=Kind.YES_NO,
    ),
    Column(
        "measure",
        "Effect measure",
        lambda result: effects.measure(result.measure).label,
        allowed=words_only(MEASURES),
    ),
    Column("measure_code", "Its code", _of("measure"), allowed=MEASURES),
    *NUMBER_COLUMNS,
    Column(
        "derivation",
        "What yi and vi were computed from",
        lambda result: effects.DERIVATIONS.get(result.derivation, result.derivation),
        allowed=words_only(effects.DERIVATIONS.items()),
    ),
    of(Result, "direction", "What the result points to; empty if nobody has judged it"),
    of(Result, "finding", "What was found, in plain words"),
    of(Result, "place", "Table, figure or page of the report"),
]
"""What a row says of its result."""

RESULT_ROWS: list[Column] = [*STUDY_COLUMNS, *RESULT_COLUMNS]
"""The sheet with one row for each result."""


def _of_whole(field: str, meaning: str, name: str, **more: str) -> Column:
    def read(study: Loaded) -> Value:
        return getattr(study.whole_samples[0], field) if study.whole_samples else None

    return of(Sample, field, meaning, name=name, read=read, bounds=(0, None), **more)


STUDY_ROWS: list[Column] = [
    *STUDY_COLUMNS,
    Column(
        "populations",
        "Who took part, as a whole: short names, each with its share (all, most, part or excluded)",
        lambda study: shares(study.whole_samples[0].shares.all()) if study.whole_samples else None,
    ),
    _of_whole("age_mean", "Mean age of the whole sample", "age_mean", unit="years"),
    _of_whole("age_sd", "Standard deviation of age", "age_sd", unit="years"),
    _of_whole("age_min", "Age of the youngest", "age_min", unit="years"),
    _of_whole("age_max", "Age of the oldest", "age_max", unit="years"),
    _of_whole("percent_female", "Women in the whole sample", "percent_female", unit="%"),
    Column(
        "results",
        "Results of the study on this site",
        _of("n_results"),
        kind=Kind.INTEGER,
        unit="results",
        bounds=(0, None),
    ),
    Column(
        "matching_results",
        "Those of them that satisfy the filter",
        lambda study: len(study.matching_results),
        kind=Kind.INTEGER,
        unit="results",
        bounds=(0, None),
    ),
    Column(
        "outcomes",
        "What the matching results measured: short names",
        lambda study: "; ".join(sorted({result.outcome.slug for result in study.matching_results})),
    ),
    Column(
        "interventions",
        "What their groups received: short names",
        lambda study: _received(study.matching_results),
    ),
]
"""The sheet with one row for each study."""
