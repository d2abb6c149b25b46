"""Effects and numbers as people read them."""

import math

import pytest

from evidence.effects import Effect, Numbers, compute, display, measure, number

from .numbers import Z_95, reported, table, two_arms


@pytest.mark.parametrize(
    ("code", "numbers", "unit", "shown"),
    [
        ("md", reported(0.07, 0.01, 0.13), "m/s", "0.07 (0.01 to 0.13) m/s"),
        ("md", reported(-4.48, -5.8, -3.16), "mmHg", "\u22124.5 (\u22125.8 to \u22123.2) mmHg"),
        ("md", two_arms(155, 55, 47, 156, 75, 64), "days", "\u221220 (\u221232 to \u22128) days"),
        ("md", reported(0.07), "m/s", "0.07 m/s"),
        ("md", reported(0.0), "m/s", "0 m/s"),
        ("md", reported(12.3456), "kg", "12.3 kg"),
        ("md", reported(1.0, 0.0, 2.0), "", "1.0 (0.0 to 2.0)"),
        ("rr", table(4, 123, 11, 139), "falls", "0.41 (0.13 to 1.26)"),
        ("rr", reported(1.0), "", "1.00"),
        ("hr", reported(0.8, 0.64, 1.0), "", "0.80 (0.64 to 1.00)"),
        ("or", reported(0.0012), "", "0.001"),
        ("smd", two_arms(50, 103, 5.5, 50, 100, 4.5), "kg", "0.59 (0.19 to 0.99)"),
        ("rd", table(5, 100, 10, 100), "kg", "\u22125.0 (\u221212.3 to 2.3) percentage points"),
        ("proportion", Numbers(arm_events=10, arm_n=50), "", "20.0% (11.1% to 33.3%)"),
        ("percent_change", reported(12.0, 5.0, 19.0), "", "12% (5% to 19%)"),
        ("correlation", Numbers(estimate=-0.5, arm_n=100), "", "\u22120.50 (\u22120.63 to \u22120.34)"),
        ("narrative", Numbers(), "kg", ""),
    ],
)
def test_display_shows_estimate_interval_and_unit(code, numbers, unit, shown):
    assert display(compute(code, numbers), unit=unit) == shown


def test_display_takes_digits_and_level():
    effect = compute("md", reported(0.07, 0.01, 0.13))

    assert display(effect, unit="m/s", digits=3) == "0.070 (0.010 to 0.130) m/s"
    assert display(effect, unit="m/s", digits=3, level=90) == "0.070 (0.020 to 0.120) m/s"
    assert display(effect, digits=0) == "0 (0 to 0)"


@pytest.mark.parametrize("half", [0.05, 0.5, 5.0])
def test_display_digits_do_not_depend_on_binary_noise(half):
    # A width of exactly 0.1, 1 or 10 must not gain a digit when the arithmetic falls just short of it.
    variance = (half / Z_95) ** 2

    shown = {
        display(Effect(measure("md"), 0.0, variance * (1 + noise), "counts")) for noise in (-1e-13, 0, 1e-13)
    }

    assert len(shown) == 1


@pytest.mark.parametrize(
    ("x", "digits", "shown"),
    [
        (0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (-0.005, 2, "\u22120.01"),
        (0.075, 2, "0.08"),
        (1.005, 2, "1.01"),
        (-1234.5, 0, "\u22121235"),
        (1e30, 1, "1000000000000000000000000000000.0"),
        (math.inf, 2, "\u221e"),
        (-math.inf, 2, "\u2212\u221e"),
    ],
)
def test_number_rounds_and_signs_as_people_expect(x, digits, shown):
    assert number(x, digits) == shown
