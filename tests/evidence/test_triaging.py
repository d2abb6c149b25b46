"""What people say of a drift counts for that drift, and never for a later one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence import triaging
from evidence.models import Result, Touch, Triage
from evidence.triaging import NotTriaged, Outlook
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.evidence.test_immutability import refused
from tests.evidence.triages import AT, DAY, drift_of, in_force, touched, triaged

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def drifted():
    conclusion, results = a_body()
    signed(conclusion)
    result_of(conclusion)
    return conclusion, results


def standing_of(conclusion):
    assessment = in_force(conclusion)
    return triaging.standing({assessment.pk: drift_of(conclusion)})[assessment.pk]


def waiting(on=TODAY):
    return [row.conclusion for row in triaging.moved_conclusions(on=on) if row.is_waiting(on)]


def test_drift_is_not_assessed_until_somebody_says_what_it_could_do(drifted):
    conclusion, _ = drifted
    assert standing_of(conclusion).outlook == Outlook.NOT_ASSESSED

    made = triaged(conclusion, verdict="unlikely to change")

    assert (standing_of(conclusion).outlook, standing_of(conclusion).triage) == (Outlook.UNLIKELY, made)
    result = Result.objects.get(pk=drift_of(conclusion).new[0])
    assert made.saw == {"new": [f"{result.study.label}: {result.outcome.name}"]}


@pytest.mark.parametrize("further", ["new", "changed", "changed again", "gone"])
def test_further_change_asks_again(further, drifted):
    conclusion, results = drifted
    if further == "changed again":
        change(results[0], 0.9)
    triaged(conclusion, verdict="unlikely to change")

    if further == "new":
        result_of(conclusion)
    elif further == "gone":
        results[0].delete()
    else:
        change(results[0], 0.8)

    assert standing_of(conclusion).outlook == Outlook.NOT_ASSESSED


def change(result, estimate):
    result.estimate = estimate
    result.derive()
    result.save()


def test_newest_triage_of_a_drift_counts(drifted):
    conclusion, _ = drifted
    triaged(conclusion, verdict="unlikely to change")

    triaged(conclusion, verdict="could change", at=AT + DAY)

    assert standing_of(conclusion).outlook == Outlook.COULD
    assert Triage.objects.count() == 2


def test_retraction_could_always_change_it(drifted):
    conclusion, results = drifted
    triaged(conclusion, verdict="unlikely to change")
    study = results[0].study
    study.integrity = "retracted"
    study.save()

    assert standing_of(conclusion).outlook == Outlook.COULD
    with pytest.raises(NotTriaged, match="was retracted: that could always change it"):
        triaged(conclusion, verdict="unlikely to change")
    triaged(conclusion, verdict="could change")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"seen": "0" * 64}, "moved on while you were reading"),
        ({"assess_by": TODAY - DAY}, "has passed already"),
        ({"reason": "  "}, "blank"),
        ({"verdict": "will change"}, "not a valid choice"),
    ],
)
def test_triage_refuses_what_is_not_sound(fields, problem, drifted):
    with pytest.raises(NotTriaged, match=problem):
        triaged(drifted[0], **fields)

    assert not Triage.objects.exists()


def test_nothing_is_triaged_where_nothing_moved_or_somebody_assessed_again(drifted):
    conclusion, _ = drifted
    first, seen = in_force(conclusion), drift_of(conclusion).digest
    signed(conclusion)

    with pytest.raises(NotTriaged, match="The evidence is what was assessed"):
        triaged(conclusion)
    with pytest.raises(NotTriaged, match="Somebody assessed this conclusion again"):
        triaging.triage(
            assessment=first,
            verdict="could change",
            reason="x",
            assess_by=TODAY,
            by=first.by,
            at=AT,
            seen=seen,
        )


def test_conclusion_waits_until_it_is_put_aside_and_again_from_its_day(drifted):
    conclusion, _ = drifted
    assert waiting() == [conclusion]

    triaged(conclusion, verdict="unlikely to change", assess_by=TODAY + DAY)

    assert (waiting(), waiting(TODAY + DAY), waiting(TODAY + 2 * DAY)) == ([], [], [conclusion])


def test_conclusion_waits_no_more_once_it_is_assessed_or_the_change_is_taken_back(drifted):
    conclusion, _ = drifted
    signed(conclusion)
    other, results = a_body()
    signed(other)
    change(results[0], 0.9)
    change(results[0], 1.0)

    assert waiting() == []


def test_retracted_stands_first_then_late_then_what_nobody_looked_at():
    promised, new, late, retracted = (a_body() for _ in range(4))
    for conclusion, _ in (promised, new, late, retracted):
        signed(conclusion)
        result_of(conclusion)
    triaged(promised[0])
    triaged(late[0], at=AT - 5 * DAY, assess_by=TODAY - DAY)
    retracted[1][0].study.integrity = "retracted"
    retracted[1][0].study.save()

    assert waiting() == [retracted[0], late[0], new[0], promised[0]]


def test_touch_of_an_older_assessment_says_nothing_of_the_new_one(drifted):
    conclusion, _ = drifted
    touched(conclusion)
    signed(conclusion)
    result_of(conclusion)
    assert [row.touch for row in triaging.moved_conclusions(on=TODAY)] == [None]

    last = [touched(conclusion, at=AT + n * DAY) for n in range(2)][-1]

    assert [row.touch for row in triaging.moved_conclusions(on=TODAY)] == [last]


def test_neither_a_triage_nor_a_touch_ever_changes(drifted):
    made, touch = triaged(drifted[0]), touched(drifted[0])

    refused(lambda: Triage.objects.update(verdict="unlikely to change"), "A triage never changes.")
    refused(lambda: Triage.objects.filter(pk=made.pk).delete(), "A triage is never deleted.")
    refused(lambda: Touch.objects.update(at=AT + DAY), "A touch never changes.")
    refused(lambda: Touch.objects.filter(pk=touch.pk).delete(), "A touch is never deleted.")


def test_list_takes_as_many_queries_for_many_as_for_one():
    counts = []
    for n in (1, 3):
        for _ in range(n):
            conclusion, _ = a_body()
            signed(conclusion)
            result_of(conclusion)
            triaged(conclusion)
            touched(conclusion)
        with CaptureQueriesContext(connection) as queries:
            triaging.moved_conclusions(on=TODAY)
        counts.append(len(queries))

    assert counts[0] == counts[1]
