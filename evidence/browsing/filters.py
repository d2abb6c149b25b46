"""What a reader has chosen in the studies browser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlencode

import search

from ..models import PopulationShare, Result, Study
from ..models.result import ResultQuerySet
from ..models.study import StudyQuerySet
from .answer import Answer
from .vocabulary import Axis, Vocabulary

NEWEST, OLDEST, MOST_PEOPLE, STRONGEST_DESIGN, BEST_MATCH = "newest", "oldest", "people", "design", "match"

SORTS = {
    BEST_MATCH: "Best match",
    NEWEST: "Newest first",
    OLDEST: "Oldest first",
    MOST_PEOPLE: "Most people",
    STRONGEST_DESIGN: "Strongest design",
}

# Axes of which a range can be chosen, as well as "not reported".
RANGES = ("year", "people")

TEXT = "q"
PART = "part"


@dataclass(frozen=True)
class Chip:
    """One chosen filter with the query string of the same list without it."""

    label: str
    query: str


@dataclass(frozen=True)
class Filter:
    """What is chosen: OR inside an axis, AND across axes, and the order of the list.

    `values` are the chosen options as pairs of the key of an axis and a slug. Everything chosen about
    results must hold for the same result, one of those of `answer` if that is given. `with_part` lets a
    sample count of which only a part belongs to a population. Change it through `without` and its sisters;
    two filters that choose the same are equal.
    """

    vocabulary: Vocabulary = field(compare=False, repr=False)
    values: frozenset[tuple[str, str]] = frozenset()
    q: str = ""
    year_from: int | None = None
    year_to: int | None = None
    people_min: int | None = None
    people_max: int | None = None
    with_part: bool = False
    sort: str = ""
    answer: Answer | None = None

    # What is chosen

    @cached_property
    def _by_axis(self) -> dict[str, frozenset[str]]:
        by_axis: dict[str, set[str]] = {}
        for key, slug in self.values:
            by_axis.setdefault(key, set()).add(slug)
        return {key: frozenset(slugs) for key, slugs in by_axis.items()}

    def chosen(self, key: str) -> frozenset[str]:
        """The options chosen on this axis."""
        return self._by_axis.get(key, frozenset())

    def bounds(self, key: str) -> tuple[int | None, int | None]:
        """The range chosen on this axis; None where a side is open."""
        if key == "year":
            return self.year_from, self.year_to
        return self.people_min, self.people_max

    def has_bounds(self, key: str) -> bool:
        return key in RANGES and self.bounds(key) != (None, None)

    def is_on(self, key: str) -> bool:
        """Whether anything is chosen on this axis (or, for "q", searched for)."""
        return bool(self.q) if key == TEXT else bool(self.chosen(key)) or self.has_bounds(key)

    @property
    def axes_on(self) -> list[Axis]:
        return [axis for axis in self.vocabulary.axes.values() if self.is_on(axis.key)]

    @property
    def is_empty(self) -> bool:
        """Nothing is chosen: every published study is in the list."""
        return not self.q and not self.axes_on and self.answer is None

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
        return replace(self, values=values).without_bounds(key)

    def without_value(self, key: str, slug: str) -> Filter:
        """The same with this option not chosen."""
        return replace(self, values=self.values - {(key, slug)})

    def without_bounds(self, key: str) -> Filter:
        """The same with no range on this axis."""
        if key == "year":
            return replace(self, year_from=None, year_to=None)
        if key == "people":
            return replace(self, people_min=None, people_max=None)
        return self

    # Which rows

    def results(self) -> ResultQuerySet:
        """The results that satisfy all that is chosen about results."""
        results: ResultQuerySet = Result.objects.all()
        if self.answer is not None:
            results = results.filter(pk__in=self.answer.results)
        for axis in self.axes_on:
            if not axis.about_results:
                continue
            slugs = self.chosen(axis.key)
            is_unsaid = axis.not_reported in slugs
            if axis.param == "population":
                results = results.in_population(
                    axis.branch(slugs), shares=self.shares, or_not_said_on=axis.stored if is_unsaid else None
                )
            elif axis.key == "outcome":
                results = results.measuring(axis.branch(slugs))
            elif axis.key == "intervention":
                results = results.of_intervention(axis.branch(slugs), or_none=is_unsaid)
            else:
                unsaid = [""] if is_unsaid else []
                results = results.found_in_direction([*axis.stored_values(slugs), *unsaid])
        return results

    def apply(self) -> StudyQuerySet:
        """The published studies that satisfy all that is chosen, in no order."""
        studies: StudyQuerySet = Study.objects.published()
        for axis in self.axes_on:
            slugs = self.chosen(axis.key)
            if axis.key == "design":
                studies = studies.designed_as(axis.stored_values(slugs))
            elif axis.key == "integrity":
                studies = studies.of_integrity(axis.stored_values(slugs))
            elif axis.key == "bias":
                studies = studies.at_risk_of_bias(
                    axis.stored_values(slugs), or_not_appraised=axis.not_reported in slugs
                )
            elif axis.key == "year":
                if self.has_bounds("year"):
                    studies = studies.from_years(self.year_from, self.year_to, or_unknown=bool(slugs))
                else:
                    studies = studies.of_unknown_year()
            elif axis.key == "people":
                if self.has_bounds("people"):
                    studies = studies.of_size(self.people_min, self.people_max, or_unknown=bool(slugs))
                else:
                    studies = studies.of_unknown_size()
        if self.is_about_results:
            studies = studies.with_a_result_in(self.results())
        if self.q:
            studies = studies.matching(search.parse(self.q))
        return studies

    def in_order(self) -> StudyQuerySet:
        """The same studies in the order chosen."""
        studies = self.apply()
        if self.order == BEST_MATCH:
            return studies.best_match_first()
        if self.order == OLDEST:
            return studies.oldest_first()
        if self.order == MOST_PEOPLE:
            return studies.most_people_first()
        if self.order == STRONGEST_DESIGN:
            return studies.strongest_design_first()
        return studies.newest_first()

    # How it is written

    def parameters(self, *, with_sort: bool = True) -> list[tuple[str, str]]:
        """What is chosen as parameters of an address, always in the same order."""
        pairs: list[tuple[str, str]] = []
        if self.answer is not None:
            pairs += self.answer.parameters()
        if self.q:
            pairs.append((TEXT, self.q))
        for axis in self.vocabulary.axes.values():
            chosen = self.chosen(axis.key)
            if axis.key in RANGES:
                pairs += [
                    (name, str(bound))
                    for name, bound in zip(_bound_names(axis.key), self.bounds(axis.key), strict=True)
                    if bound is not None
                ]
            pairs += [(axis.param, option.slug) for option in axis.options if option.slug in chosen]
        if self.with_part:
            pairs.append((PART, "yes"))
        if with_sort and self.sort and self.order == self.sort:
            pairs.append(("sort", self.sort))
        return pairs

    def as_query(self, *, with_sort: bool = True) -> str:
        """The query string of this list, without a question mark."""
        return urlencode(self.parameters(with_sort=with_sort))

    def chips(self) -> list[Chip]:
        """Each chosen filter in words, with the list that removing it leads to."""
        chips = []
        if self.answer is not None:
            chips.append(Chip(f"Behind: {self.answer.label}", replace(self, answer=None).as_query()))
        if self.q:
            chips.append(Chip(f"“{self.q}”", self.without(TEXT).as_query()))
        for axis in self.vocabulary.axes.values():
            if self.has_bounds(axis.key):
                label = f"{axis.label} {range_words(*self.bounds(axis.key))}"
                chips.append(Chip(label, self.without_bounds(axis.key).as_query()))
            chips += [
                Chip(option_words(axis, option.slug), self.without_value(axis.key, option.slug).as_query())
                for option in axis.options
                if option.slug in self.chosen(axis.key)
            ]
        if self.with_part:
            chips.append(Chip("Mixed groups too", replace(self, with_part=False).as_query()))
        return chips

    def words(self, key: str) -> str:
        """What is chosen on one axis in words, “Age: Older adults or Children”."""
        if key == TEXT:
            return self.q
        axis = self.vocabulary.axes[key]
        parts = [f"{axis.label} {range_words(*self.bounds(key))}"] if self.has_bounds(key) else []
        parts += [option.label for option in axis.options if option.slug in self.chosen(key)]
        words = " or ".join(parts)
        return words if self.has_bounds(key) else f"{axis.label}: {words}"


def _bound_names(key: str) -> tuple[str, ...]:
    return {"year": ("year_from", "year_to"), "people": ("people_min", "people_max")}.get(key, ())


def range_words(least: int | None, most: int | None) -> str:
    """A range as chips say it: “1990 to 2000”, “from 1990”, “up to 2000”."""
    if least is None:
        return f"up to {most}"
    return f"from {least}" if most is None else f"{least} to {most}"


def option_words(axis: Axis, slug: str) -> str:
    """An option as it must read away from its axis: “Age: not reported, or mixed”."""
    label = axis.by_slug[slug].label
    if axis.key in ("bias", "integrity") or (slug == axis.not_reported and axis.param == "population"):
        return f"{axis.label}: {label[0].lower()}{label[1:]}"
    if axis.key == "direction" and slug == axis.not_reported:
        return f"{axis.label}: not stated"
    return label
