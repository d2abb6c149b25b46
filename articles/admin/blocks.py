"""The blocks of a topic as the content editor shows them: a name and an icon each."""

import re

from content_editor.admin import ContentEditorInline
from django import forms
from django.core.exceptions import ValidationError

from evidence.admin.autocomplete import AutocompleteMixin

from ..models import Callout, EvidenceTable, Figure, Finding, Heading, KeyVariables, RichText
from ..models.blocks import VARIABLES_SCHEMA
from .image import ImageSelect
from .of_topic import RowsOfTopicMixin


class BlockInline(RowsOfTopicMixin, AutocompleteMixin, ContentEditorInline):
    classes = ()


class HeadingInline(BlockInline):
    model = Heading
    verbose_name = "Heading: opens a section"
    icon = "title"
    color = "var(--block-text)"
    fieldsets = ((None, {"fields": ("text", ("short_text", "anchor"), "region", "ordering")}),)
    prepopulated_fields = {"anchor": ("text",)}


LINKS_HELP = (
    "A link to study:SLUG cites that study with a number, one to term:SLUG explains a word of the glossary, "
    "and one to topic:… (see “Review” of that topic) leads to another topic. Other links start with https://."
)


class RichTextInline(BlockInline):
    model = RichText
    verbose_name = "Text"
    icon = "notes"
    color = "var(--block-text)"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "text":
            kwargs["help_text"] = LINKS_HELP
        return super().formfield_for_dbfield(db_field, request, **kwargs)


_IN_ROW = re.compile(
    r"data\[(?P<row>\d+)\]\.(?P<name>\w+) must be (?P<how>longer|shorter) than or equal to (?P<n>\d+)"
)


def in_plain_words(message):
    """What the check of the table's form found, with the row and the column as they stand on the screen."""
    if message.startswith("data must contain at least"):
        return "Give at least one row."
    found = _IN_ROW.match(message)
    if found is None or found["name"] not in VARIABLES_SCHEMA["items"]["properties"]:
        return message
    column = VARIABLES_SCHEMA["items"]["properties"][found["name"]]["title"]
    fault = "is empty" if found["how"] == "longer" else f"is longer than {found['n']} characters"
    return f"Row {int(found['row']) + 1}: “{column}” {fault}."


class KeyVariablesForm(forms.ModelForm):
    """Says in words what is wrong in which row."""

    def add_error(self, field, error):
        if field == "rows":
            error = ValidationError([in_plain_words(message) for message in error.messages])
        super().add_error(field, error)


class KeyVariablesInline(BlockInline):
    model = KeyVariables
    form = KeyVariablesForm
    verbose_name = "Table of key variables"
    icon = "table_rows"
    color = "var(--block-evidence)"


class EvidenceTableInline(BlockInline):
    model = EvidenceTable
    verbose_name = "Evidence table: studies of one outcome"
    icon = "analytics"
    color = "var(--block-evidence)"
    autocomplete_fields = ("outcome",)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("outcome")


class FindingInline(BlockInline):
    model = Finding
    verbose_name = "Finding: what one conclusion says"
    icon = "balance"
    color = "var(--block-evidence)"
    autocomplete_fields = ("conclusion",)
    prepopulated_fields = {"anchor": ("name",)}
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "anchor"),
                    "conclusion",
                    "statement",
                    "glance",
                    "text",
                    "region",
                    "ordering",
                )
            },
        ),
    )

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("conclusion__population", "conclusion__intervention", "conclusion__outcome")
        )


class CalloutInline(BlockInline):
    model = Callout
    verbose_name = "Callout: get advice first"
    icon = "report"
    color = "var(--block-care)"


class FigureInline(BlockInline):
    model = Figure
    verbose_name = "Figure"
    icon = "image"
    color = "var(--block-text)"
    autocomplete_fields = ("image",)
    fieldsets = (
        (None, {"fields": ("image", ("alt", "is_decorative"), "caption", "credit", "region", "ordering")}),
    )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "image":
            kwargs["widget"] = ImageSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


BLOCK_INLINES = (
    HeadingInline,
    RichTextInline,
    KeyVariablesInline,
    FindingInline,
    EvidenceTableInline,
    CalloutInline,
    FigureInline,
)
