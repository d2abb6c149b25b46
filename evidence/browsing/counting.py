"""How many studies each option would leave: the numbers beside the filters, from the index in memory.

The QuerySet words behind `Filter.apply` say what is right; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

import search

from ..changes import Moment
from ..models import Study
from .filters import TEXT, UNITS, Filter
from .index import FacetIndex, Found, current
from .index.bitmaps import slots
from .index.past import Past, past
from .index.store import NUMBERS
from .vocabulary import Axis

STUDIES, RESULTS, PEOPLE = UNITS


@dataclass(frozen=True)
class Counts:
    """Numbers of distinct published studies; those beside options in the unit that is chosen.

    `total` satisfy the whole filter. `without` gives, for each axis with a choice (and "q"), how many would
    without that choice. `values` gives, for each axis, how many satisfy each of its options and everything
    that is chosen on other axes; options that no study satisfies, or that nobody asked for, are left out.
    """

    total: int
    without: Mapping[str, int]
    values: Mapping[str, Mapping[str, int]]
    n_results: int = 0
    n_people: int = 0

    def of(self, key: str, slug: str) -> int:
        return self.values[key].get(slug, 0)


def count(
    chosen: Filter, *, index: FacetIndex | None = None, options: Mapping[str, Collection[str]] | None = None
) -> Counts:
    """Count for `chosen`, beside all options or beside these of each axis.

    No query with an index that is current, but one where words are searched for.
    """
    return Matches(chosen, index=index).counts(options)


class Matches:
    """What satisfies a filter, as sets of places in the index."""

    def __init__(self, chosen: Filter, *, index: FacetIndex | None = None) -> None:
        if chosen.answer is not None:
            # The results behind one conclusion are few: they get an index of their own.
            index = FacetIndex.build(Moment(), results=chosen.answer.results)
        self.chosen = chosen
        self.index = index or current()
        self.past: Past | None = None
        if chosen.as_of is not None:
            self.past = past(chosen.as_of, today=self.index)
            self.index = self.past.index
        self.axes = self.index.vocabulary.axes
        on = [self.axes[axis.key] for axis in chosen.axes_on]
        self._of_studies = {axis.key: self._satisfying(axis) for axis in on if not axis.about_results}
        if chosen.q:
            self._of_studies[TEXT] = self._with_words()
        self._of_results = [axis for axis in on if axis.about_results]
        if chosen.loosely:
            self._of_studies |= self._with_any_result()
            self._of_results = []

    # Studies

    def _with_any_result(self) -> dict[str, BitMap]:
        """For each axis about results, the studies with a result that satisfies what is chosen there."""
        return {
            axis.key: self._with_chosen(axis)
            if self._is_found_by_study(axis)
            else self._results(self.index.alive, [axis]).owners
            for axis in self._of_results
        }

    @property
    def n_loosely(self) -> int:
        """How many studies there would be if any result of a study would do for each choice."""
        return len(BitMap.intersection(self._chosen_studies(), *self._with_any_result().values()))

    @cached_property
    def studies(self) -> BitMap:
        """The studies that satisfy the filter."""
        return self._chosen_studies() & self._matched

    @property
    def n_withdrawn(self) -> int | None:
        """How many studies were public on the day of the filter and are not any more; None without a day."""
        return None if self.past is None else len(self.past.withdrawn)

    @property
    def words_are_unknown(self) -> bool:
        """Whether no study holds the words that are searched for, whatever else is chosen."""
        return TEXT in self._of_studies and not self._of_studies[TEXT]

    def _chosen_studies(self, *, but: str = "") -> BitMap:
        """The studies that satisfy all that is chosen about studies, but on one axis."""
        chosen = [found for key, found in self._of_studies.items() if key != but]
        return BitMap.intersection(self.index.alive, *chosen)

    def _satisfying(self, axis: Axis) -> BitMap:
        """The studies that satisfy what is chosen on an axis about studies; also some not alive."""
        chosen, index = self.chosen, self.index
        slugs = chosen.chosen(axis.key)
        if chosen.has_bounds(axis.key):
            wanted = index.studies_between(axis.key, *chosen.bounds(axis.key))
            wanted |= index.studies_with(axis, slugs, with_part=False)
        elif slugs:
            wanted = index.studies_with(axis, slugs, with_part=False)
        else:
            wanted = index.alive
        excluded = chosen.excluded_on(axis.key)
        return wanted - index.studies_with(axis, excluded, with_part=False) if excluded else wanted

    def _with_words(self) -> BitMap:
        words = self.chosen.q

        def matching() -> BitMap:
            found = Study.objects.published().matching(search.parse(words)).order_by()
            return self.index.studies_by_key(list(found.values_list("pk", flat=True)))

        return self.index.remember((TEXT, words), matching)

    # Results

    @cached_property
    def _reach(self) -> BitMap:
        """The studies that fail what is chosen about studies on one axis at most."""
        if not self._of_studies:
            return self.index.alive
        return BitMap.union(*(self._chosen_studies(but=key) for key in self._of_studies))

    @cached_property
    def _found(self) -> Found:
        """The results of those studies that satisfy all that is chosen about results."""
        return self._results(self._reach, self._of_results)

    @property
    def _plain(self) -> Axis | None:
        """The only axis about results on which something is chosen, where the index knows the studies."""
        if len(self._of_results) != 1:
            return None
        [axis] = self._of_results
        return axis if self._is_found_by_study(axis) else None

    @cached_property
    def _matched(self) -> BitMap:
        """The studies with a result that satisfies all that is chosen about results; also some others.

        Of the others none satisfies what is chosen about studies, whichever axis is left out.
        """
        if not self._of_results:
            return self.index.alive
        if self._plain is not None:
            return self._with_chosen(self._plain)
        return self._found.owners

    @cached_property
    def results(self) -> Found:
        """The results that satisfy the filter."""
        if not self._of_results:
            return self.index.results_of(self.studies)
        if not self._of_studies:
            return self._found
        return self._found.only(self._found.among(self.studies, self.index.store.n))

    def results_among(self, studies: Collection[int]) -> dict[int, list[int]]:
        """Which results of each of these studies a list may show, by their number within it, keys ascending.

        Those that satisfy all that is chosen about results; loosely, anything that is. A study without any,
        or that the index does not know, is left out.
        """
        of_studies = self.index.studies_by_key(studies)
        axes = [axis for axis in self.axes.values() if axis.about_results and self.chosen.is_on(axis.key)]
        if self.chosen.loosely and axes:
            found = [self._results(of_studies, [axis]) for axis in axes]
            results = np.concatenate([some.results for some in found])
            owners = np.concatenate([some.studies for some in found])
            results, first = np.unique(results, return_index=True)
            owners = owners[first]
        else:
            # With several conditions counting has to know the results that satisfy them all.
            is_known = len(self._of_results) > 1 and of_studies <= self.studies
            among = self.results.of(of_studies) if is_known else self._results(of_studies, axes)
            results, owners = among.results, among.studies
        numbers = results.astype(np.int64) - self.index.store.first_result.values[owners]
        by_study: dict[int, list[int]] = {}
        for study, number in zip(self.index.keys_of(owners), numbers.tolist(), strict=True):
            by_study.setdefault(study, []).append(number)
        return by_study

    def _results(self, studies: BitMap, conditions: Iterable[Axis]) -> Found:
        """The results of these studies that satisfy what is chosen on these axes."""
        for axis in conditions:
            if self._is_found_by_study(axis):
                studies = studies & self._with_chosen(axis)
        found = self.index.results_of(studies)
        for axis in conditions:
            found = found.only(self._holds(found, axis))
        return found

    def _is_found_by_study(self, axis: Axis) -> bool:
        """Whether it is known which studies have a result that satisfies this axis, without looking at it."""
        chosen = self.chosen
        is_plain = not chosen.has_bounds(axis.key) and not chosen.excluded_on(axis.key)
        return axis.key not in NUMBERS and is_plain

    def _with_chosen(self, axis: Axis) -> BitMap:
        return self.index.studies_with(axis, self.chosen.chosen(axis.key), with_part=self.chosen.with_part)

    def _holds(self, found: Found, axis: Axis) -> npt.NDArray:
        chosen, index = self.chosen, self.index
        slugs, excluded = chosen.chosen(axis.key), chosen.excluded_on(axis.key)
        if axis.key in NUMBERS:
            return index.between(
                found,
                axis.key,
                *chosen.bounds(axis.key),
                known=not slugs,
                unknown=bool(slugs) and not excluded,
            )
        holds = np.ones(len(found.results), dtype=bool)
        if slugs:
            holds = index.holding(found, axis, slugs, with_part=chosen.with_part)
        if excluded:
            holds = holds & ~index.holding(found, axis, excluded, with_part=chosen.with_part)
        return holds

    # Counting

    def counts(self, options: Mapping[str, Collection[str]] | None = None) -> Counts:
        """The counts beside these options of each axis, or beside all."""
        if options is None:
            options = {key: list(axis.by_slug) for key, axis in self.axes.items()}
        base = self._chosen_studies()
        conditions = {axis.key for axis in self._of_results}
        values: dict[str, Mapping[str, int]] = {}
        without: dict[str, int] = {}
        # Axes about results on which nothing is chosen are looked at together.
        free: dict[str, Collection[str]] = {}
        for key, slugs in options.items():
            axis = self.axes[key]
            if key in self._of_studies:
                studies = self._chosen_studies(but=key) & self._matched
                without[key] = len(studies)
                values[key] = self._by_study(axis, slugs, studies)
            elif not axis.about_results:
                values[key] = self._by_study(axis, slugs, self.studies)
            elif key not in conditions:
                free[key] = slugs
            elif len(conditions) == 1:
                without[key] = len(base)
                values[key] = self._by_study(axis, slugs, base)
            else:
                found = self._results(base, [other for other in self._of_results if other.key != key])
                without[key] = found.n_owners
                values |= self._by_result({key: slugs}, found)
        if TEXT in self._of_studies:
            without[TEXT] = len(self._chosen_studies(but=TEXT) & self._matched)
        if self._split is not None:
            whole, mixed = self._split
            by_result = self._by_result(free, mixed)
            for key, slugs in free.items():
                values[key] = _added(self._by_study(self.axes[key], slugs, whole), by_result[key])
        elif conditions or self.chosen.unit == RESULTS:
            values |= self._by_result(free, self.results)
        else:
            values |= {key: self._by_study(self.axes[key], slugs, base) for key, slugs in free.items()}
        return Counts(
            total=len(self.studies),
            without=without,
            values=values,
            n_results=self.n_results,
            n_people=self.index.people(self.studies),
        )

    @cached_property
    def _split(self) -> tuple[BitMap, Found] | None:
        """The matching studies of which every result matches, and the matching results of the others.

        Of the former, what the study has its matching results have: no result need be looked at. None where
        they are not known without looking.
        """
        axis = self._plain
        if axis is None or self.chosen.unit == RESULTS:
            return None
        slugs, with_part = self.chosen.chosen(axis.key), self.chosen.with_part
        lacking = self.index.remember(
            ("lacking", axis.key, slugs, with_part),
            lambda: self.index.studies_lacking(axis, slugs, with_part=with_part),
        )
        return self.studies - lacking, self._results(self.studies & lacking, self._of_results)

    def by_year(self) -> dict[int, int]:
        """How many studies of each year satisfy the filter, whatever is chosen of years; in their order."""
        return self.index.by_year(self._chosen_studies(but="year") & self._matched)

    @property
    def n_results(self) -> int:
        """How many results satisfy the filter."""
        if self._split is not None:
            whole, mixed = self._split
            return self.index.n_results(whole) + len(mixed.results)
        if not self._of_results:
            return self.index.n_results(self.studies)
        return len(self.results.results)

    @cached_property
    def _results_a_study(self) -> npt.NDArray:
        """For each place of a study, how many of its results satisfy all that is chosen about results."""
        store = self.index.store
        if not self._of_results:
            return store.n_results.values
        return np.bincount(self._found.studies, minlength=store.n)

    def _by_study(self, axis: Axis, slugs: Collection[str], studies: BitMap) -> Mapping[str, int]:
        """Beside each option what these studies with it come to; of results, what their results do."""
        if axis.about_results and self.chosen.unit == RESULTS:
            return self._by_result({axis.key: slugs}, self.index.results_of(studies))[axis.key]
        unit, with_part = self.chosen.unit, self.chosen.with_part

        def counted() -> dict[str, int]:
            holders = {slug: self.index.studies_with(axis, [slug], with_part=with_part) for slug in slugs}
            return {slug: n for slug, having in holders.items() if (n := self._size(studies, having))}

        if unit == RESULTS:
            return counted()
        return self.index.of_all(studies, (unit, axis.key, tuple(slugs), with_part), counted)

    def _size(self, studies: BitMap, holders: BitMap) -> int:
        if self.chosen.unit == PEOPLE:
            return self.index.people(studies & holders)
        if self.chosen.unit == RESULTS:
            return int(self._results_a_study[slots(studies & holders)].sum())
        n: int = studies.intersection_cardinality(holders)
        return n

    def _by_result(self, options: Mapping[str, Collection[str]], found: Found) -> dict[str, dict[str, int]]:
        """Beside each option what these results with it come to."""
        chosen = self.chosen
        return self.index.tally(found, options, with_part=chosen.with_part, unit=chosen.unit)


def _added(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return {slug: some.get(slug, 0) + others.get(slug, 0) for slug in {**some, **others}}


@dataclass(frozen=True)
class Loosely:
    """What binding loosely changes: how many studies it adds, and the query string of that list."""

    n_more: int
    query: str


def loosely(chosen: Filter, matches: Matches) -> Loosely | None:
    """What would come in if any result of a study would do for each choice; None where that changes nothing.

    `matches` are those of `chosen`. With less than two choices about results nothing changes.
    """
    if chosen.loosely or len([axis for axis in chosen.axes_on if axis.about_results]) < 2:
        return None
    n_more = matches.n_loosely - len(matches.studies)
    return Loosely(n_more, replace(chosen, loosely=True).as_query()) if n_more else None
