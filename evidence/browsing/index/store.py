"""Everything that the index was ever told, by places of studies and of results.

Columns and sets only grow: a study that changed is written once more in a new place, and its old one is no
longer alive. So a state of the index is which places are alive, and any number of states share the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from ...models import Population, PopulationShare
from .bitmaps import Slots, bitmap
from .columns import Coded, Column, Lookup, NumberLookup, Sets
from .reading import Rows, Samples

Key = tuple[Hashable, ...]
Bitmaps = dict[Key, BitMap]

NOT_KNOWN = -1
"""Stands for a year or a number of people that nobody reported."""

PART = PopulationShare.Share.PART.value

SETS = ("population", "intervention", "outcome", "direction", "state")
"""What results hold terms of, by the parameter that chooses among them; and whether they were reported."""

NUMBERS = ("mean-age", "female", "weeks")
"""What results say in numbers."""


class Store:
    """The columns and the sets. `bitmaps` says which places of studies hold what (see `Store.add`)."""

    def __init__(self) -> None:
        self.pk = Column(np.int64)
        self.year = Column(np.int16)
        self.people = Column(np.int64)
        self.design = Coded()
        self.first_result = Column(np.int64)
        self.n_results = Column(np.int32)
        self.sets = {name: Sets() for name in SETS}
        self.numbers = {name: Coded() for name in NUMBERS}
        self.bitmaps: Bitmaps = {}
        # The first studies stand in the order of their keys; of those written later, the newest place.
        self._n_sorted = 0
        self._later: dict[int, int] = {}
        self._memberships: dict[tuple[int, int], int] = {}

    @property
    def n(self) -> int:
        return self.pk.n

    def codes(self, name: str) -> npt.NDArray:
        """The column of results of this name, as numbers of what they hold."""
        column = self.numbers[name] if name in self.numbers else self.sets[name]
        return column.codes.values

    def lookup(
        self,
        name: str,
        bits: Mapping[Hashable, int],
        unsaid: Iterable[tuple[Iterable[Hashable], int]],
    ) -> Lookup | NumberLookup:
        """What bits the results in a column set, by what they hold."""
        if name in self.numbers:
            return NumberLookup(self.numbers[name], bits[None])
        return Lookup(self.sets[name], bits, unsaid)

    @property
    def n_later(self) -> int:
        """How many places were written for studies that changed, or came in out of order."""
        return self.n - self._n_sorted

    def places(self, pks: Collection[int]) -> Slots:
        """Where the studies with these keys stand, or stood; unknown ones nowhere. In no order."""
        wanted = np.fromiter(pks, dtype=np.int64, count=len(pks))
        known = self.pk.values[: self._n_sorted]
        found = np.searchsorted(known, wanted)
        found = found[found < len(known)]
        is_there = np.isin(known[found], wanted)
        later = [self._later[pk] for pk in self._later.keys() & set(pks)] if self._later else []
        return np.concatenate([found[is_there], np.array(later, dtype=np.int64)]).astype(np.uint32)

    def add(self, rows: Rows, axes: Mapping[int, str]) -> Bitmaps:
        """Write these studies; returns the new places by what they hold.

        Keys are ("design", design), ("integrity", state), ("year", year or None), ("people", None) where
        nobody says how many, ("bias", level or None), ("population", node), ("part", node) where only a part
        of a sample belongs to it, ("unsaid", axis) and ("unsaid with part", axis), ("intervention", node or
        None), ("outcome", node), ("direction", direction), ("state", state), and a number with None where a
        result does not say it. `axes` says the axis of each population.
        """
        start, n = self.n, len(rows.pk)
        first_result = self.sets["outcome"].codes.n
        here = np.arange(start, start + n, dtype=np.uint32)
        years = np.where(np.isnan(rows.year), NOT_KNOWN, rows.year).astype(np.int16)
        designs = np.fromiter(map(self.design.number, rows.design), np.uint32, n)
        counts = np.bincount(rows.result_study, minlength=n)
        self.pk.extend(rows.pk)
        self.year.extend(years)
        self.people.extend(np.where(np.isnan(rows.people), NOT_KNOWN, rows.people).astype(np.int64))
        self.design.extend(designs)
        self.n_results.extend(counts)
        self.first_result.extend(first_result + np.cumsum(counts) - counts)
        self._add_results(rows, axes)

        added: Bitmaps = {}
        for number, places in _grouped(designs, here):
            added["design", self.design.known[number]] = places
        for year, places in _grouped(years, here):
            added["year", None if year == NOT_KNOWN else year] = places
        states = sorted(set(rows.integrity))
        for number, places in _grouped(np.array([states.index(state) for state in rows.integrity]), here):
            added["integrity", states[number]] = places
        added["people", None] = bitmap(here[np.isnan(rows.people)])
        added |= _bias(rows, start)
        owners = here[rows.result_study].astype(np.int64)
        for name, sets in self.sets.items():
            added |= self._held(name, owners, sets.codes.values[first_result:], axes)
        for name, numbers in self.numbers.items():
            is_unknown = numbers.unknown(1).astype(bool)[numbers.codes.values[first_result:]]
            added[name, None] = bitmap(owners[is_unknown])

        for key, places in added.items():
            # In place: no older state asks for places that it does not know.
            known = self.bitmaps.setdefault(key, BitMap())
            known |= places
        if start == self._n_sorted and (start == 0 or (n and rows.pk[0] > self.pk.values[start - 1])):
            self._n_sorted += n
        else:
            self._later.update(zip(rows.pk.tolist(), range(start, start + n), strict=True))
        return added

    def _add_results(self, rows: Rows, axes: Mapping[int, str]) -> None:
        places = rows.samples.places(rows.result_sample)
        self.sets["population"].extend(self._populations(rows.samples, axes)[places])
        self.numbers["mean-age"].extend_with(rows.samples.age[places])
        self.numbers["female"].extend_with(rows.samples.female[places])
        self.numbers["weeks"].extend_with(rows.result_weeks)
        interventions = self.sets["intervention"]
        numbers = [interventions.number(saying) for saying in rows.arms.sayings]
        interventions.extend(np.array(numbers, dtype=np.uint32)[rows.arms.of(rows.result_arm)])
        outcomes, places = np.unique(rows.result_outcome, return_inverse=True)
        numbers = [self.sets["outcome"].number((outcome,)) for outcome in outcomes.tolist()]
        self.sets["outcome"].extend(np.array(numbers, dtype=np.uint32)[places])
        for name, column in (("direction", rows.result_direction), ("state", rows.result_state)):
            number_of = {value: self.sets[name].number((value,)) for value in set(column)}
            numbers_of = map(number_of.__getitem__, column)
            self.sets[name].extend(np.fromiter(numbers_of, np.uint32, len(column)))

    def _populations(self, samples: Samples, axes: Mapping[int, str]) -> npt.NDArray:
        """For each sample the number of its set of populations, with those that a subgroup takes over."""
        whole = np.where(np.isnan(samples.parent), 0, samples.parent).astype(np.int64)
        is_subgroup = ~np.isnan(samples.parent)
        says, sayings = samples.shares.of(samples.pk), samples.shares.sayings
        inherits = np.where(is_subgroup, samples.shares.of(whole), 0)
        width = len(sayings)
        distinct, place = np.unique(says * width + inherits, return_inverse=True)
        numbers = [
            self._membership(sayings[pair // width], sayings[pair % width], axes)
            for pair in distinct.tolist()
        ]
        return np.array(numbers, dtype=np.uint32)[place] if numbers else np.zeros(0, dtype=np.uint32)

    def _membership(
        self,
        own: Iterable[tuple[int, str]],
        of_whole: Iterable[tuple[int, str]],
        axes: Mapping[int, str],
    ) -> int:
        """The set of what a sample belongs to: (population, whether only a part of it does)."""
        # A population that came in between two queries has no axis yet: its study will be read once more.
        said = {axes.get(population) for population, _ in own}
        shares = [*own, *((node, share) for node, share in of_whole if axes.get(node) not in said)]
        counted = (*PopulationShare.INCLUDED, PART)
        members = {member(node, is_part=share == PART) for node, share in shares if share in counted}
        return self.sets["population"].number(tuple(sorted(members)))

    def _held(self, name: str, owners: npt.NDArray, numbers: npt.NDArray, axes: Mapping[int, str]) -> Bitmaps:
        """Which places of studies have a result that holds what."""
        sets = self.sets[name]
        found: Bitmaps = {}
        who, places, members = sets.pairs(owners, numbers)
        for place, holders in _grouped(places, who):
            held = members[place]
            if name == "population":
                if isinstance(held, int):
                    found["part" if held % 2 else name, held // 2] = holders
            elif held is not None or name == "intervention":
                found[name, held] = holders
        if name == "population":
            for axis in Population.Axis.values:
                nodes = [node for node, of in axes.items() if of == axis]
                for key, with_part in (("unsaid", False), ("unsaid with part", True)):
                    says = sets.holding(membership(nodes, with_part=with_part), numbers)
                    found[key, axis] = bitmap(owners[~says])
        return found


def member(node: int, *, is_part: bool) -> int:
    """What a set of populations holds of one: its key, and whether only a part of a sample belongs to it."""
    return node * 2 + is_part


def membership(nodes: Iterable[int], *, with_part: bool) -> list[int]:
    """The members of sets of populations that make a sample one of these."""
    kinds = (False, True) if with_part else (False,)
    return [member(node, is_part=is_part) for node in nodes for is_part in kinds]


def _bias(rows: Rows, start: int) -> Bitmaps:
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for place, pk in enumerate(rows.pk.tolist(), start=start):
        for level in rows.bias.get(pk, (None,)):
            found["bias", level].append(place)
    return {key: BitMap(places) for key, places in found.items()}


def _grouped(values: npt.NDArray, places: npt.NDArray) -> Iterable[tuple[int, BitMap]]:
    """The places of each value."""
    if not len(values):
        return
    order = np.argsort(values, kind="stable")
    ordered, placed = values[order], places[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    for start, end in pairwise([*starts.tolist(), len(ordered)]):
        yield int(ordered[start]), bitmap(placed[start:end])
