"""What addresses of the studies browser may say."""

import unicodedata
from urllib.parse import urlencode

from django import forms
from django.core.validators import slug_re
from django.utils import timezone

import search

from .browsing.answer import Answer, UnknownAnswer
from .browsing.filters import (
    AS_OF,
    BEST_MATCH,
    EXCLUDE,
    LOOSELY,
    PART,
    RANGES,
    SORTS,
    TEXT,
    UNIT,
    UNITS,
    Filter,
    number_words,
)
from .browsing.index.past import is_too_large
from .forest import COLUMNS, GROUPS, MOST_COLUMNS, ORDERS, YEAR, View, kinds_by
from .models import Study

MOST_VALUES = 60
OPEN, FIND = "open_", "find_"
MOST_PEOPLE = 1_000_000_000
MOST_WEEKS = 10_000
FIRST_YEAR, LAST_YEAR = 1800, 2100
TYPED = (TEXT, *(name for bounds in RANGES.values() for name in bounds))


class ValuesField(forms.Field):
    """A parameter that may be given several times; empty ones say nothing."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value):
        return [entry for entry in value or [] if entry]


class StudyFilterForm(forms.Form):
    """The filter and the order, read from an address.

    Nothing an address says is passed over: what is not understood is an error that names the parameter,
    and what is understood stays in `filter()`.
    """

    UNKNOWN = "This page knows no such parameter."
    ONLY_TODAY = "Only the list of studies, and its counts, can be shown as of a day."

    q = forms.CharField(label="Words", required=False, max_length=search.query.MAX_LENGTH)
    population = ValuesField(required=False)
    intervention = ValuesField(required=False)
    outcome = ValuesField(required=False)
    direction = ValuesField(required=False)
    design = ValuesField(required=False)
    bias = ValuesField(required=False)
    integrity = ValuesField(required=False)
    year = ValuesField(required=False)
    people = ValuesField(required=False)
    year_from = forms.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)
    year_to = forms.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)
    people_min = forms.IntegerField(required=False, min_value=1, max_value=MOST_PEOPLE)
    people_max = forms.IntegerField(required=False, min_value=1, max_value=MOST_PEOPLE)
    mean_age = ValuesField(required=False)
    female = ValuesField(required=False)
    weeks = ValuesField(required=False)
    not_population = ValuesField(required=False)
    not_intervention = ValuesField(required=False)
    not_outcome = ValuesField(required=False)
    not_direction = ValuesField(required=False)
    not_design = ValuesField(required=False)
    not_bias = ValuesField(required=False)
    not_integrity = ValuesField(required=False)
    not_year = ValuesField(required=False)
    not_people = ValuesField(required=False)
    not_mean_age = ValuesField(required=False)
    not_female = ValuesField(required=False)
    not_weeks = ValuesField(required=False)
    mean_age_min = forms.FloatField(required=False, min_value=0, max_value=130)
    mean_age_max = forms.FloatField(required=False, min_value=0, max_value=130)
    female_min = forms.FloatField(required=False, min_value=0, max_value=100)
    female_max = forms.FloatField(required=False, min_value=0, max_value=100)
    weeks_min = forms.FloatField(required=False, min_value=0, max_value=MOST_WEEKS)
    weeks_max = forms.FloatField(required=False, min_value=0, max_value=MOST_WEEKS)
    part = forms.CharField(required=False)
    loosely = forms.CharField(required=False)
    unit = forms.CharField(required=False)
    conclusion = forms.CharField(required=False, max_length=120)
    assessment = forms.IntegerField(required=False, min_value=1, max_value=MOST_PEOPLE)
    sort = forms.CharField(required=False)

    def __init__(self, data, *, vocabulary):
        known = self.base_fields
        self.unknown = [name for name in data if name not in known]
        # What an address does not say, and most say little, need not be looked at.
        self.base_fields = {name: field for name, field in known.items() if name in data}
        super().__init__(data)
        self.vocabulary = vocabulary
        self._values = set()
        self._excluded = set()
        self._answer = None

    @property
    def problems(self):
        """What was not understood, as pairs of a parameter and a sentence."""
        errors = self.errors
        by_param = [(name, message) for name in self.fields for message in errors.get(name, [])]
        return self.unknown_problems + by_param

    @property
    def unknown_problems(self):
        return [
            (printable(name), self.ONLY_TODAY if name == AS_OF else self.UNKNOWN) for name in self.unknown[:5]
        ] + (
            [("…", f"{len(self.unknown) - 5} more parameters are unknown.")] if len(self.unknown) > 5 else []
        )

    def is_valid(self):
        return super().is_valid() and not self.unknown

    def clean(self):
        cleaned = super().clean()
        for name, field in self.fields.items():
            if isinstance(field, ValuesField):
                if not name.startswith(OPEN):
                    self._clean_values(name)
            elif len(self.data.getlist(name)) > 1:
                self.add_error(name, "Given more than once.")
        for key in RANGES:
            self._clean_range(key)
        self._clean_answer()
        if cleaned.get(TEXT) and search.parse(cleaned[TEXT]).is_empty:
            self.add_error(TEXT, "This holds no word to look for.")
        for name in (PART, LOOSELY):
            if cleaned.get(name) not in ("yes", "", None):
                self.add_error(name, "“yes” is the only value.")
        if cleaned.get(UNIT) and cleaned[UNIT] not in UNITS:
            self.add_error(UNIT, f"This is none of {', '.join(UNITS)}.")
        for key, slug in sorted(self._values & self._excluded):
            param = f"{EXCLUDE}{self.vocabulary.axes[key].param}"
            self.add_error(param, f"“{printable(slug)}” is chosen already.")
            self._excluded.discard((key, slug))
        if cleaned.get("sort") and cleaned["sort"] not in SORTS:
            self.add_error("sort", f"This is none of {', '.join(SORTS)}.")
        return cleaned

    def _clean_values(self, name):
        slugs = self.cleaned_data.get(name, [])
        if len(slugs) > MOST_VALUES:
            self.add_error(name, f"Choose at most {MOST_VALUES} values at once.")
            slugs = slugs[:MOST_VALUES]
        unknown = []
        found = self._excluded if name.startswith(EXCLUDE) else self._values
        for slug in dict.fromkeys(slugs):
            axis = self.vocabulary.axis_of(name.removeprefix(EXCLUDE), slug)
            if axis is None:
                unknown.append(printable(slug))
            else:
                found.add((axis.key, slug))
        if unknown:
            listed = ", ".join(f"“{slug}”" for slug in unknown[:5])
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            self.add_error(name, f"There is no value {listed}{more}.")

    def _keep_known(self, name, known, most, words):
        given = self.cleaned_data.get(name, [])
        if len(given) > most:
            self.add_error(name, f"Choose at most {most} values at once.")
        few = list(dict.fromkeys(given))[:most]
        unknown = [printable(value) for value in few if value not in known]
        if unknown:
            listed = ", ".join(f"“{value}”" for value in unknown[:5])
            self.add_error(name, f"{words} {listed}.")
        self.cleaned_data[name] = [value for value in few if value in known]

    def _clean_range(self, key):
        low, high = RANGES[key]
        least, most = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if least is not None and most is not None and least > most:
            ends = number_words(most)
            self.add_error(low, f"{number_words(least)} is above {ends}, where the range ends.")
            self.cleaned_data.pop(high)

    def _clean_answer(self):
        slug, number = self.cleaned_data.get("conclusion"), self.cleaned_data.get("assessment")
        if slug:
            try:
                self._answer = Answer.read(slug, number)
            except UnknownAnswer as error:
                self.add_error(error.param, str(error))
        elif number is not None:
            self.add_error("assessment", "Of which conclusion? “conclusion” says it.")

    def filter(self):
        """What was understood."""
        self.is_valid()
        known = self.cleaned_data
        return Filter(
            self.vocabulary,
            values=frozenset(self._values),
            q=known.get(TEXT, ""),
            **{name: known.get(name) for bounds in RANGES.values() for name in bounds},
            with_part=known.get(PART) == "yes",
            sort=known.get("sort", ""),
            answer=self._answer,
            excluded=frozenset(self._excluded),
            loosely=known.get(LOOSELY) == "yes",
            unit=known.get(UNIT) or UNITS[0],
            as_of=known.get(AS_OF),
        )

    def typed(self):
        """The texts of the fields that are typed, as they were sent."""
        most = search.query.MAX_LENGTH
        return {name: printable(sent, most, "") if (sent := self.data.get(name)) else "" for name in TYPED}


class PastFilterForm(StudyFilterForm):
    """The filter of studies as they were recorded at the end of a day, or as they are."""

    as_of = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Give a day as year, month and day, such as 2026-03-01."},
    )

    def clean(self):
        cleaned = super().clean()
        day = cleaned.get(AS_OF)
        if day is None:
            return cleaned
        if day > timezone.localdate():
            self.add_error(AS_OF, "This day has not come yet.")
        elif cleaned.get(TEXT):
            self.add_error(AS_OF, "Words are looked for in studies as they are today: give “q” or a day.")
        elif cleaned.get("conclusion"):
            self.add_error(AS_OF, "What was behind a conclusion is kept by assessment: give that, or a day.")
        elif is_too_large(day):
            self.add_error(AS_OF, "By this day more was recorded than can be read again for one page.")
        return cleaned

    def typed(self):
        return {**super().typed(), AS_OF: printable(self.data.get(AS_OF, ""), instead="")}


class StudyListForm(PastFilterForm):
    """The filter with what only its page has: where in the list it is, and what stands open beside it."""

    cursor = forms.CharField(required=False, max_length=500)
    open_population = ValuesField(required=False)
    open_intervention = ValuesField(required=False)
    open_outcome = ValuesField(required=False)
    find_population = forms.CharField(required=False, max_length=60)
    find_intervention = forms.CharField(required=False, max_length=60)
    find_outcome = forms.CharField(required=False, max_length=60)

    @property
    def opened(self):
        """The options whose narrower ones are shown; one that is not known any more opens nothing."""
        found = set()
        for name in self.fields:
            if name.startswith(OPEN):
                param = name.removeprefix(OPEN)
                for slug in self.cleaned_data.get(name, [])[:MOST_VALUES]:
                    axis = self.vocabulary.axis_of(param, slug)
                    if axis is not None:
                        found.add((axis.key, slug))
        return frozenset(found)

    @property
    def looked_for(self):
        """The words that each tree is searched for, by its parameter."""
        names = [name for name in self.fields if name.startswith(FIND)]
        return {name.removeprefix(FIND): self.cleaned_data.get(name, "") for name in names}

    @property
    def open_parameters(self):
        """What stands open, as parameters of an address."""
        return [
            (name, slug)
            for name in self.fields
            if name.startswith(OPEN)
            for slug in self.cleaned_data.get(name, [])[:MOST_VALUES]
        ]

    def refuse_cursor(self, message):
        self.add_error("cursor", message)


class ForestForm(StudyListForm):
    """What the list takes, with what the forest view adds; where one is in the list says nothing here."""

    # Only results of today are pooled.
    as_of = None

    measure = forms.CharField(required=False)
    leave = ValuesField(required=False)
    by = forms.CharField(required=False)
    col = ValuesField(required=False)
    order = forms.CharField(required=False)

    def clean(self):
        cleaned = super().clean()
        kinds = kinds_by(self.vocabulary)
        for name, known in (("measure", GROUPS), ("by", kinds), ("order", ORDERS)):
            if cleaned.get(name) and cleaned[name] not in known:
                self.add_error(name, f"This is none of {', '.join(known)}.")
        return cleaned

    def _clean_values(self, name):
        if name == "leave":
            # PostgreSQL takes no text with a zero in it, and no slug has one.
            given = [slug for slug in self.cleaned_data.get(name, [])[:MOST_VALUES] if slug_re.match(slug)]
            known = Study.objects.published().filter(slug__in=given) if given else Study.objects.none()
            known = set(known.order_by().values_list("slug", flat=True))
            self._keep_known(name, known, MOST_VALUES, "There is no study")
        elif name == "col":
            self._keep_known(name, COLUMNS, MOST_COLUMNS, "There is no column")
        else:
            super()._clean_values(name)

    def view(self):
        """What was understood."""
        chosen = self.filter()
        known = self.cleaned_data
        return View(
            chosen,
            measure=known.get("measure", ""),
            left=frozenset(known.get("leave", [])),
            by=known.get("by", ""),
            columns=tuple(known.get("col", [])),
            order=known.get("order") or YEAR,
        )


class StudyMapForm(StudyFilterForm):
    """The filter with the two axes that a map crosses."""

    DOWN, ACROSS = "outcome", "age"

    down = forms.CharField(required=False, max_length=40)
    across = forms.CharField(required=False, max_length=40)

    def clean(self):
        cleaned = super().clean()
        self._axes = {
            name: self._axis(name, cleaned.get(name), default)
            for name, default in (("down", self.DOWN), ("across", self.ACROSS))
        }
        if self._axes["down"] is self._axes["across"]:
            if cleaned.get("across") or not cleaned.get("down"):
                self.add_error("across", "This is what stands in the rows already.")
            other = self.DOWN if self._axes["down"].key == self.ACROSS else self.ACROSS
            self._axes["across"] = self.vocabulary.axes[other]
        return cleaned

    def _axis(self, name, key, default):
        known = self.vocabulary.axes
        if key and (key not in known or key in RANGES):
            self.add_error(name, f"There is no axis “{printable(key)}”.")
            key = ""
        return known[key or default]

    @property
    def rows(self):
        """The axis down the side."""
        return self._axes["down"]

    @property
    def columns(self):
        """The axis across the top."""
        return self._axes["across"]

    @property
    def axes_query(self):
        """The axes as a query string; empty where they are those of the start."""
        down, across = self.rows.key, self.columns.key
        is_start = (down, across) == (self.DOWN, self.ACROSS)
        return "" if is_start else urlencode({"down": down, "across": across})


def sorts_for(chosen):
    """The orders that make sense for this filter, as pairs of code and words."""
    return [(code, words) for code, words in SORTS.items() if code != BEST_MATCH or chosen.q]


def printable(text, most=40, instead="�"):
    """A piece of an address that can stand on a page: short, with `instead` for control characters."""
    shown = "".join(instead if unicodedata.category(letter)[0] == "C" else letter for letter in text[:most])
    return f"{shown}…" if len(text) > most else shown
