"""Sets of members that repeat: each kept once, and its number in each slot of a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from .columns import Bools, Column, Ints, Masks, beginnings, distinct, places_among, spread

EMPTY = -1
"""The member that nobody asks for, of a set that holds no other."""

FEW = 2_000
"""Fewer slots than this are looked at one by one, even where several hold the same."""


class Sets:
    """Sets of whole numbers. `codes` is the column, with the number of the set in each slot.

    What holds for members is worked out once for each set, and looked up for a million slots.
    """

    def __init__(self) -> None:
        self.codes = Column(np.uint8)
        self.n = 0
        # The members of all sets, one set after the other, by their places among the distinct ones.
        self._flat = Column(np.uint8)
        self._starts = Column(np.uint8)
        self._counts = Column(np.uint8)
        self._places: dict[int, int] = {EMPTY: 0}
        # Ascending, with the set of each.
        self._hashes = np.zeros(0, dtype=np.uint64)
        self._hashed = np.zeros(0, dtype=np.int64)

    def of_pairs(self, owners: Ints, members: Ints, n: int) -> Ints:
        """For each of `n` owners the number of the set of its members, a new one if there is none yet.

        `owners` are places from 0 to n - 1, in any order, each beside one of its members.
        """
        if not n:
            return np.zeros(0, dtype=np.int64)
        without = np.flatnonzero(np.bincount(owners, minlength=n) == 0)
        owners = np.concatenate([owners, without]).astype(np.int64)
        members = np.concatenate([members, np.full(len(without), EMPTY)])
        width = int(members.max()) + 2
        # Each member once, in order.
        owners, members = np.divmod(_once(owners * width + (members + 1)), width)
        counts = np.bincount(owners, minlength=n)
        starts = np.cumsum(counts) - counts
        flat = self._placed(members - 1)
        hashes, first, place = np.unique(
            np.add.reduceat(_mixed(flat), starts), return_index=True, return_inverse=True
        )
        numbers = self._known(hashes)
        is_new = numbers < 0
        numbers[is_new] = self._add(flat, starts[first[is_new]], counts[first[is_new]], hashes[is_new])
        found = numbers[place]
        # Different sets may share a hash: each of those that are not the one found gets a number of its own.
        differs = counts != self._counts.values[found]
        alike = np.flatnonzero(~differs)
        same = self._members(found[alike]) == flat[spread(starts[alike], counts[alike])]
        ends = np.cumsum(counts[alike])
        differs[alike] = ~np.logical_and.reduceat(same, ends - counts[alike]) if len(alike) else False
        found[differs] = self._add(flat, starts[differs], counts[differs])
        return found

    def of_each(self, members: Ints) -> Ints:
        """For each of these the number of the set that holds it alone."""
        each, place = distinct(members)
        return self.of_pairs(np.arange(len(each)), each, len(each))[place]

    def _placed(self, members: Ints) -> Ints:
        each, place = distinct(members)
        places = [self._places.setdefault(member, len(self._places)) for member in each.tolist()]
        return np.array(places, dtype=np.int64)[place]

    def _known(self, hashes: Masks) -> Ints:
        """The set of each of these hashes; -1 where there is none."""
        places, is_known = places_among(self._hashes, hashes)
        found = np.full(len(hashes), -1, dtype=np.int64)
        found[is_known] = self._hashed[places[is_known]]
        return found

    def _add(self, flat: Ints, starts: Ints, counts: Ints, hashes: Masks | None = None) -> Ints:
        """New sets from these runs of `flat`; returns their numbers."""
        numbers = np.arange(self.n, self.n + len(starts))
        self._starts.extend(self._flat.n + np.cumsum(counts) - counts)
        self._counts.extend(counts)
        self._flat.extend(flat[spread(starts, counts)])
        self.n += len(starts)
        if hashes is not None and len(hashes):
            at = np.searchsorted(self._hashes, hashes)
            self._hashes = np.insert(self._hashes, at, hashes)
            self._hashed = np.insert(self._hashed, at, numbers)
        return numbers

    def _members(self, numbers: Ints) -> Ints:
        """The members of these sets, by their places, one set after the other."""
        return self._flat.values[spread(self._starts.values[numbers], self._counts.values[numbers])]

    def holding(self, members: Iterable[int], numbers: Ints) -> Bools:
        """For each of the sets of these numbers, whether it holds one of these members."""
        return Lookup(self, dict.fromkeys(members, 1)).of(numbers).astype(bool)

    def table(self, bits: Mapping[int, int]) -> Masks:
        """For each member its bits, by its place."""
        table = np.zeros(len(self._places), dtype=np.uint64)
        for member, mask in bits.items():
            place = self._places.get(member)
            if place is not None:
                table[place] = mask
        return table

    def joined(self, tables: Iterable[Masks], numbers: Ints | None = None) -> Iterator[Masks]:
        """By each of these tables: for each set, or for each of these numbers, the bits of its members."""
        if numbers is None:
            members, starts = self._flat.values, self._starts.values
        else:
            counts = self._counts.values[numbers].astype(np.int64)
            members, starts = self._members(numbers), np.cumsum(counts) - counts
        for table in tables:
            # Members that came later: no set that was asked about then holds them.
            n_later = len(self._places) - len(table)
            known = np.pad(table, (0, n_later)) if n_later else table
            yield np.bitwise_or.reduceat(known[members], starts)

    def pairs(self, owners: Ints, numbers: Ints) -> tuple[Ints, Ints, list[int]]:
        """Who holds what: `owners` of the sets of these numbers, beside places among the returned members."""
        who, sets = np.divmod(_once(owners.astype(np.int64) * self.n + numbers), self.n)
        return np.repeat(who, self._counts.values[sets]), self._members(sets), list(self._places)


class Lookup:
    """What bits the sets of a column set: those of their members, and `unsaid` where they hold none of some.

    `unsaid` are pairs of members and a bit, each another one.
    """

    def __init__(
        self,
        sets: Sets,
        bits: Mapping[int, int],
        unsaid: Iterable[tuple[Iterable[int], int]] = (),
    ) -> None:
        self._sets = sets
        self._bits = sets.table(bits)
        # For each member the bits that it takes away from what is unsaid.
        said: dict[int, int] = {}
        self._unsaid = np.uint64(0)
        for members, bit in unsaid:
            self._unsaid |= np.uint64(bit)
            for member in members:
                said[member] = said.get(member, 0) | bit
        self._said = sets.table(said)
        self._of_all: Masks | None = None

    def of(self, numbers: Ints) -> Masks:
        """The bits of the sets of these numbers."""
        if len(numbers) * 4 >= self._sets.n:
            return self.of_all()[numbers]
        # Only those that are asked for; of many, each once.
        if len(numbers) < FEW:
            return self._worked_out(numbers) if len(numbers) else np.zeros(0, dtype=np.uint64)
        is_asked_for = np.zeros(self._sets.n, dtype=bool)
        is_asked_for[numbers] = True
        each = np.flatnonzero(is_asked_for)
        masks = np.empty(self._sets.n, dtype=np.uint64)
        masks[each] = self._worked_out(each)
        return masks[numbers]

    def of_all(self) -> Masks:
        """The bits of every set, by its number."""
        if self._of_all is None or len(self._of_all) < self._sets.n:
            self._of_all = self._worked_out(None)
        return self._of_all

    def _worked_out(self, numbers: Ints | None) -> Masks:
        if not self._unsaid:
            [masks] = self._sets.joined([self._bits], numbers)
            return masks
        masks, said = self._sets.joined([self._bits, self._said], numbers)
        return masks | self._unsaid & ~said


def _once(values: Ints) -> Ints:
    """Each of these once, ascending; quick where they nearly are."""
    ordered = np.sort(values, kind="stable")
    return ordered[beginnings(ordered)]


def _mixed(values: Ints) -> Masks:
    """Each number stirred to 64 bits that look like chance (splitmix64), so that sums tell sets apart."""
    mixed = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
