"""Places of drawings."""

from evidence import effects
from evidence.intervals import Axis, Places, Span


def test_axis_runs_from_the_lowest_to_the_highest_end():
    spans = [Span(estimate=2.0, low=0.0, high=4.0), Span(estimate=3.0, low=None, high=None)]

    axis = Axis(effects.measure("md"), spans)

    assert axis.places(spans[0]) == Places(x_estimate="50.0%", x_low="4.0%", x_high="96.0%", x_null="4.0%")
    assert axis.places(spans[1]) == Places(x_estimate="73.0%", x_low=None, x_high=None, x_null="4.0%")


def test_ratios_are_drawn_on_a_log_scale_around_one():
    span = Span(estimate=1.0, low=0.5, high=2.0)

    places = Axis(effects.measure("rr"), [span]).places(span)

    assert places == Places(x_estimate="50.0%", x_low="4.0%", x_high="96.0%", x_null="50.0%")


def test_a_single_point_at_its_null_is_drawn_in_the_middle():
    span = Span(estimate=0.0, low=None, high=None)

    assert Axis(effects.measure("md"), [span]).places(span).x_estimate == "50.0%"
