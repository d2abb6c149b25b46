"""Finding where a function crosses zero."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.synthesis.roots import root


@given(st.floats(1e-250, 1e250))
def test_root_is_found_to_the_last_digits_at_any_scale(where):
    found = root(lambda x: math.log(x / where), where / 1e4, where * 1e5)

    assert found == pytest.approx(where, rel=2e-15)


def test_root_at_an_end_is_that_end():
    assert root(lambda x: x - 2, 2.0, 5.0) == 2.0
    assert root(lambda x: x - 5, 2.0, 5.0) == 5.0


def test_root_that_is_hit_exactly_is_returned_at_once():
    assert root(lambda x: x - 1, 0.0, 2.0) == 1.0


def test_root_of_a_step_is_where_it_steps():
    assert root(lambda x: 1.0 if x > 0.3 else -1.0, 0.0, 1.0) == pytest.approx(0.3, rel=1e-14)


def test_root_takes_few_steps_on_a_smooth_function():
    seen = []

    def function(x):
        seen.append(x)
        return x**3 - 2

    assert root(function, 0.0, 100.0) == pytest.approx(2 ** (1 / 3), rel=1e-15)
    assert len(seen) < 25


def test_root_near_zero_stops_at_the_floor():
    assert abs(root(lambda x: x - 1e-30, -1.0, 2.0, floor=1e-20)) < 1e-19


def test_root_refuses_ends_of_one_sign():
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x * x + 1, -1.0, 1.0)
