"""What rows were at a moment, from their history."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from .models import Arm

REMOVED = "-"

Given: Any = Arm.history.model.interventions.model
"""Which interventions an arm received, state by state of the arm."""


def end_of(day: datetime.date) -> datetime.datetime:
    """The moment at which this day is over here."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


def states(model: Any, before: datetime.datetime) -> QuerySet:
    """The newest state that each row of `model` had before a moment, but of those that were gone by then."""
    known = model.history.filter(history_date__lt=before)
    newer = known.filter(
        Q(history_date__gt=OuterRef("history_date"))
        | Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id")),
        id=OuterRef("id"),
    )
    current: QuerySet = known.filter(~Exists(newer)).exclude(history_type=REMOVED).order_by()
    return current


def given(arms: QuerySet) -> QuerySet:
    """Which interventions these states of arms say that they received."""
    rows: QuerySet = Given.objects.filter(history__in=arms.values("history_id"))
    return rows
