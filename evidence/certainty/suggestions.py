"""Where numbers speak for lowering certainty: suggestions for a person who rates, never a judgement.

Thresholds are rules of thumb: inconsistency after the Cochrane Handbook 10.10.2 (I² 50 and 75 per cent);
imprecision after Guyatt and others 2011, J Clin Epidemiol 64:1283 (GRADE guidelines 6: about 400 people, an
interval that holds both benefit and none); risk of bias after 64:407 (guidelines 4); indirectness after
64:1303 (guidelines 8).
"""

from dataclasses import dataclass

from .levels import Lowering

SUBSTANTIAL, CONSIDERABLE = 50.0, 75.0
"""I² in per cent."""
ENOUGH_PEOPLE, VERY_FEW_PEOPLE = 400, 100


@dataclass(frozen=True)
class Numbers:
    """What is known of a body in numbers. Effects are on the analysis scale; None where nothing is known.

    `important` is the smallest difference that matters, above 0. Weights are shares of the pool (or of the
    results, where nothing is pooled) from 0 to 1.
    """

    n_studies: int
    n_people: int | None
    low: float | None = None
    high: float | None = None
    null: float | None = None
    important: float | None = None
    i2: float | None = None
    prediction: tuple[float, float] | None = None
    weight_high_risk: float | None = None
    weight_some_concerns: float | None = None
    weight_not_appraised: float | None = None
    weight_partly_in_population: float | None = None
    n_directions: int | None = None


@dataclass(frozen=True)
class Suggestion:
    """By how many levels a reason may lower, and why the numbers say so."""

    reason: Lowering
    steps: int
    because: str


def suggest(numbers: Numbers) -> list[Suggestion]:
    """The suggestions that the numbers give, in the order of the reasons; none where nothing speaks."""
    found = (_risk_of_bias(numbers), _inconsistency(numbers), _indirectness(numbers), _imprecision(numbers))
    return [suggestion for suggestion in found if suggestion is not None]


def _risk_of_bias(numbers: Numbers) -> Suggestion | None:
    high, some = numbers.weight_high_risk, numbers.weight_some_concerns
    if high is None:
        return None
    known = f"{_percent(high)} of the weight is at high risk of bias"
    if high > 0.5:
        return Suggestion(Lowering.RISK_OF_BIAS, 2, f"{known}.")
    if high > 0.25:
        return Suggestion(Lowering.RISK_OF_BIAS, 1, f"{known}.")
    if some is not None and high + some > 0.5:
        return Suggestion(Lowering.RISK_OF_BIAS, 1, f"{known}, and {_percent(some)} gives some concerns.")
    return None


def _inconsistency(numbers: Numbers) -> Suggestion | None:
    if numbers.i2 is None:
        if numbers.n_directions is not None and numbers.n_directions > 1:
            return Suggestion(Lowering.INCONSISTENCY, 1, "Results point in different directions.")
        return None
    crosses = _predicts_otherwise(numbers)
    reasons = []
    if numbers.i2 >= SUBSTANTIAL:
        reasons.append(f"I² is {numbers.i2:.0f} per cent")
    if crosses:
        reasons.append("the prediction interval reaches across the value of no effect, the interval does not")
    if not reasons:
        return None
    steps = 2 if numbers.i2 >= CONSIDERABLE and crosses else 1
    said = " and ".join(reasons)
    return Suggestion(Lowering.INCONSISTENCY, steps, f"{said[0].upper()}{said[1:]}.")


def _predicts_otherwise(numbers: Numbers) -> bool:
    if numbers.prediction is None or numbers.null is None or numbers.low is None or numbers.high is None:
        return False
    low, high = numbers.prediction
    return low < numbers.null < high and not numbers.low <= numbers.null <= numbers.high


def _indirectness(numbers: Numbers) -> Suggestion | None:
    part = numbers.weight_partly_in_population
    if part is None or part <= 0.25:
        return None
    return Suggestion(
        Lowering.INDIRECTNESS,
        1,
        f"{_percent(part)} of the weight comes from samples of which only a part belongs to the population.",
    )


def _imprecision(numbers: Numbers) -> Suggestion | None:
    reasons, steps = [], 0
    if numbers.low is not None and numbers.high is not None and numbers.null is not None:
        if numbers.important is not None:
            below = numbers.low < numbers.null - numbers.important
            above = numbers.high > numbers.null + numbers.important
            if below and above:
                reasons.append("the interval holds important benefit and important harm")
                steps = 2
            elif (below or above) and numbers.low <= numbers.null <= numbers.high:
                reasons.append("the interval holds both an important difference and none")
                steps = 1
            elif _holds_the_threshold(numbers):
                reasons.append("the interval holds differences too small to matter as well as important ones")
                steps = 1
        elif numbers.low <= numbers.null <= numbers.high:
            reasons.append("the interval holds the value of no effect")
            steps = 1
    if numbers.n_people is not None and numbers.n_people < ENOUGH_PEOPLE:
        reasons.append(f"there are {numbers.n_people} people, fewer than about {ENOUGH_PEOPLE}")
        steps = min(2, steps + (2 if numbers.n_people < VERY_FEW_PEOPLE else 1))
    if not steps:
        return None
    said = ", and ".join(reasons)
    return Suggestion(Lowering.IMPRECISION, steps, f"{said[0].upper()}{said[1:]}.")


def _holds_the_threshold(numbers: Numbers) -> bool:
    """Whether the interval holds the smallest difference that matters, on either side."""
    low, high, null, important = numbers.low, numbers.high, numbers.null, numbers.important
    if low is None or high is None or null is None or important is None:
        return False
    return low < null + important < high or low < null - important < high


def _percent(share: float) -> str:
    return f"{100 * share:.0f} per cent"
