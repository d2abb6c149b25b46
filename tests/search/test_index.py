"""Declarations of text indexes."""

import pytest

from search.index import TextIndex, register, registry
from tests.search.models import Recipe


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ('recipe"; DROP TABLE recipe', {"title": "A"}),
        ("recipe", {"title'": "A"}),
        ("recipe", {"title": "E"}),
        ("recipe", {}),
    ],
)
def test_text_index_refuses_what_it_cannot_build(table, columns):
    with pytest.raises(ValueError, match=r"^TextIndex 'recipe'"):
        TextIndex(name="recipe", table=table, columns=columns)


def test_text_index_is_registered_once():
    register(Recipe.text_index)

    assert [index for index in registry.values() if index.table == "search_recipe"] == [Recipe.text_index]


@pytest.mark.parametrize(("name", "table"), [("recipe", "other"), ("other", "search_recipe")])
def test_text_index_refuses_the_name_and_the_table_of_another(name, table):
    with pytest.raises(ValueError, match="collides"):
        register(TextIndex(name=name, table=table, columns={"title": "A"}))
