"""Countries by name."""

import pytest

from evidence.countries import COUNTRIES, country


@pytest.mark.parametrize(("code", "name"), [("NL", "Netherlands"), ("gb", "United Kingdom"), ("ZZ", "ZZ")])
def test_country_is_named_or_stays_its_code(code, name):
    assert country(code) == name


def test_codes_are_two_capital_letters():
    assert all(len(code) == 2 and code.isupper() and name for code, name in COUNTRIES.items())
    assert len(COUNTRIES) == 249
