"""The sentence that follows from a rating: one grid for everybody.

After the informative statements of Santesso and others 2020, J Clin Epidemiol 119:126 (GRADE guidelines 26).
"""

from dataclasses import dataclass

from .levels import Certainty, Direction, Size


@dataclass(frozen=True)
class Saying:
    """The words that a conclusion lends to its sentence, as they stand in the middle of one.

    For example subject “training with ankle weights”, object “walking speed”, versus “the same training
    without them” (may be empty).
    """

    subject: str
    object: str
    is_plural: bool = False
    versus: str = ""


def sentence(saying: Saying, *, certainty: Certainty, size: Size, direction: Direction) -> str:
    """What readers are told, hedged exactly as far as the certainty goes."""
    if certainty == Certainty.VERY_LOW:
        said = f"the evidence is very uncertain about the effect of {saying.subject} on {saying.object}"
    elif direction == Direction.UNCLEAR:
        said = f"it is unclear whether {saying.subject} {_verb(saying, 'change')} {saying.object}"
    else:
        said = f"{saying.subject} {_predicate(saying, certainty, size, direction)}"
    versus = f" compared with {saying.versus}" if saying.versus else ""
    is_open = size == Size.UNCLEAR and direction in (Direction.INCREASES, Direction.REDUCES)
    rest = ", but by how much is unclear" if is_open and certainty != Certainty.VERY_LOW else ""
    return f"{said[0].upper()}{said[1:]}{versus}{rest}."


def _predicate(saying: Saying, certainty: Certainty, size: Size, direction: Direction) -> str:
    rises = direction == Direction.INCREASES
    if size == Size.TRIVIAL or direction == Direction.NEITHER:
        verb, rest = "result", f"in little to no difference in {saying.object}"
    elif size == Size.LARGE:
        verb, rest = "result", f"in a large {'increase' if rises else 'reduction'} in {saying.object}"
    else:
        verb, rest = ("increase" if rises else "reduce"), saying.object
        if size == Size.SMALL:
            rest += " slightly"
    if certainty == Certainty.LOW:
        return f"may {verb} {rest}"
    if certainty == Certainty.MODERATE:
        return f"probably {_verb(saying, verb)} {rest}"
    return f"{_verb(saying, verb)} {rest}"


def _verb(saying: Saying, verb: str) -> str:
    return verb if saying.is_plural else f"{verb}s"
