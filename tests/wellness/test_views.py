"""Home, site search, about, and what machines ask for."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

import search
from tests.articles.test_publishing import full_topic
from tests.factories import CategoryFactory, EditionFactory, StudyFactory, TermFactory, TopicFactory
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/",
    "/explore/",
    "/glossary/",
    "/about/",
    "/contact/",
    "/search/",
    "/search/?q=walking",
    "/studies/",
]


@pytest.mark.parametrize("path", [*PUBLIC, "/robots.txt", "/sitemap.xml", "/feeds/", "/health/"])
def test_public_page_sets_no_cookie(client, path):
    CategoryFactory()

    response = client.get(path)

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_has_the_strict_policy_and_keeps_it(client, path):
    response = client.get(path)

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert b" style=" not in response.content
    assert b" onclick=" not in response.content


def test_home_shows_the_coverage_of_the_featured_topic(client, publisher):
    topic = full_topic(short_title="Ankle weights", is_featured=True)
    publish_signed(topic=topic, by=publisher, at=timezone.now())

    page = client.get("/").content.decode()

    assert "Ankle weights: who the studies cover." in page
    assert "Walking and gait" in page


def test_home_shows_nothing_that_is_not_live(client):
    TopicFactory(short_title="Secret draft", is_featured=True)
    EditionFactory(topic__short_title="Secret future", go_live_at=timezone.now() + datetime.timedelta(days=1))

    assert b"Secret" not in client.get("/").content


def test_home_tells_the_last_full_edition_not_the_minor_change_after_it(client):
    now = timezone.now()
    topic = TopicFactory(short_title="Turmeric")
    EditionFactory(
        topic=topic, number=1, go_live_at=now - datetime.timedelta(days=2), change_note="First edition."
    )
    EditionFactory(
        topic=topic,
        number=2,
        go_live_at=now - datetime.timedelta(days=1),
        change_note="A comma.",
        is_minor=True,
        minor_reason="Secret reason",
    )

    page = client.get("/").content.decode()

    assert "edition 1. First edition." in page
    assert "A comma." not in page
    assert "Secret" not in page


def test_search_finds_topics_studies_and_words(client, publisher):
    publish_signed(topic=full_topic(title="Ankle weights"), by=publisher, at=timezone.now())
    StudyFactory(title="Gait with ankle weights", label="Duclos 2014")
    TermFactory(name="Ankle", definition="Where the foot meets the leg.")

    page = client.get("/search/", {"q": "ankle"}).content.decode()

    assert "Topics (1)" in page
    assert "Studies (1)" in page
    assert "Words (1)" in page
    assert "<mark>Ankle</mark> weights" in page


def test_search_finds_nothing_that_is_not_public(client):
    StudyFactory(title="Secret walking", state="draft")
    StudyFactory(title="Secret walking", state="retired")
    TopicFactory(title="Secret walking")
    EditionFactory(topic__title="Secret walking", go_live_at=timezone.now() + datetime.timedelta(days=1))

    page = client.get("/search/", {"q": "walking"}).content.decode()

    assert "Secret" not in page
    assert "Nothing found" in page


def test_search_suggests_the_spelling_of_the_site(client, publisher):
    publish_signed(topic=full_topic(title="Ankle weights"), by=publisher, at=timezone.now())

    page = client.get("/search/", {"q": "ankel weigths"}).content.decode()

    assert 'Did you mean <a href="?q=ankle%20weights">ankle weights</a>?' in page


def test_search_shows_what_was_typed_as_text(client):
    page = client.get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page


class TestSearch(HypothesisTestCase):
    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=300))
    def test_search_never_fails(self, text):
        assert Client().get("/search/", {"q": text}).status_code == 200


def test_sitemap_names_live_pages_and_published_studies_only(client, publisher):
    edition = publish_signed(topic=full_topic(), by=publisher, at=timezone.now())
    TopicFactory(slug="secret-draft")
    StudyFactory(slug="secret-study", state="draft")

    sitemap = client.get("/sitemap.xml").content.decode()

    assert edition.get_absolute_url() in sitemap
    assert "/studies/miller-" in sitemap
    assert "secret" not in sitemap


def test_robots_keeps_machines_out_of_the_admin(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /admin/" in lines
    assert lines[-1] == "Sitemap: http://127.0.0.1:8000/sitemap.xml"


def test_unknown_address_gets_the_page_for_it(client):
    response = client.get("/no/such/page/at/all/")

    assert response.status_code == 404
    assert "<h1" in response.content.decode()


def test_public_pages_take_no_other_method(client):
    for path in ("/", "/about/", "/search/", "/explore/"):
        assert client.post(path).status_code == 405


def test_search_finds_a_synonym_with_an_accent(client):
    TermFactory(name="Cartilage", synonyms=["ménisque"])

    assert "Cartilage" in client.get("/search/", {"q": "menisque"}).content.decode()


@pytest.mark.parametrize(("most", "first", "says"), [(2, "older", False), (1, "newer", True)])
def test_search_ranks_studies_unless_they_are_too_many(client, monkeypatch, most, first, says):
    monkeypatch.setattr(search, "MOST_RANKED", most)
    StudyFactory(slug="older", year=1990, title="Walking, walking and walking")
    StudyFactory(slug="newer", year=2020, title="Of many things that people do, among them walking")

    page = client.get("/search/?q=walking").content.decode()

    assert (page.index("/studies/older/") < page.index("/studies/newer/")) == (first == "older")
    assert ("too many to rank" in page) == says
    assert client.get("/api/search?q=walking").json()["studies_are_ranked"] != says


def test_search_says_how_many_words_there_are_beyond_those_shown(client):
    TermFactory.create_batch(7, definition="About walking.")

    assert "Words (7)" in client.get("/search/", {"q": "walking"}).content.decode()


def test_sitemap_names_the_public_address_whatever_host_was_asked(client, settings):
    settings.SITE_URL = "https://wellness.example"
    CategoryFactory()

    sitemap = client.get("/sitemap.xml").content.decode()

    assert "<loc>https://wellness.example/about/</loc>" in sitemap
    assert "testserver" not in sitemap


def test_media_serves_no_other_names(client, settings):
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    secrets = ("secret.png", "images/secret.png", f"images/{'a' * 32}.svg", f"images/{'A' * 32}.png")
    for name in secrets:
        (settings.MEDIA_ROOT / name).write_text("Secret")

    for name in (*secrets, "images/", "images/../secret.png", f"images/{'a' * 32}.png/../../secret.png"):
        response = client.get(f"/media/{name}")
        assert (response.status_code, b"Secret" in response.content) == (404, False)
    assert client.get(f"/media/figures/{'a' * 300}.png").status_code == 404
    assert client.get("/media/figures/../secret.png").status_code == 404
