"""Stance: whether a result goes the way that a finding says."""

import itertools

import pytest

from evidence.certainty import Direction
from evidence.models import Outcome, Result
from evidence.stance import Stance, counted, stance

INTERVENTION, COMPARATOR = "favours intervention", "favours comparator"


@pytest.mark.parametrize(
    ("result", "direction", "better", "expected"),
    [
        (INTERVENTION, "increases", "higher", "supports"),
        (INTERVENTION, "reduces", "lower", "supports"),
        (COMPARATOR, "increases", "lower", "supports"),
        (COMPARATOR, "reduces", "higher", "supports"),
        (INTERVENTION, "increases", "lower", "contradicts"),
        (COMPARATOR, "increases", "higher", "contradicts"),
        ("no clear difference", "increases", "higher", "no clear difference"),
        ("no clear difference", "neither", "higher", "no clear difference"),
        ("mixed", "unclear", "depends", "mixed"),
        (INTERVENTION, "neither", "higher", "cannot be told"),
        (INTERVENTION, "unclear", "higher", "cannot be told"),
        (INTERVENTION, "increases", "depends", "cannot be told"),
        ("changed", "increases", "higher", "cannot be told"),
        ("not estimable", "increases", "higher", "cannot be told"),
        ("", "increases", "higher", "cannot be told"),
    ],
)
def test_stance_follows_from_the_directions_on_record(result, direction, better, expected):
    assert stance(result, direction=direction, better=better) == expected


def test_stance_turns_round_with_the_direction_of_the_finding():
    opposite = {Stance.SUPPORTS: Stance.CONTRADICTS, Stance.CONTRADICTS: Stance.SUPPORTS}
    every = itertools.product(["", *Result.Direction.values], Outcome.Direction.values)

    for result, better in every:
        up = stance(result, direction=Direction.INCREASES, better=better)
        assert stance(result, direction=Direction.REDUCES, better=better) == opposite.get(up, up)


def test_stances_are_counted_in_words():
    assert counted([Stance.MIXED, Stance.SUPPORTS, Stance.SUPPORTS]) == "Supports: 2; mixed: 1"
    assert counted([]) == ""
