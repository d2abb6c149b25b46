"""Certainty: how sure one can be of what a body of evidence says, by GRADE, and how to say so.

`levels` turns judgements into one of four words, `grid` turns the words into a sentence, `hedges` compares a
sentence with its rating, and `suggestions` says where numbers speak for a judgement; none of them judges.
"""

from .grid import Saying, sentence
from .hedges import Flaw, flaws
from .levels import (
    LOWERING,
    RAISING,
    Certainty,
    Direction,
    Lowering,
    Raising,
    Size,
    Start,
    certainty,
    start_of,
)
from .suggestions import Numbers, Suggestion, suggest

__all__ = [
    "LOWERING",
    "RAISING",
    "Certainty",
    "Direction",
    "Flaw",
    "Lowering",
    "Numbers",
    "Raising",
    "Saying",
    "Size",
    "Start",
    "Suggestion",
    "certainty",
    "flaws",
    "sentence",
    "start_of",
    "suggest",
]
