"""Feeds: what was published."""

import datetime
import xml.etree.ElementTree as ET

import pytest
from django.utils import timezone

from tests.factories import CategoryFactory, EditionFactory, TopicFactory

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def titles(response):
    return [entry.findtext(f"{ATOM}title") for entry in ET.fromstring(response.content).iter(f"{ATOM}entry")]  # noqa: S314


def test_site_feed_has_what_is_in_force_newest_first(client):
    now = timezone.now()
    EditionFactory(topic__short_title="Old", go_live_at=now - datetime.timedelta(days=2))
    EditionFactory(topic__short_title="New", go_live_at=now - datetime.timedelta(days=1))
    EditionFactory(topic__short_title="Secret future", go_live_at=now + datetime.timedelta(days=1))
    EditionFactory(
        topic__short_title="Secret withdrawn",
        withdrawn_at=now - datetime.timedelta(hours=1),
        withdrawal_note="Why",
    )
    TopicFactory(short_title="Secret draft")

    response = client.get("/feeds/")

    assert titles(response) == ["New, edition 1", "Old, edition 1"]
    assert response.headers["Content-Type"].startswith("application/atom+xml")


def test_category_feed_has_its_own_editions_only(client):
    herbs = CategoryFactory(slug="herbs")
    EditionFactory(topic__category=herbs, topic__short_title="Turmeric")
    EditionFactory(topic__short_title="Elsewhere")

    assert titles(client.get("/feeds/herbs/")) == ["Turmeric, edition 1"]
    assert client.get("/feeds/nothing/").status_code == 404


def test_feed_survives_what_people_paste(client):
    EditionFactory(topic__short_title="A\x0bB", change_note="p < 0.05 & <img src=x>\x0c")

    response = client.get("/feeds/")
    entry = next(ET.fromstring(response.content).iter(f"{ATOM}entry"))  # noqa: S314

    assert titles(response) == ["AB, edition 1"]
    assert entry.findtext(f"{ATOM}summary") == "p &lt; 0.05 &amp; &lt;img src=x&gt;"


def test_feed_names_the_public_address_whatever_host_was_asked(client, settings):
    settings.SITE_URL = "https://wellness.example"
    EditionFactory()

    feed = client.get("/feeds/").content.decode()

    assert "https://wellness.example/feeds/" in feed
    assert "testserver" not in feed


def test_feeds_leave_minor_changes_out(client):
    now = timezone.now()
    herbs = CategoryFactory(slug="herbs")
    topic = TopicFactory(short_title="Turmeric", category=herbs)
    day = datetime.timedelta(days=1)
    EditionFactory(topic=topic, number=1, go_live_at=now - 3 * day)
    EditionFactory(
        topic=topic, number=2, go_live_at=now - 2 * day, is_correction=True, change_note="Forty, not fifty."
    )
    EditionFactory(topic=topic, number=3, go_live_at=now - day, is_minor=True, minor_reason="Secret comma.")

    for path in ("/feeds/", "/feeds/herbs/"):
        response = client.get(path)

        assert titles(response) == ["Turmeric, edition 2", "Turmeric, edition 1"]
        assert b"Secret" not in response.content
