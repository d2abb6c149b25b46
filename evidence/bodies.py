"""Bodies of evidence: the results that answer a conclusion, for one or for thousands at once.

`Result.objects.answering` asks the database for one conclusion. `members` reads what many conclusions may
rest on with a number of queries that does not depend on how many they are, and matches in memory; a property
test holds the two against each other.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from .models import (
    Arm,
    Conclusion,
    Exclusion,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Result,
    Sample,
    Study,
)
from .stating import number
from .trees import Branch, Tree

SAID = (
    *("outcome_id", "sample_id", "arm_id", "comparator_id", "instrument", "unit", "weeks", "phase"),
    *("analysis", "state", "finding", "direction", "measure", "paired", "correlation"),
    *("arm_n", "arm_mean", "arm_sd", "arm_baseline_mean", "arm_baseline_sd", "arm_events"),
    *("comparator_n", "comparator_mean", "comparator_sd", "comparator_baseline_mean"),
    *("comparator_baseline_sd", "comparator_events", "arm_person_time", "comparator_person_time"),
    *("estimate", "ci_low", "ci_high", "ci_level", "se", "p_value", "p_text", "yi", "vi"),
)
"""The columns of a result that say what it found: a change in one of them is a changed result."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A result in a body, by the primary keys of itself and its study, with the digest of what it says."""

    result: int
    study: int
    digest: str
    is_direct: bool
    is_retracted: bool


