"""Queries made once, of keys: asked for others they find what a new one would."""

import pytest

from evidence.models import Outcome
from evidence.prepared import Prepared
from tests.factories import OutcomeFactory


@pytest.mark.django_db
def test_prepared_query_finds_rows_by_any_number_of_keys(django_assert_num_queries):
    prepared = Prepared(
        lambda keys, unit: (
            Outcome.objects.filter(pk__in=keys, unit=unit).order_by("pk").values_list("pk", "name")
        ),
        keys=list,
        unit=str,
    )
    outcomes = [OutcomeFactory(unit="ms"[place % 2]) for place in range(6)]
    keys = [outcome.pk for outcome in outcomes]

    for some in ([keys[0]], keys[:4], keys[2:], [keys[1], keys[5], keys[5] + 1, keys[3]]):
        for unit in "ms":
            with django_assert_num_queries(1):
                found = prepared(keys=some, unit=unit)
            assert found == [
                (outcome.pk, outcome.name)
                for outcome in outcomes
                if outcome.pk in some and outcome.unit == unit
            ]

    with django_assert_num_queries(0):
        assert prepared(keys=[], unit="m") == []


@pytest.mark.django_db
def test_prepared_query_may_ask_without_values():
    prepared = Prepared(lambda: Outcome.objects.order_by("pk"))
    outcomes = [OutcomeFactory(), OutcomeFactory()]

    assert prepared() == outcomes
    assert prepared() == outcomes
