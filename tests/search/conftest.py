"""What the tests of search share. The import makes the table of recipes part of the test database."""

import pytest

import search
from tests.search.models import Recipe


@pytest.fixture
def find(db):
    """Titles of the recipes that match what somebody typed, best first."""

    def find(text):
        found = search.filter(Recipe.objects.all(), Recipe.text_index, search.parse(text))
        return list(found.order_by("-rank", "pk").values_list("title", flat=True))

    return find
