"""Pages drawn when they are published: what anybody gets, at that moment only, for the first who asks."""

import datetime

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from simple_history.models import HistoricalRecords

from articles import publishing
from articles.models import Category, DrawnPage, Edition, Topic
from evidence import changes
from tests import factories
from tests.articles.test_publishing import full_topic
from tests.signing import publish_signed, sign
from wellness import drawing_ahead, release
from wellness.page_cache import Asked, Key

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Host": "testserver"}
TOPIC = "/shelf/walking/"
SHOW_IT = ("/", "/shelf/", TOPIC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def publisher():
    return factories.UserFactory(username="publisher", is_staff=True, is_superuser=True)


@pytest.fixture
def topic():
    return full_topic(title="Walking", slug="walking", category=factories.CategoryFactory(slug="shelf"))


def n_queries(client, path, **headers):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path, headers={**BROWSER, **headers}).status_code == 200
    return len(queries)


def test_first_reader_gets_what_shows_a_new_edition_as_if_drawn_for_him(publisher, topic, settings):
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    readers = {path: Client() for path in SHOW_IT}
    settings.PAGE_CACHE_MEGABYTES = 0
    alone = Client()
    alone.get("/about/")
    expected = {path: alone.get(path, headers=BROWSER) for path in SHOW_IT}
    settings.PAGE_CACHE_MEGABYTES = 32

    for path, reader in readers.items():
        # The moment, and the page.
        assert n_queries(reader, path) == 2
        assert n_queries(reader, path) == 1
        found = reader.get(path, headers=BROWSER)
        assert (found.content, dict(found.items())) == (expected[path].content, dict(expected[path].items()))
        again = reader.get(path, headers={**BROWSER, "If-None-Match": found.headers["ETag"]})
        assert again.status_code == 304
    assert set(DrawnPage.objects.values_list("path", flat=True)) == set(SHOW_IT)


def test_page_drawn_ahead_is_forgotten_at_the_next_change_of_anything(publisher, topic):
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    Category.objects.update(name="Loads & more")

    reader = Client()

    assert n_queries(reader, TOPIC) > 2
    assert "Loads &amp; more" in reader.get(TOPIC).text


def test_what_is_drawn_at_the_next_publish_replaces_what_was(publisher, topic):
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    track = factories.CategoryFactory(slug="track")
    other = full_topic(short_title="Running", slug="running", category=track)
    publish_signed(topic=other, by=publisher, at=timezone.now())

    assert set(DrawnPage.objects.values_list("path", flat=True)) == {"/", "/track/", "/track/running/"}
    now = changes.now()
    assert set(DrawnPage.objects.values_list("epoch", "version")) == {(now.epoch, now.version)}
    assert "Running" in Client().get("/").text


def test_page_is_given_to_browsers_at_the_public_address_of_this_release_only(publisher, topic, settings):
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    settings.ALLOWED_HOSTS = ["*"]

    assert n_queries(Client(), TOPIC) == 2
    assert n_queries(Client(), TOPIC, Host="elsewhere.example") > 2
    assert n_queries(Client(), TOPIC, **{"Accept-Encoding": "identity"}) > 2
    assert n_queries(Client(), f"{TOPIC}?again") > 2
    DrawnPage.objects.update(release="of yesterday")
    assert n_queries(Client(), TOPIC) > 2


def test_page_holds_from_when_it_was_drawn_until_time_changes_something(publisher, topic):
    before = timezone.now()
    sign(topic, at=before)
    publishing.publish(topic=topic, by=publisher, at=before, expires_at=before + HOUR)
    key = Key("http", "testserver", TOPIC, "", True)

    def is_found(at):
        return drawing_ahead.find(Asked(key, changes.now(), at)) is not None

    assert not is_found(before)
    assert is_found(timezone.now())
    assert is_found(before + HOUR - datetime.timedelta(seconds=1)) is (
        timezone.localdate(before + HOUR) == timezone.localdate(before)
    )
    assert not is_found(before + HOUR)


def test_nothing_is_drawn_of_what_is_not_public(publisher, topic, settings):
    sign(topic, at=timezone.now())
    with transaction.atomic():
        publishing.publish(topic=topic, by=publisher, at=timezone.now())
        transaction.set_rollback(True)
    at = timezone.now()
    publishing.publish(topic=topic, by=publisher, at=at, go_live_at=at + HOUR)
    other = full_topic(title="Running", slug="running")
    settings.PAGE_CACHE_MEGABYTES = 0
    publish_signed(topic=other, by=publisher, at=timezone.now())

    assert Edition.objects.count() == 2
    assert not DrawnPage.objects.exists()


def test_publishing_holds_where_the_site_cannot_be_asked(publisher, topic, settings, caplog):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]

    publish_signed(topic=topic, by=publisher, at=timezone.now())

    assert Topic.objects.get(pk=topic.pk).editions.count() == 1
    assert not DrawnPage.objects.exists()
    assert "Invalid HTTP_HOST header" in caplog.text


def test_request_that_publishes_goes_on_as_it_was(publisher, topic):
    HistoricalRecords.context.request = request = object()
    try:
        publish_signed(topic=topic, by=publisher, at=timezone.now())

        assert HistoricalRecords.context.request is request
    finally:
        del HistoricalRecords.context.request
    assert DrawnPage.objects.exists()


def test_release_is_another_one_as_soon_as_anything_differs(tmp_path):
    template, code = tmp_path / "page.html", tmp_path / "page.py"
    template.write_text("<p>One</p>")
    code.write_text("ONE = 1")
    names = [release.digest([template, code], {"SITE_NAME": "Wellness"})]

    assert release.digest([template, code], {"SITE_NAME": "Wellness"}) == names[0]
    names.append(release.digest([template, code], {"SITE_NAME": "Wohlsein"}))
    names.append(release.digest([template], {"SITE_NAME": "Wellness"}))
    template.write_text("<p>Two</p>")
    names.append(release.digest([template, code], {"SITE_NAME": "Wellness"}))

    assert len(set(names)) == len(names)
    assert release.name() == release.name()