@dataclass(frozen=True)
class Trees:
    """The shapes of the three trees. Three queries."""

    populations: Tree
    interventions: Tree
    outcomes: Tree

    @classmethod
    def read(cls) -> "Trees":
        return cls(Tree.of(Population), Tree.of(Intervention), Tree.of(Outcome))


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256 of what a result says (its `SAID` columns), 64 hexadecimal digits."""
    value = [_written(said[name]) for name in SAID]
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()


def digest_of(result: Result) -> str:
    """The digest of one result."""
    return digest({name: getattr(result, name) for name in SAID})


def _written(value: Any) -> Any:
    return number(value) if isinstance(value, float) else value


def members(
    conclusions: Iterable[Conclusion], *, trees: Trees | None = None, only: Collection[int] | None = None
) -> dict[int, list[Member]]:
    """The members of each body by the primary key of its conclusion, in the order of their own keys.

    With `only`, no result but these is looked at. The number of queries is constant.
    """
    wanted = list(conclusions)
    if not wanted:
        return {}
    trees = trees or Trees.read()
    outcomes = {pk: trees.outcomes.branch([pk]) for pk in {entry.outcome_id for entry in wanted}}
    interventions = {
        pk: trees.interventions.branch([pk]) for pk in {entry.intervention_id for entry in wanted}
    }
    groups = {entry.population_id for entry in wanted if entry.population_id is not None}
    populations = {pk: trees.populations.branch([pk]) for pk in groups}
    candidates = _candidates(frozenset().union(*outcomes.values()), only)
    results = _by_intervention(_results(candidates), _received(candidates))
    shares = _Shares(candidates) if populations else None
    left_out = _left_out(wanted)

    found: dict[int, list[Member]] = {}
    for conclusion in wanted:
        roles = conclusion.roles
        branch = interventions[conclusion.intervention_id]
        group = None if conclusion.population_id is None else populations[conclusion.population_id]
        studies, single = left_out[conclusion.pk]
        # One whose arm received several interventions of the branch is met several times.
        body: dict[int, Member] = {}
        for row in _of_both(results, outcomes[conclusion.outcome_id], branch):
            if row["study_id"] in studies or row["id"] in single or row["id"] in body:
                continue
            if not _is_compared(row["comparator__role"], roles):
                continue
            is_direct = True
            if group is not None and shares is not None:
                share = shares.of(row["sample_id"], group)
                is_direct = share in PopulationShare.INCLUDED
                if not is_direct and not (conclusion.takes_part_samples and share == "part"):
                    continue
            body[row["id"]] = Member(
                row["id"], row["study_id"], row["digest"], is_direct, row["is_retracted"]
            )
        found[conclusion.pk] = [body[result] for result in sorted(body)]
    return found


def _by_intervention(
    results: Mapping[int, list[Row]], received: Mapping[int, set[int]]
) -> dict[int, dict[int, list[Row]]]:
    """The results by outcome and, again, by each intervention that their arm received."""
    found: dict[int, dict[int, list[Row]]] = {}
    for outcome, rows in results.items():
        found[outcome] = defaultdict(list)
        for row in rows:
            for intervention in received.get(row["arm_id"], ()):
                found[outcome][intervention].append(row)
    return found


def _of_both(
    results: Mapping[int, Mapping[int, list[Row]]], outcomes: Branch, interventions: Branch
) -> Iterator[Row]:
    for outcome in outcomes & results.keys():
        on = results[outcome]
        # A branch may be smaller than what was tried for an outcome, or larger.
        tried = interventions & on.keys() if len(on) < len(interventions) else interventions
        for intervention in tried:
            yield from on.get(intervention, ())


def _is_compared(role: str | None, roles: tuple[str, ...] | None) -> bool:
    if roles is None:
        return True
    return (Arm.Role.OWN_BASELINE if role is None else role) in roles


def _candidates(outcomes: Branch, only: Collection[int] | None) -> QuerySet[Result]:
    """The reported results of published studies on these outcomes."""
    rows = Result.objects.published().measuring(outcomes).filter(state=Result.State.REPORTED).order_by()
    return rows if only is None else rows.filter(pk__in=only)


def _results(candidates: QuerySet[Result]) -> dict[int, list[Row]]:
    """What the results say, by outcome. One query."""
    found: dict[int, list[Row]] = defaultdict(list)
    columns = ("id", "study_id", "comparator__role", "study__integrity", *SAID)
    for row in candidates.values(*columns).iterator(chunk_size=5000):
        found[row["outcome_id"]].append(
            {
                "id": row["id"],
                "study_id": row["study_id"],
                "arm_id": row["arm_id"],
                "sample_id": row["sample_id"],
                "comparator__role": row["comparator__role"],
                "is_retracted": row["study__integrity"] == Study.Integrity.RETRACTED,
                "digest": digest(row),
            }
        )
    return found


def _received(candidates: QuerySet[Result]) -> dict[int, set[int]]:
    """The interventions that each arm received. One query."""
    through = Arm.interventions.through.objects.filter(arm__in=candidates.values("arm")).order_by()
    found: dict[int, set[int]] = defaultdict(set)
    for arm, intervention in through.values_list("arm_id", "intervention_id"):
        found[arm].add(intervention)
    return found


def _left_out(conclusions: list[Conclusion]) -> dict[int, tuple[set[int], set[int]]]:
    """The studies and the single results that each conclusion leaves out. One query."""
    found: dict[int, tuple[set[int], set[int]]] = {entry.pk: (set(), set()) for entry in conclusions}
    for conclusion, study, result in Exclusion.objects.values_list("conclusion_id", "study_id", "result_id"):
        if conclusion in found:
            studies, results = found[conclusion]
            if result is None:
                studies.add(study)
            else:
                results.add(result)
    return found


class _Shares:
    """What is known of the samples of these results, with what subgroups inherit. Two queries."""

    def __init__(self, candidates: QuerySet[Result]) -> None:
        samples = Sample.objects.filter(pk__in=candidates.values("sample")).order_by()
        self._parents = dict(samples.values_list("pk", "parent_id"))
        self._own: dict[int, dict[int, str]] = defaultdict(dict)
        self._axes: dict[int, set[str]] = defaultdict(set)
        self._axis: dict[int, str] = {}
        shares = PopulationShare.objects.filter(
            Q(sample__in=samples.values("pk")) | Q(sample__in=samples.values("parent"))
        )
        rows = shares.order_by().values_list("sample_id", "population_id", "population__axis", "share")
        for sample, population, axis, share in rows:
            self._own[sample][population] = share
            self._axes[sample].add(axis)
            self._axis[population] = axis

    def of(self, sample: int, group: Branch) -> str | None:
        """How much of a sample belongs to a branch of populations: the largest share that says so."""
        held = {share for population, share in self._own.get(sample, {}).items() if population in group}
        parent = self._parents.get(sample)
        if parent is not None:
            set_axes = self._axes.get(sample, set())
            held |= {
                share
                for population, share in self._own.get(parent, {}).items()
                if population in group and self._axis[population] not in set_axes
            }
        return next((share for share in ("all", "most", "part", "excluded") if share in held), None)
