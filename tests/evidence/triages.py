"""Short ways to say what a drift could do, and who moved the evidence."""

import datetime

from evidence import triaging
from evidence.drift import drifts
from evidence.models import Touch, Triage
from tests.factories import UserFactory

AT = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def in_force(conclusion):
    return conclusion.assessments.signed().newest_first().first()


def drift_of(conclusion, *, at=AT):
    assessment = in_force(conclusion)
    return drifts([assessment], on=at.date())[assessment.pk]


def triaged(conclusion, *, verdict=Triage.Verdict.COULD, at=AT, assess_by=None, seen=None, **fields):
    """The drift of the conclusion as it is, triaged."""
    return triaging.triage(
        assessment=in_force(conclusion),
        verdict=verdict,
        reason=fields.pop("reason", "A small study more."),
        assess_by=at.date() + 10 * DAY if assess_by is None else assess_by,
        by=fields.pop("by", None) or UserFactory(),
        at=at,
        seen=drift_of(conclusion, at=at).digest if seen is None else seen,
    )


def touched(conclusion, *, by=None, at=AT, says="New: Miller 1987: Gait speed"):
    return Touch.objects.create(assessment=in_force(conclusion), by=by or UserFactory(), at=at, says=says)
