"""What holds for the effects of any numbers."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evidence.effects import (
    DERIVATIONS,
    MEASURES,
    Effect,
    ImpossibleInput,
    Numbers,
    cautions,
    compute,
    display,
    measure,
)

from .numbers import rates, reported, table, two_arms


def swapped(numbers):
    """The same numbers with arm and comparator in each other's place."""
    values = {field.name: getattr(numbers, field.name) for field in fields(numbers)}
    for name in [name for name in values if name.startswith("arm_")]:
        other = name.replace("arm_", "comparator_", 1)
        values[name], values[other] = values[other], values[name]
    return Numbers(**values)


people = st.integers(2, 5000)
positive = st.floats(0.01, 1000)
mean_numbers = st.builds(two_arms, people, positive, positive, people, positive, positive)
tables = st.tuples(people, people).flatmap(
    lambda n: st.builds(table, st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
rate_numbers = st.builds(rates, st.integers(0, 500), positive, st.integers(0, 500), positive)
unhurried = settings(deadline=None)


@unhurried
@given(mean_numbers, tables, rate_numbers)
@example(two_arms(2, 1.0, 1.0, 2, 1.0, 1.0), table(0, 5, 3, 9), rates(0, 1.0, 2, 3.0))
def test_effect_changes_sign_when_arms_swap(means, counts, events):
    cases = [("md", means), ("change_md", means), ("smd", means), ("rom", means)]
    cases += [("rr", counts), ("or", counts), ("rd", counts), ("irr", events), ("rate_difference", events)]

    for code, numbers in cases:
        effect, other = compute(code, numbers), compute(code, swapped(numbers))

        assert other.derivation == effect.derivation
        if effect.yi is None:
            assert other.yi is None
        else:
            assert other.yi == pytest.approx(-effect.yi, rel=1e-9, abs=1e-12)
            assert other.vi == pytest.approx(effect.vi, rel=1e-9)


@unhurried
@given(mean_numbers, st.floats(0.01, 100), st.floats(-0.99, 0.99), st.booleans())
def test_standardised_difference_and_ratio_of_means_do_not_depend_on_the_unit(means, factor, r, paired):
    n_2 = means.arm_n if paired else means.comparator_n
    numbers = replace(means, comparator_n=n_2, correlation=r, paired=paired)
    in_unit = {
        name: getattr(numbers, name) * factor
        for name in ("arm_mean", "arm_sd", "comparator_mean", "comparator_sd")
    }

    for code in ("smd", "rom"):
        effect, other = compute(code, numbers), compute(code, replace(numbers, **in_unit))
        assume(effect.yi is not None)  # a standardised difference of two people is not estimable

        assert other.yi == pytest.approx(effect.yi, rel=1e-9, abs=1e-9)
        assert other.vi == pytest.approx(effect.vi, rel=1e-9)


@unhurried
@given(
    st.sampled_from(
        [code for code, entry in MEASURES.items() if code not in ("direction_only", "narrative")]
    ),
    st.floats(-0.9, 0.9),
    st.floats(0.001, 0.05),
    st.floats(50.5, 99.5),
)
def test_interval_fed_back_at_its_level_gives_the_same_effect(code, yi, se, level):
    effect = Effect(measure(code), yi, se**2, "counts")
    low, high = effect.interval(level)
    if code == "rd" and max(abs(low), abs(high)) > 1:
        return

    again = compute(code, reported(effect.estimate, low, high, ci_level=level))

    assert again.yi == pytest.approx(yi, rel=1e-9, abs=1e-12)
    assert again.vi == pytest.approx(se**2, rel=1e-9)
    assert again.derivation == "estimate_and_interval"


wild_float = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1.0, 1e-308, 1e-15, 1e15, 1e308]))
wild_whole = st.one_of(st.none(), st.integers(-1, 5), st.integers(), st.just(10**400))
mild_float = st.one_of(st.none(), st.floats(1e-15, 1), st.floats(-1e15, 1e15), st.just(0.5))
mild_whole = st.one_of(st.none(), st.integers(0, 10), st.integers(1, 10**15))
WHOLE = {"arm_n", "arm_events", "comparator_n", "comparator_events"}


def any_numbers(a_float, a_whole):
    names = [field.name for field in fields(Numbers) if field.name != "paired"]
    values = {name: a_whole if name in WHOLE else a_float for name in names}
    level = st.one_of(st.none(), st.floats(50, 100), a_float)
    share = st.one_of(a_float, st.floats(0, 1))
    return st.builds(
        Numbers,
        **(values | {"ci_level": level, "p_value": share, "correlation": share}),
        paired=st.booleans(),
    )


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(list(MEASURES)),
    st.one_of(any_numbers(wild_float, wild_whole), any_numbers(mild_float, mild_whole)),
    st.floats(0.001, 99.999),
)
def test_any_numbers_give_a_finite_effect_or_name_the_fields_that_are_impossible(code, numbers, level):
    try:
        effect, problems = compute(code, numbers), []
    except ImpossibleInput as impossible:
        effect, problems = None, impossible.problems

    assert (effect is None) == bool(problems)
    assert {field for field, _ in problems} <= {field.name for field in fields(Numbers)}
    assert all(message for _, message in problems)
    if effect is None:
        return
    assert effect.derivation in DERIVATIONS
    assert effect.yi is None or math.isfinite(effect.yi)
    assert effect.vi is None or (effect.yi is not None and 0 < effect.vi < math.inf)
    assert isinstance(display(effect, unit="m", level=level), str)
    assert all(field and message for field, message in cautions(code, numbers))


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["md", "change_md", "smd", "rom", "rr", "or", "rd", "irr", "rate_difference", "smcr"]),
    st.lists(st.sampled_from([1e-15, 1e-9, 1.0, 1e9, 1e15]), min_size=10, max_size=10),
    st.lists(st.sampled_from([1, 2, 3, 10**6, 10**15]), min_size=2, max_size=2),
    st.lists(st.sampled_from([0, 1]), min_size=2, max_size=2),
    st.sampled_from([-1.0, 0.0, 1.0]),
    st.booleans(),
)
def test_numbers_at_the_limits_never_overflow(code, values, n, events, r, paired):
    numbers = Numbers(
        arm_n=n[0], arm_mean=values[0], arm_sd=values[1], arm_events=events[0], arm_person_time=values[2],
        comparator_n=n[0] if paired else n[1], comparator_mean=values[3], comparator_sd=values[4],
        comparator_events=events[1], comparator_person_time=values[5],
        arm_baseline_mean=values[6], arm_baseline_sd=values[7],
        comparator_baseline_mean=values[8], comparator_baseline_sd=values[9], correlation=r, paired=paired,
    )  # fmt: skip

    effect = compute(code, numbers)

    assert effect.yi is None or math.isfinite(effect.yi)
    assert effect.vi is None or 0 < effect.vi < math.inf
    assert isinstance(display(effect), str)
