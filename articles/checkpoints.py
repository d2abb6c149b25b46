"""Checkpoints: the working copy kept as it was each time that somebody saved it."""

import datetime
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from . import freezing
from .models import Checkpoint, Edition, Event, SignOff, Topic

# Somebody may still have a form open that was loaded in this time.
_UNTOUCHED = datetime.timedelta(days=1)


@transaction.atomic
def keep(*, topic: Topic, by: User | None, at: datetime.datetime, note: str = "") -> Checkpoint:
    """Keep what the topic says now, and return the checkpoint of it.

    Nothing is written if the newest checkpoint says the same. The working copy is read from the database, so
    that blocks saved a moment ago are in it; the row of the topic is locked meanwhile.
    """
    topic = Topic.objects.locked().select_related("category").get(pk=topic.pk)
    content = freezing.freeze(topic)
    digest = freezing.digest(content)
    newest = Checkpoint.objects.filter(topic=topic).for_list().newest_first().first()
    if newest is not None and newest.digest == digest:
        return newest
    return Checkpoint.objects.create(
        topic=topic, schema=freezing.SCHEMA, content=content, digest=digest, by=by, at=at, note=note
    )


@transaction.atomic
def thin(*, topic: Topic, at: datetime.datetime) -> int:
    """Keep one checkpoint, the last, of each day before the newest full edition; returns how many went.

    Those of the 24 hours before `at` stay, those with a note stay, and so do those that a sign-off or an
    event names by its digest: what somebody stood by can always be read again. A minor edition does not
    count, since who wrote what it leaves unsigned is still asked for.
    """
    newest = Edition.objects.filter(topic=topic, is_minor=False).aggregate(at=Max("published_at"))["at"]
    if newest is None:
        return 0
    named = {
        *SignOff.objects.filter(topic=topic).values_list("digest", flat=True),
        *Event.objects.filter(topic=topic).values_list("digest", flat=True),
    }
    until = min(newest, at - _UNTOUCHED)
    rows = Checkpoint.objects.filter(topic=topic, at__lt=until).newest_first()
    spare = list(_spare(rows.values_list("pk", "at", "digest", "note"), named))
    return Checkpoint.objects.filter(pk__in=spare).delete()[0]


def _spare(rows: Iterable[tuple[int, datetime.datetime, str, str]], named: set[str]) -> Iterable[int]:
    """The keys of those, newest first, that are neither the last of their day nor held by something."""
    seen = set()
    for pk, at, digest, note in rows:
        day = timezone.localdate(at)
        if day in seen and not note and digest not in named:
            yield pk
        seen.add(day)
