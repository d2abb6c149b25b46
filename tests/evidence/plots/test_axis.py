import math

import pytest

from evidence import effects
from evidence.plots import Axis


@pytest.mark.parametrize("estimates", [[-800.0, 800.0], [-1e300, 1e300], [750.0], [-750.0, -749.0]])
def test_axis_of_ratios_holds_what_no_number_can(estimates):
    axis = Axis(effects.measure("rr"), estimates=estimates, bounds=[-1e308, 1e308])

    assert axis.low >= -40.0
    assert axis.high <= 40.0
    assert all(4.0 <= axis.place(value) <= 96.0 for value in estimates)
    assert all(math.isfinite(float(tick.x[:-1])) for tick in axis.ticks())
