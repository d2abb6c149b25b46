"""What the API answers about the evidence: the names, types and meanings of its fields."""

import datetime
import math
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, Field

from .. import effects
from ..models import Appraisal, Arm, Conclusion, Report, Result, Sample, Study
from .reading import data_address, page_address


def _finite(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


Number = Annotated[float | None, BeforeValidator(_finite)]

SLUG = "Its short name in addresses."
PAGE = "Its page on this site."
DATA = "The same as data."
UNKNOWN = "null where it is not reported."
WITHDRAWN = (
    "With as_of, how many studies were public then and are not any more: left out, whatever is chosen;"
    " null without."
)


class Listed(Schema):
    """One page of a list."""

    next: str | None = Field(description="The address of the next page, null on the last one.")
    previous: str | None = Field(description="The address of the page before, null on the first one.")


class Term(Schema):
    """A population, intervention or outcome where something refers to it."""

    slug: str = Field(description=SLUG, examples=["older-adults"])
    name: str = Field(description="Its name.", examples=["Older adults (65 and over)"])

    @classmethod
    def of(cls, node: Any) -> "Term":
        return cls(slug=node.slug, name=node.name)


class StudyLine(Schema):
    """A study as lists show it."""

    slug: str = Field(description=SLUG, examples=["miller-1987"])
    address: str = Field(description=PAGE)
    data: str = Field(description="All that is known about it, as data.")
    label: str = Field(description="First author and year.", examples=["Miller 1987"])
    title: str = Field(description="As printed on the main report; empty if nobody has seen it.")
    design: str = Field(description="What was done.", examples=["parallel trial"])
    year: int | None = Field(description=f"Of the main report; {UNKNOWN}")
    people: int | None = Field(description=f"Those who entered, or else those analysed; {UNKNOWN}")
    integrity: str = Field(description="ok, concern or retracted.")
    numbers: str = Field(description="verified where somebody has seen its numbers in the source.")
    summary: str = Field(description="What was done and found, in plain words.")

    @classmethod
    def of(cls, study: Study, **more: Any) -> Any:
        """The line of a study, its addresses among `more`. What is our own is not looked at again."""
        return cls.model_construct(
            slug=study.slug,
            label=study.label,
            title=study.title,
            design=study.design,
            year=study.year,
            people=study.n_people,
            integrity=study.integrity,
            numbers=study.numbers,
            summary=study.summary,
            **more,
        )


class ListedStudy(StudyLine):
    """A study as it is, or with as_of as it was recorded then."""

    integrity_today: str | None = Field(
        None, description="With as_of, what is known of its integrity by now; null without."
    )


class FacetValue(Schema):
    """One value of an axis, with how many studies it would leave."""

    slug: str = Field(description="As the parameter takes it.", examples=["older-adults"])
    label: str = Field(description="In words.")
    parent: str | None = Field(description="The broader value.")
    count: int = Field(description="What has it and satisfies all that is chosen on other axes, in the unit.")
    is_chosen: bool = Field(description="Whether it is chosen now.")
    is_excluded: bool = Field(description="Whether it is excluded now.")


class YearCount(Schema):
    """One year of publication, with how many studies it would leave."""

    year: int = Field(description="Of the main report.", examples=[2014])
    count: int = Field(
        description="Studies of it that satisfy all that is chosen but of years, whatever the unit."
    )


class FacetData(Schema):
    """One axis that studies can be filtered by."""

    key: str = Field(description="The axis.", examples=["age"])
    parameter: str = Field(description="The parameter that its values go into.", examples=["population"])
    label: str = Field(description="Its name.")
    values: list[FacetValue] = Field(description="Those with a study, and those that are chosen.")
    years: list[YearCount] | None = Field(
        description="Of the axis of years, each that has a study, in their order; null of every other axis."
    )


class StudyList(Listed):
    """One page of the studies that satisfy the filter."""

    count: int = Field(description="How many satisfy it in all.")
    withdrawn: int | None = Field(None, description=WITHDRAWN)
    items: list[ListedStudy] = Field(description="Those of this page, in the order asked for.")
    facets: list[FacetData] | None = Field(
        None, description="The axes that were asked for, as /api/facets gives them; null where none was."
    )


class ReportData(Schema):
    """One publication of a study."""

    kind: str = Field(description="article, registration, protocol, retraction and so on.")
    is_primary: bool = Field(description="The main report, which the numbers mainly come from.")
    title: str = Field(description="As printed; empty if nobody has seen it.")
    authors: list[str] = Field(description="Family name first.", examples=[["Miller JF"]])
    year: int | None = Field(description="Of publication.")
    journal: str = Field(description="Its journal.")
    volume: str = Field(description="Its volume.")
    issue: str = Field(description="Its issue.")
    pages: str = Field(description="Its pages.")
    doi: str | None = Field(description="DOI.")
    pmid: str | None = Field(description="PubMed ID.")
    pmcid: str | None = Field(description="PubMed Central ID.")
    nct: str | None = Field(description="ClinicalTrials.gov number, of a registration.")
    link: str = Field(description="The best outside address of it; may be empty.")
    language: str = Field(description="Language of the title.", examples=["en"])
    bibliography: str = Field(description="Whether the bibliography was seen in a source.")
    retraction: str = Field(description="none, concern or retracted.")
    retracted_on: datetime.date | None = Field(description="When it was retracted.")
    retraction_checked_on: datetime.date | None = Field(description="When somebody last looked.")

    @classmethod
    def of(cls, report: Report) -> "ReportData":
        return cls(**{name: getattr(report, name) for name in cls.model_fields})


class ShareData(Schema):
    """How much of a sample belongs to a population."""

    slug: str = Field(description="The population.", examples=["older-adults"])
    name: str = Field(description="Its name.")
    axis: str = Field(description="What it is about: age, sex, condition and so on.", examples=["age"])
    share: str = Field(description="all, most, part or excluded.")


def shares_of(sample: Sample) -> list[ShareData]:
    """What a sample says of itself, axis by axis. Its shares are loaded with their populations."""
    rows = sorted(
        sample.shares.all(), key=lambda share: (share.population.axis, share.population.slug, share.pk)
    )
    return [
        ShareData(
            slug=row.population.slug, name=row.population.name, axis=row.population.axis, share=row.share
        )
        for row in rows
    ]


class SampleData(Schema):
    """Who took part: the whole sample of a study, or a subgroup of it."""

    study: str = Field(description="The study.", examples=["miller-1987"])
    label: str = Field(description="Its name within the study.", examples=["All participants"])
    is_subgroup: bool = Field(description="A subgroup takes over from the whole the axes it says nothing on.")
    description: str = Field(description="Who they were, in one sentence.")
    people: int | None = Field(description=f"How many; {UNKNOWN}")
    age_mean: Number = Field(description="Mean age in years.")
    age_sd: Number = Field(description="Its standard deviation.")
    age_min: Number = Field(description="The youngest, in years.")
    age_max: Number = Field(description="The oldest, in years.")
    percent_female: Number = Field(description="Women and girls, in per cent.")
    eligibility: str = Field(description="Who could take part, in short.")
    populations: list[ShareData] = Field(description="What it says of itself.")

    @classmethod
    def of(cls, sample: Sample, study: Study) -> "SampleData":
        same = ("label", "is_subgroup", "description", "age_mean", "age_sd", "age_min", "age_max")
        return cls(
            study=study.slug,
            people=sample.n,
            percent_female=sample.percent_female,
            eligibility=sample.eligibility,
            populations=shares_of(sample),
            **{name: getattr(sample, name) for name in same},
        )


class SampleList(Listed):
    """The samples of one page of the studies that satisfy the filter."""

    items: list[SampleData] = Field(description="Study by study, the whole sample first.")


class ArmData(Schema):
    """One group of a study with what it received."""

    label: str = Field(description="Its name within the study.")
    role: str = Field(description="What it is in the comparison.", examples=["experimental"])
    interventions: list[Term] = Field(description="What is under study in it.")
    description: str = Field(description="Dose and procedure.")
    people: int | None = Field(description=f"How many; {UNKNOWN}")
    times_a_week: Number = Field(description="Sessions a week.")
    minutes: Number = Field(description="Minutes a session.")
    weeks: Number = Field(description="How long, in weeks.")
    load: Number = Field(description="Load or dose.")
    load_unit: str = Field(description="Its unit.", examples=["kg on each ankle"])
    supervision: str = Field(description="Who watched over it.")
    adherence: str = Field(description="How far people kept to it.")

    @classmethod
    def of(cls, arm: Arm) -> "ArmData":
        derived = ("people", "interventions")
        nodes = sorted(arm.interventions.all(), key=lambda node: node.slug)
        return cls(
            people=arm.n,
            interventions=[Term.of(node) for node in nodes],
            **{name: getattr(arm, name) for name in cls.model_fields if name not in derived},
        )


class GroupNumbers(Schema):
    """The raw numbers of one side of a comparison, as reported; null where they are not."""

    n: int | None = Field(description="People.")
    mean: Number = Field(description="Mean, in the unit.")
    sd: Number = Field(description="Standard deviation.")
    baseline_mean: Number = Field(description="Mean at the start.")
    baseline_sd: Number = Field(description="Standard deviation at the start.")
    events: int | None = Field(description="People with the event.")
    person_time: Number = Field(description="Person-time.")

    @classmethod
    def of(cls, result: Result, side: str) -> "GroupNumbers":
        return cls(**{name: getattr(result, f"{side}_{name}") for name in cls.model_fields})


class ResultData(Schema):
    """What one study measured for one outcome, in one sample, arm against comparator, at one time point."""

    study: str = Field(description="The study.", examples=["miller-1987"])
    key: str = Field(description="Its short name within the study.", examples=["gait-speed-4w"])
    outcome: Term = Field(description="What was measured.")
    better: str = Field(description="Which direction is better for people: higher, lower or depends.")
    instrument: str = Field(description="How it was measured.")
    unit: str = Field(description="Unit of means and differences.", examples=["m/s"])
    weeks: Number = Field(description="Weeks since the start; 0 for a single session.")
    phase: str = Field(description="acute, end or follow-up; may be empty.")
    analysis: str = Field(description="Who was analysed.")
    is_primary: bool = Field(description="A primary outcome of the study.")
    state: str = Field(description="reported, not reported or planned.")
    sample: str = Field(description="In whom: the sample by its label.")
    arm: str = Field(description="The group that is compared, by its label.")
    interventions: list[str] = Field(description="What that group received.", examples=[["ankle-weights"]])
    comparator: str | None = Field(description="Compared with what; null for a change within one group.")
    measure: str = Field(description="The effect measure, by its code.", examples=["md"])
    measure_name: str = Field(description="The same in words.", examples=["Mean difference"])
    scale: str = Field(description="Of yi and vi: natural, log, fisher_z or logit.")
    arm_numbers: GroupNumbers = Field(description="Raw numbers of the arm.")
    comparator_numbers: GroupNumbers = Field(description="Raw numbers of the comparator.")
    is_paired: bool = Field(description="The same people in both conditions.")
    correlation: Number = Field(description="Within people.")
    estimate: Number = Field(description="As printed, on the scale of the measure: a ratio as a ratio.")
    ci_low: Number = Field(description="Lower end of the printed interval.")
    ci_high: Number = Field(description="Upper end of it.")
    ci_level: Number = Field(description="Its level in per cent.", examples=[95.0])
    se: Number = Field(description="Standard error, on the analysis scale.")
    p_value: Number = Field(description="p.")
    p_text: str = Field(description="p as printed.")
    yi: Number = Field(description="The effect on the analysis scale.")
    vi: Number = Field(description="Its variance.")
    derivation: str = Field(description="What yi and vi were computed from.")
    display: str = Field(description="The effect as readers see it.", examples=["1.0 (0.5 to 1.5) m/s"])
    direction: str = Field(description="What it points to; empty where nobody has judged it.")
    finding: str = Field(description="What was found, in plain words.")
    place: str = Field(description="Where in the report.", examples=["Table 2"])

    @classmethod
    def of(cls, result: Result) -> "ResultData":
        measure = effects.measure(result.measure)
        derived: dict[str, Any] = {
            "study": result.study.slug,
            "outcome": Term.of(result.outcome),
            "better": result.outcome.better,
            "sample": result.sample.label,
            "arm": result.arm.label,
            "interventions": sorted(node.slug for node in result.arm.interventions.all()),
            "comparator": None if result.comparator is None else result.comparator.label,
            "measure_name": measure.label,
            "scale": measure.scale.value,
            "arm_numbers": GroupNumbers.of(result, "arm"),
            "comparator_numbers": GroupNumbers.of(result, "comparator"),
            "is_paired": result.paired,
            "derivation": effects.DERIVATIONS.get(result.derivation, result.derivation),
        }
        return cls(
            **derived, **{name: getattr(result, name) for name in cls.model_fields if name not in derived}
        )


class ResultList(Listed):
    """The results that satisfy the filter, of one page of studies."""

    count: int = Field(description="How many satisfy it in all, on all pages.")
    items: list[ResultData] = Field(description="Study by study in the order asked for.")


class DomainData(Schema):
    """The judgement of one domain of a tool."""

    code: str = Field(description="The domain.", examples=["D1"])
    name: str = Field(description="Its name.")
    judgement: str = Field(description="One of the judgements of the tool, by its code.")
    reason: str = Field(description="Why.")


class AppraisalData(Schema):
    """The risk of bias of a study, or of one of its results, judged with a tool."""

    tool: str = Field(description="The tool with its version.", examples=["RoB 2"])
    result: str | None = Field(description="The result that it is about; null for the study as a whole.")
    judgement: str = Field(description="The judgement in words.")
    level: str = Field(description="low, some concerns, high or unclear.")
    reason: str = Field(description="Why.")
    basis: str = Field(description="What was read.")
    is_demonstration: bool = Field(description="Made to show how the site works, not by appraisers.")
    appraised_on: datetime.date | None = Field(description="When.")
    domains: list[DomainData] = Field(description="Domain by domain.")

    @classmethod
    def of(cls, appraisal: Appraisal) -> "AppraisalData":
        judgements = sorted(
            appraisal.domain_judgements.all(), key=lambda entry: (entry.domain.position, entry.pk)
        )
        return cls(
            tool=str(appraisal.tool),
            result=None if appraisal.result is None else appraisal.result.key,
            judgement=appraisal.judgement_label,
            level=appraisal.level,
            reason=appraisal.reason,
            basis=appraisal.basis,
            is_demonstration=appraisal.is_demonstration,
            appraised_on=appraisal.appraised_on,
            domains=[
                DomainData(
                    code=entry.domain.code,
                    name=entry.domain.name,
                    judgement=entry.judgement,
                    reason=entry.reason,
                )
                for entry in judgements
            ],
        )


class StudyData(StudyLine):
    """All that is known about one study."""

    design_note: str = Field(description="What readers should know about the design.")
    countries: list[str] = Field(description="Two-letter codes of ISO 3166-1.", examples=[["NL"]])
    setting: str = Field(description="Where it took place.")
    n_enrolled: int | None = Field(description=f"People who entered; {UNKNOWN}")
    n_analysed: int | None = Field(description=f"People analysed; {UNKNOWN}")
    n_studies: int | None = Field(description="Studies in a review; null for what is none.")
    funding: str = Field(description="Kind of funding.")
    interests_declared: bool | None = Field(description=f"Whether the authors declare interests; {UNKNOWN}")
    interests: str = Field(description="What they declare.")
    is_preregistered: bool | None = Field(description=f"Whether it was registered beforehand; {UNKNOWN}")
    caveats: list[str] = Field(description="What is uncertain about this record.")
    sources: list[str] = Field(description="Where the numbers were read.")
    reports: list[ReportData] = Field(description="Its publications, the main one first.")
    samples: list[SampleData] = Field(description="Who took part, the whole sample first.")
    arms: list[ArmData] = Field(description="Its groups.")
    results: list[ResultData] = Field(description="What it measured.")
    appraisals: list[AppraisalData] = Field(description="Its risk of bias.")


class NodeData(Schema):
    """A term of a tree: it stands for itself and everything below it."""

    slug: str = Field(description=SLUG, examples=["older-adults"])
    name: str = Field(description="Its name.")
    short_name: str = Field(description="A shorter one; may be empty.")
    parent: str | None = Field(description="The broader term, null at the top.")
    depth: int = Field(description="How many terms stand above it.")
    definition: str = Field(description="Who or what belongs here.")
    synonyms: list[str] = Field(description="Other words for the same.")
    identifiers: dict[str, str] = Field(description="Codes in outside vocabularies.")
    is_active: bool = Field(description="Whether new entries may use it.")
    replaced_by: str | None = Field(description="The term to use instead.")
    address: str = Field(description=PAGE)


class PopulationData(NodeData):
    """A group of people on one axis."""

    axis: str = Field(description="What it is about.", examples=["age"])
    age_min: int | None = Field(description="The youngest, in years, on the axis of age.")
    age_max: int | None = Field(description="The oldest, in years; null where there is no bound.")


class InterventionData(NodeData):
    """What people did, took or received."""

    kind: str = Field(description="Kind of intervention.", examples=["exercise"])


class OutcomeData(NodeData):
    """What studies measure."""

    better: str = Field(description="Which direction is better for people: higher, lower or depends.")
    kind: str = Field(description="benefit, harm or neither.")
    unit: str = Field(description="The usual unit.")
    important_difference: Number = Field(description="The smallest difference that matters, in the unit.")
    important_difference_source: str = Field(description="Where that number comes from.")


class Facets(Schema):
    """How many studies each value of each axis would leave."""

    count: int = Field(description="Studies that satisfy all that is chosen.")
    n_results: int = Field(description="Their results that do.")
    n_people: int = Field(description="The people in these studies.")
    unit: str = Field(description="What the values count: studies, results or people.")
    withdrawn: int | None = Field(None, description=WITHDRAWN)
    facets: list[FacetData] = Field(description="Axis by axis.")


class ReasonData(Schema):
    """A reason to lower or raise certainty."""

    reason: str = Field(description="Which.", examples=["risk_of_bias"])
    levels: int = Field(description="By how many levels.")
    why: str = Field(description="Why.")


class AssessmentData(Schema):
    """One signed judgement of how certain a conclusion is."""

    number: int = Field(description="Its number within the conclusion.")
    sentence: str = Field(description="What readers are told.")
    certainty: str = Field(description="high, moderate, low or very low.")
    start: str = Field(description="Where it starts, by the designs: high or low.")
    start_reason: str = Field(description="Why there.")
    reasons: list[ReasonData] = Field(description="What lowers and raises it.")
    size: str = Field(description="The size of the effect in words.")
    threshold: str = Field(description="The difference that the size was judged against.")
    direction: str = Field(description="Where the effect goes.")
    seen: str = Field(description="What the studies found.")
    not_known: str = Field(description="What they leave open.")
    signed_on: datetime.date = Field(description="When it was signed.")
    next_due: datetime.date = Field(description="By when it is looked at again.")
    is_demonstration: bool = Field(description="Made to show how the site works, not by appraisers.")


class ConclusionData(Schema):
    """What all results for one question add up to, and how certain that is."""

    slug: str = Field(description=SLUG)
    name: str = Field(description="The question in short.")
    address: str = Field(description=PAGE)
    data: str = Field(description=DATA)
    numbers: str = Field(description="Its results and what is calculated from them, as data.")
    studies: str = Field(description="The studies that answer it today, as data.")
    population: Term | None = Field(description="In whom, with everything below; null for everybody.")
    takes_part_samples: bool = Field(description="Also samples of which only a part belongs to them.")
    intervention: Term = Field(description="What, with everything below.")
    comparator: str = Field(description="Compared with what.", examples=["usual care"])
    outcome: Term = Field(description="For which outcome, with everything below.")
    assessment: AssessmentData | None = Field(description="The one in force; null where none is signed.")

    @classmethod
    def of(cls, conclusion: Conclusion, assessment: dict[str, Any] | None) -> "ConclusionData":
        population = conclusion.population
        page = page_address(conclusion)
        return cls(
            slug=conclusion.slug,
            name=str(conclusion),
            address=page,
            data=data_address("conclusion_detail", conclusion.slug),
            numbers=f"{page.removesuffix('/')}.json",
            studies=f"{data_address('study_list')}?conclusion={conclusion.slug}",
            population=None if population is None else Term.of(population),
            takes_part_samples=conclusion.takes_part_samples,
            intervention=Term.of(conclusion.intervention),
            comparator=conclusion.comparator,
            outcome=Term.of(conclusion.outcome),
            assessment=None if assessment is None else AssessmentData(**assessment),
        )


class ConclusionList(Listed):
    """One page of all conclusions."""

    items: list[ConclusionData] = Field(description="Those of this page, by slug.")
