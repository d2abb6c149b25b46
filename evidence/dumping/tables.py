"""Every table of the dump: its columns, and the published rows that it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ..certainty import LOWERING, RAISING, Certainty
from ..conclusions import NOT_PUBLIC
from ..exporting import tables
from ..exporting.column import Choices, Column, Kind, Read, of
from ..exporting.columns import ANALYSIS, MEASURES, PEOPLE
from ..exporting.tables import Link, Table, maybe
from ..models import (
    Appraisal,
    Arm,
    AssessedResult,
    Assessment,
    Conclusion,
    DomainJudgement,
    Exclusion,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
)
from ..models.node import Node

PUBLISHED = Study.State.PUBLISHED


@dataclass(frozen=True)
class Dumped:
    """A table with its rows, in a fixed order."""

    table: Table
    rows: Callable[[], QuerySet[Any]]


# The three trees


def _tree(model: type[Node], name: str, key: str, title: str, *own: Column) -> Dumped:
    columns = (
        of(model, "slug", "Short name of the term in addresses", name=key),
        Column(
            "parent",
            "The broader term. What holds for this one holds for that one too",
            maybe("parent", "slug"),
        ),
        of(
            model,
            "position",
            "Place among brothers and sisters",
            unit="none",
            bounds=(0, None),
        ),
        of(model, "name", "As readers see it"),
        of(model, "short_name", "For narrow columns"),
        of(model, "definition", "Who or what belongs here, and what does not"),
        of(model, "synonyms", "Other words for the same"),
        Column("identifiers", "Codes in outside vocabularies", attrgetter("identifiers"), kind=Kind.CODES),
        of(model, "is_active", "Whether new entries may use it", name="active"),
        Column(
            "replaced_by",
            "The term to use instead of one that is not active",
            maybe("replaced_by", "slug"),
        ),
        *own,
    )
    links = (Link(("parent",), "", (key,)), Link(("replaced_by",), "", (key,)))
    manager: Any = model._default_manager
    return Dumped(
        Table(name, title, columns, (key,), links),
        lambda: manager.select_related("parent", "replaced_by").order_by("slug"),
    )


POPULATIONS = _tree(
    Population,
    "populations",
    "population",
    "Who people are: terms on eight axes",
    of(Population, "axis", "On which axis"),
    of(Population, "age_min", "From this age on", unit="years", bounds=(0, None)),
    of(Population, "age_max", "Up to this age", unit="years", bounds=(0, None)),
)
INTERVENTIONS = _tree(
    Intervention,
    "interventions",
    "intervention",
    "What people did, took or received",
    of(Intervention, "kind", "What it is"),
)
OUTCOMES = _tree(
    Outcome,
    "outcomes",
    "outcome",
    "What studies measure",
    of(Outcome, "better", "Which direction is better for the person"),
    of(Outcome, "kind", "Whether it is measured as a benefit or as a harm"),
    of(Outcome, "unit", "The usual unit"),
    of(
        Outcome,
        "important_difference",
        "The smallest difference that matters to people",
        unit="the usual unit (column “unit”)",
        bounds=(0, None),
    ),
    of(Outcome, "important_difference_source", "Where that number comes from"),
    of(Outcome, "comet_domain", "Number in the COMET taxonomy", unit="none", bounds=(1, 38)),
)


# Conclusions


CONCLUSIONS = Table(
    "conclusions",
    "Questions that the evidence answers",
    (
        of(Conclusion, "slug", "Short name of the conclusion in addresses", name="conclusion"),
        Column(
            "population",
            "In whom, with everything below; empty for everybody",
            maybe("population", "slug"),
        ),
        of(
            Conclusion,
            "takes_part_samples",
            "Whether samples count of which only a part belongs to the population",
        ),
        Column("intervention", "What, with everything below", attrgetter("intervention.slug")),
        of(Conclusion, "comparator", "Compared with what"),
        Column("outcome", "Measured how, with everything below", attrgetter("outcome.slug")),
        of(Conclusion, "created_at", "When it was asked", name="created"),
    ),
    key=("conclusion",),
    links=(
        Link(("population",), "populations", ("population",)),
        Link(("intervention",), "interventions", ("intervention",)),
        Link(("outcome",), "outcomes", ("outcome",)),
    ),
)
_TO_CONCLUSION = Link(("conclusion",), "conclusions", ("conclusion",))

EXCLUSIONS = Table(
    "exclusions",
    "Published studies, or results of them, that a conclusion leaves out although they match",
    (
        Column("conclusion", "Short name of the conclusion", attrgetter("conclusion.slug")),
        Column("study", "Short name of the study", attrgetter("study.slug")),
        Column(
            "result",
            "Short name of the result; empty for every result of the study",
            maybe("result", "key"),
        ),
        of(Exclusion, "reason", "Why"),
    ),
    links=(_TO_CONCLUSION, Link(("study",), "studies", ("study",))),
)


def _steps(reasons: Any, verb: str) -> list[Column]:
    found = []
    for reason, words in reasons.items():
        allowed: Choices = tuple((str(steps), said) for steps, said in enumerate(words))
        found += [
            Column(
                reason.value,
                f"{reason.label}: by how many levels it {verb} certainty",
                attrgetter(reason.value),
                kind=Kind.INTEGER,
                unit="levels",
                allowed=allowed,
            ),
            of(Assessment, f"{reason.value}_reason", f"{reason.label}: why"),
        ]
    return found


def _pooled(name: str, number: int | None = None) -> Read:
    """A number of the pool that was signed; None where nothing was pooled."""

    def read(row: Any) -> Any:
        pooled = (row.pool or {}).get("pooled")
        if not pooled or pooled.get(name) is None:
            return None
        value = pooled[name] if number is None else pooled[name][number]
        return float(value) if name in ("estimate", "interval") else value

    return read


def _signed_by(row: Any) -> str:
    """Who signed it; nobody stands behind a judgement that was made for the demonstration."""
    return "" if row.is_demonstration else row.by.get_full_name()


ASSESSMENTS = Table(
    "assessments",
    "Signed judgements of how certain the conclusions are; the newest number of each is in force",
    (
        Column("conclusion", "Short name of the conclusion", attrgetter("conclusion.slug")),
        of(
            Assessment,
            "number",
            "Number of the assessment of this conclusion",
            name="assessment",
            unit="none",
            bounds=(1, None),
        ),
        of(Assessment, "sentence", "What readers are told"),
        Column(
            "certainty",
            "How certain it is: it follows from the start and the levels",
            lambda row: row.certainty.value,
            allowed=tuple((level.value, level.label) for level in Certainty),
        ),
        of(Assessment, "start", "Where certainty starts, by the designs"),
        of(Assessment, "start_reason", "Why it starts there"),
        *_steps(LOWERING, "lowers"),
        *_steps(RAISING, "raises"),
        of(Assessment, "size", "How large the effect is"),
        of(Assessment, "threshold", "Against which difference the size was judged"),
        of(Assessment, "direction", "Where the effect points"),
        of(Assessment, "seen", "What the studies found"),
        of(Assessment, "not_known", "What the studies leave open"),
        of(Assessment, "differs", "Whether there is reason to think that it differs from that in everybody"),
        of(Assessment, "differs_reason", "Why"),
        Column(
            "pooled_display", "The pooled effect in words; empty if nothing was pooled", _pooled("display")
        ),
        Column("pooled_measure", "Code of its measure", _pooled("measure"), allowed=MEASURES),
        Column(
            "pooled_studies",
            "Studies in the pool",
            _pooled("k"),
            kind=Kind.INTEGER,
            unit="studies",
            bounds=(1, None),
        ),
        Column(
            "pooled_people",
            "People in the pool",
            _pooled("people"),
            kind=Kind.INTEGER,
            unit=PEOPLE,
            bounds=(1, None),
        ),
        *(
            Column(
                f"pooled_{name}",
                meaning,
                read,
                kind=Kind.NUMBER,
                unit="that of the measure",
                scale=ANALYSIS.replace("column “analysis_scale”", "see “results”"),
            )
            for name, meaning, read in (
                ("estimate", "The pooled effect", _pooled("estimate")),
                ("low", "Lower end of its interval", _pooled("interval", 0)),
                ("high", "Upper end of its interval", _pooled("interval", 1)),
            )
        ),
        of(
            Assessment,
            "is_demonstration",
            "Made to show how the site works, not by appraisers",
            name="demonstration",
        ),
        Column("signed_by", "Who signed it", _signed_by),
        of(Assessment, "signed_at", "When it was signed", name="signed"),
        of(Assessment, "next_due", "By when it is looked at again"),
    ),
    key=("conclusion", "assessment"),
    links=(_TO_CONCLUSION,),
)

ASSESSED_RESULTS = Table(
    "assessed_results",
    "Results that the assessments looked at, as they were then",
    (
        of(AssessedResult, "id", "Number of the row on this site", name="row", unit="none"),
        Column("conclusion", "Short name of the conclusion", attrgetter("assessment.conclusion.slug")),
        Column(
            "assessment",
            "Number of the assessment",
            attrgetter("assessment.number"),
            kind=Kind.INTEGER,
            unit="none",
            bounds=(1, None),
        ),
        Column(
            "study",
            "Short name of the study; empty where it is not public any more",
            lambda row: row.study_slug if row.study_state == PUBLISHED else None,
        ),
        Column(
            "result",
            "Short name of the result; empty where it is not public any more",
            lambda row: row.result_key if row.study_state == PUBLISHED else None,
        ),
        Column("label", "Study and outcome as they were called", lambda row: _label(row)),
        of(
            AssessedResult,
            "is_direct",
            "Whether its sample belonged to the population as a whole",
            name="direct",
        ),
        of(AssessedResult, "was_retracted", "Whether its study was retracted already"),
        of(AssessedResult, "is_pooled", "Whether it was in the pool", name="pooled"),
    ),
    key=("row",),
    links=(
        Link(("conclusion", "assessment"), "assessments", ("conclusion", "assessment")),
        Link(("study",), "studies", ("study",)),
    ),
)


def _label(row: Any) -> str:
    """The name on record, also of a study that was deleted; not of one that went off the site."""
    return row.label if row.study_state in (None, PUBLISHED) else NOT_PUBLIC


def _looked_at() -> QuerySet[Any]:
    study = Study.objects.filter(pk=OuterRef("study_id")).order_by()
    result = Result.objects.filter(pk=OuterRef("result_id")).order_by()
    return (
        AssessedResult.objects.filter(assessment__signed_at__isnull=False)
        .select_related("assessment__conclusion")
        .annotate(
            study_slug=Subquery(study.values("slug")),
            study_state=Subquery(study.values("state")),
            result_key=Subquery(result.values("key")),
        )
        .order_by("pk")
    )


def _exclusions() -> QuerySet[Any]:
    rows = Exclusion.objects.filter(study__state=PUBLISHED).select_related("conclusion", "study", "result")
    return rows.order_by("conclusion__slug", "study__slug", "pk")


# Studies


def _of_studies(model: Any, path: str, *related: str, order: tuple[Any, ...]) -> Callable[[], QuerySet[Any]]:
    """Rows that belong to published studies; `path` leads to the study."""

    def rows() -> QuerySet[Any]:
        found = model._default_manager.filter(Q(**{f"{path}__state": PUBLISHED}))
        return found.select_related(path, *related).order_by(f"{path}__slug", *order)

    return rows


DUMPED: list[Dumped] = [
    Dumped(tables.STUDIES, lambda: Study.objects.published().order_by("slug")),
    Dumped(tables.REPORTS, _of_studies(Report, "study", order=("pk",))),
    Dumped(
        tables.SAMPLES,
        _of_studies(Sample, "study", "parent", order=(F("parent").asc(nulls_first=True), "label")),
    ),
    Dumped(
        tables.SAMPLE_POPULATIONS,
        _of_studies(
            PopulationShare,
            "sample__study",
            "population",
            order=("sample__label", "population__slug"),
        ),
    ),
    Dumped(tables.ARMS, _of_studies(Arm, "study", order=("label",))),
    Dumped(
        tables.ARM_INTERVENTIONS,
        _of_studies(
            Arm.interventions.through,
            "arm__study",
            "intervention",
            order=("arm__label", "intervention__slug"),
        ),
    ),
    Dumped(
        tables.RESULTS,
        _of_studies(Result, "study", "sample", "arm", "comparator", "outcome", order=("key",)),
    ),
    Dumped(
        tables.APPRAISALS,
        _of_studies(Appraisal, "study", "result", "tool", order=("tool__slug", "pk")),
    ),
    Dumped(
        tables.JUDGEMENTS,
        _of_studies(
            DomainJudgement,
            "appraisal__study",
            "appraisal__result",
            "appraisal__tool",
            "domain",
            order=("appraisal__tool__slug", "appraisal", "domain__position", "pk"),
        ),
    ),
    POPULATIONS,
    INTERVENTIONS,
    OUTCOMES,
    Dumped(
        CONCLUSIONS,
        lambda: Conclusion.objects.for_display().order_by("slug"),
    ),
    Dumped(EXCLUSIONS, _exclusions),
    Dumped(
        ASSESSMENTS,
        lambda: (
            Assessment.objects.signed()
            .select_related("conclusion", "by")
            .order_by("conclusion__slug", "number")
        ),
    ),
    Dumped(ASSESSED_RESULTS, _looked_at),
]
