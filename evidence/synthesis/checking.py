"""Whether effects may stand in one pool."""

from collections import Counter
from collections.abc import Sequence

from .. import effects as measures
from .effect import Effect
from .refusing import NotPoolable, Reason

# Units of scores: a point of one instrument is not a point of another.
SCORES = frozenset({"", "point", "points", "score", "scores", "unit", "units", "level", "levels"})


def check(effects: Sequence[Effect]) -> None:
    """Raise NotPoolable, with the first reason that applies, unless these effects may be pooled as they are.

    `dependence.select` takes out beforehand what can be taken out: retracted studies, reviews, results
    without a variance, and all but one result of a study.
    """
    _check_each(effects)
    if len(effects) < 2:
        raise NotPoolable(Reason.TOO_FEW, f"{'A single' if effects else 'No'} study is left to pool.")
    _check_measures(effects)
    _check_what_is_compared(effects)
    study, times = Counter(effect.study for effect in effects).most_common(1)[0]
    if times > 1:
        label = next(effect.label for effect in effects if effect.study == study)
        raise NotPoolable(
            Reason.SAME_PEOPLE, f"{label} would be counted {times} times: choose one of its results."
        )


def _check_each(effects: Sequence[Effect]) -> None:
    for effect in effects:
        if effect.is_retracted:
            raise NotPoolable(Reason.RETRACTED, f"{effect.label} was retracted.")
        if effect.is_synthesis:
            raise NotPoolable(
                Reason.REVIEW,
                f"{effect.label} is a review: pooled with studies, it would count their people again.",
            )
        if not effect.is_weighable:
            raise NotPoolable(
                Reason.NO_VARIANCE,
                f"{effect.label} gives no number with its uncertainty, so that it cannot be weighted.",
            )


def _check_measures(effects: Sequence[Effect]) -> None:
    for effect in effects:
        if effect.measure.pool_group is None:
            raise NotPoolable(
                Reason.NEVER_POOLED,
                f"{effect.measure.label} ({effect.label}) is a measure that is never pooled.",
            )
    first = effects[0]
    if not all(measures.may_pool(first.measure.code, effect.measure.code) for effect in effects):
        names = sorted({effect.measure.label for effect in effects})
        raise NotPoolable(Reason.MEASURES, f"Different measures cannot be pooled: {'; '.join(names)}.")
    if not first.measure.needs_unit:
        return
    units = sorted({effect.unit.strip() for effect in effects})
    if len(units) > 1:
        names = [unit or "not stated" for unit in units]
        raise NotPoolable(Reason.UNITS, f"Different units cannot be pooled: {'; '.join(names)}.")
    if units[0].lower() in SCORES:
        instruments = sorted({effect.instrument.strip() for effect in effects})
        if instruments == [""]:
            raise NotPoolable(
                Reason.UNITS, "Neither unit nor instrument is stated, so that numbers cannot be compared."
            )
        if len(instruments) > 1:
            names = [instrument or "not stated" for instrument in instruments]
            raise NotPoolable(
                Reason.INSTRUMENTS, f"Scores of different instruments cannot be pooled: {'; '.join(names)}."
            )


def _check_what_is_compared(effects: Sequence[Effect]) -> None:
    within = [effect for effect in effects if effect.is_before_after]
    if within and len(within) < len(effects):
        raise NotPoolable(
            Reason.COMPARISONS,
            f"{within[0].label} measured a change within one group; it cannot be pooled with differences "
            "between groups.",
        )
    # Only a standardised difference may be about several outcomes at once.
    known = {effect.better for effect in effects} & {"higher", "lower"}
    if len(known) > 1:
        raise NotPoolable(
            Reason.DIRECTIONS,
            "In some studies higher values are better and in others lower ones: the sign of one side has to"
            " be "
            "turned first.",
        )
