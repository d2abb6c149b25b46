"""How many studies each option would leave: the numbers beside the filters.

This counts in memory, over rows read with a constant number of queries. Whatever counts in its place must
give the same `Counts`; the QuerySet words behind `Filter.apply` say what is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import search

from ..models import Appraisal, Arm, PopulationShare, Result, Study
from .filters import RANGES, TEXT, Filter

Slugs = frozenset[str]
Values = Mapping[str, Slugs]
"""For each axis the options that a study or a result satisfies, with all above them."""

NOTHING: Slugs = frozenset()
# What stands among the options of a study inside the chosen range, or with the words searched for.
INSIDE: Slugs = frozenset({"(inside)"})
MANY = "(many)"


@dataclass(frozen=True)
class Counts:
    """Numbers of distinct published studies.

    `total` satisfy the whole filter. `without` gives, for each axis with a choice (and "q"), how many would
    without that choice. `values` gives, for each axis, how many satisfy each of its options and everything
    that is chosen on other axes; options that no study satisfies are left out.
    """

    total: int
    without: Mapping[str, int]
    values: Mapping[str, Mapping[str, int]]

    def of(self, key: str, slug: str) -> int:
        return self.values[key].get(slug, 0)


def count(chosen: Filter) -> Counts:
    """Count for `chosen`. Five queries, and one more where words are searched for."""
    axes = chosen.vocabulary.axes.values()
    about_studies = [axis.key for axis in axes if not axis.about_results]
    about_results = [axis.key for axis in axes if axis.about_results]
    wanted_of_study: dict[str, Slugs] = {TEXT: INSIDE} if chosen.q else {}
    wanted_of_result: dict[str, Slugs] = {}
    for axis in chosen.axes_on:
        wanted = wanted_of_result if axis.about_results else wanted_of_study
        wanted[axis.key] = chosen.chosen(axis.key) | (INSIDE if chosen.has_bounds(axis.key) else NOTHING)

    studies = dict(_studies(chosen))
    failures = {study: _failure(values, wanted_of_study) for study, values in studies.items()}
    holders: dict[str, dict[str, set[int]]] = {axis.key: defaultdict(set) for axis in axes}
    # Studies with one result that satisfies everything wanted of results; the same but for one axis.
    satisfied: set[int] = set()
    satisfied_but: dict[str, set[int]] = {key: set() for key in about_results}

    for study, values in _results(chosen):
        # A result of a study that is not public has no entry.
        study_failure = failures.get(study, MANY)
        failure = _failure(values, wanted_of_result)
        if study_failure == MANY or failure == MANY:
            continue
        if failure is None:
            satisfied.add(study)
        if study_failure is None:
            for key in about_results:
                if failure is None or failure == key:
                    satisfied_but[key].add(study)
                    for slug in values[key]:
                        holders[key][slug].add(study)

    is_bound = bool(wanted_of_result) or chosen.answer is not None
    total = 0
    without = dict.fromkeys((*wanted_of_study, *wanted_of_result), 0)
    for study, failure in failures.items():
        has_result = not is_bound or study in satisfied
        total += failure is None and has_result
        for key in wanted_of_study:
            without[key] += has_result and failure in (None, key)
        for key in wanted_of_result:
            is_only_one = len(wanted_of_result) == 1 and chosen.answer is None
            without[key] += failure is None and (is_only_one or study in satisfied_but[key])
        if has_result:
            for key in about_studies:
                if failure is None or failure == key:
                    for slug in studies[study][key] - INSIDE:
                        holders[key][slug].add(study)
    values_of = {
        key: {slug: len(found) for slug, found in by_slug.items()} for key, by_slug in holders.items()
    }
    return Counts(total=total, without=without, values=values_of)


def _failure(values: Values, wanted: Mapping[str, Slugs]) -> str | None:
    """The axis on which nothing wanted is satisfied: None if there is none, MANY if there are several."""
    failure = None
    for key, slugs in wanted.items():
        if slugs.isdisjoint(values[key]):
            if failure is not None:
                return MANY
            failure = key
    return failure


def _studies(chosen: Filter) -> Iterator[tuple[int, Values]]:
    """Each published study with what it satisfies."""
    axes = chosen.vocabulary.axes
    public = Study.objects.published().order_by()
    levels: dict[int, Slugs] = defaultdict(frozenset)
    of_whole = Appraisal.objects.filter(study__state=Study.State.PUBLISHED, result__isnull=True)
    for study, level in of_whole.order_by().values_list("study_id", "level").distinct():
        levels[study] |= axes["bias"].path_of_stored.get(level, NOTHING)
    found: set[int] = set()
    if chosen.q:
        found = set(public.matching(search.parse(chosen.q)).values_list("pk", flat=True))
    rows = public.with_people().values_list("pk", "design", "integrity", "year", "people")
    for study, design, integrity, year, people in rows:
        yield (
            study,
            {
                TEXT: INSIDE if study in found else NOTHING,
                "design": axes["design"].path_of_stored.get(design, NOTHING),
                "integrity": axes["integrity"].path_of_stored.get(integrity, NOTHING),
                "bias": levels.get(study) or _unsaid(chosen, "bias"),
                **{
                    key: _place(chosen, key, number)
                    for key, number in zip(RANGES, (year, people), strict=True)
                },
            },
        )


def _place(chosen: Filter, key: str, number: int | None) -> Slugs:
    """Whether a number lies inside the chosen range, or is not reported."""
    if number is None:
        return _unsaid(chosen, key)
    least, most = chosen.bounds(key)
    is_inside = (least is None or number >= least) and (most is None or number <= most)
    return INSIDE if is_inside else NOTHING


def _results(chosen: Filter) -> Iterator[tuple[int, Values]]:
    """Each result of a published study, as the study's key and what the result satisfies."""
    axes = chosen.vocabulary.axes
    arms: dict[int, Slugs] = defaultdict(frozenset)
    for arm, intervention in (
        Arm.interventions.through.objects.filter(arm__study__state=Study.State.PUBLISHED)
        .order_by()
        .values_list("arm_id", "intervention_id")
    ):
        arms[arm] |= axes["intervention"].path_of_pk.get(intervention, NOTHING)
    samples = _Samples(chosen)
    public = Result.objects.published().order_by()
    if chosen.answer is not None:
        public = public.filter(pk__in=chosen.answer.results)
    rows = public.values_list(
        "study_id", "sample_id", "sample__parent_id", "arm_id", "outcome_id", "direction"
    ).distinct()
    for study, sample, whole, arm, outcome, direction in rows:
        yield (
            study,
            {
                **samples.values(sample, whole),
                "intervention": arms.get(arm) or _unsaid(chosen, "intervention"),
                "outcome": axes["outcome"].path_of_pk.get(outcome, NOTHING),
                "direction": axes["direction"].path_of_stored.get(direction, NOTHING),
            },
        )


