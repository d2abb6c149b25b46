"""Which of the numbers of a result its effect is computed from."""

from dataclasses import replace

from evidence.effects import MEASURES, Numbers, compute, display

from .numbers import outcome_of, reported, table, two_arms


def test_raw_numbers_come_before_a_reported_estimate_when_complete():
    numbers = two_arms(50, 103, 5.5, 50, 100, 4.5, estimate=9.0, ci_low=8.0, ci_high=10.0)

    assert compute("md", numbers).derivation == "means_and_sds"
    assert compute("md", replace(numbers, arm_sd=None)).derivation == "estimate_and_interval"


def test_paired_counts_use_the_reported_interval():
    numbers = table(5, 20, 10, 20, paired=True)

    assert compute("rr", numbers).derivation == "counts_only"
    effect = compute("rr", replace(numbers, estimate=0.5, ci_low=0.3, ci_high=0.8))
    assert effect.derivation == "estimate_and_interval"


def test_words_alone_have_no_effect():
    for code in ("direction_only", "narrative"):
        assert outcome_of(compute(code, reported(1.0, 0.5, 2.0))) == (None, None, "none")


def test_nothing_given_is_no_effect():
    for code in MEASURES:
        effect = compute(code, Numbers())

        assert outcome_of(effect) == (None, None, "none")
        assert (effect.estimate, effect.se, effect.interval(), display(effect)) == (None, None, None, "")
