"""Reminders: who is told that a review is due, and on which days.

The next review of a page: 30 days before its day, on the day, and every 30 days after it. A review that
somebody was asked for: 3 days before its day, on the day, and every week after it. A reminder that was not
sent on its day, since nothing ran, is sent by the next round; each is sent once.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from . import desk, notices
from .models import SignOff, Topic


@dataclass(frozen=True)
class Rhythm:
    """The days of reminders around a day: `before` days ahead of it, on it, and `every` days after it."""

    before: int
    every: int

    def turn(self, due: datetime.date, today: datetime.date) -> datetime.date | None:
        """The day of the last reminder that should have been sent by `today`; None before the first."""
        behind = (today - due).days
        if behind >= 0:
            return due + datetime.timedelta(days=behind // self.every * self.every)
        return due - datetime.timedelta(days=self.before) if behind >= -self.before else None


PAGE = Rhythm(before=30, every=30)
ASKED = Rhythm(before=3, every=7)


def send(*, at: datetime.datetime) -> int:
    """Make the notices of the reminders whose turn it is; returns how many notices."""
    today = timezone.localdate(at)
    n_made = 0
    pages = Topic.objects.filter(desk.due_by(today + datetime.timedelta(days=PAGE.before)))
    for topic in pages.order_by("next_review", "pk"):
        turn = None if topic.next_review is None else PAGE.turn(topic.next_review, today)
        if turn is not None:
            n_made += len(notices.about_review_due(topic=topic, reminder_on=turn, at=at))
    # Whoever signed the text as it was last saved has given the review.
    given = SignOff.objects.filter(topic=OuterRef("pk"), by=OuterRef("reviewer")).on_saved_text()
    asked = Topic.objects.filter(
        ~Exists(given),
        state=Topic.State.IN_REVIEW,
        reviewer__isnull=False,
        review_due_on__lte=today + datetime.timedelta(days=ASKED.before),
    )
    for topic in asked.order_by("review_due_on", "pk"):
        turn = None if topic.review_due_on is None else ASKED.turn(topic.review_due_on, today)
        if turn is not None:
            n_made += len(notices.about_asked_review_due(topic=topic, reminder_on=turn, at=at))
    return n_made
