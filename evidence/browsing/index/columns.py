"""Columns that only grow: what was written stays, so that an older reader sees it as it was."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

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

    def holding(self, members: Iterable[Hashable]) -> Bools:
        """For each set, whether it holds one of these."""
        self._update()
        table = np.zeros(len(self._members), dtype=bool)
        for member in members:
            place = self._members.get(member)
            if place is not None:
                table[place] = True
        return np.logical_or.reduceat(table[self._flat], self._starts)

    def masks(self, bits: dict[Hashable, int]) -> Masks:
        """For each set, the bits of all its members together."""
        self._update()
        table = np.zeros(len(self._members), dtype=np.uint64)
        for member, mask in bits.items():
            place = self._members.get(member)
            if place is not None:
                table[place] = mask
        return np.bitwise_or.reduceat(table[self._flat], self._starts)

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


def spread(starts: Ints, counts: Ints) -> Ints:
    """The numbers of runs, one run after the other: each begins at its start and has its count of them."""
    counts = counts.astype(np.int64)
    total = int(counts.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) + np.repeat(starts.astype(np.int64) - before, counts)
