"""Effects from counts of people or events.

Sources, cited below by short name
    Handbook     Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    Borenstein   Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. 2009.
    Warton 2011  Warton DI, Hui FKC. Ecology 92:3-10, doi:10.1890/10-0340.1 (the logit for proportions).
"""

import math
from collections.abc import Callable

from .derived import NOT_ESTIMABLE, Derived
from .numbers import Given, take

# People with and without the event, in the arm and in the comparator.
Table = tuple[float, float, float, float]


def risk_ratio(given: Given, paired: bool) -> Derived | None:
    """The risk ratio of a table of counts."""
    return _ratio_of_table(_table(given), paired, _log_risk_ratio)


def odds_ratio(given: Given, paired: bool) -> Derived | None:
    """The odds ratio of a table of counts; events in everybody leave it undefined, as events in nobody do."""
    table = _table(given)
    if table is not None and table[1] == table[3] == 0:
        return NOT_ESTIMABLE
    return _ratio_of_table(table, paired, _log_odds_ratio)


def risk_difference(given: Given, paired: bool) -> Derived | None:
    """p1 - p2 with p1 (1-p1)/n1 + p2 (1-p2)/n2: Handbook 6.4.1; Borenstein ch. 5.

    A zero cell is no obstacle. Only where both risks are 0 or 1, so that this variance vanishes, it is
    calculated with 0.5 added to all cells (Handbook 10.4.4); the difference itself stays as observed.
    """
    table = _table(given)
    if table is None:
        return None
    a, b, c, d = table
    yi = a / (a + b) - c / (c + d)
    vi = _variance_of_risk(a, b) + _variance_of_risk(c, d)
    if vi > 0:
        return _derived(yi, vi, paired)
    vi = _variance_of_risk(a + 0.5, b + 0.5) + _variance_of_risk(c + 0.5, d + 0.5)
    return _derived(yi, vi, paired, halved=True)


def rate_ratio(given: Given, paired: bool) -> Derived | None:
    """ln((e1/t1) / (e2/t2)) with 1/e1 + 1/e2: Handbook 6.7; 0.5 is added to both if one is zero."""
    values = _rates(given)
    if values is None:
        return None
    events_1, time_1, events_2, time_2 = values
    if events_1 == events_2 == 0:
        return NOT_ESTIMABLE
    halved = 0 in (events_1, events_2)
    if halved:
        events_1, events_2 = events_1 + 0.5, events_2 + 0.5
    yi = math.log(events_1 / time_1) - math.log(events_2 / time_2)
    return _derived(yi, 1 / events_1 + 1 / events_2, paired, halved=halved)


def rate_difference(given: Given, paired: bool) -> Derived | None:
    """e1/t1 - e2/t2 with e1/t1^2 + e2/t2^2: Handbook 6.7; without any event the variance with 0.5 added."""
    values = _rates(given)
    if values is None:
        return None
    events_1, time_1, events_2, time_2 = values
    yi = events_1 / time_1 - events_2 / time_2
    if events_1 == events_2 == 0:
        return _derived(yi, 0.5 / time_1**2 + 0.5 / time_2**2, paired, halved=True)
    return _derived(yi, events_1 / time_1**2 + events_2 / time_2**2, paired)


def proportion(given: Given, paired: bool) -> Derived | None:
    """Log odds of the event ln(e/(n-e)) with 1/e + 1/(n-e): Warton 2011.

    The logit keeps intervals inside 0 to 1 and needs no sample size to go back, as the double arcsine does
    (Schwarzer 2019, doi:10.1002/jrsm.1348). With events in nobody or in everybody 0.5 is added to both.
    There is only one arm, so `paired` changes nothing.
    """
    values = take(given, "arm_events", "arm_n")
    if values is None:
        return None
    events, others = values[0], values[1] - values[0]
    halved = 0 in (events, others)
    if halved:
        events, others = events + 0.5, others + 0.5
    return _derived(math.log(events / others), 1 / events + 1 / others, paired=False, halved=halved)


def _derived(yi: float, vi: float, paired: bool, *, halved: bool = False) -> Derived:
    """Name what was derived.

    The margins of a paired table give no variance, which depends on who had the event under both conditions.
    """
    if paired:
        return Derived(yi, None, "counts_only")
    return Derived(yi, vi, "counts_with_half_added" if halved else "counts")


def _table(given: Given) -> Table | None:
    values = take(given, "arm_events", "arm_n", "comparator_events", "comparator_n")
    if values is None:
        return None
    return values[0], values[1] - values[0], values[2], values[3] - values[2]


def _rates(given: Given) -> list[float] | None:
    """Return events and person-time of the arm and of the comparator."""
    return take(given, "arm_events", "arm_person_time", "comparator_events", "comparator_person_time")


def _ratio_of_table(
    table: Table | None, paired: bool, formula: Callable[..., tuple[float, float]]
) -> Derived | None:
    """Apply a ratio formula to the table, with 0.5 added to all four cells if one of them is zero.

    Handbook 10.4.4. No events in both arms leave a ratio undefined.
    """
    if table is None:
        return None
    if table[0] == table[2] == 0:
        return NOT_ESTIMABLE
    halved = 0 in table
    yi, vi = formula(*(cell + 0.5 if halved else cell for cell in table))
    return _derived(yi, vi, paired, halved=halved)


def _log_risk_ratio(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """ln RR and 1/a - 1/n1 + 1/c - 1/n2: Handbook 6.4.1; Borenstein ch. 5."""
    # b / (a n1) is 1/a - 1/n1 without cancellation when nearly everybody had the event.
    return math.log(a / (a + b)) - math.log(c / (c + d)), b / a / (a + b) + d / c / (c + d)


def _log_odds_ratio(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """ln OR and 1/a + 1/b + 1/c + 1/d: Handbook 6.4.1; Borenstein ch. 5."""
    return math.log(a / b) - math.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d


def _variance_of_risk(events: float, others: float) -> float:
    return events * others / (events + others) ** 3
