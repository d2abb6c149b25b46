"""The distributions, beside R and beside themselves."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.synthesis.distributions import (
    chi2_cdf,
    chi2_quantile,
    chi2_tail,
    normal_cdf,
    normal_quantile,
    t_cdf,
    t_quantile,
    t_tail,
)

from .bodies import HERE

R = json.loads((HERE / "distributions.json").read_text(encoding="utf-8"))

degrees = st.integers(1, 2000)
probabilities = st.floats(1e-9, 1 - 1e-9)


def test_normal_agrees_with_r():
    for x, cdf in R["normal"]:
        assert normal_cdf(x) == pytest.approx(cdf, rel=1e-12)


def test_t_agrees_with_r():
    for df, x, tail in R["t"]:
        assert t_tail(x, df) == pytest.approx(tail, rel=1e-12)
        assert t_cdf(-x, df) == pytest.approx(tail, rel=1e-12)


def test_t_quantiles_agree_with_r():
    for df, p, x in R["t_quantile"]:
        assert t_quantile(p, df) == pytest.approx(x, rel=1e-12)


def test_chi2_agrees_with_r():
    for df, x, cdf, tail in R["chi2"]:
        assert chi2_cdf(x, df) == pytest.approx(cdf, rel=1e-12)
        assert chi2_tail(x, df) == pytest.approx(tail, rel=1e-12)


def test_chi2_quantiles_agree_with_r():
    for df, p, x in R["chi2_quantile"]:
        assert chi2_quantile(p, df) == pytest.approx(x, rel=1e-12)


def test_t_with_one_and_two_degrees_is_known_in_closed_form():
    for x in (0.1, 1.0, 12.706, 500.0):
        assert t_tail(x, 1) == pytest.approx(math.atan2(1, x) / math.pi, rel=1e-13)
        assert t_cdf(x, 2) == pytest.approx((1 + x / math.sqrt(2 + x * x)) / 2, rel=1e-13)


def test_chi2_with_two_degrees_is_known_in_closed_form():
    for x in (1e-9, 0.3, 2.0, 40.0, 700.0):
        assert chi2_tail(x, 2) == pytest.approx(math.exp(-x / 2), rel=1e-13)


def test_edges_are_exact():
    assert (chi2_cdf(0.0, 3), chi2_tail(0.0, 3)) == (0.0, 1.0)
    assert (chi2_cdf(math.inf, 3), chi2_tail(math.inf, 3)) == (1.0, 0.0)
    assert (t_tail(0.0, 4), t_quantile(0.5, 4)) == (0.5, 0.0)
    assert (t_tail(math.inf, 4), t_tail(1e200, 4)) == (0.0, 0.0)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, math.nan])
def test_quantiles_refuse_what_is_no_probability(p):
    for quantile in (normal_quantile, lambda p: t_quantile(p, 3), lambda p: chi2_quantile(p, 3)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            quantile(p)


def test_degrees_of_freedom_are_above_zero():
    with pytest.raises(ValueError, match="above zero"):
        chi2_tail(1.0, 0)
    with pytest.raises(ValueError, match="above zero"):
        t_tail(1.0, 0)


@given(probabilities)
def test_normal_returns_where_it_came_from(p):
    assert normal_cdf(normal_quantile(p)) == pytest.approx(p, rel=1e-9)


@given(probabilities, degrees)
def test_t_returns_where_it_came_from(p, df):
    assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, rel=1e-11)


@given(probabilities, degrees)
def test_chi2_returns_where_it_came_from(p, df):
    assert chi2_cdf(chi2_quantile(p, df), df) == pytest.approx(p, rel=1e-11)


@given(st.floats(0, 50), degrees)
def test_both_sides_add_up(x, df):
    assert t_cdf(x, df) + t_tail(x, df) == pytest.approx(1, rel=1e-14)
    assert chi2_cdf(x, df) + chi2_tail(x, df) == pytest.approx(1, rel=1e-14)


@given(probabilities, degrees)
def test_t_is_wider_than_normal(p, df):
    assert abs(t_quantile(p, df)) >= abs(normal_quantile(p)) * (1 - 1e-12)
