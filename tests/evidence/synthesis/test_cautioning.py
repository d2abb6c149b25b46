"""What readers of a pool are told."""

from evidence.synthesis import Settings, pool

from .bodies import body, effect, published

CROSSES = (
    "The prediction interval crosses the line of no difference: in a new study the true effect may lie on "
    "either side."
)


def test_two_studies_are_to_be_read_themselves():
    assert pool(body((0.1, 0.1), (0.2, 0.1))).cautions == (
        "Only two studies: read each of them rather than their mean. Two say next to nothing about how much "
        "results vary; an interval that rests on their spread would use t = 12.7.",
    )


def test_two_studies_name_the_t_of_their_level():
    assert "t = 6.3." in pool(body((0.1, 0.1), (0.2, 0.1)), Settings(level=90.0)).cautions[0]


def test_results_that_differ_a_lot_are_not_one_effect():
    assert pool(published("bcg")).cautions == (
        "Results differ a lot from study to study (I² 92%): the pooled effect is a mean of different "
        "effects, and need not hold anywhere.",
        CROSSES,
    )


def test_prediction_on_one_side_with_enough_studies_needs_no_caution():
    assert pool(body(*[(1.0 + step / 10, 0.01) for step in range(5)])).cautions == ()


def test_prediction_from_few_studies_is_uncertain_itself():
    found = pool(body((1.0, 0.01), (1.1, 0.01), (1.05, 0.01), (1.1, 0.01)))

    assert found.cautions == (
        "The prediction interval rests on 4 studies only and is itself very uncertain.",
    )


def test_prediction_narrower_than_the_interval_of_the_pool_is_told():
    numbers = [(0.7, 0.02), (0.9, 0.01), (0.8, 0.02), (0.7, 0.2)]
    narrower = (
        "The prediction interval is narrower than that of the pool, which allows for results that lie "
        "further apart than they say themselves: go by the wider one."
    )

    found = pool(body((1.8, 0.2), *numbers))

    assert found.heterogeneity.tau2 == 0
    assert found.hartung_knapp.q > 1
    assert found.cautions == (narrower,)
    # Where results lie no further apart than they say, both are as wide as they are.
    assert narrower not in pool(body((0.8, 0.2), *numbers)).cautions


def test_measure_without_a_null_has_no_line_to_cross():
    numbers = [(step / 10 - 0.2, 0.01) for step in range(5)]

    assert pool(body(*numbers, measure="proportion")).cautions == ()
    assert pool(body(*numbers, measure="smd")).cautions == (CROSSES,)


def test_zero_cells_are_told():
    effects = body(*[(1.0, 0.01)] * 5, measure="rr")
    effects[2] = effect(1.0, 0.01, study="2", measure="rr", derivation="counts_with_half_added")

    assert pool(effects).cautions == (
        "In 1 of 5 studies a group had no events, or nothing but events; 0.5 was added to the counts of "
        "these studies.",
    )


def test_numbers_that_nobody_saw_in_their_source_are_told():
    effects = body(*[(1.0, 0.01)] * 5)
    effects[0] = effect(1.0, 0.01, study="0", is_verified=False)

    assert pool(effects).cautions == ("The numbers of 1 of 5 studies were not seen in their source.",)


def test_turned_signs_are_told():
    effects = body(*[(1.0, 0.01)] * 5, measure="smd", better="higher")
    effects[0] = effect(-1.0, 0.01, study="0", measure="smd", better="lower").turned()

    assert pool(effects).cautions == (
        "The sign of 1 of 5 effects was turned, so that the same direction is better in all.",
    )


def test_two_kinds_of_differences_are_told():
    effects = body(*[(1.0, 0.01)] * 5)
    effects[0] = effect(1.0, 0.01, study="0", measure="change_md")

    assert pool(effects).cautions == (
        "Differences at the end and differences in change from baseline are pooled together.",
    )
