"""One result for each study."""

import math
from dataclasses import replace

import pytest

from evidence import effects
from evidence.synthesis import RULE, Reason, check, select
from evidence.synthesis.dependence import combine

from .bodies import effect

OTHER_STUDY = effect(0.1, 0.1, study="other", people=100)


def taken_from(*candidates):
    """The key of the result that is kept of study a, whatever the order, and why the others are not."""
    found = select([OTHER_STUDY, *candidates])
    assert found == select([OTHER_STUDY, *candidates[::-1]]) or len(found.dropped) > 1
    assert found.kept[0] == OTHER_STUDY
    check(found.kept)
    return found.kept[1].key, {dropped.effect.key: dropped.words for dropped in found.dropped}


def because(clause):
    return f"The same people are counted already ({clause})"


def test_one_result_of_each_study_is_kept_as_it_is():
    effects = [effect(0.1, 0.1, study=study) for study in "cab"]

    found = select(effects)

    assert (found.kept, found.combined, found.dropped) == (tuple(effects), (), ())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"is_retracted": True}, Reason.RETRACTED),
        ({"is_synthesis": True}, Reason.REVIEW),
        ({"vi": None}, Reason.NO_VARIANCE),
        ({"vi": 0.0}, Reason.NO_VARIANCE),
        ({"is_retracted": True, "is_synthesis": True, "vi": None}, Reason.RETRACTED),
    ],
)
def test_what_can_never_be_pooled_is_dropped_with_its_reason(values, reason):
    out = effect(**{"yi": 0.1, "vi": 0.1, "study": "out", **values})

    found = select([out, OTHER_STUDY])

    assert found.kept == (OTHER_STUDY,)
    assert [(dropped.effect, dropped.reason, dropped.words) for dropped in found.dropped] == [
        (out, reason, reason.words)
    ]


def test_whole_sample_is_taken_before_a_subgroup():
    whole = effect(0.1, 0.1, key="whole", sample="all")
    women = effect(0.3, 0.2, key="women", sample="women", is_subgroup=True, is_primary=True)

    assert taken_from(women, whole) == ("whole", {"women": because("in a subgroup")})


def test_larger_subgroup_is_taken():
    few = effect(0.1, 0.1, key="few", sample="men", is_subgroup=True, people=9)
    many = effect(0.3, 0.2, key="many", sample="women", is_subgroup=True, people=30)

    assert taken_from(few, many) == ("many", {"few": because("in a smaller subgroup")})


def test_primary_outcome_is_taken():
    primary = effect(0.1, 0.1, key="primary", is_primary=True, analysis="per protocol")
    other = effect(0.9, 0.1, key="other", analysis="intention to treat")

    assert taken_from(other, primary) == ("primary", {"other": because("not the primary outcome")})


def test_intention_to_treat_is_taken_first_and_per_protocol_last():
    analyses = ("per protocol", "unadjusted", "intention to treat", "not stated", "adjusted")
    candidates = [effect(0.1, 0.1, key=analysis, analysis=analysis) for analysis in analyses]

    taken, dropped = taken_from(*candidates)

    assert taken == "intention to treat"
    assert set(dropped.values()) == {because("analysed in another way")}
    assert taken_from(*candidates[:2])[0] == "unadjusted"
    assert taken_from(candidates[0], candidates[3])[0] == "not stated"


def test_end_of_the_intervention_is_taken_before_follow_up():
    end = effect(0.1, 0.1, key="end", phase="end", weeks=4)
    later = effect(0.1, 0.1, key="later", phase="follow-up", weeks=26)
    acute = effect(0.1, 0.1, key="acute", phase="acute", weeks=0)

    assert taken_from(later, end) == ("end", {"later": because("in another phase")})
    assert taken_from(later, acute)[0] == "later"


def test_latest_time_point_is_taken():
    at = {weeks: effect(0.1, 0.1, key=f"{weeks}", weeks=weeks) for weeks in (0, 4, 12, None)}

    assert taken_from(*at.values())[0] == "12"
    assert taken_from(at[0], at[None]) == ("0", {"None": because("at an earlier or unknown time point")})


