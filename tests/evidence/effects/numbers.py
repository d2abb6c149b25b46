"""Numbers of results for tests, and effects as plain values to compare."""

import pytest

from evidence.effects import Numbers

Z_95 = 1.959963984540054
Z_90 = 1.6448536269514722


def two_arms(n_1, mean_1, sd_1, n_2, mean_2, sd_2, **more):
    return Numbers(
        arm_n=n_1,
        arm_mean=mean_1,
        arm_sd=sd_1,
        comparator_n=n_2,
        comparator_mean=mean_2,
        comparator_sd=sd_2,
        **more,
    )


def table(events_1, n_1, events_2, n_2, **more):
    return Numbers(arm_events=events_1, arm_n=n_1, comparator_events=events_2, comparator_n=n_2, **more)


def rates(events_1, time_1, events_2, time_2):
    return Numbers(
        arm_events=events_1,
        arm_person_time=time_1,
        comparator_events=events_2,
        comparator_person_time=time_2,
    )


def reported(estimate, ci_low=None, ci_high=None, **more):
    return Numbers(estimate=estimate, ci_low=ci_low, ci_high=ci_high, **more)


def outcome_of(effect):
    return effect.yi, effect.vi, effect.derivation


def close(*values, rel=1e-9):
    return tuple(pytest.approx(value, rel=rel) if isinstance(value, float) else value for value in values)
