"""The least that bitmaps can do for the numbers beside filters, read from the flat tables of the peer.

Bound to the same result, as the site counts; and of studies only, which counts too many.
"""

# ruff: noqa: S608  names are ours

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

YEAR, DESIGN = "year", "design"


@dataclass(frozen=True)
class Value:
    """The studies that have one value, and the results that do, or whose study does."""

    studies: BitMap
    results: BitMap


@dataclass(frozen=True)
class Bare:
    """The values of each axis by their slugs; `owner` is the study of each result, both by their keys."""

    axes: Mapping[str, Mapping[str, Value]]
    owner: npt.NDArray[np.uint32]

    @property
    def n_values(self) -> int:
        return sum(map(len, self.axes.values()))

    @classmethod
    def read(cls, file: Path, trees: Sequence[str]) -> Bare:
        """From the file of the peer; on which axis a population is, from the database of this process."""
        from django.utils.text import slugify

        from evidence.models import Population

        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)

        def members(table: str, column: str, key: int) -> BitMap:
            rows = database.execute(f"SELECT {column} FROM {table}_{tree} WHERE {tree} = ?", [key])
            return BitMap([member for (member,) in rows])

        axes: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        axis_of = dict(Population.objects.values_list("pk", "axis"))
        for tree in trees:
            for key, slug in database.execute(f"SELECT id, slug FROM {tree}s").fetchall():
                axis = slugify(axis_of[key]) if tree == "population" else tree
                axes[axis][slug] = Value(members("study", "study", key), members("result", "result", key))
        pairs = database.execute("SELECT DISTINCT result, study FROM result_outcome ORDER BY result")
        results, studies = np.array(pairs.fetchall(), dtype=np.uint32).T
        owner = np.zeros(int(results.max()) + 1, dtype=np.uint32)
        owner[results] = studies
        for axis in (DESIGN, YEAR):
            held: defaultdict[str, list[int]] = defaultdict(list)
            known = f"SELECT {axis}, id FROM studies WHERE {axis} IS NOT NULL ORDER BY id"
            for value, study in database.execute(known):
                held[slugify(str(value))].append(study)
            for slug, having in held.items():
                of_them = results[np.isin(studies, np.array(having, dtype=np.uint32))]
                axes[axis][slug] = Value(BitMap(having), BitMap(of_them.tolist()))
        for value in [value for values in axes.values() for value in values.values()]:
            value.studies.run_optimize()
            value.results.run_optimize()
        return cls(dict(axes), owner)

    def axis_of(self, slug: str) -> str:
        """The axis that has this value."""
        return next(axis for axis, values in self.axes.items() if slug in values)

    def bound(self, chosen: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
        """How many studies have a result with each value that is all that is chosen on other axes.

        `chosen` are slugs by axis, of which one is enough.
        """
        counted: dict[str, dict[str, int]] = {}
        for axis, values in self.axes.items():
            others = {key: self._any(key, slugs) for key, slugs in chosen.items() if key != axis}
            if others.keys() <= {DESIGN, YEAR}:
                # Nothing that is chosen is about results: which of them it is does not matter.
                n_studies = self._counting([value.studies for value in others.values()])
                counted[axis] = {slug: n_studies(value) for slug, value in values.items()}
            else:
                found = BitMap.intersection(*(value.results for value in others.values()))
                counted[axis] = {
                    slug: self._n_owners(found & value.results) for slug, value in values.items()
                }
        return counted

    def of_studies(self, chosen: Mapping[str, Sequence[str]]) -> list[int]:
        """How many of the studies with all that is chosen have each value, be it in another result."""
        n_studies = self._counting([self._any(axis, slugs).studies for axis, slugs in chosen.items()])
        return [n_studies(value) for values in self.axes.values() for value in values.values()]

    @staticmethod
    def _counting(wanted: Sequence[BitMap]) -> Callable[[Value], int]:
        """Counts the studies with a value that are in all of these sets."""
        if not wanted:
            return lambda value: len(value.studies)
        found = BitMap.intersection(*wanted)
        return lambda value: found.intersection_cardinality(value.studies)

    def _any(self, axis: str, slugs: Sequence[str]) -> Value:
        values = [self.axes[axis][slug] for slug in slugs if slug in self.axes[axis]]
        if len(values) == 1:
            return values[0]
        return Value(
            BitMap.union(*(value.studies for value in values)),
            BitMap.union(*(value.results for value in values)),
        )

    def _n_owners(self, results: BitMap) -> int:
        """How many studies these results are of; those of a study stand together."""
        owners = self.owner[np.frombuffer(results.to_array(), dtype=np.uint32)]
        return int(np.count_nonzero(owners[1:] != owners[:-1])) + 1 if len(owners) else 0
