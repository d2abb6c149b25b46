"""The working copy behind a shared link."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import PreviewVisit
from tests.articles.test_publishing import full_topic
from tests.factories import PreviewGrantFactory, RichTextFactory, TopicFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def grant():
    topic = TopicFactory(title="Ankle weights: a secret draft", slug="secret-draft")
    RichTextFactory(parent=topic, text="<p>Secret words.</p>")
    return PreviewGrantFactory(topic=topic, made_at=timezone.now())


def test_shared_preview_shows_the_working_copy_as_it_is_now(client, grant):
    first = client.get(grant.get_absolute_url()).content.decode()
    grant.topic.title = "Another title"
    grant.topic.save()

    second = client.get(grant.get_absolute_url()).content.decode()

    assert "<h1>Ankle weights: a secret draft</h1>" in first
    assert "Secret words." in first
    assert "Preview of the working copy, not public." in first
    assert "<h1>Another title</h1>" in second


def test_shared_preview_is_kept_nowhere_and_sets_no_cookie(client, grant):
    response = client.get(grant.get_absolute_url())
    page = response.content.decode()

    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert not response.cookies
    assert '<meta name="robots" content="noindex,nofollow">' in page
    assert '<meta name="referrer" content="no-referrer">' in page
    assert "Cookie" not in response.headers["Vary"]


def test_shared_preview_prints_its_address_nowhere(client, grant):
    page = client.get(grant.get_absolute_url()).content.decode()

    assert grant.token not in page
    assert "cite.bib" not in page
    assert "application/ld+json" not in page
    assert "canonical" not in page


def test_each_visit_is_noted_with_the_content_seen(client, grant):
    client.get(grant.get_absolute_url())
    client.get(grant.get_absolute_url())
    client.head(grant.get_absolute_url())
    grant.topic.title = "Another title"
    grant.topic.save()
    client.get(grant.get_absolute_url())

    digests = list(PreviewVisit.objects.filter(grant=grant).order_by("pk").values_list("digest", flat=True))

    assert len(digests) == 3
    assert digests[0] == digests[1] != digests[2]


def test_expired_revoked_and_unknown_links_get_one_same_answer(client, grant):
    now = timezone.now()
    expired = PreviewGrantFactory(topic=grant.topic, made_at=now - 8 * DAY)
    revoked = PreviewGrantFactory(topic=grant.topic, made_at=now, revoked_at=now)
    unknown = "/preview/" + "A" * 43 + "/"

    answers = [
        client.get(url)
        for url in (expired.get_absolute_url(), revoked.get_absolute_url(), unknown, "/preview/x/")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].headers["Cache-Control"] == "private, no-store"
    assert "ecret" not in answers[0].content.decode()
    assert not PreviewVisit.objects.exists()


@pytest.mark.parametrize("token", ["%00", "%00" * 43, "é", "a" * 5000, "..", "%2F"])
def test_garbage_is_no_token(client, grant, token):
    assert client.get(f"/preview/{token}/").status_code == 404


def test_preview_cannot_be_posted_to(client, grant):
    assert client.post(grant.get_absolute_url()).status_code == 405


def test_draft_subtopics_stay_hidden_from_outsiders(client, grant):
    TopicFactory(parent=grant.topic, short_title="Hidden child")

    assert "Hidden child" not in client.get(grant.get_absolute_url()).content.decode()


def test_shared_preview_costs_the_same_queries_for_any_length(client):
    topic = full_topic()
    grant = PreviewGrantFactory(topic=topic, made_at=timezone.now())
    with CaptureQueriesContext(connection) as few:
        client.get(grant.get_absolute_url())
    for _ in range(20):
        RichTextFactory(parent=topic)

    with CaptureQueriesContext(connection) as many:
        assert client.get(grant.get_absolute_url()).status_code == 200

    assert len(many) == len(few)


def test_robots_are_told_to_stay_away(client):
    assert "Disallow: /preview/" in client.get("/robots.txt").content.decode().splitlines()
