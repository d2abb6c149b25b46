"""Did you mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.suggesting import suggest

VOCABULARY = [
    "Ankle weights",
    "Wrist weights: what they do",
    "Balance training",
    "Proprioception",
    "Vitamin D",
    "Omega-3 fatty acids",
    "Café au lait",
    "Yoga for the lower back",
    "Resting heart rate",
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ankel weigths", "ankle weights"),
        ("Ankel weights", "ankle weights"),
        ("ankle wieghts", "ankle weights"),
        ("balence", "balance"),
        ("propriocepton", "proprioception"),
        ("vitamn d", "vitamin d"),
        ("vitamin c ankel", "vitamin c ankle"),
        ('"ankel weights" -balence', '"ankle weights" -balance'),
        ("ankleweights", "ankle weights"),
        ("omgea-3", "omega-3"),
        ("caffé", "café"),
    ],
)
def test_suggestion_corrects_unknown_words_and_keeps_the_others(typed, meant):
    assert suggest(typed, VOCABULARY) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "🦵",
        "\0",
        "ankle weights",
        "ANKLE",
        "ankles",
        "weight",
        "cafe",
        "xylophone",
        "bak",
        "2091",
        "lat",
    ],
)
def test_suggestion_is_none_where_nothing_is_better(typed):
    assert suggest(typed, VOCABULARY) is None


def test_suggestion_without_vocabulary_is_none():
    assert suggest("ankel", []) is None


def test_suggestion_prefers_the_more_frequent_of_equally_close_words():
    assert suggest("balk", ["bald", "bale", "bale"]) == "bale"


def test_suggestion_does_not_depend_on_the_order_of_the_vocabulary():
    assert suggest("ankel weigths", reversed(VOCABULARY)) == suggest("ankel weigths", VOCABULARY)


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=8))
def test_suggestion_never_raises_and_needs_no_second(typed, vocabulary):
    meant = suggest(typed, vocabulary)

    assert meant is None or suggest(meant, vocabulary) is None
