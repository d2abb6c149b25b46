"""Whether the numbers of a result can be true together."""

import math
from collections.abc import Callable
from dataclasses import fields

from .measures import MEASURES, Measure, Scale, measure
from .numbers import Given, Numbers, take

# Numbers of health studies lie far inside these limits, and inside them no formula can overflow.
LARGEST = 1e15
SMALLEST_DIVISOR = 1e-15

# The name of a field and what is wrong with it.
Problem = tuple[str, str]

_PEOPLE = ("arm_n", "comparator_n")
_EVENTS = ("arm_events", "comparator_events")
_MEANS = ("arm_mean", "comparator_mean")
_SDS = ("arm_sd", "arm_baseline_sd", "comparator_sd", "comparator_baseline_sd")
_PERSON_TIMES = ("arm_person_time", "comparator_person_time")
_REPORTED = ("estimate", "ci_low", "ci_high")

# Of which fields what is refused, whatever the measure, and why; the first that applies is reported.
_REFUSED: tuple[tuple[tuple[str, ...], Callable[[float], bool], str], ...] = (
    (_PEOPLE + _EVENTS, lambda x: x != math.floor(x), "Must be a whole number."),
    (_PEOPLE, lambda x: x < 1, "Must be at least 1."),
    (_EVENTS, lambda x: x < 0, "Must not be negative."),
    (_SDS, lambda x: x < 0, "A standard deviation must not be negative."),
    (_SDS, lambda x: 0 < x < SMALLEST_DIVISOR, "Too close to zero to calculate with."),
    (_PERSON_TIMES, lambda x: x < SMALLEST_DIVISOR, "Person-time must be above zero."),
    (("correlation",), lambda x: abs(x) > 1, "A correlation must lie between \u22121 and 1."),
    (
        ("ci_level",),
        lambda x: not 50 < x < 100,
        "The level must lie between 50 and 100 per cent, for example 95.",
    ),
    (("se",), lambda x: x < 0, "A standard error must not be negative."),
    (("p_value",), lambda x: not 0 <= x <= 1, "A p-value must lie between 0 and 1."),
)


class ImpossibleInput(ValueError):
    """Numbers that cannot be true together; `problems` pairs the name of each field with a message."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{field}: {message}" for field, message in problems))


def check(code: str, numbers: Numbers) -> None:
    """Raise ImpossibleInput with every problem of `numbers` for this measure, each naming its field.

    A code that is not in MEASURES is a problem of the field `measure`.
    """
    sound(code, numbers)


def cautions(code: str, numbers: Numbers) -> list[Problem]:
    """Return what is possible but should be looked at again, as pairs of field name and message.

    Raises ImpossibleInput as `check` does.
    """
    check(code, numbers)
    low, high, estimate = numbers.ci_low, numbers.ci_high, numbers.estimate
    if low is None and high is None:
        return []
    if low is None:
        return [("ci_low", "Only one bound of the interval is given; it is not used.")]
    if high is None:
        return [("ci_high", "Only one bound of the interval is given; it is not used.")]
    if estimate is None:
        return [("estimate", "An interval without its estimate is not used.")]
    to_analysis = measure(code).scale.to_analysis
    y, bottom, top = to_analysis(float(estimate)), to_analysis(float(low)), to_analysis(float(high))
    if math.isinf(bottom) or math.isinf(top):
        return [("ci_low", "A bound at the edge of its range gives no variance; the interval is not used.")]
    if abs((bottom + top) / 2 - y) > (top - bottom) / 10:
        return [("estimate", "The estimate is far from the middle of its interval; check all three numbers.")]
    return []


def sound(code: str, numbers: Numbers) -> Given:
    """Return the numbers that are given, as floats; raises ImpossibleInput as `check` does."""
    if code not in MEASURES:
        raise ImpossibleInput([("measure", "Not an effect measure that is known here.")])
    chosen = MEASURES[code]
    given: Given = {}
    problems: list[Problem] = []
    for field in fields(numbers):
        value = getattr(numbers, field.name)
        if field.name == "paired" or value is None:
            continue
        x = _as_float(value)
        message = _problem_of_one(chosen, field.name, x)
        if message is None:
            given[field.name] = x
        else:
            problems.append((field.name, message))
    # Only numbers that are sound one by one are compared with each other.
    problems += _problems_of_people(chosen, given, numbers.paired) + _problems_of_interval(given)
    if problems:
        raise ImpossibleInput(problems)
    return given


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number with more than 308 digits
        return math.inf
    except (TypeError, ValueError):  # text that a form has not cleaned
        return math.nan


def _problem_of_one(chosen: Measure, name: str, x: float) -> str | None:
    """Return what is wrong with this one number, or None."""
    if math.isnan(x):
        return "Must be a number."
    if abs(x) > LARGEST:
        return "Too large to calculate with."
    for names, is_refused, message in _REFUSED:
        if name in names and is_refused(x):
            return message
    if chosen.code == "rom" and name in _MEANS and x < SMALLEST_DIVISOR:
        return "A ratio of means needs means above zero."
    if name in _REPORTED:
        return _problem_of_reported(chosen, x)
    return None


def _problem_of_reported(chosen: Measure, x: float) -> str | None:
    """Return why an estimate or bound is outside the range of its measure, or None."""
    if chosen.scale is Scale.log and x <= 0:
        return "A ratio must be above zero; leave a bound that was rounded down to zero empty."
    if chosen.code == "rd" and abs(x) > 1:
        return "A risk difference must lie between \u22121 and 1: 5 percentage points are 0.05."
    if chosen.code == "proportion" and not 0 <= x <= 1:
        return "A proportion must lie between 0 and 1: 5 per cent are 0.05."
    if chosen.code == "correlation" and abs(x) > 1:
        return "A correlation must lie between \u22121 and 1."
    return None


def _problems_of_people(chosen: Measure, given: Given, paired: bool) -> list[Problem]:
    problems: list[Problem] = []
    # The events of a rate may recur in one person, so only people who had an event are compared.
    if chosen.code in ("rr", "or", "rd", "proportion"):
        for events, people in zip(_EVENTS, _PEOPLE, strict=True):
            counts = take(given, events, people)
            if counts is not None and counts[0] > counts[1]:
                problems.append((events, "More people with the event than people."))
    both = take(given, *_PEOPLE)
    if paired and both is not None and both[0] != both[1]:
        message = (
            "In a paired comparison this must equal the number in the arm: "
            "give the number of people measured under both conditions."
        )
        problems.append(("comparator_n", message))
    return problems


def _problems_of_interval(given: Given) -> list[Problem]:
    low, high, estimate = (given.get(name) for name in ("ci_low", "ci_high", "estimate"))
    if low is not None and high is not None and low > high:
        return [("ci_low", "The lower bound is above the upper bound.")]
    problems: list[Problem] = []
    if low is not None and estimate is not None and low > estimate:
        problems.append(
            ("ci_low", "The interval does not enclose its estimate: the lower bound is above it.")
        )
    if high is not None and estimate is not None and high < estimate:
        problems.append(
            ("ci_high", "The interval does not enclose its estimate: the upper bound is below it.")
        )
    return problems
