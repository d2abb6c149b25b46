"""What a process knows of drift: how results moved under signed assessments, caught up by what changed.

An `Index` never changes: catching up makes another one, which looks at nothing but what changed since. It
holds the results that moved, not those that stayed. `drift.drifts` computes the same anew.
"""

import datetime
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from . import changes
from .bodies import Member, Trees, members
from .changes import KIND, Moment
from .models import (
    Arm,
    AssessedResult,
    Assessment,
    Conclusion,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Result,
)
from .trees import Tree

MOST_CHANGES = 3_000
"""How many things may have changed since; beyond that everything is read anew."""

MOST_CONCLUSIONS = 500
"""How many conclusions are looked at anew one by one, rather than all together."""

MOST_RESULTS = 2_000
"""How many results are asked for by their keys at once."""

Name = tuple[str, int]
"""The slug of a conclusion and the number of an assessment: how a page names what it rests on."""


class Signed(NamedTuple):
    """A signed assessment, as far as drift needs it."""

    pk: int
    conclusion: int
    slug: str
    number: int
    next_due: datetime.date


class Moved(NamedTuple):
    """A result that is not what an assessment looked at: how (the names of `Drift`), and what it says now."""

    result: int
    study: int
    how: tuple[str, ...]
    digest: str


class Looked(NamedTuple):
    """A result as an assessment looked at it."""

    study: int
    digest: str
    was_retracted: bool


class Assessments:
    """Signed assessments by their keys, their conclusions and their names."""

    def __init__(self, rows: Iterable[Signed]) -> None:
        self.rows = {row.pk: row for row in rows}
        self.by_name: dict[Name, int] = {(row.slug, row.number): row.pk for row in self.rows.values()}
        self.by_conclusion: dict[int, list[int]] = {}
        for row in self.rows.values():
            self.by_conclusion.setdefault(row.conclusion, []).append(row.pk)

    def named(self, name: Name) -> Signed | None:
        pk = self.by_name.get(name)
        return None if pk is None else self.rows[pk]

    @property
    def in_force(self) -> Iterator[int]:
        """The newest of each conclusion."""
        for pks in self.by_conclusion.values():
            yield max(pks, key=lambda pk: self.rows[pk].number)


