"""Telling: whoever keeps a page hears that the evidence under its findings moved, once for each drift."""

import datetime
from collections import defaultdict

from django.utils import timezone

from . import notices, reports
from .models import Topic
from .reports import Again


def send(*, at: datetime.datetime) -> int:
    """Make the notices of what moved under live pages and waits for somebody; returns how many notices."""
    waiting = reports.on_pages(reports.waiting(on=timezone.localdate(at)), at=at)
    under: dict[int, dict[str, str]] = defaultdict(dict)
    for row in waiting:
        for finding in row.findings:
            said = f"{finding.name} ({row.moved.drift.says})"
            under[finding.edition.topic_id].setdefault(_drift(row), said)
    topics = Topic.objects.filter(pk__in=under).order_by("pk")
    return sum(
        len(notices.about_moved_evidence(topic=topic, moved=under[topic.pk], at=at)) for topic in topics
    )


def _drift(row: Again) -> str:
    """What tells one drift of one conclusion from every other."""
    return f"{row.moved.conclusion.pk} {row.moved.drift.digest}"
