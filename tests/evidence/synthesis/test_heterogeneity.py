"""How much true effects differ."""

import math

import pytest

from evidence.synthesis.distributions import chi2_quantile
from evidence.synthesis.heterogeneity import Method, heterogeneity, q_profile, tau2
from evidence.synthesis.profile import Profile

from .bodies import SETS


def profile_of(name):
    rows = SETS[name]["data"]
    return Profile([row["yi"] for row in rows], [row["vi"] for row in rows])


# Most precise studies around 0 with one or two large effects beside them: the likelihood has two peaks.
HIGHER_NEAR_ZERO = Profile([0.04, 0.02, -2.58, 0.0, -1.41], [0.00015, 0.00011, 2.16526, 0.0001, 0.18868])
HIGHER_FAR_OFF = Profile(
    [-0.45, 0.12, 2.54, 0.05, -11.97, -0.39], [0.1494, 0.00627, 7.65206, 0.00131, 6.29517, 0.45978]
)


def peaks(profile):
    """Where the likelihood is higher than on both sides, on a fine grid."""
    grid = [0.0] + [profile.smallest * 1e-3 * 1.01**step for step in range(2500)]
    heights = [-math.inf, *map(profile.likelihood, grid), -math.inf]
    return [grid[i - 1] for i in range(1, len(grid) + 1) if heights[i - 1] < heights[i] > heights[i + 1]]


def test_reml_takes_the_higher_peak_near_zero():
    low, high = peaks(HIGHER_NEAR_ZERO)

    found = tau2(HIGHER_NEAR_ZERO)

    assert found == pytest.approx(low, rel=0.01)
    assert HIGHER_NEAR_ZERO.likelihood(found) > HIGHER_NEAR_ZERO.likelihood(high)


def test_reml_takes_the_higher_peak_far_off():
    low, high = peaks(HIGHER_FAR_OFF)

    found = tau2(HIGHER_FAR_OFF)

    assert low == 0
    assert found == pytest.approx(high, rel=0.01)
    assert HIGHER_FAR_OFF.likelihood(found) > HIGHER_FAR_OFF.likelihood(0.0)


@pytest.mark.parametrize("method", list(Method))
def test_equal_effects_have_no_variance_between_them(method):
    found = heterogeneity(Profile([0.3] * 4, [0.01, 0.2, 0.03, 5.0]), method=method)

    assert (found.q, found.df, found.p) == (0.0, 3, 1.0)
    assert (found.tau2, found.tau2_interval) == (0.0, (0.0, 0.0))
    assert (found.i2, found.i2_interval, found.h2) == (0.0, (0.0, 0.0), 1.0)


@pytest.mark.parametrize("method", list(Method))
def test_effects_that_differ_less_than_chance_have_no_variance_between_them(method):
    assert tau2(Profile([0.0, 0.1, 0.2], [1.0, 1.0, 1.0]), method) == 0.0


@pytest.mark.parametrize("method", list(Method))
def test_equal_variances_leave_what_the_spread_has_beyond_them(method):
    # With equal variances all three methods are the sample variance less the sampling variance.
    found = heterogeneity(Profile([0.0, 1.0, 5.0, 6.0], [0.5] * 4), method=method)

    assert found.tau2 == pytest.approx(26 / 3 - 0.5, rel=1e-13)
    assert found.h2 == pytest.approx(26 / 3 / 0.5, rel=1e-13)


def test_i2_of_dersimonian_and_laird_is_the_older_one():
    found = heterogeneity(profile_of("bcg"), method=Method.DERSIMONIAN_LAIRD)

    assert found.i2 == pytest.approx(100 * (found.q - found.df) / found.q, rel=1e-13)


def test_i2_of_other_methods_follows_their_own_tau2():
    found = [heterogeneity(profile_of("lee2004"), method=method).i2 for method in Method]

    assert len(set(found)) == 3


def test_q_profile_gives_q_its_quantiles():
    profile = profile_of("linde2005")

    low, high = q_profile(profile, level=90.0)

    assert profile.q(low) == pytest.approx(chi2_quantile(0.95, 23), rel=1e-12)
    assert profile.q(high) == pytest.approx(chi2_quantile(0.05, 23), rel=1e-12)


def test_q_profile_widens_with_its_level():
    profile = profile_of("bcg")

    narrow, wide = q_profile(profile, level=80.0), q_profile(profile, level=99.0)

    assert wide[0] < narrow[0] < tau2(profile) < narrow[1] < wide[1]


def test_paule_mandel_gives_q_its_expectation():
    profile = profile_of("normand1999")

    assert profile.q(tau2(profile, Method.PAULE_MANDEL)) == pytest.approx(8, rel=1e-12)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_tau2_converges_alike_at_any_scale(method, scale):
    rows = SETS["linde2005"]["data"]
    scaled = Profile([row["yi"] * scale for row in rows], [row["vi"] * scale**2 for row in rows])

    assert tau2(scaled, method) == pytest.approx(SETS["linde2005"][method.value]["tau2"] * scale**2, rel=1e-9)


@pytest.mark.parametrize("method", list(Method))
def test_one_study_with_nearly_all_weight_is_no_trap(method):
    found = heterogeneity(Profile([0.0, 1.0, 1.2, 0.9], [1e-12, 1.0, 1.1, 0.9]), method=method)

    # Three pairs with the precise study: the others against 0 with their own variances.
    assert found.q == pytest.approx(1.0 + 1.44 / 1.1 + 0.81 / 0.9, rel=1e-9)
    assert 0 <= found.tau2 < 1
    assert 0 <= found.i2 < 100


def test_huge_weights_are_no_trap():
    found = heterogeneity(Profile([3.0, 3.5, 4.0], [1e-280, 2e-280, 1e-280]))

    assert found.tau2 == pytest.approx(0.25, rel=1e-12)
    assert found.i2 == pytest.approx(100.0, rel=1e-12)


def test_methods_have_names_for_readers():
    assert [method.words for method in Method] == [
        "Restricted maximum likelihood (REML)", "Paule-Mandel", "DerSimonian-Laird",
    ]  # fmt: skip
