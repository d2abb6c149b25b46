import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import effects, synthesis
from evidence.plots import funnel
from tests.evidence.synthesis.bodies import body

MD = effects.measure("md")


def percent(place):
    return float(place[:-1])


def test_funnel_places_precise_studies_on_top():
    drawn = funnel(MD, synthesis.funnel(body((0.0, 0.01), (1.0, 0.04), (0.5, 0.16))))

    assert [dot.y for dot in drawn.dots] == ["27.0%", "50.0%", "96.0%"]
    assert [dot.label for dot in drawn.dots] == ["Study 0", "Study 1", "Study 2"]
    assert (drawn.top, drawn.bottom) == ("4.0%", "96.0%")
    assert [(depth.x, depth.label) for depth in drawn.depths] == [
        ("4.0%", "0"),
        ("27.0%", "0.1"),
        ("50.0%", "0.2"),
        ("73.0%", "0.3"),
        ("96.0%", "0.4"),
    ]


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(1e-6, 100)), min_size=2, max_size=20))
def test_every_dot_lies_inside(numbers):
    drawn = funnel(MD, synthesis.funnel(body(*numbers)))

    for dot in drawn.dots:
        assert 4.0 <= percent(dot.x) <= 96.0
        assert 4.0 <= percent(dot.y) <= 96.0
    assert percent(drawn.base[0]) <= percent(drawn.tip) <= percent(drawn.base[1])
    assert len(drawn.depths) <= 6


def test_funnel_of_ratios_is_symmetric_on_the_log_scale():
    drawn = funnel(effects.measure("rr"), synthesis.funnel(body((-0.5, 0.1), (0.5, 0.1), measure="rr")))

    assert drawn.null == drawn.tip == "50.0%"
    assert percent(drawn.base[0]) + percent(drawn.base[1]) == pytest.approx(100)
