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

CHUNK = 20_000

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
    arms: dict[int, tuple[int, ...]]


@dataclass
class Samples:
    """Samples in the order of their keys: the whole each is part of, what it says of itself, and numbers.

    `says` holds for each the place in `sayings` of its shares as pairs of a population and a share.
    """

    pk: Column
    parent: Column
    age: Column
    female: Column
    says: Column
    sayings: list[tuple[tuple[int, str], ...]]

    def places(self, pks: Column) -> Column:
        """Where the samples with these keys stand."""
        return np.searchsorted(self.pk, pks)


def read(*, studies: Collection[int] | None = None, results: Collection[int] | None = None) -> Rows:
    """All published studies, or those with these keys; with `results`, only those that have one of them.

    Of the studies then no other results are read. Six queries.
    """
    if results is not None:
        studies = set(Result.objects.filter(pk__in=results).order_by().values_list("study_id", flat=True))
    of_study = {} if studies is None else {"study__in": list(studies)}
    published = {"study__state": Study.State.PUBLISHED, **of_study}
    public = Study.objects.published()
    if studies is not None:
        public = public.filter(pk__in=list(studies))
    found = Result.objects.filter(**published)
    if results is not None:
        found = found.filter(pk__in=results)

    pk, design, integrity, year, people = _columns(
        public.with_people().order_by("pk").values_list("pk", "design", "integrity", "year", "people"),
        (np.int64, list, list, np.float64, np.float64),
    )
    study, sample, arm, outcome, direction, state, weeks = _columns(
        found.order_by("study", "pk").values_list(
            "study_id", "sample_id", "arm_id", "outcome_id", "direction", "state", "weeks"
        ),
        (np.int64, np.int64, np.int64, np.int64, object, object, np.float64),
    )
    bias: dict[int, set[str]] = {}
    appraisals = Appraisal.objects.filter(result__isnull=True, **published).order_by()
    for of, level in appraisals.values_list("study_id", "level").iterator(chunk_size=CHUNK):
        bias.setdefault(of, set()).add(level)
    # A study may have come in between two queries.
    is_known = np.isin(study, pk)
    return Rows(
        pk=pk,
        design=design,
        integrity=integrity,
        year=year,
        people=people,
        bias=bias,
        result_study=np.searchsorted(pk, study[is_known]),
        result_sample=sample[is_known],
        result_arm=arm[is_known],
        result_outcome=outcome[is_known],
        result_direction=direction[is_known],
        result_state=state[is_known],
        result_weeks=weeks[is_known],
        samples=_samples(published),
        arms=_arms(published),
    )


def _samples(published: dict) -> Samples:
    pk, parent, age, female = _columns(
        Sample.objects.filter(**published)
        .order_by("pk")
        .values_list("pk", "parent_id", "age_mean", "percent_female"),
        (np.int64, np.float64, np.float64, np.float64),
    )
    shares = PopulationShare.objects.filter(
        **{f"sample__{name}": value for name, value in published.items()}
    ).order_by("sample", "population")
    numbers: dict[tuple, int] = {(): 0}
    of: list[int] = []
    says: list[int] = []
    rows = shares.values_list("sample_id", "population_id", "share").iterator(chunk_size=CHUNK)
    for sample, group in groupby(rows, key=itemgetter(0)):
        saying = tuple((population, share) for _, population, share in group)
        of.append(sample)
        says.append(numbers.setdefault(saying, len(numbers)))
    column = np.zeros(len(pk), dtype=np.int64)
    holders = np.array(of, dtype=np.int64)
    is_known = np.isin(holders, pk)
    column[np.searchsorted(pk, holders[is_known])] = np.array(says, dtype=np.int64)[is_known]
    return Samples(pk, parent, age, female, column, list(numbers))


def _arms(published: dict) -> dict[int, tuple[int, ...]]:
    """The interventions of each arm that names any."""
    through = Arm.interventions.through.objects.filter(
        **{f"arm__{name}": value for name, value in published.items()}
    ).order_by("arm", "intervention")
    rows = through.values_list("arm_id", "intervention_id").iterator(chunk_size=CHUNK)
    return {
        arm: tuple(intervention for _, intervention in group)
        for arm, group in groupby(rows, key=itemgetter(0))
    }


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
