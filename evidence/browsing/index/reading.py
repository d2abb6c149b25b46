"""What the index is made of: the rows behind all studies, or behind some, as columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from ...models import Appraisal, Arm, PopulationShare, Result, Sample, Study
from ...models.study import StudyQuerySet

CHUNK = 20_000
LOT = 50_000

Column = npt.NDArray


@dataclass
class Rows:
    """Published studies in the order of their keys, and their results in the order of their studies.

    Columns of one length each: `study_...` one a study; `result_...` one a result, with its study's place.
    NaN stands for None.
    """

    pk: Column
    design: list[str]
    integrity: list[str]
    year: Column
    people: Column
    bias: dict[int, set[str]]
    result_study: Column
    result_sample: Column
    result_arm: Column
    result_outcome: Column
    result_direction: Column
    result_state: Column
    result_weeks: Column
    samples: Samples
    arms: Holders


@dataclass
class Holders:
    """What some things hold, as numbers: `holds` gives for each key, in their order, a place in `sayings`."""

    pk: Column
    holds: Column
    sayings: list[tuple]

    def places(self, pks: Column) -> Column:
        """Where those with these keys stand; where one would stand that is not there."""
        return np.searchsorted(self.pk, pks)

    def of(self, pks: Column) -> Column:
        """The numbers of what these hold; those that are not there hold nothing."""
        places = np.minimum(self.places(pks), max(0, len(self.pk) - 1))
        if not len(self.pk):
            return np.zeros(len(pks), dtype=np.int64)
        return np.where(self.pk[places] == pks, self.holds[places], 0)


@dataclass
class Samples:
    """Samples in the order of their keys: the whole each is part of, numbers, and what each says of itself.

    What it says are its shares, as pairs of a population and a share.
    """

    pk: Column
    parent: Column
    age: Column
    female: Column
    shares: Holders

    def places(self, pks: Column) -> Column:
        """Where the samples with these keys stand."""
        return np.searchsorted(self.pk, pks)


def in_turn() -> Iterator[tuple[int, int]]:
    """The first and the last key of each lot of published studies, in the order of keys. One query.

    Lot by lot a million studies take little memory beside what is kept of them.
    """
    keys = Study.objects.published().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    while lot := list(islice(keys, LOT)):
        yield lot[0], lot[-1]


def read_lot(first: int, last: int) -> Rows:
    """The published studies with keys from `first` to `last`. Six queries."""
    lot = {"study__gte": first, "study__lte": last}
    return _read(lot, Study.objects.filter(pk__range=(first, last)))


def read(*, studies: Collection[int] | None = None, results: Collection[int] | None = None) -> Rows:
    """The published among the studies with these keys, or those that have one of these results.

    In that case no others of their results are read. Six queries, seven for results.
    """
    if results is not None:
        studies = set(Result.objects.filter(pk__in=results).order_by().values_list("study_id", flat=True))
    keys = list(studies or ())
    return _read({"study__in": keys}, Study.objects.filter(pk__in=keys), results)


def _read(of_study: dict, studies: StudyQuerySet, results: Collection[int] | None = None) -> Rows:
    """What `of_study` says of models that belong to studies. No query joins or sorts more than it must."""
    public = studies.published()
    found = Result.objects.filter(**of_study).order_by()
    if results is not None:
        found = found.filter(pk__in=results)

    pk, design, integrity, year, people = _columns(
        public.with_people().order_by("pk").values_list("pk", "design", "integrity", "year", "people"),
        (np.int64, list, list, np.float64, np.float64),
    )
    result, study, sample, arm, outcome, direction, state, weeks = _columns(
        found.values_list(
            "pk", "study_id", "sample_id", "arm_id", "outcome_id", "direction", "state", "weeks"
        ),
        (np.int64, np.int64, np.int64, np.int64, np.int64, object, object, np.float64),
    )
    bias: dict[int, set[str]] = {}
    appraisals = Appraisal.objects.filter(result__isnull=True, **of_study).order_by()
    for of, level in appraisals.values_list("study_id", "level").iterator(chunk_size=CHUNK):
        bias.setdefault(of, set()).add(level)
    samples = _samples(of_study)
    arms = _held(
        Arm.interventions.through.objects.filter(**{f"arm__{key}": value for key, value in of_study.items()})
        .order_by("arm", "intervention")
        .values_list("arm_id", "intervention_id")
    )
    # Of published studies; and what came in or went away between two queries will be read once more.
    known = np.flatnonzero(np.isin(study, pk) & np.isin(sample, samples.pk))
    known = known[np.lexsort((result[known], study[known]))]
    return Rows(
        pk=pk,
        design=design,
        integrity=integrity,
        year=year,
        people=people,
        bias=bias,
        result_study=np.searchsorted(pk, study[known]),
        result_sample=sample[known],
        result_arm=arm[known],
        result_outcome=outcome[known],
        result_direction=direction[known],
        result_state=state[known],
        result_weeks=weeks[known],
        samples=samples,
        arms=arms,
    )


def _samples(of_study: dict) -> Samples:
    pk, parent, age, female = _columns(
        Sample.objects.filter(**of_study)
        .order_by("pk")
        .values_list("pk", "parent_id", "age_mean", "percent_female"),
        (np.int64, np.float64, np.float64, np.float64),
    )
    shares = PopulationShare.objects.filter(**{f"sample__{key}": value for key, value in of_study.items()})
    rows = shares.order_by("sample", "population").values_list("sample_id", "population_id", "share")
    return Samples(pk, parent, age, female, _held(rows))


def _held(rows: QuerySet) -> Holders:
    """What each key, the first column of these sorted rows, stands beside."""
    numbers: dict[tuple, int] = {(): 0}
    keys: list[int] = []
    holds: list[int] = []
    for key, group in groupby(rows.iterator(chunk_size=CHUNK), key=itemgetter(0)):
        saying = tuple(row[1:] if len(row) > 2 else row[1] for row in group)
        keys.append(key)
        holds.append(numbers.setdefault(saying, len(numbers)))
    return Holders(np.array(keys, dtype=np.int64), np.array(holds, dtype=np.int64), list(numbers))


def _columns(rows: QuerySet, kinds: tuple) -> list:
    """The columns of a query; each an array of its type, or a list."""
    parts: list[list] = [[] for _ in kinds]
    for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
        for part, kind, values in zip(parts, kinds, zip(*chunk, strict=True), strict=True):
            if kind is list:
                part.extend(values)
            else:
                part.append(np.array(values, dtype=kind))
    return [
        part if kind is list else np.concatenate([np.zeros(0, dtype=kind), *part])
        for part, kind in zip(parts, kinds, strict=True)
    ]


def _chunks(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
