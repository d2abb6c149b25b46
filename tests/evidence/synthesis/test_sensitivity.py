"""Whether a pool hangs on one study, on the years, or on the kind of study."""

import pytest

from evidence.synthesis import (
    Method,
    NotPoolable,
    Reason,
    Settings,
    cumulative,
    leave_one_out,
    pool,
    subgroups,
)

from .bodies import body, effect, published

SETTINGS = Settings(method=Method.PAULE_MANDEL, level=90.0)


def test_leave_one_out_pools_the_others():
    effects = published("hart1999")

    found = leave_one_out(effects, SETTINGS)

    assert [without.effect for without in found] == effects
    assert [without.pool for without in found] == [
        pool([other for other in effects if other != left_out], SETTINGS) for left_out in effects
    ]


def test_leave_one_out_needs_three_studies():
    with pytest.raises(NotPoolable) as caught:
        leave_one_out(body((0.1, 0.1), (0.2, 0.1)))

    assert caught.value.reason is Reason.TOO_FEW


def test_cumulative_follows_the_years_and_puts_unknown_ones_last():
    new, unknown, old, same_year = (
        effect(0.1, 0.1, study="new", year=2020),
        effect(0.2, 0.1, study="unknown"),
        effect(0.3, 0.1, study="old", year=1990),
        effect(0.4, 0.1, study="same year", year=2020),
    )

    found = cumulative([new, unknown, old, same_year], SETTINGS)

    assert [step.effect for step in found] == [new, same_year, unknown]
    assert [step.pool for step in found] == [
        pool([old, new], SETTINGS),
        pool([old, new, same_year], SETTINGS),
        pool([old, new, same_year, unknown], SETTINGS),
    ]


def test_subgroups_are_pooled_apart():
    effects = body((0.1, 0.1), (0.2, 0.1), (0.5, 0.2), (0.7, 0.3), (0.9, 0.25))

    found = subgroups(effects, lambda each: "small" if each.vi > 0.15 else "large", SETTINGS)

    assert [group.name for group in found.groups] == ["large", "small"]
    assert [group.pool for group in found.groups] == [
        pool(effects[:2], SETTINGS),
        pool(effects[2:], SETTINGS),
    ]
    assert found.df == 1


def test_subgroup_of_one_study_speaks_for_itself():
    effects = body((0.0, 0.1), (0.0, 0.1), (1.0, 0.15))

    found = subgroups(effects, lambda each: "other" if each.yi else "none")

    alone = found.groups[1]
    assert (alone.pool, alone.estimate, alone.variance) == (None, 1.0, 0.15)
    # 0 with variance 0.05 beside 1 with variance 0.15.
    assert found.q == pytest.approx(1 / 0.2, rel=1e-14)


def test_one_subgroup_is_none():
    with pytest.raises(NotPoolable, match="one kind"):
        subgroups(body((0.1, 0.1), (0.2, 0.1)), lambda each: "all")


def test_sensitivity_refuses_what_a_pool_refuses():
    twice = [effect(0.1, 0.1, key=key) for key in "abc"]

    for analysis in (leave_one_out, cumulative, lambda effects: subgroups(effects, lambda each: each.key)):
        with pytest.raises(NotPoolable) as caught:
            analysis(twice)
        assert caught.value.reason is Reason.SAME_PEOPLE
