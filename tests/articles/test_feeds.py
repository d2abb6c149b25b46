"""Feeds: what was published."""

import datetime
import xml.etree.ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import feeds
from articles.publishing import withdraw
from tests.articles.findings import assessed, topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.factories import CategoryFactory, EditionFactory, TopicFactory, UserFactory
from tests.signing import publish_signed

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


def summaries(response):
    entries = ET.fromstring(response.content).iter(f"{ATOM}entry")  # noqa: S314
    return [entry.findtext(f"{ATOM}summary") for entry in entries]


def drift_of(response):
    """(title, id) of the entries about evidence that moved."""
    entries = ET.fromstring(response.content).iter(f"{ATOM}entry")  # noqa: S314
    found = [(entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}id")) for entry in entries]
    return [(title, guid) for title, guid in found if "#" in guid]


def out(topic):
    return publish_signed(topic=topic, by=UserFactory(), at=timezone.now())


def test_feeds_tell_evidence_that_moved_under_a_live_page(client, settings):
    topic, block, results = topic_with_finding(name="Brisk walking")
    edition = out(topic)
    paths = ("/feeds/", f"/feeds/{topic.category.slug}/", f"/feeds/{topic.path}/")
    assert [drift_of(client.get(path)) for path in paths] == [[], [], []]

    new = result_of(block.conclusion, title="Brisk steps").study
    results[2].study.integrity = "retracted"
    results[2].study.save()

    lasting = f"{settings.SITE_URL}{edition.get_lasting_url()}"
    for path in paths:
        assert drift_of(client.get(path)) == [
            (f"{topic.short_title}: a study was retracted", f"{lasting}#retracted-{results[2].study.pk}"),
            (f"{topic.short_title}: a new study", f"{lasting}#new-{new.pk}"),
        ]
    [said] = [entry for entry in summaries(client.get("/feeds/")) if "Brisk steps" in entry]
    assert said == "Brisk steps. About: Brisk walking. Edition 1 does not use it yet."


def test_entry_about_evidence_keeps_its_name_and_goes_with_the_next_edition(client):
    topic, block, _ = topic_with_finding()
    out(topic)
    new = result_of(block.conclusion).study
    [first] = drift_of(client.get("/feeds/"))

    new.save()
    assert drift_of(client.get("/feeds/")) == [first]

    assessed(block.conclusion)
    out(topic)
    assert drift_of(client.get("/feeds/")) == []


def test_feed_of_a_page_tells_nothing_of_others_nor_of_what_is_not_public(client):
    topic, block, _ = topic_with_finding()
    other, elsewhere, _ = topic_with_finding()
    out(topic)
    out(other)

    result_of(elsewhere.conclusion, title="Secret elsewhere")
    result_of(block.conclusion, title="Secret draft", state="draft")

    response = client.get(f"/feeds/{topic.path}/")
    assert titles(response) == [f"{topic.short_title}, edition 1"]
    assert b"Secret" not in response.content


def test_feed_of_a_page_is_where_its_page_is(client, publisher):
    topic, _, _ = topic_with_finding()
    old = f"/feeds/{topic.path}/"
    assert client.get(old).status_code == 404

    out(topic)
    topic.slug = "moved"
    topic.save()
    out(topic)
    moved = client.get(old)
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/feeds/{topic.path}/")

    withdraw(topic=topic, by=publisher, at=timezone.now(), note="Unsound.")
    assert client.get(f"/feeds/{topic.path}/").status_code == 410


def test_feed_tells_a_bounded_number_of_moves_by_the_same_queries(client, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_NOTES", 3)
    topic, block, _ = topic_with_finding()
    out(topic)
    result_of(block.conclusion)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/feeds/")
        counts.append((len(drift_of(response)), len(queries)))
        other, elsewhere, _ = topic_with_finding()
        out(other)
        for _ in range(3):
            result_of(elsewhere.conclusion)

    (few, cost), (many, cost_of_many) = counts
    assert (few, many) == (1, 3)
    assert cost == cost_of_many


def test_feed_says_which_ratings_an_edition_moved(client):
    topic, block, _ = topic_with_finding()
    out(topic)
    assessed(block.conclusion, imprecision=0, imprecision_reason="")
    out(topic)

    assert f"“{block.name}”, everyone: from low to moderate." in client.get("/feeds/").content.decode()
