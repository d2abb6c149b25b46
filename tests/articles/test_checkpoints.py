"""Checkpoints: what is kept, what is not kept twice, and what goes again."""

import datetime

import pytest
from django.utils import timezone

from articles import checkpoints, freezing
from articles.models import Checkpoint, Edition
from tests.articles.test_publishing import full_topic
from tests.factories import (
    CheckpointFactory,
    EditionFactory,
    EventFactory,
    RichTextFactory,
    SignOffFactory,
    TopicFactory,
    UserFactory,
)
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def kept(topic):
    return set(Checkpoint.objects.filter(topic=topic).values_list("pk", flat=True))


def test_keep_freezes_the_working_copy(now):
    topic, user = full_topic(), UserFactory()

    checkpoint = checkpoints.keep(topic=topic, by=user, at=now, note="First draft")

    stored = Checkpoint.objects.get()
    assert stored == checkpoint
    assert (stored.topic, stored.by, stored.at, stored.note) == (topic, user, now, "First draft")
    assert stored.content == freezing.freeze(topic)
    assert stored.digest == freezing.digest(stored.content)
    assert stored.schema == freezing.SCHEMA


def test_keep_writes_nothing_if_nothing_changed(now):
    topic = full_topic()
    first = checkpoints.keep(topic=topic, by=UserFactory(), at=now)

    again = checkpoints.keep(topic=topic, by=UserFactory(), at=now + HOUR)

    assert again == first
    assert Checkpoint.objects.count() == 1


def test_keep_counts_only_the_newest_as_the_same(now):
    topic = full_topic()
    checkpoints.keep(topic=topic, by=None, at=now)
    block = RichTextFactory(parent=topic, ordering=500)
    checkpoints.keep(topic=topic, by=None, at=now + HOUR)
    block.delete()

    back = checkpoints.keep(topic=topic, by=None, at=now + 2 * HOUR)

    assert list(Checkpoint.objects.newest_first().values_list("at", flat=True)) == [
        now + 2 * HOUR,
        now + HOUR,
        now,
    ]
    assert back.digest == Checkpoint.objects.get(at=now).digest


def test_keep_reads_what_was_just_saved(now):
    topic = full_topic()
    topic.tags.add("old")
    list(topic.lenses.all())
    other = type(topic).objects.get(pk=topic.pk)
    other.title = "New title"
    other.save()

    assert checkpoints.keep(topic=topic, by=None, at=now).content["topic"]["title"] == "New title"


def test_keep_knows_its_own_topic_alone(now):
    one, two = TopicFactory(), TopicFactory()
    checkpoints.keep(topic=one, by=None, at=now)

    checkpoints.keep(topic=two, by=None, at=now)

    assert [one.checkpoints.count(), two.checkpoints.count()] == [1, 1]


def test_thin_keeps_the_last_of_each_day_before_the_edition(now):
    edition = EditionFactory(published_at=now - 5 * DAY)
    topic = edition.topic
    noon = now.replace(hour=10) - 10 * DAY
    first, second, third = (CheckpointFactory(topic=topic, at=noon + n * HOUR) for n in range(3))
    day_after = CheckpointFactory(topic=topic, at=noon + DAY)
    since = [CheckpointFactory(topic=topic, at=now - 4 * DAY + n * HOUR) for n in range(2)]
    other = [CheckpointFactory(at=noon + n * HOUR) for n in range(2)]

    gone = checkpoints.thin(topic=topic, at=now)

    assert gone == 2
    assert set(Checkpoint.objects.all()) == {third, day_after, *since, *other}
    assert Edition.objects.get() == edition
    assert timezone.localdate(first.at) == timezone.localdate(second.at) == timezone.localdate(third.at)


def test_thin_keeps_what_somebody_stood_by_or_noted(now):
    topic = EditionFactory(published_at=now - 5 * DAY).topic
    noon = now.replace(hour=10) - 10 * DAY
    signed = CheckpointFactory(topic=topic, at=noon)
    submitted = CheckpointFactory(topic=topic, at=noon + HOUR)
    noted = CheckpointFactory(topic=topic, at=noon + 2 * HOUR, note="Restored: Edition 1")
    spare = CheckpointFactory(topic=topic, at=noon + 3 * HOUR)
    last = CheckpointFactory(topic=topic, at=noon + 4 * HOUR)
    SignOffFactory(topic=topic, digest=signed.digest)
    EventFactory(topic=topic, digest=submitted.digest)
    EventFactory(digest=spare.digest)

    checkpoints.thin(topic=topic, at=now)

    assert kept(topic) == {signed.pk, submitted.pk, noted.pk, last.pk}


def test_thin_leaves_the_last_24_hours(now):
    topic = EditionFactory(published_at=now).topic
    recent = [CheckpointFactory(topic=topic, at=now - n * HOUR) for n in range(1, 5)]

    assert checkpoints.thin(topic=topic, at=now) == 0
    assert kept(topic) == {checkpoint.pk for checkpoint in recent}


@pytest.mark.parametrize("is_minor", [None, True])
def test_thin_waits_for_a_full_edition(is_minor, now):
    topic = TopicFactory()
    if is_minor:
        EditionFactory(topic=topic, published_at=now, is_minor=True, minor_reason="A typing error")
    for n in range(3):
        CheckpointFactory(topic=topic, at=now - 10 * DAY + n * HOUR)

    assert checkpoints.thin(topic=topic, at=now) == 0
    assert topic.checkpoints.count() == 3


def test_publishing_thins(publisher, now):
    topic = full_topic()
    noon = now.replace(hour=10) - 10 * DAY
    for n in range(3):
        CheckpointFactory(topic=topic, at=noon + n * HOUR)

    publish_signed(topic=topic, by=publisher, at=now)

    assert list(topic.checkpoints.values_list("at", flat=True)) == [noon + 2 * HOUR]
