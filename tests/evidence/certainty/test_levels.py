import itertools

import pytest

from evidence.certainty import (
    LOWERING,
    RAISING,
    Certainty,
    Lowering,
    Raising,
    Start,
    certainty,
    start_of,
)


def test_certainty_follows_for_every_input():
    """Over all 864 combinations of reasons to lower, each with all reasons to raise."""
    lower = list(itertools.product(*(range(len(LOWERING[reason])) for reason in Lowering)))
    raise_ = list(itertools.product(*(range(len(RAISING[reason])) for reason in Raising)))
    words = {4: "high", 3: "moderate", 2: "low", 1: "very low"}

    for start, top in ((Start.HIGH, 4), (Start.LOW, 2)):
        for down in lower:
            for up in raise_:
                found = certainty(
                    start=start,
                    lowered=dict(zip(Lowering, down, strict=True)),
                    raised=dict(zip(Raising, up, strict=True)),
                )

                level = top - sum(down) + sum(up)
                assert found.value == words[4 if level > 4 else 1 if level < 1 else level]


def test_certainty_falls_never_rises_with_one_more_reason_to_lower():
    for reason in Lowering:
        levels = [
            certainty(start=Start.HIGH, lowered={reason: steps}).level
            for steps in range(len(LOWERING[reason]))
        ]

        assert levels == [4, 3, 2, 1][: len(levels)]


@pytest.mark.parametrize(
    ("lowered", "raised", "message"),
    [
        ({Lowering.INCONSISTENCY: 3}, {}, "Inconsistency moves certainty by 0 to 2 levels."),
        ({Lowering.PUBLICATION_BIAS: -1}, {}, "Publication bias moves certainty by 0 to 1 levels."),
        ({}, {Raising.DOSE_RESPONSE: 2}, "Dose response moves certainty by 0 to 1 levels."),
    ],
)
def test_certainty_refuses_a_step_that_a_reason_does_not_have(lowered, raised, message):
    with pytest.raises(ValueError, match=message):
        certainty(start=Start.HIGH, lowered=lowered, raised=raised)


def test_levels_and_words_go_both_ways():
    assert [Certainty.of_level(level) for level in (4, 3, 2, 1)] == list(Certainty)
    assert [word.level for word in Certainty] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("randomised", "start"),
    [([True, True], Start.HIGH), ([False], Start.LOW), ([True, False], None), ([], None)],
)
def test_start_follows_from_the_designs_unless_they_are_mixed(randomised, start):
    assert start_of(randomised=randomised) == start