def _unsaid(chosen: Filter, key: str) -> Slugs:
    slug = chosen.vocabulary.axes[key].not_reported
    return NOTHING if slug is None else frozenset({slug})


class _Samples:
    """The populations of every sample, with those a subgroup takes over from the whole."""

    def __init__(self, chosen: Filter) -> None:
        self._axes = list(chosen.vocabulary.of_param("population"))
        self._path_of_pk = {pk: path for axis in self._axes for pk, path in axis.path_of_pk.items()}
        self._key_of = {axis.stored: axis.key for axis in self._axes}
        self._unsaid = {axis.key: _unsaid(chosen, axis.key) for axis in self._axes}
        self._known: dict[int, dict[str, Slugs]] = {}
        # For each sample and each axis it sets, what it belongs to; an axis set to nothing stays empty.
        self._own: dict[int, dict[str, Slugs]] = defaultdict(dict)
        rows = (
            PopulationShare.objects.filter(sample__study__state=Study.State.PUBLISHED)
            .order_by()
            .values_list("sample_id", "population_id", "population__axis", "share")
        )
        for sample, population, axis, share in rows:
            own = self._own[sample]
            key = self._key_of[axis]
            included = self._path_of_pk.get(population, NOTHING) if share in chosen.shares else NOTHING
            own[key] = own.get(key, NOTHING) | included

    def values(self, sample: int, whole: int | None) -> dict[str, Slugs]:
        """For each population axis the options this sample satisfies. No query."""
        values = self._known.get(sample)
        if values is None:
            taken_over = self._own.get(whole, {}) if whole is not None else {}
            says = {**taken_over, **self._own.get(sample, {})}
            values = {key: says.get(key) or unsaid for key, unsaid in self._unsaid.items()}
            self._known[sample] = values
        return values
