import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import effects
from evidence.plots import Line, forest

MD, RR = effects.measure("md"), effects.measure("rr")
VALUES = st.floats(-1e6, 1e6, allow_nan=False)


def percent(text):
    assert text.endswith("%")
    return float(text[:-1])


def test_forest_places_lines_on_a_common_axis():
    drawn = forest(MD, [Line(0.0, -1.0, 1.0), Line(1.0, 0.0, 2.0)])

    first, second = drawn.marks
    assert (first.low, first.x, first.high) == ("4.0%", "34.7%", "65.3%")
    assert (second.low, second.x, second.high) == ("34.7%", "65.3%", "96.0%")
    assert (drawn.null, drawn.null_place) == ("34.7%", 34.7)
    assert [tick.label for tick in drawn.ticks] == ["−1", "0", "1", "2"]


def test_forest_of_ratios_has_its_null_at_one():
    drawn = forest(RR, [Line(math.log(0.5)), Line(math.log(2))])

    assert [tick.label for tick in drawn.ticks] == ["0.5", "1", "2"]
    assert drawn.null == "50.0%"


def test_squares_grow_with_the_root_of_the_weight():
    drawn = forest(MD, [Line(0.1, weight=0.8), Line(0.2, weight=0.2), Line(0.3, weight=0.0)])

    assert [mark.side for mark in drawn.marks] == ["14.0", "10.0", "6.0"]


def test_forest_cuts_off_what_would_make_the_rest_too_small():
    drawn = forest(MD, [Line(0.1, -100.0, 0.2), Line(0.2, 0.1, 0.3)])

    assert (drawn.marks[0].low_open, drawn.marks[0].low) == (True, "4.0%")
    assert not drawn.marks[1].low_open
    assert not drawn.marks[1].high_open


def test_forest_keeps_the_place_of_a_study_without_a_number():
    drawn = forest(MD, [None, Line(0.1), Line(math.nan)])

    assert [mark is None for mark in drawn.marks] == [True, False, True]


def test_forest_draws_pool_and_prediction():
    drawn = forest(MD, [Line(0.0), Line(2.0)], pooled=Line(1.0, 0.5, 1.5), prediction=(-1.0, 3.0))

    assert drawn.diamond == "38.5,18 50.0,10 61.5,18 50.0,26"
    assert drawn.prediction == ("4.0%", "96.0%")


def test_forest_of_nothing_has_an_axis():
    drawn = forest(MD, [])

    assert (drawn.marks, drawn.null) == ((), "50.0%")


@pytest.mark.parametrize("measure", [MD, RR, effects.measure("correlation"), effects.measure("proportion")])
@given(data=st.data())
def test_every_place_lies_on_the_axis_and_in_order(measure, data):
    limit = 1e6 if measure is MD else 20.0
    value = st.floats(-limit, limit, allow_nan=False)
    lines = []
    for _ in range(data.draw(st.integers(0, 6))):
        low, estimate, high = sorted(data.draw(st.tuples(value, value, value)))
        lines.append(Line(estimate, low, high, data.draw(st.floats(0, 1))))

    drawn = forest(measure, lines)

    for mark in drawn.marks:
        places = [percent(mark.low), percent(mark.x), percent(mark.high)]
        assert places == sorted(places)
        assert all(4.0 <= place <= 96.0 for place in places)
        assert 6.0 <= float(mark.side) <= 14.0
    ticks = [percent(tick.x) for tick in drawn.ticks]
    assert ticks == sorted(ticks)
    assert len(ticks) <= 12


def test_axis_that_is_narrower_than_any_step_has_no_ticks():
    drawn = forest(effects.measure("correlation"), [Line(5e-324)])

    assert drawn.ticks == ()
