"""What an import file says: the form of one study, field by field.

This form knows kinds of values and which fields there are. What their values may be (lengths, choices,
intervals) is said once, by the models. Fields that are left out take the defaults of the models; those here
only mark what may be left out.
"""

import datetime
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from .places import printable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def _day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"There is no day {value}.") from None
    if isinstance(value, str):
        raise ValueError("Write a day as year-month-day, for example 2026-11-22.")
    return value


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise ValueError("Expected a two-letter country code in capitals, for example NL.")
    return text


def _source(text: str) -> str:
    # Readers click on these.
    if _SCHEME.match(text) and not _WEB_ADDRESS.fullmatch(text):
        raise ValueError("Expected an address that starts with http:// or https://, or words.")
    return text


# The same bounds on every database.
Whole = Annotated[int, Field(ge=0, le=2_147_483_647)]
Small = Annotated[int, Field(ge=0, le=32_767)]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Day = Annotated[datetime.date, BeforeValidator(_day)]
Name = Annotated[str, StringConstraints(min_length=1)]
Country = Annotated[str, AfterValidator(_country)]
Source = Annotated[Name, AfterValidator(_source)]


class Form(BaseModel):
    """A part of an import file: exact kinds of values, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", str_strip_whitespace=True)

    def given(self, *links: str) -> dict[str, Any]:
        """The fields that the file names, without `links`."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in links}


class ReportForm(Form):
    """One publication."""

    kind: str = "article"
    is_primary: bool = False
    title: str = ""
    authors: list[Name] = []
    year: Small | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    nct: str | None = None
    url: str = ""
    language: str = "en"
    licence: str = ""
    bibliography: str = "unverified"
    retraction: str = "none"
    retracted_on: Day | None = None
    retraction_notice_doi: str = ""
    retraction_checked_on: Day | None = None


class ShareForm(Form):
    """How much of a sample belongs to a population."""

    population: Name
    share: str = "all"


class SampleForm(Form):
    """Who took part."""

    label: Name = "All participants"
    parent: Name | None = None
    description: str = ""
    n: Whole | None = None
    age_mean: Number | None = None
    age_sd: Number | None = None
    age_min: Number | None = None
    age_max: Number | None = None
    percent_female: Number | None = None
    eligibility: str = ""
    populations: list[ShareForm] = []


class ArmForm(Form):
    """A group with what it received."""

    label: Name
    role: str = "experimental"
    interventions: list[Name] = []
    description: str = ""
    n: Whole | None = None
    times_a_week: Number | None = None
    minutes: Number | None = None
    weeks: Number | None = None
    load: Number | None = None
    load_unit: str = ""
    supervision: str = ""
    adherence: str = ""


class ResultForm(Form):
    """What was measured."""

    key: Name
    sample: Name
    arm: Name
    comparator: Name | None = None
    outcome: Name
    instrument: str = ""
    unit: str = ""
    weeks: Number | None = None
    phase: str = ""
    analysis: str = "not stated"
    is_primary: bool = False
    position: Small = 0
    state: str = "reported"
    finding: str = ""
    direction: str = ""
    measure: str

    arm_n: Whole | None = None
    arm_mean: Number | None = None
    arm_sd: Number | None = None
    arm_baseline_mean: Number | None = None
    arm_baseline_sd: Number | None = None
    arm_events: Whole | None = None
    arm_person_time: Number | None = None
    comparator_n: Whole | None = None
    comparator_mean: Number | None = None
    comparator_sd: Number | None = None
    comparator_baseline_mean: Number | None = None
    comparator_baseline_sd: Number | None = None
    comparator_events: Whole | None = None
    comparator_person_time: Number | None = None
    paired: bool = False
    correlation: Number | None = None

    estimate: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    ci_level: Number = 95
    se: Number | None = None
    p_value: Number | None = None
    p_text: str = ""

    report: Name | None = None
    place: str = ""
    quote: str = ""


class DomainJudgementForm(Form):
    """The judgement of one domain of a tool."""

    domain: Name
    judgement: Name
    reason: str = ""


class AppraisalForm(Form):
    """Risk of bias of the study, or of one of its results."""

    tool: Name
    result: Name | None = None
    judgement: Name
    reason: str = ""
    basis: str = ""
    is_demonstration: bool = False
    appraised_on: Day | None = None
    domains: list[DomainJudgementForm] = []


class StudyForm(Form):
    """One study with everything that belongs to it."""

    slug: Name
    label: Name
    title: str = ""
    design: str
    design_note: str = ""
    state: str = "draft"
    integrity: str = "ok"
    year: Small | None = None
    countries: list[Country] = []
    setting: str = ""
    n_enrolled: Whole | None = None
    n_analysed: Whole | None = None
    n_studies: Whole | None = None
    funding: str = "not reported"
    interests_declared: bool | None = None
    interests: str = ""
    is_preregistered: bool | None = None
    summary: str = ""
    numbers: str = "unverified"
    caveats: list[Name] = []
    sources: list[Source] = []

    reports: list[ReportForm] = []
    samples: list[SampleForm] = []
    arms: list[ArmForm] = []
    results: list[ResultForm] = []
    appraisals: list[AppraisalForm] = []


# Sentences for what people get wrong most; pydantic's own for the rest.
_SENTENCES = {
    "extra_forbidden": "Unknown field.",
    "missing": "This field is missing.",
    "string_type": "Expected a text.",
    "int_type": "Expected a whole number.",
    "int_from_float": "Expected a whole number.",
    "float_type": "Expected a number.",
    "bool_type": "Expected true or false.",
    "list_type": "Expected a list.",
    "date_type": "Expected a day as text, for example 2026-11-22.",
    "model_type": "Expected an object.",
    "model_attributes_type": "Expected an object.",
    "dict_type": "Expected an object.",
    "string_too_short": "This text is empty.",
    "int_parsing_size": "This number is too large.",
}


def sentence(error: Any) -> str:
    """What is wrong, as a sentence, from one entry of pydantic's `errors()`."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "value_error":
        return str(context["error"])
    if kind == "greater_than_equal":
        return f"This number must be at least {context['ge']}."
    if kind == "less_than_equal":
        return f"This number must be at most {context['le']}."
    if kind == "union_tag_invalid":
        tags = context["expected_tags"].replace("'", "")
        return f"“{printable(context['tag'])}” is not one of: {tags}."
    if kind == "union_tag_not_found":
        return f"The field {context['discriminator']} is missing."
    return f"{error['msg']}."
