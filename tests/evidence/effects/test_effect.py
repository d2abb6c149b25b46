"""The interval of an effect."""

import math
from dataclasses import replace

import pytest

from evidence.effects import Effect, Numbers, compute, display, measure

from .numbers import Z_90, close, reported, table


def test_odds_ratio_interval_agrees_with_metafor():
    low, high = compute("or", table(4, 123, 11, 139)).interval()

    assert (round(math.log(low), 4), round(math.log(high), 4)) == (-2.1100, 0.2326)


def test_proportion_interval_stays_between_nobody_and_everybody():
    low, high = compute("proportion", Numbers(arm_events=1, arm_n=4)).interval(99.9)

    assert 0 < low < 0.25 < high < 1


def test_interval_refuses_a_level_that_is_none():
    effect = compute("md", reported(1.0, 0.0, 2.0))

    for level in (0, 100, -5, 195):
        with pytest.raises(ValueError, match="between 0 and 100"):
            effect.interval(level)


def test_interval_as_printed_is_the_one_of_its_level():
    # Rounded in print, so that it does not lie evenly around its estimate on the log scale.
    printed = Effect(measure("rr"), math.log(0.8), 0.01, "estimate_and_interval", reported=(0.64, 1.01, 95.0))
    derived = replace(printed, reported=None)

    assert printed.interval(95.0) == printed.interval() == (0.64, 1.01)
    assert display(printed) == "0.80 (0.64 to 1.01)"
    assert display(derived) == "0.80 (0.66 to 0.97)"


def test_interval_as_printed_gives_way_to_the_wald_interval_at_another_level():
    printed = Effect(measure("rr"), math.log(0.8), 0.01, "estimate_and_interval", reported=(0.64, 1.01, 95.0))

    assert printed.interval(90.0) == close(0.8 * math.exp(-0.1 * Z_90), 0.8 * math.exp(0.1 * Z_90))
    assert display(printed, level=90.0) == "0.80 (0.68 to 0.94)"
