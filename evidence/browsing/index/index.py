"""One state of the index: which published studies, and which of their results, hold what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from ...changes import Moment
from ...models import Result
from ..vocabulary import Axis, Vocabulary
from .bitmaps import bitmap, slots
from .columns import Bools, Masks, NumberLookup, beginnings, spread
from .fetching import NOT_KNOWN
from .reading import LOT, Groups, Rows, everything, read
from .sets import EMPTY, FEW, Lookup
from .store import CHOICES, NUMBERS, Bitmaps, Key, Store, membership

WORD = 64

MOST_ANSWERS = 100

MOST_WORDS = 24
"""Of how many words it is kept which sets have which of their bits: up to some MB each."""

Answer = TypeVar("Answer")

Option = tuple[str, str]
"""The key of an axis and the slug of one of its options."""


@dataclass(frozen=True)
class Found:
    """Results by their places, ascending within a study, and beside each the place of its study."""

    results: npt.NDArray
    studies: npt.NDArray

    @cached_property
    def starts(self) -> npt.NDArray:
        """Where the results of each study begin."""
        return beginnings(self.studies)

    @property
    def n_owners(self) -> int:
        return len(self.starts)

    @property
    def owners(self) -> BitMap:
        return bitmap(self.studies[self.starts])

    def among(self, studies: BitMap, n: int) -> npt.NDArray:
        """For each, whether it is of one of these studies; `n` is how many places there are."""
        is_wanted = np.zeros(n, dtype=bool)
        is_wanted[slots(studies)] = True
        return is_wanted[self.studies]

    def of(self, studies: BitMap) -> Found:
        """Those of these studies, which are few."""
        wanted = slots(studies)
        first = np.searchsorted(self.studies, wanted)
        here = spread(first, np.searchsorted(self.studies, wanted, side="right") - first)
        return Found(self.results[here], self.studies[here])

    def only(self, chosen: npt.NDArray) -> Found:
        """Those for which this says so."""
        return Found(self.results[chosen], self.studies[chosen])


@dataclass(frozen=True)
class FacetIndex:
    """The published studies at one moment. What it says never changes; several states share a store."""

    moment: Moment
    vocabulary: Vocabulary
    alive: BitMap
    store: Store
    # What was asked before; sets of places are kept up when studies come in, the rest is of this vocabulary.
    _studies: dict[tuple[str, str, bool], BitMap] = field(default_factory=dict)
    _masks: dict[tuple, list[tuple[str, Lookup | NumberLookup]]] = field(default_factory=dict)
    _answers: dict = field(default_factory=dict)

    @classmethod
    def build(cls, moment: Moment, *, results: Collection[int] | None = None) -> FacetIndex:
        """Read everything, or only these results with their studies.

        Eight queries and three for each lot of studies; ten for results.
        """
        vocabulary, store = Vocabulary.load(), Store()
        axes = population_axes(vocabulary)
        if results is not None:
            of_results = Result.objects.filter(pk__in=results).order_by()
            rows, groups = read(set(of_results.values_list("study_id", flat=True)), results)
            store.add(rows, store.hold(groups, axes), axes)
        else:
            with everything() as (groups, lots):
                held = store.hold(groups, axes)
                for rows in lots:
                    store.add(rows, held, axes)
        return cls(moment, vocabulary, BitMap(range(store.n)), store)

    def with_studies(self, pks: Collection[int], moment: Moment) -> FacetIndex:
        """The state after these studies changed, came in or went away. Six queries."""
        return self.with_rows(pks, *read(pks), moment)

    def with_rows(self, pks: Collection[int], rows: Rows, groups: Groups, moment: Moment) -> FacetIndex:
        """The state in which these rows are all that there is of these studies."""
        alive = self.alive - bitmap(self.store.places(pks))
        start = self.store.n
        axes = population_axes(self.vocabulary)
        added = self.store.add(rows, self.store.hold(groups, axes), axes)
        alive.add_range(start, self.store.n)
        known = dict(self._studies)
        self._keep_up(known, added)
        return replace(self, moment=moment, alive=alive, _studies=known, _masks={}, _answers={})

    def with_vocabulary(self, vocabulary: Vocabulary, moment: Moment) -> FacetIndex | None:
        """The state after terms changed; None if what samples take over may have changed with them."""
        before, now = population_axes(self.vocabulary), population_axes(vocabulary)
        if any(now[pk] != axis for pk, axis in before.items() if pk in now):
            return None
        return FacetIndex(moment, vocabulary, self.alive, self.store)

    def at(self, moment: Moment) -> FacetIndex:
        """The same state, found to hold at a later moment too."""
        return replace(self, moment=moment)

    def _keep_up(self, known: dict[tuple[str, str, bool], BitMap], added: Bitmaps) -> None:
        for (key, slug, with_part), places in known.items():
            for name in self._keys(self.vocabulary.axes[key], [slug], with_part):
                if name in added:
                    places |= added[name]

    # Studies

    def studies_with(self, axis: Axis, slugs: Iterable[str], *, with_part: bool) -> BitMap:
        """The studies that have, or of which one result has, one of these options; also some not alive.

        Not to be changed: of a single option it is what this index keeps.
        """
        sets = [self._with(axis, slug, with_part) for slug in slugs]
        return sets[0] if len(sets) == 1 else BitMap.union(BitMap(), *sets)

    def _with(self, axis: Axis, slug: str, with_part: bool) -> BitMap:
        kept = (axis.key, slug, with_part)
        found = self._studies.get(kept)
        if found is None:
            held = self.store.bitmaps
            sets = [held[key] for key in self._keys(axis, [slug], with_part) if key in held]
            found = self._studies[kept] = BitMap.union(BitMap(), *sets)
        return found

    @staticmethod
    def _keys(axis: Axis, slugs: Collection[str], with_part: bool) -> Iterator[Key]:
        """Under which keys the store keeps those with these options."""
        unsaid = axis.not_reported in slugs
        if axis.param == "population":
            for node in axis.branch(slugs):
                yield "population", node
                if with_part:
                    yield "part", node
            if unsaid:
                yield "unsaid with part" if with_part else "unsaid", axis.stored
        elif axis.key in ("outcome", "intervention"):
            yield from ((axis.key, node) for node in axis.branch(slugs))
            if unsaid:
                yield axis.key, None
        else:
            yield from ((axis.key, stored) for stored in axis.stored_values(slugs))
            if unsaid:
                yield axis.key, "" if axis.key == "direction" else None

    def studies_lacking(self, axis: Axis, slugs: Collection[str], *, with_part: bool) -> BitMap:
        """The studies of which at least one result has none of these options."""
        lacking = BitMap()
        owners = slots(self.alive)
        # Lot by lot, so that little memory is taken for a moment.
        for start in range(0, len(owners), LOT):
            found = self.results_of(bitmap(owners[start : start + LOT]))
            lacking |= bitmap(found.studies[~self.holding(found, axis, slugs, with_part=with_part)])
        return lacking

    def studies_between(self, key: str, least: float | None, most: float | None) -> BitMap:
        """The studies with a year, or a number of people, in this range; also some not alive."""
        least, most = -np.inf if least is None else least, np.inf if most is None else most
        if key == "year":
            of_years = [
                found
                for (name, year), found in self.store.bitmaps.items()
                if name == "year" and isinstance(year, int) and least <= year <= most
            ]
            return BitMap.union(BitMap(), *of_years)
        people = self.store.people.values
        return bitmap(np.flatnonzero((people != NOT_KNOWN) & (people >= least) & (people <= most)))

    def studies_by_key(self, pks: Collection[int]) -> BitMap:
        """Those of these studies that there are."""
        return bitmap(self.store.places(pks)) & self.alive

    def keys_of(self, studies: npt.NDArray) -> list[int]:
        """The primary keys of studies by their places."""
        found: list[int] = self.store.pk.values[studies].tolist()
        return found

    # Results

    def results_of(self, studies: BitMap) -> Found:
        """All results of these studies."""
        owners = slots(studies)
        counts = self.store.n_results.values[owners]
        return Found(spread(self.store.first_result.values[owners], counts), np.repeat(owners, counts))

    def holding(self, found: Found, axis: Axis, slugs: Collection[str], *, with_part: bool) -> npt.NDArray:
        """For each of these results, whether it holds one of these options."""
        sets = self.store.sets[axis.param]

        def of_sets() -> Bools:
            members, said = _members(axis, slugs, with_part=with_part)
            lookup = Lookup(sets, dict.fromkeys(members, 1), [] if said is None else [(said, 1)])
            return lookup.of_all().astype(bool)

        holds = self.remember(("holding", axis.key, frozenset(slugs), with_part), of_sets)
        return holds[sets.codes.values[found.results]]

    def between(
        self,
        found: Found,
        key: str,
        least: float | None,
        most: float | None,
        *,
        known: bool = False,
        unknown: bool,
    ) -> npt.NDArray:
        """For each of these results whether its number lies in this range, or is unknown where that will do.

        Without a bound every number that is `known` will do.
        """
        numbers = self.store.numbers[key]
        has_bounds = least is not None or most is not None
        inside = [
            unknown
            if value is None
            else (known or has_bounds)
            and (least is None or value >= least)
            and (most is None or value <= most)
            for value in numbers.known
        ]
        return np.array(inside, dtype=bool)[numbers.codes.values[found.results]]

    # Counting

    def people(self, studies: BitMap) -> int:
        """How many people took part in these studies, where it is known."""

        def added() -> int:
            return int(np.maximum(self.store.people.values[slots(studies)], 0).sum())

        return self.of_all(studies, "people", added)

    def by_year(self, studies: BitMap) -> dict[int, int]:
        """How many of these studies are of each year, in order."""

        def counted() -> dict[int, int]:
            years = self.store.year.values[slots(studies)]
            numbers = np.bincount(years[years != NOT_KNOWN])
            return {year: int(numbers[year]) for year in np.flatnonzero(numbers).tolist()}

        return self.of_all(studies, "years", counted)

    def n_results(self, studies: BitMap) -> int:
        """How many results these studies have."""

        def added() -> int:
            return int(self.store.n_results.values[slots(studies)].sum())

        return self.of_all(studies, "results", added)

    def tally(
        self, found: Found, options: Mapping[str, Collection[str]], *, with_part: bool, unit: str
    ) -> dict[str, dict[str, int]]:
        """For each axis and option how many studies have one of these results with it.

        With the unit "results" how many of the results have it, with "people" how many people those studies
        have. Exact: a study counts once, whatever number of its results holds an option.
        """
        tallied: dict[str, dict[str, int]] = {key: {} for key in options}
        if not len(found.studies):
            return tallied
        starts = found.starts
        weights = None
        if unit == "people":
            weights = np.maximum(self.store.people.values[found.studies[starts]], 0)
        for word, lookups in self._words(options, with_part):
            codes = np.zeros(len(found.results), dtype=np.uint64)
            for name, lookup in lookups:
                codes |= lookup.of(self.store.codes(name)[found.results])
            if unit != "results":
                codes = np.bitwise_or.reduceat(codes, starts)
            for (key, slug), n in zip(word, _bit_counts(codes, weights), strict=False):
                if n:
                    tallied[key][slug] = n
        return tallied

    def codes(self, found: Found, axis: Axis, slugs: Collection[str], *, with_part: bool) -> Masks:
        """For each of these results a word: bit n is set where it, or its study, has option n (of 64)."""
        if not axis.about_results:
            bits = np.zeros(self.store.n, dtype=np.uint64)
            for place, slug in enumerate(slugs):
                bits[slots(self._with(axis, slug, False))] |= np.uint64(1 << place)
            return bits[found.studies]
        codes = np.zeros(len(found.results), dtype=np.uint64)
        for _, lookups in self._words({axis.key: list(slugs)}, with_part):
            for name, lookup in lookups:
                codes |= lookup.of(self.store.codes(name)[found.results])
        return codes

    def reported(self, found: Found) -> npt.NDArray:
        """For each of these results, whether it was reported."""
        sets = self.store.sets["state"]
        reported = CHOICES["state"].index(Result.State.REPORTED.value)
        return sets.holding([reported], sets.codes.values[found.results])

    def bit_counts(self, found: Found, codes: Masks, *, unit: str) -> list[int]:
        """How many studies have a result whose word has each bit; in the other units as `tally` says."""
        if not len(codes):
            return [0] * WORD
        if unit == "results":
            return _bit_counts(codes, None)
        starts = found.starts
        people = np.maximum(self.store.people.values[found.studies[starts]], 0)
        return _bit_counts(np.bitwise_or.reduceat(codes, starts), people if unit == "people" else None)

    def _words(
        self, options: Mapping[str, Collection[str]], with_part: bool
    ) -> list[tuple[list[Option], list[tuple[str, Lookup | NumberLookup]]]]:
        """The options in words of 64 bits, each with what sets its bits: the sets of a column, and masks."""
        flat = [(key, slug) for key, slugs in options.items() for slug in slugs]
        words = [flat[start : start + WORD] for start in range(0, len(flat), WORD)]
        made = []
        for word in words:
            kept = (tuple(word), with_part)
            if kept not in self._masks:
                if len(self._masks) >= MOST_WORDS:
                    self._masks.clear()
                self._masks[kept] = self._lookups(word, with_part)
            made.append((word, self._masks[kept]))
        return made

    def _lookups(self, word: list[Option], with_part: bool) -> list[tuple[str, Lookup | NumberLookup]]:
        bits: dict[str, dict[int, int]] = {}
        unsaid: dict[str, list[tuple[Iterable[int], int]]] = {}
        for place, (key, slug) in enumerate(word):
            axis, bit = self.vocabulary.axes[key], 1 << place
            name = key if key in NUMBERS else axis.param
            of_members = bits.setdefault(name, {})
            members: Iterable[int] = [EMPTY]
            if name not in NUMBERS:
                members, said = _members(axis, [slug], with_part=with_part)
                if said is not None:
                    unsaid.setdefault(name, []).append((said, bit))
            for member in members:
                of_members[member] = of_members.get(member, 0) | bit
        return [
            (name, self.store.lookup(name, of_members, unsaid.get(name, ())))
            for name, of_members in bits.items()
        ]

    def of_all(self, studies: BitMap, question: object, answer: Callable[[], Answer]) -> Answer:
        """The answer to a question about these studies; if they are all there are, worked out once."""
        return self.remember(question, answer) if len(studies) == len(self.alive) else answer()

    def remember(self, question: object, answer: Callable[[], Answer]) -> Answer:
        """The answer to a question about this state, worked out once."""
        if question not in self._answers:
            if len(self._answers) > MOST_ANSWERS:
                self._answers.clear()
            self._answers[question] = answer()
        found: Answer = self._answers[question]
        return found


def _members(
    axis: Axis, slugs: Collection[str], *, with_part: bool
) -> tuple[Iterable[int], Iterable[int] | None]:
    """Of what a set holds one to have one of these options; and of what it holds none to say nothing at all.

    The second is None where that is not among the options, or a member of its own stands for it.
    """
    unsaid = axis.not_reported in slugs
    if axis.param == "population":
        every = axis.branch(option.slug for option in axis.options) if unsaid else None
        said = None if every is None else membership(every, with_part=with_part)
        return membership(axis.branch(slugs), with_part=with_part), said
    if axis.param == "direction":
        stored = [*axis.stored_values(slugs), *([""] if unsaid else [])]
        return [CHOICES["direction"].index(value) for value in stored], None
    return [*axis.branch(slugs), *([EMPTY] if unsaid else [])], None


def population_axes(vocabulary: Vocabulary) -> dict[int, str]:
    """The axis of each population."""
    return {pk: axis.stored for pk, axis in vocabulary.populations.items()}


_BITS_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(
    np.int64
)


def _bit_counts(codes: Masks, weights: npt.NDArray | None) -> list[int]:
    """How many codes have each of the 64 bits, or the sum of their weights."""
    if len(codes) < FEW:
        bits = np.unpackbits(codes.view(np.uint8), bitorder="little").reshape(-1, WORD)
        weighed = bits if weights is None else bits * weights.astype(np.int64)[:, None]
        few: list[int] = weighed.sum(axis=0, dtype=np.int64).tolist()
        return few
    counts: list[int] = []
    columns = np.ascontiguousarray(codes.view(np.uint8).reshape(-1, 8).T)
    for column in columns:
        # Weights are whole numbers far below 2 to the 53, so that their sums are exact.
        histogram = np.bincount(column, weights=weights, minlength=256)
        counts.extend((histogram @ _BITS_OF_BYTE).astype(np.int64).tolist())
    return counts
