"""What holds for the pool of any effects."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.synthesis import Method, Model, Settings, funnel, leave_one_out, pool, select, summarise
from evidence.synthesis.heterogeneity import heterogeneity, tau2
from evidence.synthesis.profile import Profile

from .bodies import body, effect

# Studies as they are found: effects of some size, standard errors over four orders of magnitude.
estimates = st.floats(-10, 10).map(lambda y: round(y, 6))
variances = st.floats(-8, 2).map(lambda power: 10.0**power)
numbers = st.lists(st.tuples(estimates, variances), min_size=2, max_size=12)
methods = st.sampled_from(list(Method))
unhurried = settings(deadline=None)


def profile_of(pairs):
    return Profile([y for y, _ in pairs], [v for _, v in pairs])


@unhurried
@given(numbers, methods, st.randoms(use_true_random=False))
def test_order_changes_nothing_not_even_the_last_bit(pairs, method, random):
    effects = body(*pairs)
    shuffled = effects[:]
    random.shuffle(shuffled)

    a, b = pool(effects, Settings(method=method)), pool(shuffled, Settings(method=method))

    assert replace(b, weights=()) == replace(a, weights=())
    assert {weight.effect.key: weight for weight in b.weights} == {
        weight.effect.key: weight for weight in a.weights
    }


@unhurried
@given(numbers, methods, st.integers(-40, 40))
def test_unit_changes_nothing_but_the_unit(pairs, method, power):
    # By powers of two, so that the change of unit itself loses nothing.
    scale = 2.0**power
    here = pool(body(*pairs), Settings(method=method))
    there = pool(body(*[(y * scale, v * scale**2) for y, v in pairs]), Settings(method=method))

    assert there.heterogeneity.tau2 == pytest.approx(here.heterogeneity.tau2 * scale**2, rel=1e-9)
    assert there.heterogeneity.q == pytest.approx(here.heterogeneity.q, rel=1e-9, abs=1e-12)
    assert there.estimate.se == pytest.approx(here.estimate.se * scale, rel=1e-9)
    assert there.estimate.value == pytest.approx(
        here.estimate.value * scale, rel=1e-9, abs=1e-9 * there.estimate.se
    )


@unhurried
@given(numbers, methods, st.integers(-64, 64))
def test_shift_moves_the_estimate_and_nothing_else(pairs, method, shift):
    # In steps that floating point holds exactly on both sides.
    pairs = [(round(y * 1024) / 1024, v) for y, v in pairs]
    here = pool(body(*pairs), Settings(method=method))
    there = pool(body(*[(y + shift, v) for y, v in pairs]), Settings(method=method))

    assert there.heterogeneity == here.heterogeneity
    assert there.estimate.se == here.estimate.se
    assert there.estimate.value - shift == pytest.approx(here.estimate.value, rel=1e-12, abs=1e-12)


@unhurried
@given(numbers, methods)
def test_sign_changes_sides_and_nothing_else(pairs, method):
    here = pool(body(*pairs), Settings(method=method))
    there = pool(body(*[(-y, v) for y, v in pairs]), Settings(method=method))

    assert there.heterogeneity.tau2 == pytest.approx(here.heterogeneity.tau2, rel=1e-9)
    assert there.estimate.value == pytest.approx(-here.estimate.value, rel=1e-9, abs=1e-9 * here.estimate.se)
    assert there.interval == pytest.approx(
        (-here.interval[1], -here.interval[0]), rel=1e-9, abs=1e-9 * here.estimate.se
    )


@unhurried
@given(numbers, methods)
def test_weights_are_shares_that_add_up(pairs, method):
    found = pool(body(*pairs), Settings(method=method))

    for shares in ([w.common for w in found.weights], [w.random for w in found.weights]):
        assert math.fsum(shares) == pytest.approx(1, rel=1e-14)
        assert all(0 < share < 1 for share in shares)
    assert found.estimate.value == pytest.approx(
        math.fsum(w.random * w.effect.yi for w in found.weights), rel=1e-9, abs=1e-9
    )


@unhurried
@given(numbers, methods)
def test_pool_lies_among_its_studies(pairs, method):
    found = pool(body(*pairs), Settings(method=method))
    low, high = min(y for y, _ in pairs), max(y for y, _ in pairs)

    for estimate in (found.estimate, found.common):
        assert low - 1e-12 <= estimate.value <= high + 1e-12
        assert estimate.se <= math.sqrt(max(v for _, v in pairs) + found.heterogeneity.tau2)


@unhurried
@given(numbers, methods)
def test_heterogeneity_is_never_negative(pairs, method):
    found = heterogeneity(profile_of(pairs), method=method)

    assert found.tau2 >= 0
    assert found.q >= 0
    assert 0 <= found.p <= 1
    assert 0 <= found.i2 <= 100
    assert found.h2 >= 1
    assert 0 <= found.tau2_interval[0] <= found.tau2_interval[1]
    assert 0 <= found.i2_interval[0] <= found.i2_interval[1] <= 100


@unhurried
@given(numbers)
def test_dersimonian_and_laird_is_the_common_effect_where_studies_agree(pairs):
    found = pool(body(*pairs), Settings(method=Method.DERSIMONIAN_LAIRD))

    assert (found.heterogeneity.tau2 == 0) == (found.heterogeneity.q <= found.heterogeneity.df)
    if found.heterogeneity.tau2 == 0:
        assert found.estimate == found.common


@unhurried
@given(numbers)
def test_paule_mandel_gives_q_its_expectation_or_is_zero(pairs):
    profile = profile_of(pairs)

    found = tau2(profile, Method.PAULE_MANDEL)

    if found == 0:
        assert profile.q(0.0) <= profile.k - 1
    else:
        # As near as the last bits of tau2 let it.
        lower, upper = profile.q(found * (1 - 1e-12)), profile.q(found * (1 + 1e-12))
        assert upper - 1e-9 <= profile.k - 1 <= lower + 1e-9


@unhurried
@given(numbers)
def test_reml_is_nowhere_less_likely_than_on_a_grid(pairs):
    profile = profile_of(pairs)

    highest = profile.likelihood(tau2(profile, Method.REML))

    grid = [0.0] + [10 ** (step / 7) for step in range(-75, 25)]
    assert all(profile.likelihood(x) <= highest + 1e-9 * max(1, abs(highest)) for x in grid)


@unhurried
@given(numbers)
def test_q_falls_as_variance_between_studies_grows(pairs):
    profile = profile_of(pairs)
    values = [profile.q(10.0**power) for power in range(-10, 4)]

    assert all(a >= b * (1 - 1e-12) for a, b in pairwise(values))


@unhurried
@given(numbers, methods, st.floats(51, 99.9))
def test_hartung_knapp_is_never_narrower_than_the_ordinary_interval(pairs, method, level):
    found = pool(body(*pairs), Settings(method=method, level=level))

    ordinary, other = found.estimate.interval, found.hartung_knapp.interval
    assert other[0] <= ordinary[0] <= found.estimate.value <= ordinary[1] <= other[1]
    if found.prediction is not None:
        assert found.prediction[0] <= ordinary[0]
        assert ordinary[1] <= found.prediction[1]


@unhurried
@given(st.lists(st.tuples(estimates, variances), min_size=3, max_size=7), methods)
def test_leaving_each_study_out_is_pooling_the_others(pairs, method):
    effects = body(*pairs)
    chosen = Settings(method=method)

    found = leave_one_out(effects, chosen)

    assert [without.pool for without in found] == [
        pool(effects[:i] + effects[i + 1 :], chosen) for i in range(len(effects))
    ]


@unhurried
@given(estimates, variances, st.integers(2, 9))
def test_equal_studies_pool_to_one_with_all_their_people(y, v, k):
    found = pool(body(*[(y, v)] * k))

    assert (found.estimate.value, found.heterogeneity.tau2, found.heterogeneity.q) == (y, 0.0, 0.0)
    assert found.estimate.se == pytest.approx(math.sqrt(v / k), rel=1e-14)


@unhurried
@given(numbers)
def test_common_effect_takes_no_variance_between_studies(pairs):
    found = pool(body(*pairs), Settings(model=Model.COMMON))

    assert found.estimate == found.common
    assert found.estimate.se <= min(math.sqrt(v) for _, v in pairs)


@unhurried
@given(numbers)
def test_funnel_holds_every_study(pairs):
    found = funnel(body(*pairs))

    assert [(point.x, point.se) for point in found.points] == [(y, math.sqrt(v)) for y, v in pairs]
    assert all(0 < point.se <= found.deepest for point in found.points)


results = st.builds(
    lambda study, key, **more: effect(
        more.pop("yi"), more.pop("vi"), study=study, key=f"{study}-{key}", **more
    ),
    study=st.sampled_from("abc"),
    key=st.integers(0, 10**9),
    yi=st.none() | estimates,
    vi=st.none() | variances,
    people=st.none() | st.integers(1, 99),
    weeks=st.none() | st.integers(0, 52),
    is_primary=st.booleans(),
    is_subgroup=st.booleans(),
    is_retracted=st.booleans(),
    is_synthesis=st.booleans(),
    measure=st.sampled_from(["md", "smd", "rr", "narrative"]),
    analysis=st.sampled_from(["intention to treat", "per protocol", "not stated"]),
    phase=st.sampled_from(["", "acute", "end", "follow-up"]),
)


@unhurried
@given(st.lists(results, max_size=14, unique_by=lambda each: each.key), st.randoms(use_true_random=False))
def test_selection_counts_nobody_twice_and_loses_nothing(found, random):
    shuffled = found[:]
    random.shuffle(shuffled)

    selection = select(found)

    assert len({each.study for each in selection.kept}) == len(selection.kept)
    assert not any(each.is_retracted or each.is_synthesis or each.vi is None for each in selection.kept)
    dropped = [each.effect for each in selection.dropped]
    assert sorted(each.key for each in [*selection.kept, *dropped]) == sorted(each.key for each in found)
    assert set(select(shuffled).kept) == set(selection.kept)


@unhurried
@given(st.lists(results, max_size=14, unique_by=lambda each: each.key))
def test_summary_is_a_pool_or_a_refusal(found):
    summary = summarise(found)

    assert (summary.pool is None) != (summary.refusal is None)
    if summary.pool is not None:
        assert summary.pool.k >= 2
        assert [weight.effect for weight in summary.pool.weights] == list(summary.selection.kept)
