import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.certainty import Certainty, flaws


def stops(text, certainty):
    return [flaw.words for flaw in flaws(text, certainty=Certainty(certainty)) if flaw.is_stop]


def warns(text, certainty):
    return [flaw.words for flaw in flaws(text, certainty=Certainty(certainty)) if not flaw.is_stop]


@pytest.mark.parametrize(
    ("text", "certainty", "words"),
    [
        ("Training improves walking speed.", "low", "improves"),
        ("Training improves walking speed.", "moderate", "improves"),
        ("Training probably improves walking speed.", "low", "improves"),
        ("Training may improve walking speed.", "very low", "improve"),
        ("Training does not improve balance.", "low", "improve"),
        ("Training may improve walking speed and reduces falls.", "low", "reduces"),
        ("Training may improve gait, ankle weights reduce falls.", "low", "reduce"),
        ("Training may help some; it prevents falls.", "low", "prevents"),
        ("Training may help, but others found that it lowers strength.", "low", "lowers"),
        ("Ankle weights are better than heavy training.", "low", "are better"),
        ("Better gait with ankle weights.", "low", ""),
        ("Gait speed: plus 0.1 metres per second.", "very low", ""),
    ],
)
def test_flaws_stop_a_sentence_that_claims_too_much(text, certainty, words):
    assert stops(text, certainty) == [words]


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Potassium lowers systolic blood pressure by about 4 mmHg.", "high"),
        ("Potassium probably lowers blood pressure.", "moderate"),
        ("Hip and glute muscles probably work harder in leg raises.", "moderate"),
        ("Walking with ankle weights probably uses slightly more energy.", "moderate"),
        ("Training may improve walking speed and reduce falls.", "low"),
        ("Ankle weights may help people improve their gait.", "low"),
        ("Wearing heavier weights, or walking faster, may increase stress on the knee.", "low"),
        ("Ankle weights may cause changes in gait.", "low"),
        ("Ankle weights alone may build less strength than heavier training.", "low"),
        ("The effect on balance is very uncertain.", "very low"),
        ("It may help, but the evidence is very uncertain.", "very low"),
        ("It is not known whether ankle weights change balance.", "very low"),
        ("No study measured whether ankle weights reduce falls.", "very low"),
    ],
)
def test_flaws_let_a_sentence_pass_that_is_hedged_as_its_rating(text, certainty):
    assert flaws(text, certainty=Certainty(certainty)) == []


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("Potassium may lower blood pressure.", "high"),
        ("Potassium probably lowers blood pressure.", "high"),
        ("Potassium may lower blood pressure.", "moderate"),
    ],
)
def test_flaws_warn_of_a_sentence_that_says_too_little(text, certainty):
    assert stops(text, certainty) == []
    assert len(warns(text, certainty)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Potassium significantly lowers blood pressure.", "significantly"),
        ("There was no significant difference.", "significant"),
        ("Potassium is proven to lower blood pressure.", "proven"),
        ("Potassium has no effect on blood pressure.", "no effect"),
        ("It does not work.", "does not work"),
    ],
)
def test_flaws_stop_words_that_are_never_said(text, words):
    assert words in stops(text, "high")


def test_flaws_allow_little_or_no_difference():
    assert flaws("It results in little or no difference in pain.", certainty=Certainty.HIGH) == []


@given(st.text(max_size=200), st.sampled_from(list(Certainty)))
def test_flaws_answer_any_text(text, certainty):
    for flaw in flaws(text, certainty=certainty):
        assert flaw.words in text
        assert flaw.message


@given(st.sampled_from(["improves", "reduces", "increases", "prevents", "lowers"]))
def test_a_bare_claim_passes_at_high_alone(verb):
    text = f"Training {verb} pain."

    assert [word for word in Certainty if not flaws(text, certainty=word)] == [Certainty.HIGH]
