"""Columns that only grow: what was written stays, so that an older reader sees it as it was."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer]
Masks = npt.NDArray[np.uint64]


class Column:
    """Whole numbers, one a slot, in as few bytes as they need."""

    def __init__(self, dtype: npt.DTypeLike = np.int8) -> None:
        self._buffer = np.empty(0, dtype=dtype)
        self.n = 0

    def extend(self, values: npt.ArrayLike) -> None:
        new = np.asarray(values)
        if not len(new):
            return
        held = self._buffer.dtype
        highest = int(new.max())
        # A type with a sign holds as much on the other side: what is positive would ask for one without.
        furthest = highest if held.kind == "u" else min(int(new.min()), -highest - 1)
        needed = np.promote_types(held, np.min_scalar_type(furthest))
        end = self.n + len(new)
        if end > len(self._buffer) or needed != held:
            # A first load takes what it needs; later ones leave room.
            room = end if self.n == 0 else end + end // 8 + 64
            grown = np.empty(room, dtype=needed)
            grown[: self.n] = self._buffer[: self.n]
            self._buffer = grown
        self._buffer[self.n : end] = new
        self.n = end

    @property
    def values(self) -> npt.NDArray:
        return self._buffer[: self.n]


class Coded:
    """Numbers that repeat: each kept once, and its code in each slot. NaN stands for None."""

    def __init__(self) -> None:
        self._codes: dict[float | None, int] = {}
        self.known: list[float | None] = []
        self.codes = Column(np.uint8)

    def coded(self, values: npt.NDArray[np.float64]) -> Ints:
        """The codes of these values."""
        distinct, places = np.unique(values, return_inverse=True)
        codes = [self._code(value) for value in distinct.tolist()]
        return np.array(codes, dtype=np.int64)[places]

    def _code(self, value: float) -> int:
        known = None if np.isnan(value) else value
        if known not in self._codes:
            self._codes[known] = len(self.known)
            self.known.append(known)
        return self._codes[known]

    def unknown(self, mask: int) -> Masks:
        """For each code, this mask where it stands for None."""
        return np.array([mask if value is None else 0 for value in self.known], dtype=np.uint64)


class NumberLookup:
    """The bits that a column of numbers sets where it does not say one."""

    def __init__(self, numbers: Coded, bit: int) -> None:
        self._numbers = numbers
        self._bit = bit
        self._masks = numbers.unknown(bit)

    def of(self, codes: Ints) -> Masks:
        if len(self._masks) < len(self._numbers.known):
            self._masks = self._numbers.unknown(self._bit)
        return self._masks[codes]


def spread(starts: Ints, counts: Ints) -> Ints:
    """The numbers of runs, one run after the other: each begins at its start and has its count of them."""
    counts = counts.astype(np.int64)
    total = int(counts.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) + np.repeat(starts.astype(np.int64) - before, counts)


def beginnings(values: npt.NDArray) -> Ints:
    """Where each run of equal values begins."""
    begins = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def in_groups(values: Ints) -> tuple[Ints, Ints]:
    """In which order equal values stand together, ascending, and where in it each begins anew."""
    if not len(values):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    # Numbers of two bytes are put in order several times as fast.
    low, high = values.min(), values.max()
    near = (values - low).astype(np.uint16) if int(high) - int(low) < 2**16 else values
    order = np.argsort(near, kind="stable")
    return order, beginnings(near[order])


def distinct(values: Ints) -> tuple[Ints, Ints]:
    """Each of these once, ascending, and for each of them its place there."""
    order, starts = in_groups(values)
    places = np.empty(len(values), dtype=np.int64)
    places[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    return values[order[starts]], places


def places_among(keys: npt.NDArray, wanted: npt.NDArray) -> tuple[Ints, Bools]:
    """Where each wanted key stands among these, which ascend; and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    # Looked for as what they are, or numpy makes all keys anew. A number that does not fit meets none.
    near = wanted.astype(keys.dtype)
    places = np.minimum(np.searchsorted(keys, near), len(keys) - 1)
    return places, keys[places] == wanted
