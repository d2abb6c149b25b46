"""Columns that only grow: what was written stays, so that an older reader sees it as it was."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer]
Masks = npt.NDArray[np.uint64]


class Column:
    """Numbers of one type, one a slot."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._buffer = np.empty(0, dtype=dtype)
        self.n = 0

    def extend(self, values: npt.ArrayLike) -> None:
        new = np.asarray(values)
        end = self.n + len(new)
        if end > len(self._buffer):
            # A first load takes what it needs; later ones leave room.
            room = end if self.n == 0 else end + end // 8 + 64
            grown = np.empty(room, dtype=self._buffer.dtype)
            grown[: self.n] = self._buffer[: self.n]
            self._buffer = grown
        self._buffer[self.n : end] = new
        self.n = end

    @property
    def values(self) -> npt.NDArray:
        return self._buffer[: self.n]

    def widen(self, dtype: npt.DTypeLike) -> None:
        self._buffer = self._buffer.astype(dtype)


class Coded:
    """Values that repeat: each kept once, and its number in each slot."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.known: list = []
        self.codes = Column(np.uint16)

    def number(self, value: Hashable) -> int:
        """The number of this value, a new one if it is new."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.known)
            self.known.append(value)
        return found

    def extend(self, numbers: npt.ArrayLike) -> None:
        """Append slots that hold the values of these numbers."""
        if len(self.known) > np.iinfo(self.codes.values.dtype).max:
            self.codes.widen(np.uint32)
        self.codes.extend(numbers)

    def extend_with(self, values: npt.NDArray[np.float64]) -> None:
        """Append slots with these values; NaN stands for None."""
        distinct, places = np.unique(values, return_inverse=True)
        numbers = [self.number(None if np.isnan(value) else float(value)) for value in distinct]
        self.extend(np.array(numbers, dtype=np.uint32)[places])

    def unknown(self, mask: int) -> Masks:
        """For each value, this mask where it stands for None."""
        return np.array([mask if value is None else 0 for value in self.known], dtype=np.uint64)


class Sets(Coded):
    """Sets of members that repeat: each kept once, and its number in each slot.

    What holds for members is worked out once for each set, and looked up for a million slots.
    """

    def __init__(self) -> None:
        super().__init__()
        self._flat: Ints = np.zeros(0, dtype=np.int64)
        self._starts: Ints = np.zeros(0, dtype=np.int64)
        self._members: dict[Hashable, int] = {None: 0}
        self.number(())

    def _place(self, member: Hashable) -> int:
        return self._members.setdefault(member, len(self._members))

    def _update(self) -> None:
        done = len(self._starts)
        if done == len(self.known):
            return
        flat: list[int] = []
        starts = []
        for members in self.known[done:]:
            starts.append(len(self._flat) + len(flat))
            # An empty set holds one member that nobody asks for.
            flat.extend([self._place(member) for member in members] or [0])
        self._flat = np.concatenate([self._flat, np.array(flat, dtype=np.int64)])
        self._starts = np.concatenate([self._starts, np.array(starts, dtype=np.int64)])

    def holding(self, members: Iterable[Hashable], numbers: Ints) -> Bools:
        """For each of the sets of these numbers, whether it holds one of these members."""
        return Lookup(self, dict.fromkeys(members, 1)).of(numbers).astype(bool)

    def table(self, bits: Mapping[Hashable, int]) -> Masks:
        """For each member its bits."""
        self._update()
        table = np.zeros(len(self._members), dtype=np.uint64)
        for member, mask in bits.items():
            place = self._members.get(member)
            if place is not None:
                table[place] = mask
        return table

    def joined(self, table: Masks, numbers: Ints | None = None) -> Masks:
        """For each set, or for each of these numbers, the bits of its members together."""
        self._update()
        if len(table) < len(self._members):
            # Members that came later: no set that was asked about then holds them.
            table = np.pad(table, (0, len(self._members) - len(table)))
        if numbers is None:
            return np.bitwise_or.reduceat(table[self._flat], self._starts)
        ends = np.append(self._starts[1:], len(self._flat))
        counts = (ends - self._starts)[numbers]
        flat = self._flat[spread(self._starts[numbers], counts)]
        return np.bitwise_or.reduceat(table[flat], np.cumsum(counts) - counts)

    def pairs(self, owners: Ints, numbers: Ints) -> tuple[Ints, Ints, Sequence[Hashable]]:
        """Who holds what: `owners` of the sets of these numbers, beside places among the returned members."""
        self._update()
        width = np.int64(len(self.known))
        distinct = np.unique(owners.astype(np.int64) * width + numbers)
        who, sets = distinct // width, distinct % width
        ends = np.append(self._starts[1:], len(self._flat))
        counts = (ends - self._starts)[sets]
        places = self._flat[spread(self._starts[sets], counts)]
        return np.repeat(who, counts), places, list(self._members)


class Lookup:
    """What bits the sets of a column set: those of their members, and `unsaid` where they hold none of some.

    `unsaid` are pairs of members and bits.
    """

    def __init__(
        self,
        sets: Sets,
        bits: Mapping[Hashable, int],
        unsaid: Iterable[tuple[Iterable[Hashable], int]] = (),
    ) -> None:
        self._sets = sets
        self._bits = sets.table(bits)
        self._unsaid = [(sets.table(dict.fromkeys(members, 1)), np.uint64(bit)) for members, bit in unsaid]
        self._of_all: Masks | None = None

    def of(self, numbers: Ints) -> Masks:
        """The bits of the sets of these numbers."""
        if len(numbers) * 4 < len(self._sets.known):
            # Only those that are asked for, each once.
            distinct, places = np.unique(numbers, return_inverse=True)
            return self._worked_out(distinct)[places] if len(distinct) else np.zeros(0, dtype=np.uint64)
        if self._of_all is None or len(self._of_all) < len(self._sets.known):
            self._of_all = self._worked_out(None)
        return self._of_all[numbers]

    def _worked_out(self, numbers: Ints | None) -> Masks:
        masks = self._sets.joined(self._bits, numbers)
        for says, bit in self._unsaid:
            masks = masks | np.where(self._sets.joined(says, numbers) == 0, bit, np.uint64(0))
        return masks


class NumberLookup:
    """The bits that a column of numbers sets where it does not say one."""

    def __init__(self, numbers: Coded, bit: int) -> None:
        self._numbers = numbers
        self._bit = bit

    def of(self, numbers: Ints) -> Masks:
        return self._numbers.unknown(self._bit)[numbers]


def spread(starts: Ints, counts: Ints) -> Ints:
    """The numbers of runs, one run after the other: each begins at its start and has its count of them."""
    counts = counts.astype(np.int64)
    total = int(counts.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) + np.repeat(starts.astype(np.int64) - before, counts)
