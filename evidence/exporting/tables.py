"""The evidence as tables: each kind of row with its columns, its key and what it points to.

JSON and the dump of the whole database are written from these. Rows are named as people and import files
name them, never by the keys of one database: a study by its short name, what belongs to it by study and
label, a term by its short name.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from .. import effects
from ..models import (
    Appraisal,
    Arm,
    DomainJudgement,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
    Tool,
    ToolDomain,
)
from .column import Column, Kind, Read, of
from .columns import MEASUREMENT, MEASURES, NUMBER_COLUMNS, PEOPLE, STUDY_NAMES, STUDY_SETUP, STUDY_STANDING


@dataclass(frozen=True)
class Link:
    """Columns that name a row of another table, or of the same one where `table` is empty."""

    columns: tuple[str, ...]
    table: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of one kind. `key` are the columns that name a row, empty where one of them may be empty."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    def within_study(self) -> tuple[Column, ...]:
        """The columns where the study stands around the row."""
        return tuple(column for column in self.columns if column.name != "study")


def maybe(path: str, name: str) -> Read:
    """Reads `name` of what lies at `path`, where there is anything."""
    there = attrgetter(path)

    def read(row: Any) -> Any:
        found = there(row)
        return None if found is None else getattr(found, name)

    return read


def _study(path: str = "study.slug") -> Column:
    return of(Study, "slug", "Short name of the study", name="study", read=attrgetter(path))


_TO_STUDY = Link(("study",), "studies", ("study",))


STUDIES = Table(
    "studies",
    "Investigations of people; not papers",
    (
        *STUDY_NAMES,
        of(Study, "design", "What was done"),
        of(Study, "design_note", "What readers should know about the design"),
        *STUDY_SETUP,
        of(Study, "interests_declared", "Whether the authors declare interests; empty if not reported"),
        of(Study, "interests", "What they declare, in short"),
        *STUDY_STANDING,
        of(Study, "summary", "What was done and found, in plain words"),
        of(Study, "caveats", "What is uncertain about this record, as sentences"),
        of(Study, "sources", "Where the numbers were read"),
        of(Study, "added_at", "When the record was made", name="added"),
        of(Study, "changed_at", "When the record of the study itself was last saved", name="changed"),
    ),
    key=("study",),
)

REPORTS = Table(
    "reports",
    "Publications of the studies",
    (
        _study(),
        of(Report, "id", "Number of the report on this site", name="report", unit="none"),
        of(Report, "kind", "What it is"),
        of(Report, "is_primary", "Whether the numbers are mainly taken from it", name="main"),
        of(Report, "title", "As printed; empty if nobody has seen it"),
        of(Report, "authors", "In their order, family name first"),
        of(Report, "year", "When it was published", unit="calendar years", bounds=(1800, 2100)),
        of(Report, "journal", "Where it was published"),
        of(Report, "volume", "Volume"),
        of(Report, "issue", "Issue"),
        of(Report, "pages", "Pages, or number of the article"),
        of(Report, "doi", "Digital Object Identifier"),
        of(Report, "pmid", "PubMed number"),
        of(Report, "pmcid", "PubMed Central number"),
        of(Report, "nct", "ClinicalTrials.gov number, of a registration"),
        Column("link", "The best outside address of it", attrgetter("link"), kind=Kind.ADDRESS),
        of(Report, "language", "Language tag of the title"),
        of(Report, "licence", "Licence of the publication, where it is known; not of this record"),
        of(Report, "bibliography", "Whether title, authors, year and journal were seen in a source"),
        of(Report, "retraction", "Whether it was retracted, or a concern was expressed"),
        of(Report, "retracted_on", "When"),
        of(Report, "retraction_notice_doi", "DOI of the notice"),
        of(Report, "retraction_checked_on", "When somebody last looked for a retraction"),
    ),
    key=("report",),
    links=(_TO_STUDY,),
)

SAMPLES = Table(
    "samples",
    "Who took part: the whole sample of a study, or a subgroup that was reported apart",
    (
        _study(),
        of(Sample, "label", "Name of the sample; no other one of the study has it", name="sample"),
        Column(
            "subgroup_of",
            "The whole sample; empty where it is the whole. A subgroup takes over what it does not say",
            maybe("parent", "label"),
        ),
        of(Sample, "description", "Who they were, in one sentence"),
        of(Sample, "n", "People in it", name="people", unit=PEOPLE, bounds=(1, None)),
        of(Sample, "age_mean", "Mean age", unit="years", bounds=(0, None)),
        of(Sample, "age_sd", "Standard deviation of age", unit="years", bounds=(0, None)),
        of(Sample, "age_min", "Age of the youngest", unit="years", bounds=(0, None)),
        of(Sample, "age_max", "Age of the oldest", unit="years", bounds=(0, None)),
        of(Sample, "percent_female", "Women among them", unit="%", bounds=(0, 100)),
        of(Sample, "eligibility", "Who could take part and who could not"),
    ),
    key=("study", "sample"),
    links=(_TO_STUDY,),
)

SAMPLE_POPULATIONS = Table(
    "sample_populations",
    "Which populations the samples belong to",
    (
        _study("sample.study.slug"),
        Column("sample", "Name of the sample", attrgetter("sample.label")),
        Column("population", "Short name of the population", attrgetter("population.slug")),
        of(PopulationShare, "share", "How much of the sample belongs to it"),
    ),
    key=("study", "sample", "population"),
    links=(
        Link(("study", "sample"), "samples", ("study", "sample")),
        Link(("population",), "populations", ("population",)),
    ),
)

ARMS = Table(
    "arms",
    "Groups of the studies, or conditions of a crossover study",
    (
        _study(),
        of(Arm, "label", "Name of the arm; no other one of the study has it", name="arm"),
        of(Arm, "role", "Whether it is tested, or compared with"),
        of(Arm, "description", "Dose and procedure, in words"),
        of(Arm, "n", "People in it", name="people", unit=PEOPLE, bounds=(1, None)),
        of(Arm, "times_a_week", "How often", unit="sessions a week", bounds=(0, None)),
        of(Arm, "minutes", "How long", unit="minutes a session", bounds=(0, None)),
        of(Arm, "weeks", "For how long", unit="weeks", bounds=(0, None)),
        of(Arm, "load", "Load or dose", unit="the unit of the arm (column “load_unit”)", bounds=(0, None)),
        of(Arm, "load_unit", "Unit of the load or dose"),
        of(Arm, "supervision", "Who was there"),
        of(Arm, "adherence", "How many kept to it"),
    ),
    key=("study", "arm"),
    links=(_TO_STUDY,),
)

ARM_INTERVENTIONS = Table(
    "arm_interventions",
    "What the arms received; only what is under study, not what all groups did",
    (
        _study("arm.study.slug"),
        Column("arm", "Name of the arm", attrgetter("arm.label")),
        Column("intervention", "Short name of the intervention", attrgetter("intervention.slug")),
    ),
    key=("study", "arm", "intervention"),
    links=(
        Link(("study", "arm"), "arms", ("study", "arm")),
        Link(("intervention",), "interventions", ("intervention",)),
    ),
)

RESULTS = Table(
    "results",
    "What the studies measured: one outcome, in one sample, arm against comparator, at one time",
    (
        _study(),
        of(Result, "key", "Short name of the result; no other one of the study has it", name="result"),
        Column("sample", "In whom: name of the sample", attrgetter("sample.label")),
        Column("arm", "Name of the arm", attrgetter("arm.label")),
        Column(
            "comparator",
            "Name of the arm that it is compared with; empty for a change within one group",
            maybe("comparator", "label"),
        ),
        Column("outcome", "Short name of the outcome", attrgetter("outcome.slug")),
        *MEASUREMENT,
        of(Result, "is_primary", "Whether it was the primary outcome", name="primary_outcome"),
        of(Result, "state", "Whether there is a result"),
        Column("measure", "Code of the effect measure", attrgetter("measure"), allowed=MEASURES),
        *NUMBER_COLUMNS,
        Column(
            "derivation",
            "Code of what yi and vi were computed from",
            attrgetter("derivation"),
            allowed=tuple(effects.DERIVATIONS.items()),
        ),
        of(Result, "direction", "What the result points to; empty if nobody has judged it"),
        of(Result, "finding", "What was found, in plain words"),
        Column(
            "report",
            "Number of the report that it was read in",
            attrgetter("report_id"),
            kind=Kind.INTEGER,
            unit="none",
        ),
        of(Result, "place", "Table, figure or page of the report"),
    ),
    key=("study", "result"),
    links=(
        Link(("study", "sample"), "samples", ("study", "sample")),
        Link(("study", "arm"), "arms", ("study", "arm")),
        Link(("outcome",), "outcomes", ("outcome",)),
        Link(("report",), "reports", ("report",)),
    ),
)

APPRAISALS = Table(
    "appraisals",
    "Risk of bias of a study, or of one of its results, judged with a tool",
    (
        _study(),
        Column("result", "Short name of the result; empty for the study as a whole", maybe("result", "key")),
        of(Tool, "slug", "Short name of the tool", name="tool", read=attrgetter("tool.slug")),
        Column("tool_name", "Name, version and variant of the tool", lambda row: str(row.tool)),
        of(Appraisal, "judgement", "Code of the overall judgement, in the words of the tool"),
        Column("judgement_label", "The judgement in words", attrgetter("judgement_label")),
        of(Appraisal, "level", "The same for all tools"),
        of(Appraisal, "reason", "Why"),
        of(Appraisal, "basis", "What was read"),
        of(
            Appraisal,
            "is_demonstration",
            "Made to show how the site works, not by appraisers",
            name="demonstration",
        ),
        of(Appraisal, "appraised_on", "When"),
    ),
    links=(_TO_STUDY,),
)

JUDGEMENTS = Table(
    "judgements",
    "The judgements of single domains within the appraisals",
    (
        _study("appraisal.study.slug"),
        Column(
            "result",
            "Short name of the result; empty for the study as a whole",
            maybe("appraisal.result", "key"),
        ),
        Column("tool", "Short name of the tool", attrgetter("appraisal.tool.slug")),
        of(ToolDomain, "code", "Code of the domain", name="domain", read=attrgetter("domain.code")),
        of(ToolDomain, "name", "Name of the domain", name="domain_name", read=attrgetter("domain.name")),
        of(DomainJudgement, "judgement", "Code of the judgement, in the words of the tool"),
        of(DomainJudgement, "reason", "Why"),
    ),
    links=(_TO_STUDY,),
)
