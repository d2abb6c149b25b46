"""What one result brings."""

import subprocess
import sys

import pytest

from evidence import effects
from evidence.models import Result
from evidence.synthesis import Effect

from .bodies import effect


def test_effect_turns_round_only_where_it_is_standardised():
    pain = effect(-0.4, 0.02, measure="smd", better="lower")

    turned = pain.turned()

    assert (turned.yi, turned.vi, turned.better, turned.is_turned) == (0.4, 0.02, "higher", True)
    assert turned.turned() == pain


def test_effect_without_an_estimate_turns_round_too():
    assert effect(None, None, measure="smd", better="lower").turned().yi is None


@pytest.mark.parametrize(
    ("measure", "better"), [("md", "lower"), ("rr", "higher"), ("smd", "depends"), ("smd", "")]
)
def test_effect_refuses_to_turn_where_that_says_nothing(measure, better):
    with pytest.raises(ValueError, match="standardised"):
        effect(0.1, 0.1, measure=measure, better=better).turned()


def test_turned_effect_keeps_no_numbers_of_the_outcome_as_measured():
    numbers = effects.Numbers(arm_n=3)

    assert effect(0.1, 0.1, measure="smd", better="lower", numbers=numbers).turned().numbers is None


def test_effect_of_a_measure_that_compares_is_a_change_within_a_group_without_a_comparator():
    assert effect(0.1, 0.1, comparator=None).is_before_after
    assert not effect(0.1, 0.1).is_before_after
    assert not effect(0.1, 0.1, measure="proportion", comparator=None).is_before_after


def test_standard_error_is_the_root_of_the_variance():
    assert effect(0.1, 0.25).se == 0.5
    assert effect(0.1, None).se is None
    assert effect(0.1, 0.0).se is None


def test_codes_of_the_rule_are_those_of_results():
    from evidence.synthesis.dependence import _ANALYSES, _PHASES

    assert set(_ANALYSES) == set(Result.Analysis.values)
    assert set(_PHASES) == {*Result.Phase.values, ""}


def test_synthesis_needs_nothing_but_the_standard_library():
    names = "{name.partition('.')[0] for name in sys.modules if name != '__main__'}"
    code = f"import sys; import evidence.synthesis; print({names} - sys.stdlib_module_names)"

    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "{'evidence'}"


def test_effect_is_frozen():
    with pytest.raises(AttributeError):
        effect(0.1, 0.1).yi = 3.0
    assert Effect.__dataclass_params__.frozen
