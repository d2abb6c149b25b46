"""One result for each study, so that nobody is counted twice.

Sources, cited below by short name
    Handbook     Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from .. import effects as measures
from .effect import Effect
from .refusing import Reason

RULE = (
    "Retracted studies, reviews and results without a variance are left out. Of each study one result is "
    "taken: in the measure and unit that most studies use; in the whole sample rather than a subgroup, and "
    "in the larger subgroup; the primary outcome; analysed by intention to treat, then adjusted, unadjusted,"
    " not stated, per protocol; at the end of the intervention, then at follow-up, not stated, during a "
    "session; at the latest time point; with the most people; and the first by name. The size of an effect "
    "never decides. Arms that share one comparator are combined into one where their numbers allow it; "
    "otherwise one of them is taken by the same rule."
)

_ANALYSES = ("intention to treat", "adjusted", "unadjusted", "not stated", "per protocol")
_PHASES = ("end", "follow-up", "", "acute")
# Derivations from numbers of two groups of different people, from which those of both together follow.
_COMBINABLE = frozenset({"means_and_sds", "changes_and_sds", "counts", "counts_with_half_added"})


@dataclass(frozen=True)
class Dropped:
    """A result that stays visible and out of the pool, with why in words."""

    effect: Effect
    reason: Reason
    words: str


@dataclass(frozen=True)
class Combined:
    """Results of arms that share a comparator, as one."""

    effect: Effect
    parts: tuple[Effect, ...]


@dataclass(frozen=True)
class Selection:
    """What goes into a pool, at most one result for each study, and what does not.

    Every effect is either kept, a part of a combined one that is kept, or dropped.
    """

    kept: tuple[Effect, ...]
    combined: tuple[Combined, ...]
    dropped: tuple[Dropped, ...]


def select(effects: Iterable[Effect], *, group: str | None = None) -> Selection:
    """Choose by RULE what may be pooled without counting anybody twice; studies keep their order.

    With the pool group of a measure as `group`, nothing is taken in another one. Whether the effects that
    are kept may be pooled with each other is asked by `checking.check`.
    """
    usable: dict[str, list[Effect]] = {}
    dropped = []
    for effect in effects:
        reason = _unusable(effect, group)
        if reason is None:
            usable.setdefault(effect.study, []).append(effect)
        else:
            dropped.append(Dropped(effect, reason, reason.words))
    # In how many studies each measure is found, the alphabet where two are found equally often.
    found = Counter(group for results in usable.values() for group in {_group(effect) for effect in results})
    places = {group: place for place, group in enumerate(sorted(found, key=lambda g: (-found[g], g)))}
    kept, combined = [], []
    for results in usable.values():
        first, *others = sorted(results, key=lambda effect: _rank(effect, places))
        together = _combine_arms(first, others)
        kept.append(first if together is None else together.effect)
        if together is not None:
            combined.append(together)
            others = [effect for effect in others if effect not in together.parts]
        dropped += [Dropped(effect, Reason.SAME_PEOPLE, _why_not(effect, first, places)) for effect in others]
    return Selection(tuple(kept), tuple(combined), tuple(dropped))


def leave_out(selection: Selection, studies: Collection[str]) -> Selection:
    """Return the same selection without these studies; what was taken of them is dropped.

    Of the other studies the same results stay taken, so that two pools differ by these studies alone.
    """
    out = {effect.key for effect in selection.kept if effect.study in studies}
    parts = {each.effect.key: each.parts for each in selection.combined if each.effect.key in out}
    return Selection(
        tuple(effect for effect in selection.kept if effect.key not in out),
        tuple(each for each in selection.combined if each.effect.key not in out),
        (
            *selection.dropped,
            *(
                Dropped(part, Reason.LEFT_OUT, Reason.LEFT_OUT.words)
                for effect in selection.kept
                if effect.key in out
                for part in parts.get(effect.key, (effect,))
            ),
        ),
    )


def _unusable(effect: Effect, group: str | None) -> Reason | None:
    if effect.is_retracted:
        return Reason.RETRACTED
    if effect.is_synthesis:
        return Reason.REVIEW
    if not effect.is_weighable:
        return Reason.NO_VARIANCE
    if group is None or effect.measure.pool_group == group:
        return None
    return Reason.NEVER_POOLED if effect.measure.pool_group is None else Reason.MEASURES


def _group(effect: Effect) -> tuple[str, str, bool]:
    """What decides first whether effects can be pooled: measure, unit, and whether groups are compared."""
    measure = effect.measure
    unit = effect.unit.strip() if measure.needs_unit else ""
    return measure.pool_group or "", unit, effect.is_before_after


Rank = tuple[int, bool, int, bool, int, int, float, int, str]


def _rank(effect: Effect, places: dict[tuple[str, str, bool], int]) -> Rank:
    """Return a key that sorts the result to be taken first: RULE, clause by clause."""
    people = effect.people or 0
    return (
        places[_group(effect)],
        effect.is_subgroup,
        -people if effect.is_subgroup else 0,
        not effect.is_primary,
        _ANALYSES.index(effect.analysis) if effect.analysis in _ANALYSES else len(_ANALYSES),
        _PHASES.index(effect.phase) if effect.phase in _PHASES else len(_PHASES),
        -effect.weeks if effect.weeks is not None else math.inf,
        -people,
        effect.key,
    )


_CLAUSES = (
    "in another measure than most studies use",
    "in a subgroup",
    "in a smaller subgroup",
    "not the primary outcome",
    "analysed in another way",
    "in another phase",
    "at an earlier or unknown time point",
    "with fewer people",
    "another result of the same people",
)


def _why_not(effect: Effect, taken: Effect, places: dict[tuple[str, str, bool], int]) -> str:
    """Say by which clause of RULE another result of the study was taken."""
    if effect.arms != taken.arms and _how(effect) == _how(taken):
        return "The people of its comparator are counted already, with another arm"
    pairs = zip(_rank(effect, places), _rank(taken, places), _CLAUSES, strict=True)
    clause = next((words for own, other, words in pairs if own != other), _CLAUSES[-1])
    return f"The same people are counted already ({clause})"


def _combine_arms(first: Effect, others: Sequence[Effect]) -> Combined | None:
    """Put arms together that were compared with one comparator in the same way: Handbook 23.3.4.

    The people of all arms become one group, by the formulas of Handbook 6.5.2.10 for means; the comparator is
    counted once. None where there is nothing to combine or the numbers do not allow it.
    """
    parts = [first]
    for other in others:
        if all(_are_arms_apart(other, part) for part in parts):
            parts.append(other)
    if len(parts) == 1:
        return None
    numbers = [part.numbers for part in parts if part.numbers is not None]
    if len(numbers) < len(parts):
        return None
    together = combine(numbers)
    if together is None:
        return None
    try:
        effect = measures.compute(first.measure.code, together)
    except measures.ImpossibleInput:  # arms without any spread, of which only rounding is left
        return None
    if effect.derivation not in _COMBINABLE or effect.vi is None:
        return None
    return Combined(
        replace(
            first,
            key="+".join(part.key for part in parts),
            yi=effect.yi,
            vi=effect.vi,
            derivation=effect.derivation,
            arms=frozenset().union(*(part.arms for part in parts)),
            people=_whole_sum([together.arm_n, together.comparator_n]),
            is_primary=any(part.is_primary for part in parts),
            numbers=together,
        ),
        tuple(parts),
    )


def _are_arms_apart(a: Effect, b: Effect) -> bool:
    """Whether two results compare different arms with the same comparator in the same way."""
    if a.derivation not in _COMBINABLE or b.derivation not in _COMBINABLE:
        return False
    if not a.arms or not b.arms or a.arms & b.arms or a.comparator is None:
        return False
    return _how(a) == _how(b)


def _how(effect: Effect) -> tuple[object, ...]:
    """Everything but the arms that must be the same before arms are put together."""
    return (
        effect.comparator,
        effect.measure,
        effect.unit,
        effect.instrument,
        effect.better,
        effect.is_turned,
        effect.sample,
        effect.weeks,
        effect.phase,
        effect.analysis,
    )


def combine(numbers: Sequence[measures.Numbers]) -> measures.Numbers | None:
    """Return the numbers of arms as those of one arm, with the comparator they share; None where they differ.

    Counts, people and person-time are added, mean and SD are those of all people together (Handbook
    6.5.2.10). None also where the same people were in several arms or the comparator is not the same in all.
    """
    first = numbers[0]
    if any(each.paired for each in numbers):
        return None
    if len({tuple(getattr(each, name) for name in _COMPARATOR) for each in numbers}) > 1:
        return None
    mean, sd = _mean_and_sd(numbers)
    return measures.Numbers(
        arm_n=_whole_sum(each.arm_n for each in numbers),
        arm_mean=mean,
        arm_sd=sd,
        arm_events=_whole_sum(each.arm_events for each in numbers),
        arm_person_time=_sum(each.arm_person_time for each in numbers),
        **{name: getattr(first, name) for name in _COMPARATOR},
    )


_COMPARATOR = (
    "comparator_n",
    "comparator_mean",
    "comparator_sd",
    "comparator_events",
    "comparator_person_time",
)


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else math.fsum(value for value in known if value is not None)


def _whole_sum(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _mean_and_sd(numbers: Sequence[measures.Numbers]) -> tuple[float | None, float | None]:
    """Return mean and SD of the people of all arms, both None where one is missing."""
    arms = [
        (each.arm_n, each.arm_mean, each.arm_sd)
        for each in numbers
        if each.arm_n is not None and each.arm_mean is not None and each.arm_sd is not None
    ]
    people = sum(n for n, _, _ in arms)
    if len(arms) < len(numbers) or people < 2:
        return None, None
    mean = math.fsum(n * m for n, m, _ in arms) / people
    squares = math.fsum((n - 1) * sd**2 + n * (m - mean) ** 2 for n, m, sd in arms)
    return mean, math.sqrt(squares / (people - 1))
