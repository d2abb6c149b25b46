import json

import pytest

from search.stored import ReadableJSON, is_list_of_texts


def test_words_are_stored_as_they_are_read():
    assert json.dumps(["ménisque"], cls=ReadableJSON) == '["ménisque"]'


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ([], True),
        (["a", ""], True),
        (["a", 1], False),
        ([None], False),
        ("a", False),
        ({}, False),
        (None, False),
    ],
)
def test_a_list_of_texts_holds_texts_only(value, is_one):
    assert is_list_of_texts(value) is is_one
