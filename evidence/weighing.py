"""Weighing: what the results behind one question say together, read from the database for people to judge."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import certainty, effects
from .bodies import Member, digest_of, members
from .models import Appraisal, ComparatorClass, Conclusion, Exclusion, Result, Study
from .models.appraisal import Level
from .models.study import Design
from .synthesis import Effect, Settings, Summary, summarise

# The worst judgement of several counts; an unclear one is no better than some concerns.
_WORST_FIRST = (Level.HIGH, Level.SOME, Level.UNCLEAR, Level.LOW)


def effect_of(result: Result) -> Effect:
    """What a result brings to a pool. Takes no query on results of `ResultQuerySet.for_display`."""
    raw = [result.arm_n, result.comparator_n]
    both = result.arm_n if result.paired or result.comparator_id is None else None
    counted = both if both is not None else None if None in raw else sum(n for n in raw if n is not None)
    return Effect(
        key=f"{result.study.slug}/{result.key}",
        study=result.study.slug,
        label=result.study.label,
        measure=effects.measure(result.measure),
        yi=result.yi,
        vi=result.vi,
        derivation=result.derivation,
        year=result.study.year,
        unit=result.unit or result.outcome.unit,
        instrument=result.instrument,
        better=result.outcome.better,
        arms=frozenset({str(result.arm_id)}),
        comparator=None if result.comparator_id is None else str(result.comparator_id),
        sample=str(result.sample_id),
        is_subgroup=result.sample.is_subgroup,
        people=counted if counted is not None else result.n_people,
        weeks=result.weeks,
        phase=result.phase,
        analysis=result.analysis,
        is_primary=result.is_primary,
        is_synthesis=Design(result.study.design).is_synthesis,
        is_retracted=result.study.is_retracted,
        is_verified=result.study.numbers == Study.Numbers.VERIFIED,
        numbers=result.as_numbers(),
    )


def people_in(results: Iterable[Result]) -> int | None:
    """The people in the studies of these results; None if no study says. Nobody is counted twice."""
    people: dict[int, int] = {}
    for result in results:
        n = result.n_people
        # A review counts the people of its studies again.
        if n is not None and not Design(result.study.design).is_synthesis:
            people[result.study_id] = max(n, people.get(result.study_id, 0))
    return sum(people.values()) if people else None


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Results that answer one question, oldest study first, and what they say together."""

    results: tuple[Result, ...]
    settings: Settings | None = None

    @property
    def question(self) -> str:
        """What the results answer, in words."""
        raise NotImplementedError

    @property
    def asked(self) -> dict[str, Any]:
        """The question as JSON values: what a result has to satisfy, and what is left out."""
        raise NotImplementedError

    @property
    def partly(self) -> frozenset[int]:
        """The results, by primary key, whose sample belongs to the population in part only."""
        raise NotImplementedError

    @cached_property
    def levels(self) -> dict[int, Level]:
        """The risk of bias of each result that was appraised, itself or with its study. One query."""
        return _levels(self.results)

    @cached_property
    def effects(self) -> dict[str, Result]:
        """The results by the key of their effect."""
        return {effect_of(result).key: result for result in self.results}

    @cached_property
    def summary(self) -> Summary:
        return summarise((effect_of(result) for result in self.results), self.settings)

    @cached_property
    def studies(self) -> list[Any]:
        """Each study once, in the order of the results."""
        return list({result.study_id: result.study for result in self.results}.values())

    @property
    def n_studies(self) -> int:
        return len(self.studies)

    @cached_property
    def n_people(self) -> int | None:
        return people_in(self.results)

    @cached_property
    def directions(self) -> Counter[str]:
        """How many results point where; those that do not say are left out."""
        return Counter(result.direction for result in self.results if result.direction)


