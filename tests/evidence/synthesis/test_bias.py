"""Whether small studies found something else than large ones."""

import math

import pytest

from evidence.synthesis import NotPoolable, Reason, egger, funnel, pool

from .bodies import body, effect, published


def test_egger_needs_ten_studies():
    with pytest.raises(NotPoolable) as caught:
        egger(published("bcg")[:9])

    assert caught.value.reason is Reason.TOO_FEW
    assert str(caught.value) == (
        "With 9 studies asymmetry cannot be told from chance; ten at least are needed."
    )


def test_egger_needs_studies_of_different_precision():
    with pytest.raises(NotPoolable, match="equally precise"):
        egger(body(*[(place / 10, 0.3) for place in range(12)]))


def test_egger_finds_a_line_without_scatter():
    found = egger(body(*[(0.2 + 1.5 * se / 10, (se / 10) ** 2) for se in range(1, 13)]))

    assert found.slope == pytest.approx(1.5, rel=1e-12)
    assert found.se == pytest.approx(0, abs=1e-12)
    assert found.p == pytest.approx(0, abs=1e-12)


def test_egger_of_equal_effects_finds_nothing():
    found = egger(body(*[(0.5, se / 10) for se in range(1, 13)]))

    assert (found.slope, found.t, found.p, found.interval) == (0.0, 0.0, 1.0, (0.0, 0.0))


def test_egger_is_the_same_in_any_unit_and_order():
    effects = published("laopaiboon2015")
    scaled = [effect(each.yi * 1e6, each.vi * 1e12, study=each.study) for each in reversed(effects)]

    a, b = egger(effects), egger(scaled)

    assert (b.slope, b.se, b.t, b.p) == pytest.approx((a.slope, a.se, a.t, a.p), rel=1e-10)


def test_egger_of_another_level_has_another_interval():
    effects = published("bcg")

    assert egger(effects, level=90.0).interval[0] > egger(effects).interval[0]


def test_egger_refuses_what_a_pool_refuses():
    with pytest.raises(NotPoolable) as caught:
        egger([*published("bcg"), effect(0.1, None, study="new", measure="rr")])

    assert caught.value.reason is Reason.NO_VARIANCE


def test_funnel_stands_around_the_common_effect():
    effects = published("bcg")

    found = funnel(effects)

    assert found.tip == pool(effects).common.value
    assert [(point.x, point.se) for point in found.points] == [(each.yi, each.se) for each in effects]
    assert found.deepest == max(each.se for each in effects)
    assert found.base == pytest.approx(
        (found.tip - 1.959963984540054 * found.deepest, found.tip + 1.959963984540054 * found.deepest),
        rel=1e-14,
    )


def test_funnel_of_another_level_is_wider():
    effects = body((0.1, 0.04), (0.2, 0.09))

    found = funnel(effects, level=99.0)

    assert found.level == 99.0
    assert found.base[1] - found.tip == pytest.approx(2.5758293035489004 * math.sqrt(0.09), rel=1e-12)


def test_funnel_needs_two_studies():
    with pytest.raises(NotPoolable):
        funnel(body((0.1, 0.04)))
