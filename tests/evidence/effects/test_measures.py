"""The measures: their scales, null values and what may be pooled."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects import MEASURES, Scale, may_pool, measure


def test_measures_are_the_agreed_ones():
    assert list(MEASURES) == [
        "md", "change_md", "smd", "smcr", "rom", "percent_change", "rr", "or", "rd", "hr", "irr",
        "rate_difference", "correlation", "beta", "proportion", "mean", "direction_only", "narrative",
    ]  # fmt: skip
    assert all(measure(code).code == code for code in MEASURES)


def test_measures_with_a_null_have_zero_there_on_the_analysis_scale():
    with_null = [entry for entry in MEASURES.values() if entry.null is not None]

    assert {entry.scale.to_analysis(entry.null) for entry in with_null} == {0.0}
    assert {entry.code for entry in MEASURES.values() if entry.null is None} == {
        "proportion", "mean", "direction_only", "narrative",
    }  # fmt: skip


def test_measure_refuses_an_unknown_code():
    with pytest.raises(KeyError):
        measure("cohens_d")


def test_may_pool_joins_only_final_and_change_differences():
    pooled_across = {(a, b) for a in MEASURES for b in MEASURES if a != b and may_pool(a, b)}

    assert pooled_across == {("md", "change_md"), ("change_md", "md")}


def test_may_pool_refuses_measures_without_a_group_even_with_themselves():
    alone = {code for code in MEASURES if not may_pool(code, code)}

    assert alone == {"percent_change", "direction_only", "narrative"}


@given(st.floats(0.001, 0.999))
def test_scale_returns_where_it_came_from(x):
    for scale in Scale:
        assert scale.to_display(scale.to_analysis(x)) == pytest.approx(x, rel=1e-12)


def test_scale_shows_edges_as_infinities_and_back():
    assert Scale.log.to_analysis(0) == -math.inf
    assert Scale.fisher_z.to_analysis(-1) == -math.inf
    assert (Scale.logit.to_analysis(0), Scale.logit.to_analysis(1)) == (-math.inf, math.inf)
    assert (Scale.logit.to_display(-math.inf), Scale.logit.to_display(math.inf)) == (0.0, 1.0)
    assert Scale.logit.to_display(-1e9) == 0.0
    assert (Scale.log.to_display(-math.inf), Scale.log.to_display(1e9)) == (0.0, math.inf)
