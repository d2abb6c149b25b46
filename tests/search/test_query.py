"""What people type becomes words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import MAX_WORDS, Query, Term, parse


def term(*words, **flags):
    return Term(words=words, **flags)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("Ankle weights ", [term("ankle"), term("weights")]),
        ("ankle wei", [term("ankle"), term("wei", is_prefix=True)]),
        ("ankle, weights!", [term("ankle"), term("weights")]),
        ('"ankle weights" gait ', [term("ankle", "weights"), term("gait")]),
        ("“ankle weights” gait ", [term("ankle", "weights"), term("gait")]),
        ('gait "ankle weights', [term("gait"), term("ankle", "weights", is_prefix=True)]),
        ("gait -children", [term("gait"), term("children", is_excluded=True)]),
        ('gait -"young adults"', [term("gait"), term("young", "adults", is_excluded=True)]),
        ("walking - running ", [term("walking"), term("running")]),
        ("omega-3 ", [term("omega", "3")]),
        ("0.5 kg ", [term("0", "5"), term("kg")]),
        ("knee/ankle ", [term("knee"), term("ankle")]),
        ("Parkinson's disease ", [term("parkinson"), term("disease")]),
        ("snake_case ", [term("snake"), term("case")]),
        ("cafe\u0301 ", [term("café")]),
        ("x\0y\x1fz ", [term("x"), term("y"), term("z")]),
        ("vitamin d", [term("vitamin"), term("d")]),
        ("from 2019", [term("2019")]),
        (
            "effect of the ankle weights on gait ",
            [term("effect"), term("ankle"), term("weights"), term("gait")],
        ),
        ("A trial OR a study ", [term("trial"), term("study")]),
        ("vitamin A deficiency ", [term("vitamin"), term("a"), term("deficiency")]),
        ("vitamin a", [term("vitamin"), term("a")]),
        ("IT band ", [term("it"), term("band")]),
        ("the", [term("the", is_prefix=True)]),
        ('"to be or not to be" ', [term("to", "be", "or", "not", "to", "be")]),
    ],
)
def test_parse_reduces_what_was_typed_to_terms(typed, terms):
    assert list(parse(typed).terms) == terms


@pytest.mark.parametrize(
    "typed", ["", "   ", '"', '""', "-", "*", "🦵🏽", "?!… ()", "\0", "-children", '-"of the"']
)
def test_parse_finds_nothing_to_look_for(typed):
    query = parse(typed)

    assert query.is_empty
    assert query.words == ()


def test_words_are_those_looked_for():
    assert parse('Ankle "body WEIGHT" -children gait').words == ("ankle", "body", "weight", "gait")


def test_parse_takes_the_first_words_only():
    query = parse(" ".join(f"word{n}" for n in range(20)))

    assert query.words == tuple(f"word{n}" for n in range(MAX_WORDS))
    assert not any(term.is_prefix for term in query.terms)


def test_parse_takes_the_first_characters_only():
    query = parse("x" * 1_000_000)

    assert query == Query(terms=(term("x" * 200, is_prefix=True),))


@given(st.text(max_size=300))
def test_parse_leaves_only_letters_and_digits_within_bounds(typed):
    words = [word for term in parse(typed).terms for word in term.words]

    assert len(words) <= MAX_WORDS
    for character in "".join(words):
        assert unicodedata.category(character)[0] in "LNM"
        assert character not in "\"'\\"


@given(st.lists(st.text("abc", min_size=1, max_size=5), max_size=MAX_WORDS))
def test_parse_of_its_own_words_changes_nothing(words):
    query = parse(" ".join(f'"{word}"' for word in words))

    assert parse(" ".join(f'"{word}"' for word in query.words)) == query
