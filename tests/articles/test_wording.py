import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import wording


def said(text, **kwargs):
    return [(promised.word, promised.is_stop) for promised in wording.promises(text, **kwargs)]


def test_paragraphs_are_plain_words_without_empty_ones():
    html = "<p>A &amp; <strong>b</strong></p><p></p><ul><li><p>c<br>d</p></li></ul><h3>e</h3>"

    assert wording.paragraphs(html) == ["A & b", "c", "d", "e"]


def test_sentences_end_before_a_capital():
    text = "It rose by 1.5 kg, e.g. after lunch. “Why?” Nobody knows. 20 people took part"

    assert wording.sentences(text) == [
        "It rose by 1.5 kg, e.g. after lunch.",
        "“Why?",
        "Nobody knows.",
        "20 people took part",
    ]


def test_words_with_hyphens_and_numbers_count_once():
    assert wording.count_words("A well-known 1.5 kg cuff – it’s light.") == 7


@pytest.mark.parametrize(
    ("word", "n"), [("walk", 1), ("weighted", 2), ("ankle", 2), ("people", 2), ("made", 1), ("evidence", 3)]
)
def test_syllables_of_common_words(word, n):
    assert wording.syllables(word) == n


def test_grade_is_the_formula_of_kincaid():
    # 120 words of one syllable in sentences of 10 words: 0.39 * 10 + 11.8 - 15.59
    text = "The old cat sat on the red mat at noon. " * 12

    assert wording.grade([text]) == pytest.approx(0.11)


def test_grade_says_nothing_about_a_short_text():
    assert wording.grade(["The old cat sat on the red mat at noon. " * 9]) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A miracle.", [("miracle", True)]),
        ("It is clinically proven.", [("clinically proven", True)]),
        ("It is proven to help.", [("proven to", True)]),
        ("Results are guaranteed.", [("guaranteed", True)]),
        ("It is 100% safe.", [("100% safe", True)]),
        ("It has no side effects.", [("no side effects", True)]),
        ("It cures pain.", [("cures", True)]),
        ("There may be a cure.", [("cure", False)]),
        ("It was proven twice.", [("proven", False)]),
        ("A detox week.", [("detox", False)]),
        ("It boosts mood.", [("boosts", False)]),
        ("The change was significant.", [("significant", False)]),
        ("It was not significant.", [("not significant", False)]),
        ("It had no effect.", [("no effect", False)]),
        ("A superfood.", [("superfood", False)]),
        ("A Boost, and a boost again.", [("Boost", False)]),
    ],
)
def test_promises_are_found(text, found):
    assert said(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "They eat cured meat.",
        "An unproven idea that improves nothing.",
        "It makes little or no difference.",
        "It may secure a procedure.",
        "Sellers call it a “miracle”.",
        'Sellers say it "cures" pain.',
    ],
)
def test_innocent_words_are_no_promises(text):
    assert said(text) == []


@pytest.mark.parametrize(
    "text", ["It is no miracle.", "Nothing is guaranteed.", "It has not been proven to help."]
)
def test_a_denied_promise_does_not_stop_a_page(text):
    assert [is_stop for _, is_stop in said(text)] == [False]


def test_a_denied_promise_does_not_hide_a_real_one():
    assert said("It is no miracle. It is a miracle.") == [("miracle", True)]


def test_titles_of_studies_are_not_our_words():
    text = "Smith wrote A cure that boosts mood in adults. It boosts mood."

    assert said(text, titles=["A cure that boosts mood"]) == [("boosts", False)]


def test_a_title_of_one_word_hides_nothing():
    assert said("It cures.", titles=["Cures"]) == [("cures", True)]


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_read(text, titles):
    list(wording.promises(text, titles=titles))
    wording.grade([text] * 50)
    lines = wording.paragraphs(text)

    assert all(line.strip() for line in lines)
    assert all(wording.count_words(sentence) > 0 for sentence in wording.sentences(text))
