"""Editions that go live later: by time alone, and never if they are called off."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.models import Edition, Event
from tests.articles.test_publishing import full_topic
from tests.signing import publish_signed, sign

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


def scheduled(topic, at, note=""):
    """The edition of this topic that is to go live an hour after `at`."""
    sign(topic, at=at)
    return publishing.publish(topic=topic, by=None, at=at, change_note=note, go_live_at=at + HOUR)


def test_edition_goes_live_at_its_moment_without_anybody_doing_anything(publisher, now):
    edition = scheduled(full_topic(), now)

    assert edition.go_live_at == now + HOUR
    assert not Edition.objects.live(now + HOUR - datetime.timedelta(microseconds=1)).exists()
    assert list(Edition.objects.live(now + HOUR)) == [edition]


def test_the_live_edition_stays_until_the_next_goes_live(publisher, now):
    topic = full_topic()
    first = publish_signed(topic=topic, by=publisher, at=now - HOUR)
    topic.refresh_from_db()
    topic.standfirst = "Changed."
    topic.save()

    second = scheduled(topic, now, note="Reworded.")

    assert list(Edition.objects.live(now)) == [first]
    assert list(Edition.objects.live(now + HOUR)) == [second]


def test_nothing_else_goes_out_while_an_edition_waits(publisher, now):
    topic = full_topic()
    scheduled(topic, now)
    topic.refresh_from_db()
    topic.standfirst = "Changed."
    topic.save()
    sign(topic, at=now)

    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish(topic=topic, by=publisher, at=now, change_note="Again.")

    assert refusal.value.problems == ["Edition 1 is waiting to go live: call it off first."]


def test_a_moment_that_has_passed_is_refused(publisher, now):
    topic = full_topic()
    sign(topic, at=now)

    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish(topic=topic, by=publisher, at=now, go_live_at=now - HOUR)

    assert refusal.value.problems == ["The moment at which it is to go live has passed."]
    assert not Edition.objects.exists()


def test_an_edition_that_was_called_off_never_goes_live_nor_shows_itself(client, publisher):
    at = timezone.now() - 2 * HOUR
    topic = full_topic(title="Secret plans")
    edition = scheduled(topic, at)

    publishing.call_off(topic=topic, by=publisher, at=at)

    assert not Edition.objects.live(timezone.now()).exists()
    for address in (edition.get_absolute_url(), edition.get_lasting_url()):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Secret" not in answer.content.decode()
    assert Event.objects.newest_first().first().action == "call off"


def test_calling_off_needs_an_edition_that_waits(publisher, now):
    topic = full_topic()
    publish_signed(topic=topic, by=publisher, at=now)

    with pytest.raises(publishing.NotPublishable):
        publishing.call_off(topic=topic, by=publisher, at=now)

    assert Edition.objects.live(now).exists()


def test_publisher_schedules_and_calls_off_in_the_admin(client, publisher):
    topic = full_topic()
    sign(topic, at=timezone.now())
    client.force_login(publisher)
    page = reverse("admin:articles_topic_publish", args=[topic.pk])
    seen = client.get(page).context["seen"]
    moment = timezone.localtime(timezone.now() + 24 * HOUR).strftime("%Y-%m-%dT%H:%M")

    client.post(page, {"change_note": "", "go_live_at": moment, "seen": seen})
    waiting = Edition.objects.get()
    assert waiting.go_live_at.strftime("%Y-%m-%dT%H:%M") == moment
    assert f"Call off edition {waiting.number}" in client.get(page).content.decode()
    client.post(reverse("admin:articles_topic_call_off", args=[topic.pk]))

    waiting.refresh_from_db()
    assert waiting.withdrawn_at == waiting.go_live_at


def test_calling_off_is_for_those_who_publish(client, django_user_model, now):
    topic = full_topic()
    edition = scheduled(topic, timezone.now())
    client.force_login(django_user_model.objects.create(username="stranger", is_staff=True))

    assert client.post(reverse("admin:articles_topic_call_off", args=[topic.pk])).status_code == 403

    edition.refresh_from_db()
    assert edition.withdrawn_at is None
