"""Numbers in words, as pages write them."""

from decimal import Decimal

import pytest

from evidence.templatetags.evidence import amount, people


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, ""),
        (0, "0"),
        (12.0, "12"),
        (1.36, "1.36"),
        (Decimal("2.50"), "2.5"),
        (4000, "4,000"),
        (300_000.0, "300,000"),
        (2_000_000, "2,000,000"),
        (-1.5, "-1.5"),
        (0.0004, "0.0004"),
    ],
)
def test_amounts_are_written_as_people_write_them(number, words):
    assert amount(number) == words


def test_people_are_counted_in_words():
    assert [people(n) for n in (0, 1, 4807)] == ["0 people", "1 person", "4,807 people"]
