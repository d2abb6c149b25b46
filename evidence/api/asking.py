"""What an address of the API may say, as forms; and the same forms as parameters of OpenAPI."""

from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest

from ..browsing import SORTS
from ..browsing.filters import EXCLUDE, LOOSELY, UNIT, UNITS
from ..browsing.paging import MOST, SIZE
from ..browsing.vocabulary import axis_keys, fixed_axes
from ..forms import MOST_VALUES, PastFilterForm, StudyFilterForm, ValuesField, printable
from .problems import bad_request

UNKNOWN = "There is no such parameter here."
LONGEST_CURSOR = 2000
FACET = "facet"
SHARED = "filter"
"""Marks the parameters of the filter in the schema, so that the page about the API says them once."""

F = TypeVar("F", bound="Asked | StudyFilterForm")


class Asked(forms.Form):
    """What one address may say; anything else is a problem that names its parameter."""

    @property
    def problems(self) -> list[tuple[str, str]]:
        unknown = [(printable(name), UNKNOWN) for name in self.data if name not in self.fields]
        known = [(name, str(message)) for name in self.fields for message in self.errors.get(name, [])]
        return unknown[:5] + known

    def clean(self) -> dict[str, Any] | None:
        data: Any = self.data
        for name in self.fields:
            if len(data.getlist(name)) > 1:
                self.add_error(name, "Given more than once.")
        return super().clean()


def cursor_field() -> forms.CharField:
    return forms.CharField(required=False, max_length=LONGEST_CURSOR)


def size_field() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=MOST)


class Nothing(Asked):
    """An address that takes no parameter."""


class PageAsked(Asked):
    """One page of a list."""

    cursor = cursor_field()
    size = size_field()


class FilterAsked(PastFilterForm):
    """The filter of the studies browser, read by its own form, and what to count beside it."""

    UNKNOWN = UNKNOWN

    facet = ValuesField(required=False)

    def _clean_values(self, name: str) -> None:
        if name == FACET:
            self._keep_known(name, self.vocabulary.axes, MOST_VALUES, "There is no axis")
        else:
            super()._clean_values(name)

    @property
    def facets(self) -> list[str]:
        """The keys of the axes to count on, in the order of the vocabulary."""
        wanted = self.cleaned_data.get(FACET, ())
        return [key for key in self.vocabulary.axes if key in wanted]


class StudyPageAsked(FilterAsked):
    """One page of the studies that the filter leaves."""

    cursor = cursor_field()
    size = size_field()


class FilteredPageAsked(StudyFilterForm):
    """One page of what belongs to those studies today."""

    UNKNOWN = UNKNOWN

    cursor = cursor_field()
    size = size_field()


def asked(form: F) -> F:
    """The form, understood. Raises a refusal that names each parameter that was not."""
    form.is_valid()
    if form.problems:
        raise bad_request(form.problems)
    return form


def page_of(form: Any) -> dict[str, Any]:
    """The cursor and size that were asked for, as `page` and `walk` take them."""
    size = form.cleaned_data.get("size")
    return {"cursor": form.cleaned_data.get("cursor") or None, "size": SIZE if size is None else size}


def without_page(request: HttpRequest) -> list[tuple[str, str]]:
    """What was asked for but the cursor: with another one, it is the address of another page."""
    return [(name, value) for name, values in request.GET.lists() if name != "cursor" for value in values]


