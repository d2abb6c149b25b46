"""Stance: whether a result goes the way that a finding says, told from the directions on record alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from .certainty import Direction
from .models import Outcome, Result


class Stance(StrEnum):
    """How a result stands to a finding. What stored directions do not tell is said to be untold."""

    SUPPORTS = "supports"
    NO_CLEAR = "no clear difference"
    CONTRADICTS = "contradicts"
    MIXED = "mixed"
    UNTOLD = "cannot be told"

    @property
    def words(self) -> str:
        return self.capitalize()


_IS_GOOD: Mapping[tuple[str, str], bool] = {
    (Direction.INCREASES, Outcome.Direction.HIGHER): True,
    (Direction.REDUCES, Outcome.Direction.LOWER): True,
    (Direction.INCREASES, Outcome.Direction.LOWER): False,
    (Direction.REDUCES, Outcome.Direction.HIGHER): False,
}
_FAVOURS: Mapping[str, bool] = {Result.Direction.INTERVENTION: True, Result.Direction.COMPARATOR: False}


def has_direction(direction: str, *, better: str) -> bool:
    """Whether a finding goes for better or for worse, so that a result can support or contradict it."""
    return (direction, better) in _IS_GOOD


def stance(result: str, *, direction: str, better: str) -> Stance:
    """The stance of a result (its direction as stored) to a finding that goes in `direction`.

    `better` is the better way of the outcome that the finding is about. A result without a clear difference
    never supports a finding of little or none: its study may have been too small to see one.
    """
    if result == Result.Direction.NO_CLEAR:
        return Stance.NO_CLEAR
    if result == Result.Direction.MIXED:
        return Stance.MIXED
    is_good = _IS_GOOD.get((direction, better))
    if is_good is None or result not in _FAVOURS:
        return Stance.UNTOLD
    return Stance.SUPPORTS if _FAVOURS[result] == is_good else Stance.CONTRADICTS


def counted(stances: Iterable[Stance]) -> str:
    """How many results stand how: “Supports: 2; mixed: 1”; empty for none."""
    counts = Counter(stances)
    return "; ".join(f"{each.value}: {counts[each]}" for each in Stance if counts[each]).capitalize()
