"""Studies of the index in an order, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from ...models.study import Design
from .bitmaps import Slots, slots
from .fetching import NOT_KNOWN
from .index import FacetIndex
from .reading import DESIGNS

LAST = 10**12
"""Stands in an order for what is not known."""

MANY = 20_000
"""From here on years are gone through one by one, rather than all studies at once."""

Place = tuple[float, int]
"""What a study is sorted by: a number, and its primary key the other way round."""


@dataclass(frozen=True)
class Slice:
    """Primary keys in order with the place of each, and how many studies come before; and whether more do."""

    keys: list[int]
    places: list[Place]
    n_before: int
    has_more: bool


def part(
    index: FacetIndex,
    studies: BitMap,
    order: str,
    *,
    size: int,
    start: Place | None = None,
    backward: bool = False,
    ranks: dict[int, float] | None = None,
) -> Slice:
    """At most `size` of these studies after `start` (before it if `backward`), or the first ones.

    The order is one of "newest", "oldest", "added", "people", "design", and "match" by `ranks` of keys.
    """
    # One more tells whether there are more.
    wanted = size + 1
    n_before = 0
    chosen: list[Slots] = []
    n_found = 0
    passed = 0
    for group in _groups(index, studies, order, backward=backward):
        places = slots(group)
        inside = places
        if start is not None:
            inside = places[_is_beyond(_numbers(index, places, order, ranks), start, backward=backward)]
            passed += len(places) - len(inside)
        if len(inside):
            chosen.append(inside)
            n_found += len(inside)
        if n_found >= wanted:
            break
    found = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.uint32)
    first, second = _numbers(index, found, order, ranks)
    ordered = _least(-first, -second, wanted) if backward else _least(first, second, wanted)
    has_more = len(ordered) > size
    ordered = ordered[:size]
    if backward:
        ordered = ordered[::-1]
        n_before = len(studies) - passed - len(ordered)
    else:
        n_before = passed
    return Slice(
        keys=index.keys_of(found[ordered]),
        places=list(zip(first[ordered].tolist(), second[ordered].tolist(), strict=True)),
        n_before=n_before,
        has_more=has_more,
    )


def _least(first: npt.NDArray, second: npt.NDArray, n: int) -> npt.NDArray[np.intp]:
    """Where the `n` least of these pairs stand, in their order."""
    near = np.arange(len(first))
    if len(first) > n:
        # All that cannot be among them go before the rest is put in order.
        edge = np.partition(first, n - 1)[n - 1]
        below, level = np.flatnonzero(first < edge), np.flatnonzero(first == edge)
        rest = n - len(below)
        if len(level) > rest:
            level = level[np.argpartition(second[level], rest - 1)[:rest]]
        near = np.concatenate([below, level])
    return near[np.lexsort((second[near], first[near]))]


def _groups(index: FacetIndex, studies: BitMap, order: str, *, backward: bool) -> Iterator[BitMap]:
    """The studies in parts of which each comes before the next one."""
    if order not in ("newest", "oldest") or len(studies) < MANY:
        yield studies
        return
    held = index.store.bitmaps
    years = sorted(
        (year for name, year in held if name == "year" and isinstance(year, int)), reverse=order == "newest"
    )
    parts = [held["year", year] for year in years]
    if ("year", None) in held:
        parts.append(held["year", None])
    for group in reversed(parts) if backward else parts:
        inside = studies & group
        if inside:
            yield inside


def _numbers(
    index: FacetIndex, places: npt.NDArray, order: str, ranks: dict[int, float] | None
) -> tuple[npt.NDArray, npt.NDArray]:
    """What studies are sorted by: what comes first is less."""
    store = index.store
    keys = store.pk.values[places]
    if order == "match":
        known = ranks or {}
        return np.array([-known.get(key, 0.0) for key in keys.tolist()], dtype=np.float64), -keys
    if order == "added":
        return np.zeros(len(keys), dtype=np.int64), -keys
    if order == "people":
        people = store.people.values[places].astype(np.int64)
        return np.where(people == NOT_KNOWN, LAST, -people), -keys
    year = store.year.values[places].astype(np.int64)
    if order == "oldest":
        return np.where(year == NOT_KNOWN, LAST, year), -keys
    newest = np.where(year == NOT_KNOWN, LAST, -year)
    if order == "newest":
        return newest, -keys
    strength = {design.value: place for place, design in enumerate(Design.strongest_first())}
    # At the end, for NOT_KNOWN, what is no design.
    of_place = np.array([strength.get(design, len(strength)) for design in (*DESIGNS, None)], dtype=np.int64)
    # A year takes less than 10,000 of what lies between two designs.
    return of_place[store.design.values[places]] * 100_000 + np.minimum(newest, 50_000), -keys


def _is_beyond(
    numbers: tuple[npt.NDArray, npt.NDArray], start: Place, *, backward: bool
) -> npt.NDArray[np.bool_]:
    first, second = numbers
    level = first == start[0]
    if backward:
        return (first < start[0]) | (level & (second < start[1]))
    return (first > start[0]) | (level & (second > start[1]))