def test_most_people_are_taken():
    few, many = effect(0.1, 0.1, key="few", people=9), effect(0.1, 0.1, key="many", people=10)

    assert taken_from(few, many) == ("many", {"few": because("with fewer people")})


def test_name_decides_last_and_the_size_of_an_effect_never():
    a, b = effect(0.1, 0.9, key="a"), effect(7.0, 0.001, key="b")

    assert taken_from(b, a) == ("a", {"b": because("another result of the same people")})


def test_measure_that_most_studies_use_is_taken():
    same = effect(0.1, 0.1, key="speed")
    standardised = effect(0.5, 0.1, key="standardised", measure="smd", is_primary=True)

    assert taken_from(standardised, same) == (
        "speed", {"standardised": because("in another measure than most studies use")},
    )  # fmt: skip


def test_unit_that_most_studies_use_is_taken():
    same, other = effect(0.1, 0.1, key="m/s"), effect(0.36, 1.3, key="km/h", unit="km/h", is_primary=True)

    assert taken_from(other, same)[0] == "m/s"


def arm(name, numbers, *, code="md", **more):
    """A result of study a: one of its arms against the comparator that they share."""
    found = effects.compute(code, numbers)
    return effect(
        found.yi,
        found.vi,
        measure=code,
        key=name,
        arms=frozenset({name}),
        derivation=found.derivation,
        people=numbers.arm_n + numbers.comparator_n,
        numbers=numbers,
        **more,
    )


CONTROL = {"comparator_n": 20, "comparator_mean": 1.0, "comparator_sd": 0.3}
LIGHT = effects.Numbers(arm_n=10, arm_mean=1.1, arm_sd=0.2, **CONTROL)
HEAVY = effects.Numbers(arm_n=30, arm_mean=1.3, arm_sd=0.4, **CONTROL)


def test_arms_that_share_a_comparator_are_combined():
    light, heavy = arm("light", LIGHT, sample="all"), arm("heavy", HEAVY, sample="all")

    found = select([light, heavy, OTHER_STUDY])

    together, other = found.kept
    assert other == OTHER_STUDY
    assert (together.key, together.arms) == ("heavy+light", frozenset({"light", "heavy"}))
    # 10 and 30 people together, and the 20 of the comparator once.
    assert together.people == 60
    assert together.yi == pytest.approx((10 * 1.1 + 30 * 1.3) / 40 - 1.0, rel=1e-14)
    squares = 9 * 0.2**2 + 10 * (1.1 - 1.25) ** 2 + 29 * 0.4**2 + 30 * (1.3 - 1.25) ** 2
    assert together.vi == pytest.approx(squares / 39 / 40 + 0.3**2 / 20, rel=1e-14)
    assert [(each.effect, each.parts) for each in found.combined] == [(together, (heavy, light))]
    assert found.dropped == ()


def test_arms_with_events_are_combined():
    control = {"comparator_n": 20, "comparator_events": 8}
    a = arm("a", effects.Numbers(arm_n=20, arm_events=3, **control), code="rr")
    b = arm("b", effects.Numbers(arm_n=30, arm_events=5, **control), code="rr")

    (together,) = select([a, b]).kept

    assert together.yi == pytest.approx(math.log((8 / 50) / (8 / 20)), rel=1e-14)
    assert together.vi == pytest.approx(1 / 8 - 1 / 50 + 1 / 8 - 1 / 20, rel=1e-13)


def test_only_results_of_the_same_kind_are_combined():
    light, heavy = arm("light", LIGHT, weeks=4), arm("heavy", HEAVY, weeks=8)

    found = select([light, heavy])

    assert (found.kept, found.combined) == ((heavy,), ())
    assert [dropped.words for dropped in found.dropped] == [because("at an earlier or unknown time point")]


