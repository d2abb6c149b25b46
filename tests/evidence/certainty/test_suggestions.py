import pytest

from evidence.certainty import Lowering, Numbers, suggest


def suggested(**numbers):
    base = {"n_studies": 5, "n_people": 900}
    return [(entry.reason, entry.steps) for entry in suggest(Numbers(**(base | numbers)))]


def test_nothing_is_suggested_where_nothing_speaks():
    assert suggested() == []
    assert suggested(low=0.2, high=0.6, null=0.0, important=0.1, i2=10.0, weight_high_risk=0.0) == []


@pytest.mark.parametrize(
    ("numbers", "reason", "steps"),
    [
        ({"weight_high_risk": 0.3}, Lowering.RISK_OF_BIAS, 1),
        ({"weight_high_risk": 0.6}, Lowering.RISK_OF_BIAS, 2),
        ({"weight_high_risk": 0.2, "weight_some_concerns": 0.4}, Lowering.RISK_OF_BIAS, 1),
        ({"i2": 50.0}, Lowering.INCONSISTENCY, 1),
        (
            {"i2": 80.0, "null": 0.0, "low": 0.2, "high": 0.5, "prediction": (-0.3, 1.0)},
            Lowering.INCONSISTENCY,
            2,
        ),
        (
            {"i2": 20.0, "null": 0.0, "low": 0.2, "high": 0.5, "prediction": (-0.3, 1.0)},
            Lowering.INCONSISTENCY,
            1,
        ),
        ({"n_directions": 2}, Lowering.INCONSISTENCY, 1),
        ({"weight_partly_in_population": 0.5}, Lowering.INDIRECTNESS, 1),
        ({"n_people": 399}, Lowering.IMPRECISION, 1),
        ({"n_people": 99}, Lowering.IMPRECISION, 2),
        ({"low": -0.1, "high": 0.5, "null": 0.0}, Lowering.IMPRECISION, 1),
        ({"low": -0.1, "high": 0.5, "null": 0.0, "important": 0.3}, Lowering.IMPRECISION, 1),
        ({"low": -0.5, "high": 0.5, "null": 0.0, "important": 0.3}, Lowering.IMPRECISION, 2),
        ({"low": 0.1, "high": 0.5, "null": 0.0, "important": 0.3}, Lowering.IMPRECISION, 1),
        ({"low": -0.1, "high": 0.5, "null": 0.0, "n_people": 50}, Lowering.IMPRECISION, 2),
    ],
)
def test_numbers_suggest_one_reason(numbers, reason, steps):
    assert suggested(**numbers) == [(reason, steps)]


@pytest.mark.parametrize(
    "numbers",
    [
        {"weight_high_risk": 0.25},
        {"i2": 49.9},
        {"n_people": 400},
        {"n_people": None},
        {"weight_partly_in_population": 0.25},
        {"n_directions": 1},
    ],
)
def test_a_threshold_itself_suggests_nothing(numbers):
    assert suggested(**numbers) == []


def test_people_of_zero_are_few():
    assert suggested(n_people=0) == [(Lowering.IMPRECISION, 2)]