# Each parameter in words, with an example where one helps.
WORDS: dict[str, tuple[str, Any]] = {
    "q": (
        "Words that stand in the study; a phrase in quotes, a word to leave out with a minus before it.",
        "walking",
    ),
    "population": ("Who was studied: slugs of populations. Narrower groups count too.", ["older-adults"]),
    "intervention": ("What was tried: slugs of interventions, with what is narrower.", ["ankle-weights"]),
    "outcome": ("What was measured: slugs of outcomes, with what is narrower.", ["gait-and-mobility"]),
    "direction": ("What the result points to.", ["favours-intervention"]),
    "design": ("How it was done: a design or a group of designs.", ["randomised-trials"]),
    "bias": ("Risk of bias of the study as a whole.", ["low"]),
    "integrity": ("Whether it was retracted, or its journal raised a concern.", ["ok"]),
    "year": ("Studies that do not say their year; for a range see year_from.", None),
    "people": ("Studies that do not say how many people took part; for a range see people_min.", None),
    "year_from": ("The first year of publication.", 1990),
    "year_to": ("The last year of publication.", 2030),
    "people_min": ("The fewest people.", 20),
    "people_max": ("The most people.", 10000),
    "mean_age": ("Samples that do not say their mean age.", None),
    "female": ("Samples that do not say how many were women and girls.", None),
    "weeks": ("Results that do not say when they were measured.", None),
    "mean_age_min": ("The lowest mean age of the sample.", 65),
    "mean_age_max": ("The highest mean age of the sample.", None),
    "female_min": ("The lowest share of women and girls in the sample, in per cent.", None),
    "female_max": ("The highest share of women and girls in the sample, in per cent.", None),
    "weeks_min": ("The fewest weeks since the start.", None),
    "weeks_max": ("The most weeks since the start.", None),
    "loosely": ("Let any result of the study do for each choice, instead of one for all of them.", None),
    "unit": ("What the numbers beside values count; the list is the same.", "studies"),
    "part": ("Also samples of which only a part belongs to the population.", None),
    "conclusion": ("Only the results behind this conclusion: its slug.", None),
    "assessment": ("With conclusion: as the assessment of this number looked at them.", None),
    "sort": ("The order. Without it: best match where words are looked for, else newest first.", "newest"),
    "as_of": (
        "Studies as they were recorded here at the end of a day, among the groups, interventions and outcomes"
        " of today; not together with q or conclusion.",
        None,
    ),
    FACET: (
        "The axes whose values are counted, by their keys. Without it /api/facets counts on all of them,"
        " a list of studies on none.",
        ["design", "year"],
    ),
    "cursor": ("Where to go on: as “next” and “previous” give it. Nobody can make one.", None),
    "size": (f"How many on one page: {SIZE} if it is not said.", SIZE),
}

CHOICES: dict[str, list[str]] = {"part": ["yes"], "sort": list(SORTS), LOOSELY: ["yes"], UNIT: list(UNITS)}


def parameters(form: type[forms.Form]) -> list[dict[str, Any]]:
    """What a form takes, as OpenAPI says it."""
    options = {axis.param: list(axis.by_slug) for axis in fixed_axes()}
    options |= {f"{EXCLUDE}{param}": slugs for param, slugs in options.items()}
    options[FACET] = axis_keys()
    return [_parameter(form, name, field, options) for name, field in form.base_fields.items()]


def _parameter(
    form: type[forms.Form], name: str, field: forms.Field, options: dict[str, list[str]]
) -> dict[str, Any]:
    words, example = WORDS.get(name, (field.help_text, None))
    if name.startswith(EXCLUDE):
        words = f"The same as {name.removeprefix(EXCLUDE)}, left out."
    parameter = {
        "in": "query",
        "name": name,
        "description": words,
        "required": field.required,
        "schema": _schema(name, field, options),
    }
    if isinstance(field, ValuesField):
        parameter |= {"style": "form", "explode": True}
    if example is not None:
        parameter["example"] = example
    if issubclass(form, StudyFilterForm) and name in StudyFilterForm.base_fields:
        parameter["x-group"] = SHARED
    return parameter


def _schema(name: str, field: forms.Field, options: dict[str, list[str]]) -> dict[str, Any]:
    if isinstance(field, ValuesField):
        item: dict[str, Any] = {"type": "string"}
        if name in options:
            item["enum"] = options[name]
        return {"type": "array", "items": item, "maxItems": MOST_VALUES}
    # A FloatField is an IntegerField to Django.
    if isinstance(field, forms.IntegerField):
        kind = "number" if isinstance(field, forms.FloatField) else "integer"
        bounds = {"minimum": field.min_value, "maximum": field.max_value}
        return {"type": kind, **{key: bound for key, bound in bounds.items() if bound is not None}}
    schema: dict[str, Any] = {"type": "string"}
    if isinstance(field, forms.DateField):
        schema["format"] = "date"
    if isinstance(field, forms.CharField) and field.max_length is not None:
        schema["maxLength"] = field.max_length
    if field.required:
        schema["minLength"] = 1
    if name in CHOICES:
        schema["enum"] = CHOICES[name]
    return schema
