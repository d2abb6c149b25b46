import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.comparing.words import Piece, mark, tokens

sentences = (
    st.lists(
        st.sampled_from(["walking", "may", "help", "0.5", "\n", " ", ".", "<b>", "é", "don't", "a", "b"])
    ).map(" ".join)
    | st.text()
)


def told(before, after):
    return [(piece.how, piece.text) for piece in mark(before, after)]


@settings(deadline=None)
@given(sentences, sentences)
def test_mark_gives_back_both_texts(before, after):
    pieces = mark(before, after)

    assert "".join(piece.text for piece in pieces if piece.how != "added") == before
    assert "".join(piece.text for piece in pieces if piece.how != "removed") == after
    assert all(piece.text for piece in pieces)


@settings(deadline=None)
@given(sentences)
def test_mark_of_a_text_with_itself_is_that_text(text):
    assert mark(text, text) == ((Piece("same", text),) if text else ())


@settings(deadline=None)
@given(st.text())
def test_tokens_are_the_text_again(text):
    assert "".join(tokens(text)) == text


def test_mark_is_by_words():
    assert told("It may help some people.", "It does help most people.") == [
        ("same", "It"),
        ("removed", " may"),
        ("added", " does"),
        ("same", " help"),
        ("removed", " some"),
        ("added", " most"),
        ("same", " people."),
    ]


def test_number_is_one_word():
    assert told("by 0.5 m", "by 0.7 m") == [
        ("same", "by"),
        ("removed", " 0.5"),
        ("added", " 0.7"),
        ("same", " m"),
    ]


def test_little_word_between_two_changes_does_not_tear_them_apart():
    assert told("one red cat", "two red dogs") == [("removed", "one red cat"), ("added", "two red dogs")]


@pytest.mark.parametrize("words", [["the"], ["the", "of"], [f"word{n}" for n in range(40)]])
def test_long_texts_are_marked_in_time(words):
    choose = random.Random(1)
    before, after = (" ".join(choose.choices(words, k=5000)) for _ in range(2))

    start = time.process_time()
    mark(before, after)

    assert time.process_time() - start < 5
