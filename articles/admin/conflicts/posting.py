"""What a form says: the strings that a browser posts for it, and whether they mean the same."""

import hashlib
import json
from dataclasses import dataclass

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.forms.formsets import (
    DELETION_FIELD_NAME,
    INITIAL_FORM_COUNT,
    TOTAL_FORM_COUNT,
    ManagementForm,
)
from django.forms.models import InlineForeignKeyField
from django.http import QueryDict

from ... import conflicts
from ...models import Block


@dataclass
class Row:
    """One row of a formset as a browser posts it."""

    formset: object
    index: int
    key: str  # empty for a new one
    values: dict[str, list[str]]
    is_deleted: bool = False
    place: tuple = ()

    @property
    def prefix(self):
        return f"{self.formset.prefix}-{self.index}"


@dataclass
class Said:
    """What a form and its formsets say, as a browser posts it, with the version that this is."""

    form: object
    formsets: list
    fields: dict[str, list[str]]
    rows: list[Row]
    version: conflicts.Version

    @classmethod
    def in_forms(cls, form, formsets):
        """What a browser would post of forms that nobody typed in."""
        data = QueryDict(mutable=True)
        for each in (form, *(row for formset in formsets for row in formset.forms)):
            for name in each.fields:
                data.setlist(each.add_prefix(name), _as_posted(each[name]))
        for formset in formsets:
            data[f"{formset.prefix}-{TOTAL_FORM_COUNT}"] = str(len(formset.forms))
            data[f"{formset.prefix}-{INITIAL_FORM_COUNT}"] = str(len(formset.initial_forms))
        return cls.posted(form, formsets, data)

    @classmethod
    def posted(cls, form, formsets, data):
        """What a browser posted."""
        fields = {name: data.getlist(form.add_prefix(name)) for name in form.fields}
        rows = [row for formset in formsets for row in _rows(formset, data)]
        version = conflicts.Version(
            fields={
                name: _digest([_meaning(field, data, form.add_prefix(name))])
                for name, field in form.fields.items()
            },
            rows={row.key: None if row.is_deleted else _row_says(row, data) for row in rows if row.key},
            order=[
                row.key or row.prefix
                for row in sorted(rows, key=lambda row: row.place)
                if issubclass(row.formset.model, Block)
            ],
        )
        return cls(form, formsets, fields, rows, version)


def opened(form, inline_admin_formsets):
    """The version that a form shows which is about to be drawn."""
    return Said.in_forms(form, [inline.formset for inline in inline_admin_formsets]).version


def management(data, prefix):
    return ManagementForm(data, prefix=prefix)


def _rows(formset, data):
    found = management(data, formset.prefix)
    found.full_clean()
    names = list(formset.empty_form.fields)
    for index in range(min(found.cleaned_data[TOTAL_FORM_COUNT], formset.absolute_max)):
        prefix = f"{formset.prefix}-{index}"
        values = {name: data.getlist(f"{prefix}-{name}") for name in names if f"{prefix}-{name}" in data}
        if not values:
            continue
        pk = (values.get(formset.model._meta.pk.name) or [""])[0]
        yield Row(
            formset=formset,
            index=index,
            key=f"{formset.prefix}-{pk}" if pk else "",
            values=values,
            is_deleted=bool(values.get(DELETION_FIELD_NAME)),
            place=(
                (values.get("region") or [""])[0],
                _number((values.get("ordering") or [""])[0]),
                formset.prefix,
                index,
            ),
        )


def _number(text):
    try:
        return int(text)
    except ValueError:
        return 0


def said_fields(formset):
    """The fields of a row that say something; where it stands is the order of the page."""
    for name, found in formset.empty_form.fields.items():
        standing = name in (formset.model._meta.pk.name, DELETION_FIELD_NAME)
        if not standing and not isinstance(found, InlineForeignKeyField) and name != "ordering":
            yield name, found


def _row_says(row, data):
    fields = said_fields(row.formset)
    return (_digest([_meaning(found, data, f"{row.prefix}-{name}") for name, found in fields]),)


def _as_posted(bound):
    """What a browser posts for a field in which nobody typed."""
    widget = bound.field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    value = bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(value)
    if isinstance(shown, list):
        return [str(entry) for entry in shown]
    return ["" if shown is None else str(shown)]


def _meaning(found, data, name):
    """What is posted for a field, so that what means the same is the same."""
    raw = found.widget.value_from_datadict(data, {}, name)
    if isinstance(found, forms.ModelChoiceField):
        return sorted(map(str, raw)) if isinstance(raw, list) else str(raw or "")
    try:
        value = found.clean(raw)
    except ValidationError:
        return raw
    return value


def _digest(values):
    # Browsers send the ends of lines as two characters.
    text = json.dumps(values, sort_keys=True, default=str).replace("\\r\\n", "\\n")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
