"""Pools, and which of their intervals is the headline."""

import math

import pytest

from evidence.synthesis import Model, Settings, pool
from evidence.synthesis.distributions import t_quantile

from .bodies import body, effect, published


def test_common_effect_is_the_mean_weighted_by_precision():
    found = pool(body((1.0, 1.0), (3.0, 0.5)), Settings(model=Model.COMMON))

    assert found.estimate.value == pytest.approx(7 / 3, rel=1e-15)
    assert found.estimate.se == pytest.approx(math.sqrt(1 / 3), rel=1e-15)
    assert [weight.common for weight in found.weights] == pytest.approx([1 / 3, 2 / 3], rel=1e-15)
    assert found.estimate == found.common
    assert (found.hartung_knapp, found.prediction) == (None, None)
    assert found.interval == found.estimate.interval


def test_headline_is_hartung_knapp_from_three_studies_on():
    found = pool(published("bcg")[:3])

    assert found.is_hartung_knapp_headline
    assert found.interval == found.hartung_knapp.interval


def test_headline_is_the_ordinary_interval_of_two_studies():
    found = pool(published("bcg")[:2])

    assert not found.is_hartung_knapp_headline
    assert found.interval == found.estimate.interval
    # It is there to be seen: 12.7 standard errors on each side.
    low, high = found.hartung_knapp.interval
    assert (high - low) / 2 / found.hartung_knapp.se == pytest.approx(12.706204736174705, rel=1e-12)
    assert found.prediction is None


def test_headline_is_the_ordinary_interval_if_hartung_knapp_is_not_wanted():
    found = pool(published("bcg"), Settings(hartung_knapp=False))

    assert found.interval == found.estimate.interval
    assert found.hartung_knapp is not None


def test_hartung_knapp_stands_on_its_floor_when_studies_agree_too_well():
    found = pool(body((1.0, 0.1), (1.01, 0.1), (1.02, 0.1)))

    assert found.hartung_knapp.is_floored
    assert found.hartung_knapp.se == found.estimate.se
    low, high = found.hartung_knapp.interval
    assert (high - low) / 2 == pytest.approx(t_quantile(0.975, 2) * found.estimate.se, rel=1e-12)


def test_hartung_knapp_is_wider_when_studies_differ():
    found = pool(published("bcg"))

    assert not found.hartung_knapp.is_floored
    assert found.hartung_knapp.q > 1
    assert found.hartung_knapp.se > found.estimate.se


def test_prediction_interval_uses_t_and_the_ordinary_standard_error():
    found = pool(published("bcg"))

    margin = t_quantile(0.975, 12) * math.sqrt(found.heterogeneity.tau2 + found.estimate.se**2)
    assert found.prediction == pytest.approx(
        (found.estimate.value - margin, found.estimate.value + margin), rel=1e-14
    )


def test_equal_effects_pool_to_themselves():
    found = pool(body((0.25, 0.04), (0.25, 0.01), (0.25, 1e-12)))

    assert found.estimate.value == 0.25
    assert (found.heterogeneity.q, found.heterogeneity.tau2) == (0.0, 0.0)
    assert found.estimate == found.common


def test_people_are_added_and_unknown_where_one_study_does_not_say():
    effects = [effect(0.1, 0.1, people=30), effect(0.2, 0.1, study="b", people=12)]

    assert pool(effects).people == 42
    assert pool([*effects, effect(0.2, 0.1, study="c")]).people is None


def test_pool_is_displayed_on_the_scale_of_its_measure():
    found = pool(published("bcg"))

    assert found.display == "0.49 (0.33 to 0.73)"
    assert found.in_words(found.estimate.value, found.prediction) == "0.49 (0.14 to 1.76)"


def test_pool_is_displayed_with_its_unit():
    found = pool(body((0.05, 0.003), (0.09, 0.002), (0.11, 0.002)), Settings(hartung_knapp=False))

    assert found.unit == "m/s"
    assert found.display == "0.09 (0.03 to 0.14) m/s"


def test_unit_of_a_measure_without_one_is_not_kept():
    assert pool(published("bcg")).unit == ""


def test_differences_and_differences_in_change_pool_to_a_difference():
    found = pool([effect(0.1, 0.1, measure="change_md"), effect(0.2, 0.1, study="b", measure="md")])

    assert found.measure.code == "md"


def test_weights_keep_the_order_given():
    effects = published("bcg")

    assert [weight.effect for weight in pool(effects[::-1]).weights] == effects[::-1]


@pytest.mark.parametrize("level", [0.95, 50, 100, -1])
def test_settings_refuse_a_level_that_is_none(level):
    with pytest.raises(ValueError, match="between 50 and 100"):
        Settings(level=level)


def test_models_have_names_for_readers():
    assert [model.words.partition(":")[0] for model in Model] == ["Random effects", "Common effect"]
