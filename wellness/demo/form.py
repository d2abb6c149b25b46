"""What the TOML files of the demo say, field by field; lengths and choices are said by the models."""

import datetime
from typing import Annotated, Literal

from pydantic import Field

from evidence.importing.form import Form, Name, Small


class CategoryForm(Form):
    """A shelf of the menu."""

    name: Name
    slug: Name
    description: str = ""
    position: Small = 0


class CategoryFile(Form):
    categories: list[CategoryForm]


class TermForm(Form):
    """A word of the glossary."""

    name: Name
    slug: Name
    definition: Name
    synonyms: list[Name] = []


class TermFile(Form):
    terms: list[TermForm]


class HeadingForm(Form):
    """Opens a section."""

    kind: Literal["heading"]
    text: Name
    short_text: str = ""
    anchor: Name


class TextForm(Form):
    """Paragraphs, lists and small headings as HTML."""

    kind: Literal["text"]
    text: Name


class VariableForm(Form):
    """A row of the table of key variables."""

    variable: Name
    why: Name
    evidence: str = ""


class KeyVariablesForm(Form):
    """The table of key variables."""

    kind: Literal["key variables"]
    caption: Name
    rows: list[VariableForm]


class EvidenceTableForm(Form):
    """The studies of the topic for one outcome."""

    kind: Literal["evidence table"]
    title: Name
    outcome: Name
    introduction: str = ""


class CalloutForm(Form):
    """A box."""

    kind: Literal["callout"]
    callout: str = "care"
    title: Name
    text: Name


class FigureForm(Form):
    """An image of the folder `figures`."""

    kind: Literal["figure"]
    file: Name
    alt: str = ""
    caption: str = ""
    credit: str = ""
    is_decorative: bool = False


BlockForm = Annotated[
    HeadingForm | TextForm | KeyVariablesForm | EvidenceTableForm | CalloutForm | FigureForm,
    Field(discriminator="kind"),
]


class TopicForm(Form):
    """A page with its blocks in their order."""

    category: Name
    parent: str = ""
    position: Small = 0
    title: Name
    subtitle: str = ""
    short_title: Name
    slug: Name
    standfirst: Name
    teaser: Name
    meta_description: str = ""
    intervention: Name | None = None
    populations: list[Name] = []
    tags: list[Name] = []
    search_words: list[Name] = []
    research_to: datetime.date | None = None
    next_review: datetime.date | None = None
    risk: str = "general"
    is_featured: bool = False
    key_points: str = ""
    not_known: str = ""
    blocks: list[BlockForm]


class ExclusionForm(Form):
    """A study, or one result of it by its key, that a conclusion leaves out."""

    study: Name
    result: str = ""
    reason: Name


# By how many levels one reason may move certainty.
Once = Literal[0, 1]
Twice = Literal[0, 1, 2]
Thrice = Literal[0, 1, 2, 3]


class AssessmentForm(Form):
    """How certain a conclusion is; the level follows from it, and a sentence that is left out too."""

    start: Literal["high", "low"]
    start_reason: str = ""
    risk_of_bias: Thrice = 0
    risk_of_bias_reason: str = ""
    inconsistency: Twice = 0
    inconsistency_reason: str = ""
    indirectness: Twice = 0
    indirectness_reason: str = ""
    imprecision: Thrice = 0
    imprecision_reason: str = ""
    publication_bias: Once = 0
    publication_bias_reason: str = ""
    large_effect: Twice = 0
    large_effect_reason: str = ""
    dose_response: Once = 0
    dose_response_reason: str = ""
    confounding: Once = 0
    confounding_reason: str = ""
    size: Name = "unclear"
    threshold: str = ""
    direction: Name = "unclear"
    sentence: str = ""
    seen: str = ""
    not_known: str = ""
    next_due_months: Annotated[int, Field(ge=1, le=60)]


class ConclusionForm(Form):
    """A question that the evidence answers, with the one assessment of it; no population means everybody."""

    slug: Name
    population: str = ""
    takes_part_samples: bool = False
    intervention: Name
    comparator: Name
    outcome: Name
    subject: str = ""
    subject_is_plural: bool = False
    object: str = ""
    versus: str = ""
    exclusion: list[ExclusionForm] = []
    assessment: AssessmentForm


class FindingForm(Form):
    """What a page says of one conclusion, and where: in place of an evidence table, or within a section."""

    kind: Literal["finding"] = "finding"
    name: Name
    conclusion: Name
    glance: str = ""
    text: str = ""
    after: str = ""
    replaces_table: str = ""


class FindingFile(Form):
    """The findings of the topic that the file is named for, and what they rest on."""

    arrives_later: str = ""
    conclusion: list[ConclusionForm] = []
    finding: list[FindingForm] = []
