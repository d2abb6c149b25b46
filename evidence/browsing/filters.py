"""What a reader has chosen in the studies browser."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import date_format

import search

from ..models import PopulationShare, Result, Study
from ..models.result import ResultQuerySet
from ..models.study import StudyQuerySet
from .answer import Answer
from .vocabulary import Axis, Vocabulary

NEWEST, OLDEST, LAST_ADDED = "newest", "oldest", "added"
MOST_PEOPLE, STRONGEST_DESIGN, BEST_MATCH = "people", "design", "match"

SORTS = {
    BEST_MATCH: "Best match",
    NEWEST: "Newest first",
    OLDEST: "Oldest first",
    LAST_ADDED: "Last added first",
    MOST_PEOPLE: "Most people",
    STRONGEST_DESIGN: "Strongest design",
}

# Axes of which a range can be chosen, as well as "not reported", with the names of their bounds in addresses
# and here; those about results with the column that holds the number.
RANGES = {
    "year": ("year_from", "year_to"),
    "people": ("people_min", "people_max"),
    "mean-age": ("mean_age_min", "mean_age_max"),
    "female": ("female_min", "female_max"),
    "weeks": ("weeks_min", "weeks_max"),
}
COLUMNS = {"mean-age": "sample__age_mean", "female": "sample__percent_female", "weeks": "weeks"}

UNITS = ("studies", "results", "people")
"""What the numbers beside filters count."""

LOOSELY, UNIT = "loosely", "unit"
EXCLUDE = "not_"
"""Before the name of a parameter: its values are excluded."""

TEXT = "q"
PART = "part"
AS_OF = "as_of"


@dataclass(frozen=True)
class Chip:
    """One chosen filter with the query string of the same list without it.

    `instead` is that of the list that excludes what is chosen, or chooses what is excluded, where one can.
    """

    label: str
    query: str
    instead: str | None = None
    is_excluded: bool = False


@dataclass(frozen=True)
class Filter:
    """What is chosen: OR inside an axis, AND across axes, and the order of the list.

    `values` are the chosen options as pairs of the key of an axis and a slug, `excluded` those that must not
    hold. Everything chosen about results must hold for the same result, one of those of `answer` if that is
    given; with `loosely` any result of the study will do for each axis. `with_part` lets a sample count of
    which only a part belongs to a population. `unit` says what is counted, and changes no list. With `as_of`
    it is about what was recorded at the end of that day; the QuerySets here know today only. Change it
    through `without` and its sisters; two filters that choose the same are equal.
    """

    vocabulary: Vocabulary = field(compare=False, repr=False)
    values: frozenset[tuple[str, str]] = frozenset()
    q: str = ""
    year_from: int | None = None
    year_to: int | None = None
    people_min: int | None = None
    people_max: int | None = None
    mean_age_min: float | None = None
    mean_age_max: float | None = None
    female_min: float | None = None
    female_max: float | None = None
    weeks_min: float | None = None
    weeks_max: float | None = None
    with_part: bool = False
    sort: str = ""
    answer: Answer | None = None
    excluded: frozenset[tuple[str, str]] = frozenset()
    loosely: bool = False
    unit: str = UNITS[0]
    as_of: datetime.date | None = None

    # What is chosen

    @cached_property
    def _by_axis(self) -> dict[str, frozenset[str]]:
        return _by_axis(self.values)

    @cached_property
    def _excluded_by_axis(self) -> dict[str, frozenset[str]]:
        return _by_axis(self.excluded)

    def chosen(self, key: str) -> frozenset[str]:
        """The options chosen on this axis."""
        return self._by_axis.get(key, frozenset())

    def excluded_on(self, key: str) -> frozenset[str]:
        """The options excluded on this axis."""
        return self._excluded_by_axis.get(key, frozenset())

    def bounds(self, key: str) -> tuple[float | None, float | None]:
        """The range chosen on this axis; None where a side is open."""
        low, high = RANGES[key]
        return getattr(self, low), getattr(self, high)

    def has_bounds(self, key: str) -> bool:
        return key in RANGES and self.bounds(key) != (None, None)

    def is_on(self, key: str) -> bool:
        """Whether anything is chosen or excluded on this axis (or, for "q", searched for)."""
        if key == TEXT:
            return bool(self.q)
        return bool(self.chosen(key) or self.excluded_on(key)) or self.has_bounds(key)

    @cached_property
    def axes_on(self) -> list[Axis]:
        on = {*self._by_axis, *self._excluded_by_axis, *filter(self.has_bounds, RANGES)}
        return [axis for axis in self.vocabulary.axes.values() if axis.key in on]

    @property
    def is_empty(self) -> bool:
        """Nothing is chosen: every study that is published today is in the list."""
        return not self.q and not self.axes_on and self.answer is None and self.as_of is None

    @property
    def is_about_results(self) -> bool:
        """Something is chosen that one result must satisfy."""
        return self.answer is not None or any(axis.about_results for axis in self.axes_on)

    @property
    def order(self) -> str:
        """The order of the list: as chosen, else best match for a text and newest first without one."""
        if self.sort and (self.sort != BEST_MATCH or self.q):
            return self.sort
        return BEST_MATCH if self.q else NEWEST

    @property
    def shares(self) -> tuple[str, ...]:
        """The shares that make a sample one of a population."""
        if self.with_part:
            return (*PopulationShare.INCLUDED, PopulationShare.Share.PART)
        return PopulationShare.INCLUDED

    # Other filters

    def choosing(self, key: str, *slugs: str) -> Filter:
        """The same with these options chosen too."""
        return replace(self, values=self.values | {(key, slug) for slug in slugs})

    def without(self, key: str) -> Filter:
        """The same with nothing chosen on this axis ("q": with no text)."""
        if key == TEXT:
            return replace(self, q="")
        values = frozenset(value for value in self.values if value[0] != key)
        excluded = frozenset(value for value in self.excluded if value[0] != key)
        return replace(self, values=values, excluded=excluded).without_bounds(key)

    def without_value(self, key: str, slug: str) -> Filter:
        """The same with this option neither chosen nor excluded."""
        return replace(self, values=self.values - {(key, slug)}, excluded=self.excluded - {(key, slug)})

    def today(self) -> Filter:
        """The same of what is recorded today."""
        return self if self.as_of is None else replace(self, as_of=None)

    def without_bounds(self, key: str) -> Filter:
        """The same with no range on this axis."""
        unbound: dict[str, Any] = dict.fromkeys(RANGES.get(key, ()))
        return replace(self, **unbound)

    # Which rows

    def results(self) -> ResultQuerySet:
        """The results that satisfy all that is chosen about results; loosely, anything that is."""
        conditions = [self._results_on(axis) for axis in self.axes_on if axis.about_results]
        if self.loosely and conditions:
            conditions = [reduce(or_, conditions)]
        if self.answer is not None:
            conditions.append(Result.objects.filter(pk__in=self.answer.results))
        return reduce(and_, conditions) if conditions else Result.objects.all()

    def _results_on(self, axis: Axis) -> ResultQuerySet:
        """The results that satisfy what is chosen on one axis."""
        results: ResultQuerySet = Result.objects.all()
        slugs, excluded = self.chosen(axis.key), self.excluded_on(axis.key)
        if slugs or self.has_bounds(axis.key):
            results = self._results_with(axis, slugs, self.bounds(axis.key) if axis.key in RANGES else ())
        if excluded:
            results = results.but_not(self._results_with(axis, excluded, (None, None)))
        return results

    def _results_with(
        self, axis: Axis, slugs: frozenset[str], bounds: tuple[float | None, ...]
    ) -> ResultQuerySet:
        """The results with one of these options of an axis, or a number in this range."""
        results: ResultQuerySet = Result.objects.all()
        is_unsaid = axis.not_reported in slugs
        if axis.key in COLUMNS:
            return results.within(COLUMNS[axis.key], *bounds, or_unknown=is_unsaid)
        if axis.param == "population":
            return results.in_population(
                axis.branch(slugs), shares=self.shares, or_not_said_on=axis.stored if is_unsaid else None
            )
        if axis.key == "outcome":
            return results.measuring(axis.branch(slugs))
        if axis.key == "intervention":
            return results.of_intervention(axis.branch(slugs), or_none=is_unsaid)
        return results.found_in_direction([*axis.stored_values(slugs), *([""] if is_unsaid else [])])

    def apply(self) -> StudyQuerySet:
        """The published studies that satisfy all that is chosen, in no order."""
        studies: StudyQuerySet = Study.objects.published()
        for axis in self.axes_on:
            slugs, excluded = self.chosen(axis.key), self.excluded_on(axis.key)
            if axis.about_results:
                if self.loosely:
                    studies = studies.with_a_result_in(self._results_on(axis))
                continue
            if slugs or self.has_bounds(axis.key):
                studies = studies & self._studies_with(axis, slugs)
            if excluded:
                studies = studies.but_not(self.without_bounds(axis.key)._studies_with(axis, excluded))
        if self.answer is not None or (self.is_about_results and not self.loosely):
            studies = studies.with_a_result_in(self.results())
        if self.q:
            studies = studies.matching(search.parse(self.q))
        return studies

    def _studies_with(self, axis: Axis, slugs: frozenset[str]) -> StudyQuerySet:
        """The studies with one of these options of an axis about studies, or a number in its range."""
        studies: StudyQuerySet = Study.objects.all()
        stored = axis.stored_values(slugs)
        if axis.key == "design":
            return studies.designed_as(stored)
        if axis.key == "integrity":
            return studies.of_integrity(stored)
        if axis.key == "bias":
            return studies.at_risk_of_bias(stored, or_not_appraised=axis.not_reported in slugs)
        least, most = self.bounds(axis.key)
        if axis.key == "year":
            if self.has_bounds("year"):
                return studies.from_years(least, most, or_unknown=bool(slugs))
            return studies.of_unknown_year()
        if self.has_bounds("people"):
            return studies.of_size(least, most, or_unknown=bool(slugs))
        return studies.of_unknown_size()

    def in_order(self) -> StudyQuerySet:
        """The same studies in the order chosen."""
        studies = self.apply()
        if self.order == BEST_MATCH:
            return studies.best_match_first()
        if self.order == OLDEST:
            return studies.oldest_first()
        if self.order == LAST_ADDED:
            return studies.last_added_first()
        if self.order == MOST_PEOPLE:
            return studies.most_people_first()
        if self.order == STRONGEST_DESIGN:
            return studies.strongest_design_first()
        return studies.newest_first()

    # How it is written

    def parameters(self, *, with_sort: bool = True) -> list[tuple[str, str]]:
        """What is chosen as parameters of an address, always in the same order."""
        pairs = [pair for part in self._parts.values() for pair in part]
        return [*pairs, ("sort", self.sort)] if with_sort and self._is_sorted else pairs

    @property
    def _is_sorted(self) -> bool:
        """Whether an order was chosen that the list is in."""
        return bool(self.sort) and self.order == self.sort

    @cached_property
    def _parts(self) -> dict[str, list[tuple[str, str]]]:
        """The parameters of each axis by its key, between those that belong to none."""
        first: list[tuple[str, str]] = []
        if self.as_of is not None:
            first.append((AS_OF, self.as_of.isoformat()))
        if self.answer is not None:
            first += self.answer.parameters()
        if self.q:
            first.append((TEXT, self.q))
        last: list[tuple[str, str]] = []
        if self.with_part:
            last.append((PART, "yes"))
        if self.loosely:
            last.append((LOOSELY, "yes"))
        if self.unit != UNITS[0]:
            last.append((UNIT, self.unit))
        on = {
            axis.key: self._part(axis, self.chosen(axis.key), self.excluded_on(axis.key))
            for axis in self.axes_on
        }
        return {"first": first, **on, "last": last}

    def _part(self, axis: Axis, chosen: frozenset[str], excluded: frozenset[str]) -> list[tuple[str, str]]:
        """The range chosen on an axis and these options, as parameters."""
        pairs = []
        if axis.key in RANGES:
            pairs = [
                (name, number_words(bound))
                for name, bound in zip(RANGES[axis.key], self.bounds(axis.key), strict=True)
                if bound is not None
            ]
        pairs += [(axis.param, option.slug) for option in axis.in_order(chosen)]
        pairs += [(f"{EXCLUDE}{axis.param}", option.slug) for option in axis.in_order(excluded)]
        return pairs

    @property
    def excluded_parameters(self) -> list[tuple[str, str]]:
        """What is excluded, as parameters of an address."""
        return [pair for pair in self.parameters() if pair[0].startswith(EXCLUDE)]

    def as_query(self, *, with_sort: bool = True) -> str:
        """The query string of this list, without a question mark."""
        return self._sorted_query if with_sort else self._query

    @cached_property
    def _query(self) -> str:
        return _joined(self._written.values())

    @cached_property
    def _sorted_query(self) -> str:
        return _joined([self._query, self._written_sort])

    @cached_property
    def _written(self) -> dict[str, str]:
        """Each part of the parameters as a query string says it: a page has many that share all but one."""
        return {key: urlencode(part) for key, part in self._parts.items()}

    @property
    def _written_sort(self) -> str:
        return f"sort={self.sort}" if self._is_sorted else ""

    def _query_with(self, axis: Axis, chosen: frozenset[str], excluded: frozenset[str]) -> str:
        """The query string of the list with these options of an axis in place of those that are on."""
        written = {**self._written, axis.key: urlencode(self._part(axis, chosen, excluded))}
        return _joined([*written.values(), self._written_sort])

    def query_around(self, key: str) -> tuple[str, str]:
        """What stands before and after anything chosen on this axis in the query string of the list."""
        keys = ["first", *self.vocabulary.axes, "last"]
        place = keys.index(key)
        before = _joined(self._written.get(other, "") for other in keys[:place])
        after = _joined([*(self._written.get(other, "") for other in keys[place + 1 :]), self._written_sort])
        return f"{before}&" if before else "", f"&{after}" if after else ""

    def chips(self) -> list[Chip]:
        """Each chosen filter in words, with the list that removing it leads to."""
        chips = []
        if self.as_of is not None:
            chips.append(Chip(f"As of {date_format(self.as_of, 'j F Y')}", self.today().as_query()))
        if self.answer is not None:
            chips.append(Chip(f"Behind: {self.answer.label}", replace(self, answer=None).as_query()))
        if self.q:
            chips.append(Chip(f"“{self.q}”", self.without(TEXT).as_query()))
        for axis in self.axes_on:
            chosen, excluded = self.chosen(axis.key), self.excluded_on(axis.key)
            if self.has_bounds(axis.key):
                label = f"{axis.label} {range_words(*self.bounds(axis.key))}"
                chips.append(Chip(label, self.without_bounds(axis.key).as_query()))
            for option in axis.in_order(chosen):
                rest = chosen - {option.slug}
                chips.append(
                    Chip(
                        option_words(axis, option.slug),
                        self._query_with(axis, rest, excluded),
                        self._query_with(axis, rest, excluded | {option.slug}),
                    )
                )
            for option in axis.in_order(excluded):
                rest = excluded - {option.slug}
                chips.append(
                    Chip(
                        f"Not {option_words(axis, option.slug)}",
                        self._query_with(axis, chosen, rest),
                        self._query_with(axis, chosen | {option.slug}, rest),
                        is_excluded=True,
                    )
                )
        if self.with_part:
            chips.append(Chip("Mixed groups too", replace(self, with_part=False).as_query()))
        if self.loosely:
            chips.append(Chip("Any result of a study will do", replace(self, loosely=False).as_query()))
        return chips

    def words(self, key: str) -> str:
        """What is chosen on one axis in words, “Age: Older adults or Children”."""
        if key == TEXT:
            return self.q
        axis = self.vocabulary.axes[key]
        parts = [f"{axis.label} {range_words(*self.bounds(key))}"] if self.has_bounds(key) else []
        parts += [option.label for option in axis.in_order(self.chosen(key))]
        parts = [" or ".join(parts)] if parts else []
        away = [option.label for option in axis.in_order(self.excluded_on(key))]
        parts += [f"not {' or '.join(away)}"] if away else []
        words = ", ".join(parts)
        return words if self.has_bounds(key) else f"{axis.label}: {words}"


def _joined(written: Iterable[str]) -> str:
    """Parts of a query string in a row."""
    return "&".join(part for part in written if part)


def _by_axis(values: frozenset[tuple[str, str]]) -> dict[str, frozenset[str]]:
    by_axis: dict[str, set[str]] = {}
    for key, slug in values:
        by_axis.setdefault(key, set()).add(slug)
    return {key: frozenset(slugs) for key, slugs in by_axis.items()}


def number_words(number: float) -> str:
    """A number as addresses and chips write it: “4”, “37.5”."""
    return str(int(number)) if number == int(number) else repr(number)


def range_words(least: float | None, most: float | None) -> str:
    """A range as chips say it: “1990 to 2000”, “from 1990”, “up to 2000”."""
    if least is None:
        return f"up to {number_words(most or 0)}"
    low = number_words(least)
    return f"from {low}" if most is None else f"{low} to {number_words(most)}"


def option_words(axis: Axis, slug: str) -> str:
    """An option as it must read away from its axis: “Age: not reported, or mixed”."""
    label = axis.by_slug[slug].label
    if axis.key in ("bias", "integrity") or (slug == axis.not_reported and axis.param == "population"):
        return f"{axis.label}: {label[0].lower()}{label[1:]}"
    if axis.key == "direction" and slug == axis.not_reported:
        return f"{axis.label}: not stated"
    return label
