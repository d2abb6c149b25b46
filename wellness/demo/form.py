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
