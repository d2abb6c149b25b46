"""What the index is made of: the rows behind all studies, or behind some, as columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.db import connection, connections
from django.db.models import QuerySet

from ...models import Appraisal, Arm, PopulationShare, Result, Sample, Study
from ...models.appraisal import Level
from ...models.study import Design, StudyQuerySet
from .columns import places_among
from .fetching import FLOAT, WHOLE, Column, fetch, place_among

LOT = 25_000

AHEAD = 24
"""How many lots are read before they are asked for: about as many as come in beside the samples."""

DESIGNS, INTEGRITY, LEVELS = tuple(Design.values), tuple(Study.Integrity.values), tuple(Level.values)
SHARES, STATES = tuple(PopulationShare.Share.values), tuple(Result.State.values)
DIRECTIONS = ("", *Result.Direction.values)


@dataclass
class Rows:
    """Published studies in the order of their keys, and their results in the order of their studies.

    Columns of one length each: `result_...` one a result, with the place of its study, `bias_...` one an
    appraisal; the others one a study. Choices are places among those above. NOT_KNOWN, or NaN, stands for
    None.
    """

    pk: Column
    design: Column
    integrity: Column
    year: Column
    people: Column
    bias_study: Column
    bias_level: Column
    result_study: Column
    result_sample: Column
    result_arm: Column
    result_outcome: Column
    result_direction: Column
    result_state: Column
    result_weeks: Column


@dataclass
class Groups:
    """Samples in the order of their keys, with the whole that each is part of; and who has which terms.

    `share_...` are one a population of a sample, with its kind as a place among SHARES; `given_...` one an
    intervention of an arm.
    """

    sample: Column
    parent: Column
    age: Column
    female: Column
    share_sample: Column
    share_population: Column
    share_kind: Column
    given_arm: Column
    given_intervention: Column


@contextmanager
def everything() -> Iterator[tuple[Groups, Iterator[Rows]]]:
    """The samples and arms of all studies, and the published studies lot by lot, in the order of their keys.

    Lot by lot a million studies take little memory beside what is kept of them. Two threads read, each with
    a connection of its own: one the samples and arms, one the lots ahead of what is worked on. Five queries,
    and three for each lot.
    """
    published = Study.objects.published().order_by()
    if connection.in_atomic_block or not published[LOT : LOT + 1].exists():
        # Another connection would not see what this transaction has written, or is not worth its while.
        yield read_all_groups(), (read_lot(*lot) for lot in _lots(published))
        return
    with _reader() as of_groups, _reader() as of_lots:
        groups = of_groups.submit(read_all_groups)
        waiting = iter(_lots(published))
        coming = deque(of_lots.submit(read_lot, *lot) for lot in islice(waiting, AHEAD))

        def in_turn() -> Iterator[Rows]:
            while coming:
                rows = coming.popleft().result()
                coming.extend(of_lots.submit(read_lot, *lot) for lot in islice(waiting, 1))
                yield rows

        yield groups.result(), in_turn()


@contextmanager
def _reader() -> Iterator[ThreadPoolExecutor]:
    """A thread to read in. Its connection ends with it."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            yield thread
        finally:
            thread.submit(connections.close_all).result()


def _lots(published: StudyQuerySet) -> list[tuple[int, int]]:
    """The first and the last key of each lot. One query."""
    [keys] = fetch(published.values_list("pk"), (WHOLE,))
    keys.sort()
    return [(int(lot[0]), int(lot[-1])) for lot in np.split(keys, range(LOT, len(keys), LOT)) if len(lot)]


def read_all_groups() -> Groups:
    """The samples and arms of all studies. Three queries."""
    return groups_of(
        Sample.objects.all(), PopulationShare.objects.all(), Arm.interventions.through.objects.all()
    )


def read_lot(first: int, last: int) -> Rows:
    """The published studies with keys from `first` to `last`. Three queries."""
    return _read(Study.objects.filter(pk__range=(first, last)), {"study__gte": first, "study__lte": last})


def read(studies: Collection[int], results: Collection[int] | None = None) -> tuple[Rows, Groups]:
    """The published among the studies with these keys; with `results`, no others of their results.

    Six queries.
    """
    groups = groups_of(
        Sample.objects.filter(study__in=studies),
        PopulationShare.objects.filter(sample__study__in=studies),
        Arm.interventions.through.objects.filter(arm__study__in=studies),
    )
    return _read(Study.objects.filter(pk__in=studies), {"study__in": studies}, results), groups


def _read(studies: StudyQuerySet, of_study: dict, results: Collection[int] | None = None) -> Rows:
    """What `of_study` says of models that belong to studies. No query joins more than it must."""
    found = Result.objects.filter(**of_study)
    if results is not None:
        found = found.filter(pk__in=results)
    return rows_of(studies.published().with_people(), found, Appraisal.objects.filter(**of_study))


def groups_of(samples: QuerySet, shares: QuerySet, given: QuerySet) -> Groups:
    """Samples with their shares, and pairs of an arm and an intervention. Three queries."""
    sample, parent, age, female = fetch(
        samples.values_list("id", "parent_id", "age_mean", "percent_female"), (WHOLE, WHOLE, FLOAT, FLOAT)
    )
    order = np.argsort(sample, kind="stable")
    shared = fetch(
        shares.values_list("sample_id", "population_id", place_among("share", SHARES)), (WHOLE,) * 3
    )
    pairs = fetch(given.values_list("arm_id", "intervention_id"), (WHOLE, WHOLE))
    return Groups(sample[order], parent[order], age[order], female[order], *shared, *pairs)


def rows_of(studies: QuerySet, results: QuerySet, appraisals: QuerySet) -> Rows:
    """Studies with their people, and what of these results and appraisals is theirs. Three queries."""
    pk, design, integrity, year, people = fetch(
        studies.values_list(
            "id", place_among("design", DESIGNS), place_among("integrity", INTEGRITY), "year", "people"
        ),
        (WHOLE,) * 5,
    )
    key, study, sample, arm, outcome, direction, state, weeks = fetch(
        results.values_list(
            *("id", "study_id", "sample_id", "arm_id", "outcome_id"),
            *(place_among("direction", DIRECTIONS), place_among("state", STATES), "weeks"),
        ),
        (*(WHOLE,) * 7, FLOAT),
    )
    appraised, level = fetch(
        appraisals.filter(result__isnull=True).values_list("study_id", place_among("level", LEVELS)),
        (WHOLE, WHOLE),
    )
    order = np.argsort(pk, kind="stable")
    pk = pk[order]
    # Of public studies; and what came in between two queries will be read once more.
    place, is_known = places_among(pk, study)
    known = np.flatnonzero(is_known)
    known = known[np.lexsort((key[known], place[known]))]
    bias_place, has_study = places_among(pk, appraised)
    return Rows(
        pk=pk,
        design=design[order],
        integrity=integrity[order],
        year=year[order],
        people=people[order],
        bias_study=bias_place[has_study],
        bias_level=level[has_study],
        result_study=place[known],
        result_sample=sample[known],
        result_arm=arm[known],
        result_outcome=outcome[known],
        result_direction=direction[known],
        result_state=state[known],
        result_weeks=weeks[known],
    )
