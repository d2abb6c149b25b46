"""Under which letter things stand."""

from articles.alphabet import OTHERS, by_letter


def test_things_stand_under_their_letter_whatever_their_accent():
    words = ["apple", "Élan", "3D print", "Zinc", "Ähre"]

    assert by_letter(words, str) == {
        "A": ["apple", "Ähre"],
        "E": ["Élan"],
        "Z": ["Zinc"],
        OTHERS: ["3D print"],
    }
