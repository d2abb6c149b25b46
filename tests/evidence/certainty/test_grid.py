import itertools

import pytest

from evidence.certainty import Certainty, Direction, Saying, Size, flaws, sentence

ONE = Saying("iron", "mood")
MANY = Saying("tonics", "mood", is_plural=True, versus="none")


@pytest.mark.parametrize(
    ("saying", "certainty", "size", "direction", "said"),
    [
        (ONE, "high", "large", "increases", "Iron results in a large increase in mood."),
        (ONE, "high", "moderate", "reduces", "Iron reduces mood."),
        (
            ONE,
            "moderate",
            "small important",
            "increases",
            "Iron probably increases mood slightly.",
        ),
        (ONE, "low", "moderate", "increases", "Iron may increase mood."),
        (
            ONE,
            "low",
            "trivial or none",
            "neither",
            "Iron may result in little to no difference in mood.",
        ),
        (ONE, "moderate", "unclear", "unclear", "It is unclear whether iron changes mood."),
        (
            ONE,
            "very low",
            "large",
            "increases",
            "The evidence is very uncertain about the effect of iron on mood.",
        ),
        (
            MANY,
            "high",
            "small important",
            "reduces",
            "Tonics reduce mood slightly compared with none.",
        ),
        (
            MANY,
            "moderate",
            "trivial or none",
            "neither",
            "Tonics probably result in little to no difference in mood compared with none.",
        ),
        (
            MANY,
            "low",
            "unclear",
            "increases",
            "Tonics may increase mood compared with none, but by how much is unclear.",
        ),
    ],
)
def test_sentence_of_the_grid(saying, certainty, size, direction, said):
    assert (
        sentence(saying, certainty=Certainty(certainty), size=Size(size), direction=Direction(direction))
        == said
    )


def test_sentence_never_claims_more_or_less_than_its_rating():
    for certainty, size, direction, saying in itertools.product(Certainty, Size, Direction, (ONE, MANY)):
        said = sentence(saying, certainty=certainty, size=size, direction=direction)

        found = flaws(said, certainty=certainty)

        assert [flaw for flaw in found if flaw.is_stop] == [], said
        if direction != Direction.UNCLEAR:
            assert found == [], said


def test_sentence_says_may_probably_or_neither():
    hedges = {"high": None, "moderate": "probably", "low": "may", "very low": "very uncertain"}
    for certainty, size in itertools.product(Certainty, Size):
        said = sentence(ONE, certainty=certainty, size=size, direction=Direction.INCREASES)

        assert [word for word in hedges.values() if word and word in said] == [
            word for word in [hedges[certainty]] if word
        ]