def test_arms_without_their_numbers_are_not_combined():
    light = effect(0.1, 0.1, key="light", arms=frozenset({"light"}), people=30)
    heavy = effect(0.3, 0.1, key="heavy", arms=frozenset({"heavy"}), people=50)

    found = select([light, heavy])

    assert (found.kept, found.combined) == ((heavy,), ())
    assert [dropped.words for dropped in found.dropped] == [
        "The people of its comparator are counted already, with another arm"
    ]


def test_reported_estimates_are_not_replaced_by_combined_numbers():
    light = arm("light", LIGHT)
    heavy = effect(0.3, 0.1, key="heavy", arms=frozenset({"heavy"}), people=50, numbers=HEAVY)

    assert select([light, heavy]).kept == (heavy,)


@pytest.mark.parametrize(
    "values",
    [
        {"comparator_n": 18},  # fewer people of the comparator
        {"arm_n": None},
        {"arm_mean": None},
        {"arm_sd": None},
    ],
)
def test_arms_are_not_combined_without_everything_that_it_takes(values):
    light, heavy = arm("light", LIGHT), arm("heavy", HEAVY)

    found = select([light, replace(heavy, numbers=replace(HEAVY, **values))])

    assert (len(found.kept), found.combined, len(found.dropped)) == (1, (), 1)


def test_arms_of_which_one_has_no_numbers_are_not_combined():
    found = select([arm("light", LIGHT), replace(arm("heavy", HEAVY), numbers=None)])

    assert [each.key for each in found.kept] == ["heavy"]


def test_arms_without_spread_leave_nothing_but_rounding_to_combine():
    same = {"arm_mean": 1.1, "arm_sd": 0.0, **CONTROL}
    a, b = arm("a", effects.Numbers(arm_n=10, **same)), arm("b", effects.Numbers(arm_n=30, **same))

    found = select([a, b])

    assert len(found.kept) == 1


def test_other_results_of_combined_arms_are_dropped():
    parts = arm("light", LIGHT, phase="end"), arm("heavy", HEAVY, phase="end")
    later = arm("later", LIGHT, phase="follow-up")

    found = select([*parts, later])

    assert [each.key for each in found.kept] == ["heavy+light"]
    assert [dropped.effect for dropped in found.dropped] == [later]


def test_arms_of_the_same_people_are_never_combined():
    same_people = {"arm_n": 12, "arm_sd": 0.2, "comparator_sd": 0.2, "correlation": 0.5, "paired": True}
    numbers = [effects.Numbers(arm_mean=mean, comparator_mean=1.0, **same_people) for mean in (1.1, 1.2)]

    assert combine(numbers) is None


def test_comparators_that_differ_are_not_one():
    other = effects.Numbers(arm_n=30, arm_mean=1.3, arm_sd=0.4, **{**CONTROL, "comparator_n": 18})

    assert combine([LIGHT, other]) is None


def test_arm_without_a_number_leaves_that_number_out():
    unknown = effects.Numbers(arm_n=10, arm_mean=1.1, **CONTROL)

    found = combine([LIGHT, unknown])

    assert (found.arm_n, found.arm_mean, found.arm_sd, found.arm_events) == (20, None, None, None)


def test_every_effect_is_kept_or_part_or_dropped():
    body = [
        arm("light", LIGHT),
        arm("heavy", HEAVY),
        effect(0.1, 0.1, study="b", key="b-1"),
        effect(0.1, 0.1, study="b", key="b-2"),
        effect(0.1, None, study="c"),
    ]

    found = select(body)

    as_they_came = [each for each in found.kept if "+" not in each.key]
    parts = [part for each in found.combined for part in each.parts]
    accounted_for = as_they_came + parts + [dropped.effect for dropped in found.dropped]
    assert sorted(each.key for each in accounted_for) == sorted(each.key for each in body)


def test_rule_names_every_clause():
    for words in (
        "most studies",
        "subgroup",
        "primary",
        "intention to treat",
        "end of the intervention",
        "latest",
    ):
        assert words in RULE