@dataclass(frozen=True, kw_only=True)
class Body(Weighed):
    """The results of a conclusion as they are now, oldest study first, and what they say together.

    `members` are the same results as `bodies.members` matched them.
    """

    conclusion: Conclusion
    members: tuple[Member, ...]

    @property
    def question(self) -> str:
        return str(self.conclusion)

    @cached_property
    def partly(self) -> frozenset[int]:
        return frozenset(member.result for member in self.members if not member.is_direct)

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        """What the conclusion leaves out of published studies, in a fixed order. One query."""
        rows = Exclusion.objects.filter(conclusion=self.conclusion, study__state="published")
        return sorted(
            rows.select_related("study", "result__outcome").order_by(),
            key=lambda entry: (entry.study.slug, "" if entry.result is None else entry.result.key),
        )

    @property
    def asked(self) -> dict[str, Any]:
        conclusion = self.conclusion
        return {
            "conclusion": conclusion.slug,
            "population": None if conclusion.population is None else conclusion.population.slug,
            "samples_that_belong_in_part": conclusion.takes_part_samples,
            "intervention": conclusion.intervention.slug,
            "compared_with": ComparatorClass(conclusion.comparator).value,
            "outcome": conclusion.outcome.slug,
            "note": "Each term with everything below it; reported results of published studies only.",
            "excluded": [
                {
                    "study": entry.study.slug,
                    "result": None if entry.result is None else entry.result.key,
                    "reason": entry.reason,
                }
                for entry in self.exclusions
            ],
        }

    @cached_property
    def start(self) -> certainty.Start | None:
        """Where the designs start; reviews and protocols have no level of their own."""
        return certainty.start_of(
            randomised=[
                Design(study.design).is_randomised
                for study in self.studies
                if not Design(study.design).is_synthesis
            ]
        )

    @cached_property
    def digest(self) -> str:
        """Of the whole body: what a person looked at, as one value."""
        return body_digest(
            (result.pk, digest_of(result), result.study.is_retracted) for result in self.results
        )

    @cached_property
    def numbers(self) -> certainty.Numbers:
        """What the numbers say to those who rate."""
        pool = self.summary.pool
        weights = self._weights()
        shares = dict.fromkeys(Level, 0.0)
        for key, weight in weights.items():
            if key in self.levels:
                shares[self.levels[key]] += weight
        appraised = sum(shares.values())
        important = self.conclusion.outcome.important_difference
        in_its_unit = (
            pool is not None
            and pool.measure.needs_unit
            and pool.unit == self.conclusion.outcome.unit
            and important is not None
        )
        return certainty.Numbers(
            n_studies=self.n_studies,
            n_people=self.n_people if pool is None or pool.people is None else pool.people,
            low=None if pool is None else pool.interval[0],
            high=None if pool is None else pool.interval[1],
            null=None if pool is None or pool.measure.null is None else 0.0,
            important=float(important) if in_its_unit and important is not None else None,
            i2=None if pool is None else pool.heterogeneity.i2,
            prediction=None if pool is None else pool.prediction,
            weight_high_risk=shares[Level.HIGH] if appraised else None,
            weight_some_concerns=shares[Level.SOME] + shares[Level.UNCLEAR] if appraised else None,
            weight_not_appraised=1 - appraised if weights else None,
            weight_partly_in_population=sum(
                (weight for key, weight in weights.items() if key in self.partly), 0.0
            ),
            n_directions=len(self.directions) if pool is None else None,
        )

    def _weights(self) -> dict[int, float]:
        """The share of each result: its weight in the pool, or the same for all where nothing is pooled."""
        pool = self.summary.pool
        if pool is None:
            return {result.pk: 1 / len(self.results) for result in self.results}
        found: dict[int, float] = {}
        for weight in pool.weights:
            parts = weight.effect.key.split("+")
            for key in parts:
                found[self.effects[key].pk] = weight.random / len(parts)
        return found


def body_digest(said: Iterable[tuple[int, str, bool]]) -> str:
    """One digest of many results: their keys, what each says, and whether its study was retracted."""
    lines = sorted(f"{key} {digest} {is_retracted}" for key, digest, is_retracted in said)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def body(conclusion: Conclusion, *, settings: Settings | None = None) -> Body:
    """The body of a conclusion as it is now. The number of queries is constant."""
    # Matched in memory: a database without fresh statistics may take minutes over so many conditions.
    found = members([conclusion])[conclusion.pk]
    results = tuple(
        sorted(
            Result.objects.filter(pk__in=[member.result for member in found])
            .for_display()
            .select_related("sample__parent")
            .order_by(),
            key=reading_order,
        )
    )
    return Body(
        conclusion=conclusion,
        results=results,
        members=tuple(found),
        settings=settings,
    )


def reading_order(result: Result) -> tuple[Any, ...]:
    """Oldest study first, the main outcome first. Sorted here, since databases place NULL and case apart."""
    study = result.study
    return (
        study.year is None,
        study.year or 0,
        study.label.casefold(),
        study.slug,
        not result.is_primary,
        result.position,
        result.key,
    )


def _levels(results: Iterable[Result]) -> dict[int, Level]:
    """The risk of bias of each result: its own appraisals, else those of its study as a whole. One query."""
    known = list(results)
    own: dict[int, set[str]] = {}
    whole: dict[int, set[str]] = {}
    rows = Appraisal.objects.filter(study__in={result.study_id for result in known}).order_by()
    for study, result, level in rows.values_list("study_id", "result_id", "level"):
        if result is None:
            whole.setdefault(study, set()).add(level)
        else:
            own.setdefault(result, set()).add(level)
    found = {}
    for entry in known:
        levels = own.get(entry.pk) or whole.get(entry.study_id)
        if levels:
            found[entry.pk] = next(level for level in _WORST_FIRST if level in levels)
    return found