@dataclass(frozen=True)
class Index:
    """How results moved under each assessment in force, and under others that somebody `asked` for.

    `moved` holds, by the keys of assessment and result, only what is not as it was. `unknown` are names that
    somebody asked for and that no assessment has.
    """

    moment: Moment
    trees: Trees
    axes: Mapping[int, str]
    assessments: Assessments
    moved: Mapping[int, Mapping[int, Moved]]
    asked: frozenset[int] = frozenset()
    unknown: frozenset[Name] = frozenset()

    @classmethod
    def read(cls, moment: Moment, *, asked: frozenset[int] = frozenset()) -> "Index":
        """Everything anew, for a moment that was asked for before. The number of queries is constant."""
        trees, axes = _terms()
        index = cls(moment, trees, axes, Assessments(_signed(asked)), {}, asked)
        return index._looking_again(_conclusions(index.assessments.by_conclusion))

    def of(self, pk: int) -> Collection[Moved]:
        """What moved under the assessment with this key."""
        return self.moved.get(pk, {}).values()

    def is_renewed(self, signed: Signed) -> bool:
        """Whether a newer assessment of its conclusion is in force."""
        rows, of_it = self.assessments.rows, self.assessments.by_conclusion[signed.conclusion]
        return any(rows[pk].number > signed.number for pk in of_it)

    # Catching up

    def caught_up(self, moment: Moment) -> "Index":
        """The index as of `moment`, which was asked for before. A constant number of queries a batch."""
        told = None
        if moment.epoch == self.moment.epoch and moment.version >= self.moment.version:
            told = changes.since(self.moment, most=MOST_CHANGES)
        if told is None or len(told.get(KIND.CONCLUSION, ())) > MOST_CONCLUSIONS:
            return Index.read(moment, asked=self.asked)
        index = replace(self, moment=moment)
        if told.keys() & {KIND.POPULATION, KIND.INTERVENTION, KIND.OUTCOME}:
            trees, axes = _terms()
            if any(axes.get(pk, axis) != axis for pk, axis in self.axes.items()):
                # What subgroups inherit follows from the axis.
                return Index.read(moment, asked=self.asked)
            index = index._with_terms(trees, axes)
        if KIND.CONCLUSION in told:
            index = index._with_conclusions(told[KIND.CONCLUSION])
        for studies in _batches(told.get(KIND.STUDY, ()), MOST_RESULTS // 4):
            index = index._with_studies(studies)
        return index

    def asking(self, *, pks: Collection[int] = (), names: Collection[Name] = ()) -> "Index":
        """The index that knows these signed assessments too, whether or not they are in force."""
        rows = Assessment.objects.signed().filter(
            Q(pk__in=pks) | Q(conclusion__slug__in={slug for slug, _ in names})
        )
        found = {
            pk: (conclusion, (slug, number))
            for pk, conclusion, slug, number in rows.order_by().values_list(
                "pk", "conclusion_id", "conclusion__slug", "number"
            )
            if pk in pks or (slug, number) in names
        }
        index = replace(self, asked=self.asked | found.keys())
        if found:
            index = index._with_conclusions({conclusion for conclusion, _ in found.values()})
        unknown = set(names) - {name for _, name in found.values()}
        return replace(index, unknown=index.unknown | unknown)

    def _with_conclusions(self, keys: Collection[int]) -> "Index":
        """These conclusions, what they leave out and their assessments as they are now."""
        rows = [row for row in self.assessments.rows.values() if row.conclusion not in keys]
        of_them = list(_signed(self.asked, keys))
        known = {row.pk for row in (*rows, *of_them)}
        index = replace(
            self,
            assessments=Assessments([*rows, *of_them]),
            moved={pk: moved for pk, moved in self.moved.items() if pk in known},
            # One of them may have that name by now.
            unknown=frozenset(),
        )
        return index._looking_again(_conclusions({row.conclusion for row in of_them}))

    def _with_studies(self, studies: Collection[int]) -> "Index":
        """What became of the results of these studies."""
        then = AssessedResult.objects.filter(study__in=studies).order_by()
        known = set(then.values_list("result_id", flat=True))
        known |= {
            moved.result
            for of_one in self.moved.values()
            for moved in of_one.values()
            if moved.study in studies
        }
        # Those of a study today may have been another's when somebody looked at them.
        now = dict(Result.objects.filter(study__in=studies).order_by().values_list("pk", "outcome_id"))
        index = self
        for batch in _batches(known | now.keys(), MOST_RESULTS):
            index = index._with_results(batch)
        return index

    def _with_results(self, results: Collection[int]) -> "Index":
        """What became of these results, wherever somebody looked at them or they count now."""
        looked_at = _looked_at(Q(result__in=results))
        outcomes = Result.objects.filter(pk__in=results).order_by().values_list("outcome_id", flat=True)
        above = {pk for outcome in set(outcomes) for pk in self.trees.outcomes.path(outcome)}
        rows, wanted = self.assessments.rows, set(results)
        touched = {rows[pk].conclusion for pk in looked_at.keys() & rows.keys()}
        touched |= {rows[pk].conclusion for pk, moved in self.moved.items() if not wanted.isdisjoint(moved)}
        found = Conclusion.objects.filter(Q(outcome__in=above) | Q(pk__in=touched)).order_by()
        judged = [conclusion for conclusion in found if conclusion.pk in self.assessments.by_conclusion]
        return self._looking_again(judged, results=wanted, looked_at=looked_at)

    def _with_terms(self, trees: Trees, axes: Mapping[int, str]) -> "Index":
        """What became of the results on nodes that moved, in the conclusions above their old or new place."""
        populations, to_or_from = _moves(self.trees.populations, trees.populations)
        interventions, received = _moves(self.trees.interventions, trees.interventions)
        outcomes, measured = _moves(self.trees.outcomes, trees.outcomes)
        index = replace(self, trees=trees, axes=axes)
        if not (populations or interventions or outcomes):
            return index
        touched = Conclusion.objects.filter(
            Q(population__in=populations) | Q(intervention__in=interventions) | Q(outcome__in=outcomes)
        )
        judged = [entry for entry in touched.order_by() if entry.pk in self.assessments.by_conclusion]
        results = _on(to_or_from, received, measured)
        if len(results) > MOST_RESULTS:
            return index._looking_again(judged)
        return index._looking_again(judged, results=results, looked_at=_looked_at(Q(result__in=results)))

    def _looking_again(
        self,
        conclusions: Sequence[Conclusion],
        *,
        results: Collection[int] | None = None,
        looked_at: Mapping[int, Mapping[int, Looked]] | None = None,
    ) -> "Index":
        """The index after another look at these conclusions; with `results`, at no others.

        `looked_at` is then what assessments saw of these results.
        """
        if not conclusions or (results is not None and not results):
            return self
        by_conclusion = self.assessments.by_conclusion
        if looked_at is None:
            judged = Q()
            if len(conclusions) < len(by_conclusion):
                judged = Q(assessment__conclusion__in=[conclusion.pk for conclusion in conclusions])
            looked_at = _looked_at(judged & Q(assessment__in=_watched(self.asked).values("pk")))
        bodies = members(conclusions, trees=self.trees, only=results)
        moved = dict(self.moved)
        for conclusion in conclusions:
            today = {member.result: member for member in bodies[conclusion.pk]}
            for pk in by_conclusion[conclusion.pk]:
                found = {}
                if results is not None:
                    found = {key: was for key, was in moved.get(pk, {}).items() if key not in results}
                found |= _compared(looked_at.get(pk, {}), today)
                if found:
                    moved[pk] = found
                else:
                    moved.pop(pk, None)
        return replace(self, moved=moved)

    def _knows(self, pks: Collection[int], names: Collection[Name]) -> bool:
        return all(pk in self.assessments.rows for pk in pks) and not self._missing(names)

    def _missing(self, names: Collection[Name]) -> list[Name]:
        return [name for name in names if name not in self.assessments.by_name and name not in self.unknown]


# The index of this process

_lock = threading.Lock()
_known: Index | None = None


def current(moment: Moment | None = None) -> Index | None:
    """The index of this process, never older than `moment`, or without one than this call.

    One query where nothing changed, and none if `moment` was asked for already. None within a transaction:
    what that sees may be taken back, and no other one may hear of it.
    """
    global _known
    if connection.in_atomic_block:
        return None
    moment = moment or changes.now()
    index = _known
    if index is not None and index.moment == moment:
        return index
    with _lock:
        index = _known
        if index is None:
            _known = index = Index.read(moment)
        elif index.moment != moment:
            # Another thread may have caught up with more; or the database is another one now.
            moment = changes.now()
            if index.moment != moment:
                _known = index = index.caught_up(moment)
        return index


def current_with(
    *, pks: Collection[int] = (), names: Collection[Name] = (), index: Index | None = None
) -> Index | None:
    """As `current`, and it knows these signed assessments too; `names` that nothing has are `unknown`.

    An `index` that somebody has just asked for need not be asked for again.
    """
    global _known
    index = index or current()
    if index is None or index._knows(pks, names):
        return index
    with _lock:
        index = _known or index
        if not index._knows(pks, names):
            missing = [pk for pk in pks if pk not in index.assessments.rows]
            _known = index = index.asking(pks=missing, names=index._missing(names))
        return index


# Reading


def _terms() -> tuple[Trees, dict[int, str]]:
    """The shapes of the trees, and the axis of each population. Three queries."""
    rows = list(Population.objects.order_by().values_list("pk", "parent_id", "axis"))
    populations = Tree({pk: parent for pk, parent, _ in rows})
    trees = Trees(populations, Tree.of(Intervention), Tree.of(Outcome))
    return trees, {pk: axis for pk, _, axis in rows}


def _watched(asked: frozenset[int]) -> QuerySet[Assessment]:
    """The assessments in force, and those that were asked for."""
    in_force = Q(pk__in=Assessment.objects.in_force().values("pk"))
    return Assessment.objects.signed().filter(in_force | Q(pk__in=asked)).order_by()


def _signed(asked: frozenset[int], conclusions: Collection[int] | None = None) -> Iterator[Signed]:
    """The assessments that are watched, of these conclusions (all if None). One query."""
    rows = _watched(asked)
    if conclusions is not None:
        rows = rows.filter(conclusion__in=conclusions)
    columns = ("pk", "conclusion_id", "conclusion__slug", "number", "next_due")
    return (Signed(*row) for row in rows.values_list(*columns))


def _conclusions(keys: Collection[int]) -> list[Conclusion]:
    """The conclusions with these keys. One query."""
    rows = Conclusion.objects.order_by()
    if len(keys) <= MOST_RESULTS:
        return list(rows.filter(pk__in=keys))
    return [conclusion for conclusion in rows if conclusion.pk in keys]


def _looked_at(which: Q) -> dict[int, dict[int, Looked]]:
    """What assessments looked at, by the keys of assessment and result. One query."""
    found: dict[int, dict[int, Looked]] = defaultdict(dict)
    rows = AssessedResult.objects.filter(which).order_by()
    columns = ("assessment_id", "result_id", "study_id", "digest", "was_retracted")
    for assessment, result, *saw in rows.values_list(*columns).iterator(chunk_size=5000):
        found[assessment][result] = Looked(*saw)
    return found


def _compared(looked_at: Mapping[int, Looked], today: Mapping[int, Member]) -> dict[int, Moved]:
    """The results that are not what they were, by their keys."""
    found = {}
    for key, member in today.items():
        was = looked_at.get(key)
        if was is None:
            how = ["new"]
        else:
            how = ["changed"] if member.digest != was.digest else []
            if member.is_retracted != was.was_retracted:
                how.append("retracted" if member.is_retracted else "restored")
        if how:
            found[key] = Moved(key, member.study, tuple(how), member.digest)
    for key in looked_at.keys() - today.keys():
        found[key] = Moved(key, looked_at[key].study, ("gone",), "")
    return found


def _moves(was: Tree, now: Tree) -> tuple[set[int], set[int]]:
    """The nodes whose branches are not what they were, and all that came into one of them or left it."""
    above: set[int] = set()
    below: set[int] = set()
    for pk in was.parents.keys() | now.parents.keys():
        if was.parents.get(pk) != now.parents.get(pk):
            above |= set(was.path(pk)) ^ set(now.path(pk))
            below |= was.branch([pk]) | now.branch([pk])
    return above, below


def _on(populations: set[int], interventions: set[int], outcomes: set[int]) -> set[int]:
    """The results on any of these nodes, also those that inherit a population. One query."""
    shares = PopulationShare.objects.filter(population__in=populations)
    received = Arm.interventions.through.objects.filter(intervention__in=interventions)
    rows = Result.objects.filter(
        Q(outcome__in=outcomes)
        | Q(arm__in=received.values("arm"))
        | Q(sample__in=shares.values("sample"))
        | Q(sample__parent__in=shares.values("sample"))
    )
    return set(rows.order_by().values_list("pk", flat=True))


def _batches(keys: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(keys)
    while batch := list(islice(rest, size)):
        yield batch
