"""Every number beside that of metafor, on published data sets."""

import pytest

from evidence.synthesis import Method, Settings, cumulative, egger, leave_one_out, pool, subgroups

from .bodies import SETS, published

CLOSE = 1e-9
"""Relative; a thousandth of what is asked for. metafor itself stops between 1e-8 and 1e-14."""


def close(expected, *, beside=0.0):
    """Near `expected`, relative to itself or to what it stands `beside` (its standard error)."""
    return pytest.approx(expected, rel=CLOSE, abs=max(CLOSE * beside, 1e-300))


def having(part):
    return [name for name, found in SETS.items() if part in found]


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("name", SETS)
def test_random_effects_agree(name, method):
    expected = SETS[name][method.value]

    found = pool(published(name), Settings(method=method))

    se = expected["se"]
    assert found.heterogeneity.tau2 == close(expected["tau2"])
    assert found.heterogeneity.i2 == close(expected["i2"])
    assert found.heterogeneity.h2 == close(expected["h2"])
    assert found.estimate.value == close(expected["estimate"], beside=se)
    assert found.estimate.se == close(se)
    assert found.estimate.interval == close((expected["low"], expected["high"]), beside=se)
    assert found.hartung_knapp.se == close(expected["adhoc"]["se"])
    assert found.hartung_knapp.interval == close(
        (expected["adhoc"]["low"], expected["adhoc"]["high"]), beside=se
    )
    assert found.estimate.se * found.hartung_knapp.q**0.5 == close(expected["knha"]["se"])
    assert found.prediction == close(
        (expected["prediction"]["low"], expected["prediction"]["high"]), beside=se
    )
    assert [weight.random for weight in found.weights] == close(expected["weights"])


@pytest.mark.parametrize("name", SETS)
def test_common_effect_and_heterogeneity_agree(name):
    expected, profile = SETS[name]["common"], SETS[name]["qprofile"]

    found = pool(published(name))

    assert found.common.value == close(expected["estimate"], beside=expected["se"])
    assert found.common.se == close(expected["se"])
    assert found.common.interval == close((expected["low"], expected["high"]), beside=expected["se"])
    assert found.heterogeneity.q == close(expected["q"])
    assert found.heterogeneity.p == close(expected["p"])
    assert [weight.common for weight in found.weights] == close(expected["weights"])
    assert found.heterogeneity.tau2_interval == close(tuple(profile["tau2"]))
    assert found.heterogeneity.i2_interval == close(tuple(profile["i2"]))


@pytest.mark.parametrize("name", SETS)
def test_intervals_of_another_level_agree(name):
    expected = SETS[name]["reml"]

    found = pool(published(name), Settings(level=90.0)).estimate.interval

    level = expected["level90"]
    assert found == close((level["low"], level["high"]), beside=expected["se"])


@pytest.mark.parametrize("name", having("egger"))
def test_egger_agrees(name):
    expected = SETS[name]["egger"]

    found = egger(published(name))

    assert found.slope == close(expected["intercept"], beside=expected["se"])
    assert found.se == close(expected["se"])
    assert found.t == close(expected["t"], beside=1.0)
    assert found.df == expected["df"]
    assert found.p == close(expected["p"])


@pytest.mark.parametrize("name", having("leave_one_out"))
def test_leave_one_out_agrees(name):
    found = leave_one_out(published(name))

    for without, expected in zip(found, SETS[name]["leave_one_out"], strict=True):
        assert without.pool.estimate.value == close(expected["estimate"], beside=expected["se"])
        assert without.pool.estimate.se == close(expected["se"])
        assert without.pool.heterogeneity.tau2 == close(expected["tau2"], beside=expected["se"] ** 2)
        assert without.pool.heterogeneity.i2 == close(expected["i2"])
        assert without.pool.heterogeneity.q == close(expected["q"])


@pytest.mark.parametrize("name", having("cumulative"))
def test_cumulative_agrees(name):
    effects = published(name)

    found = cumulative(effects)

    for step, expected in zip(found, SETS[name]["cumulative"], strict=True):
        assert step.effect == effects[expected["row"]]
        assert step.pool.estimate.value == close(expected["estimate"], beside=expected["se"])
        assert step.pool.estimate.se == close(expected["se"])
        assert step.pool.heterogeneity.tau2 == close(expected["tau2"], beside=expected["se"] ** 2)


def test_subgroups_agree():
    expected = SETS["bcg"]["subgroups"]
    effects = published("bcg")
    allocation = dict(zip(effects, expected["by"], strict=True))

    found = subgroups(effects, allocation.__getitem__)

    assert (found.q, found.df, found.p) == close((expected["q"], expected["df"], expected["p"]))
    assert [group.name for group in found.groups] == sorted(expected["groups"])
    for group in found.groups:
        wanted = expected["groups"][group.name]
        assert group.estimate == close(wanted["estimate"])
        assert group.pool.estimate.se == close(wanted["se"])
        assert group.pool.heterogeneity.tau2 == close(wanted["tau2"])


def test_bcg_is_as_printed():
    """As in Viechtbauer 2010, J Stat Softw 36(3), doi:10.18637/jss.v036.i03, section 4."""
    found = pool(published("bcg"))

    assert round(found.estimate.value, 4) == -0.7145
    assert round(found.estimate.se, 4) == 0.1798
    assert [round(bound, 4) for bound in found.estimate.interval] == [-1.0669, -0.3622]
    assert round(found.heterogeneity.tau2, 4) == 0.3132
    assert (round(found.heterogeneity.i2, 2), round(found.heterogeneity.h2, 2)) == (92.22, 12.86)
    assert (round(found.heterogeneity.q, 4), found.heterogeneity.df) == (152.2330, 12)
