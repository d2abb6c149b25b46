"""Everything that the index was ever told, by places of studies and of results.

Columns and sets only grow: a study that changed is written once more in a new place, and its old one is no
longer alive. So a state of the index is which places are alive, and any number of states share the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from ...models import Population, PopulationShare
from .bitmaps import Slots, bitmap
from .columns import Coded, Column, Ints, NumberLookup, beginnings, distinct, in_groups, places_among, spread
from .fetching import NOT_KNOWN
from .reading import DESIGNS, DIRECTIONS, INTEGRITY, LEVELS, SHARES, STATES, Groups, Rows
from .sets import EMPTY, Lookup, Sets

Key = tuple[Hashable, ...]
Bitmaps = dict[Key, BitMap]

AXES = tuple(Population.Axis.values)

PART = SHARES.index(PopulationShare.Share.PART.value)
COUNTED = [*(SHARES.index(share.value) for share in PopulationShare.INCLUDED), PART]

SETS = ("population", "intervention", "outcome", "direction", "state")
"""What results hold terms of, by the parameter that chooses among them; and whether they were reported."""

CHOICES = {"direction": DIRECTIONS, "state": STATES}
"""Of choices, the values for which the members of sets stand, by their places."""

NUMBERS = ("mean-age", "female", "weeks")
"""What results say in numbers."""


@dataclass(frozen=True)
class Held:
    """By the keys of samples and of arms, ascending: the sets of what they hold, and codes of numbers."""

    sample: Ints
    populations: Ints
    age: Ints
    female: Ints
    arm: Ints
    interventions: Ints


class Store:
    """The columns and the sets. `bitmaps` says which places of studies hold what (see `Store.add`)."""

    def __init__(self) -> None:
        self.pk = Column()
        self.year = Column()
        self.people = Column()
        self.design = Column()
        self.first_result = Column()
        self.n_results = Column()
        self.sets = {name: Sets() for name in SETS}
        self.numbers = {name: Coded() for name in NUMBERS}
        self.bitmaps: Bitmaps = {}
        # The first studies stand in the order of their keys; of those written later, the newest place.
        self._n_sorted = 0
        self._later: dict[int, int] = {}

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
        bits: Mapping[int, int],
        unsaid: Iterable[tuple[Iterable[int], int]],
    ) -> Lookup | NumberLookup:
        """What bits the results in a column set, by what they hold."""
        if name in self.numbers:
            return NumberLookup(self.numbers[name], bits[EMPTY])
        return Lookup(self.sets[name], bits, unsaid)

    @property
    def n_later(self) -> int:
        """How many places were written for studies that changed, or came in out of order."""
        return self.n - self._n_sorted

    def places(self, pks: Collection[int]) -> Slots:
        """Where the studies with these keys stand, or stood; unknown ones nowhere. In no order."""
        wanted = np.fromiter(pks, dtype=np.int64, count=len(pks))
        found, is_there = places_among(self.pk.values[: self._n_sorted], wanted)
        later = [self._later[pk] for pk in self._later.keys() & set(pks)] if self._later else []
        return np.concatenate([found[is_there], np.array(later, dtype=np.int64)]).astype(np.uint32)

    def hold(self, groups: Groups, axes: Mapping[int, str]) -> Held:
        """What samples and arms hold. `axes` says the axis of each population."""
        arms, given = distinct(groups.given_arm)
        return Held(
            sample=groups.sample,
            populations=self._populations(groups, axes),
            age=self.numbers["mean-age"].coded(groups.age),
            female=self.numbers["female"].coded(groups.female),
            arm=arms,
            interventions=self.sets["intervention"].of_pairs(given, groups.given_intervention, len(arms)),
        )

    def _populations(self, groups: Groups, axes: Mapping[int, str]) -> Ints:
        """For each sample the set of what it belongs to, with what a subgroup takes over from its whole."""
        n = len(groups.sample)
        owner, is_known = places_among(groups.sample, groups.share_sample)
        owner, node, kind = owner[is_known], groups.share_population[is_known], groups.share_kind[is_known]
        nodes, place = distinct(node)
        # A population that came in between two queries has no axis yet: its study will be read once more.
        known = [AXES.index(axes[pk]) if pk in axes else len(AXES) for pk in nodes.tolist()]
        axis = np.array(known, dtype=np.int64)[place]
        says = np.zeros(n, dtype=np.int64)
        np.bitwise_or.at(says, owner, 1 << axis)
        # Of the whole, what is about an axis on which the subgroup says nothing.
        whole, is_subgroup = places_among(groups.sample, groups.parent)
        subgroups = np.flatnonzero(is_subgroup)
        by_owner, counts = np.argsort(owner, kind="stable"), np.bincount(owner, minlength=n)
        n_of_whole = counts[whole[subgroups]]
        shares = by_owner[spread((np.cumsum(counts) - counts)[whole[subgroups]], n_of_whole)]
        takers = np.repeat(subgroups, n_of_whole)
        takes = (says[takers] >> axis[shares]) & 1 == 0
        owner = np.concatenate([owner, takers[takes]])
        shares = np.concatenate([np.arange(len(node)), shares[takes]])
        counts_in = np.isin(kind[shares], COUNTED)
        owner, shares = owner[counts_in], shares[counts_in]
        members = member(node[shares], is_part=kind[shares] == PART)
        return self.sets["population"].of_pairs(owner, members, n)

    def add(self, rows: Rows, held: Held, axes: Mapping[int, str]) -> Bitmaps:
        """Write these studies; returns the new places by what they hold.

        Keys are ("design", design), ("integrity", state), ("year", year or None), ("people", None) where
        nobody says how many, ("bias", level or None), ("population", node), ("part", node) where only a part
        of a sample belongs to it, ("unsaid", axis) and ("unsaid with part", axis), ("intervention", node or
        None), ("outcome", node), ("direction", direction), ("state", state), and a number with None where a
        result does not say it. `held` is what their samples and arms hold.
        """
        start, n = self.n, len(rows.pk)
        first_result = self.sets["outcome"].codes.n
        here = np.arange(start, start + n, dtype=np.uint32)
        owners = here[self._add_results(rows, held)].astype(np.int64)
        counts = np.bincount(owners - start, minlength=n)
        self.pk.extend(rows.pk)
        self.year.extend(rows.year)
        self.people.extend(rows.people)
        self.design.extend(rows.design)
        self.n_results.extend(counts)
        self.first_result.extend(first_result + np.cumsum(counts) - counts)

        added: Bitmaps = {("people", None): bitmap(here[rows.people == NOT_KNOWN])}
        for year, places in _grouped(rows.year, here):
            added["year", None if year == NOT_KNOWN else year] = places
        for name, values, column, whose in (
            ("design", DESIGNS, rows.design, here),
            ("integrity", INTEGRITY, rows.integrity, here),
            ("bias", LEVELS, rows.bias_level, here[rows.bias_study]),
        ):
            for place, places in _grouped(column, whose):
                added[name, None if place == NOT_KNOWN else values[place]] = places
        is_appraised = np.zeros(n, dtype=bool)
        is_appraised[rows.bias_study] = True
        added["bias", None] = bitmap(here[~is_appraised])
        for name, sets in self.sets.items():
            added |= self._held(name, owners, sets.codes.values[first_result:])
        added |= self._unsaid(owners, self.sets["population"].codes.values[first_result:], axes)
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

    def _add_results(self, rows: Rows, held: Held) -> Ints:
        """Write the results of which the sample is known; returns the place of the study of each."""
        place, is_known = places_among(held.sample, rows.result_sample)
        place = place[is_known]
        self.sets["population"].codes.extend(held.populations[place])
        self.numbers["mean-age"].codes.extend(held.age[place])
        self.numbers["female"].codes.extend(held.female[place])
        weeks = self.numbers["weeks"]
        weeks.codes.extend(weeks.coded(rows.result_weeks[is_known]))
        interventions = self.sets["intervention"]
        [nothing] = interventions.of_each(np.array([EMPTY]))
        arm, receives = places_among(held.arm, rows.result_arm[is_known])
        given = np.full(len(arm), nothing)
        given[receives] = held.interventions[arm[receives]]
        interventions.codes.extend(given)
        for name, column in (
            ("outcome", rows.result_outcome),
            ("direction", rows.result_direction),
            ("state", rows.result_state),
        ):
            self.sets[name].codes.extend(self.sets[name].of_each(column[is_known]))
        return rows.result_study[is_known]

    def _held(self, name: str, owners: Ints, numbers: Ints) -> Bitmaps:
        """Which places of studies have a result that holds what."""
        found: Bitmaps = {}
        who, places, members = self.sets[name].pairs(owners, numbers)
        for place, holders in _grouped(places, who):
            held = members[place]
            if held == EMPTY:
                if name == "intervention":
                    found[name, None] = holders
            elif name == "population":
                found["part" if held % 2 else name, held // 2] = holders
            else:
                found[name, CHOICES[name][held] if name in CHOICES else held] = holders
        return found

    def _unsaid(self, owners: Ints, numbers: Ints, axes: Mapping[int, str]) -> Bitmaps:
        """Which places of studies have a result that says nothing about an axis of populations."""
        bits: dict[int, int] = {}
        for node, axis in axes.items():
            bit = 1 << AXES.index(axis)
            bits[member(node, is_part=False)] = bit | bit << len(AXES)
            bits[member(node, is_part=True)] = bit << len(AXES)
        said = Lookup(self.sets["population"], bits).of(numbers)
        # What every result of a study says; those of one stand together.
        starts = beginnings(owners)
        by_all = np.bitwise_and.reduceat(said, starts) if len(starts) else said
        found: Bitmaps = {}
        for place, axis in enumerate(AXES):
            for key, shift in (("unsaid", place), ("unsaid with part", place + len(AXES))):
                lacks = by_all & np.uint64(1 << shift) == 0
                found[key, axis] = bitmap(owners[starts[lacks]])
        return found


def member(node: Any, *, is_part: Any) -> Any:
    """What a set of populations holds of one: its key, and whether only a part of a sample belongs to it.

    Of arrays, an array.
    """
    return node * 2 + is_part


def membership(nodes: Iterable[int], *, with_part: bool) -> list[int]:
    """The members of sets of populations that make a sample one of these."""
    kinds = (False, True) if with_part else (False,)
    return [member(node, is_part=is_part) for node in nodes for is_part in kinds]


def _grouped(values: Ints, places: Ints) -> Iterable[tuple[int, BitMap]]:
    """The places of each value."""
    order, starts = in_groups(values)
    placed = places[order]
    for value, start, end in zip(
        values[order[starts]].tolist(), starts.tolist(), [*starts[1:].tolist(), len(values)], strict=False
    ):
        yield value, bitmap(placed[start:end])
