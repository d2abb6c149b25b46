"""What goes out before Django is asked: the same as from Django, to plain questions only, never of before."""

import datetime

import pytest
from django.conf import settings as current
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing
from articles.models import Category
from tests import factories
from tests.articles.test_publishing import full_topic
from tests.signing import publish_signed

from .served import Served

pytestmark = pytest.mark.django_db(transaction=True)

GZIP = {"Accept-Encoding": "gzip"}
TOPIC = "/shelf/walking/"


@pytest.fixture
def publisher():
    return factories.UserFactory(username="publisher", is_staff=True, is_superuser=True)


@pytest.fixture
def topic(publisher):
    topic = full_topic(title="Walking", slug="walking", category=factories.CategoryFactory(slug="shelf"))
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    return topic


def asked_again(site, path, headers=GZIP, **options):
    """The second answer to the same, and how often Django was asked for it; the first is the same."""
    first = site.get(path, headers, **options)
    n_before = site.n_asked
    again = site.get(path, headers, **options)
    assert again == first
    return again, site.n_asked - n_before


def test_what_went_out_goes_out_again_without_django(publisher, topic):
    site = Served()
    whole, n_asked = asked_again(site, TOPIC)
    assert (whole.status_code, whole.headers["Content-Encoding"], n_asked) == (200, "gzip", 0)
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} <= set(whole.headers)
    with CaptureQueriesContext(connection) as queries:
        site.get(TOPIC, GZIP)
    assert len(queries) == 1

    assert len(asked_again(site, TOPIC, {})[0].content) > len(whole.content)
    held, n_asked = asked_again(site, TOPIC, {**GZIP, "If-None-Match": whole.headers["ETag"]})
    assert (held.status_code, held.content, n_asked) == (304, b"", 0)
    assert "Content-Length" not in held.headers
    other, n_asked = asked_again(site, TOPIC, {**GZIP, "If-None-Match": '"another"'})
    assert (other, n_asked) == (whole, 0)

    publishing.withdraw(topic=topic, by=publisher, at=timezone.now(), note="It was wrong.")
    gone, n_asked = asked_again(site, TOPIC)
    assert (gone.status_code, n_asked) == (410, 0)
    assert site.get(TOPIC, {**GZIP, "If-None-Match": whole.headers["ETag"]}).status_code == 410


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": f"{current.SESSION_COOKIE_NAME}=x"},
        {"Cookie": "anything=x"},
        {"Authorization": "Basic YTpi"},
        {"If-Modified-Since": "Fri, 27 Nov 2026 12:00:00 GMT"},
        {"If-Unmodified-Since": "Fri, 27 Nov 2026 12:00:00 GMT"},
        {"If-Match": '"one"'},
    ],
)
def test_django_answers_who_says_who_he_is_or_asks_under_conditions(topic, headers):
    site = Served()
    asked_again(site, TOPIC)
    n_before = site.n_asked

    site.get(TOPIC, {**GZIP, **headers})

    assert site.n_asked == n_before + 1


def test_django_answers_what_is_not_read_or_counted_or_for_one_alone(topic):
    site = Served()
    whole, _ = asked_again(site, TOPIC)

    head, n_asked = asked_again(site, TOPIC, method="HEAD")
    assert (head.status_code, head.content, n_asked) == (200, b"", 1)
    assert site.get(TOPIC, GZIP, method="POST").status_code in (403, 405)
    assert asked_again(site, "/contact/")[1] == 1
    many = ", ".join([whole.headers["ETag"], *(f'"{number}"' for number in range(300))])
    assert asked_again(site, TOPIC, {**GZIP, "If-None-Match": many})[1] == 1
    assert asked_again(site, "/nowhere/")[1] == 1
    n_before = site.n_asked
    assert all("RateLimit-Remaining" in site.get("/api/studies").headers for _ in range(3))
    assert site.n_asked == n_before + 3


def test_words_that_are_not_the_same_are_another_question(topic, settings):
    settings.ALLOWED_HOSTS = ["*"]
    site = Served()
    asked_again(site, TOPIC)

    for path, headers in (
        (TOPIC, {**GZIP, "Host": "elsewhere.example"}),
        (TOPIC, {**GZIP, "X-Forwarded-Proto": "https"}),
        (TOPIC, {"Accept-Encoding": "gzip;q=0"}),
        (f"{TOPIC}?for=nobody", GZIP),
        (TOPIC.upper(), GZIP),
    ):
        n_before = site.n_asked
        site.get(path, headers)
        assert site.n_asked == n_before + 1, (path, headers)


def test_nothing_goes_out_again_after_a_change_or_when_its_time_is_over(topic, publisher):
    site = Served()
    before, _ = asked_again(site, "/about/", {})
    Category.objects.update(name="Loads")
    after = site.get("/about/")
    assert (b"Loads" in before.content, b"Loads" in after.content) == (False, True)
    assert asked_again(site, "/about/", {})[1] == 0

    at = timezone.now()
    soon = at + datetime.timedelta(seconds=0.2)
    other = full_topic(slug="running", category=topic.category)
    publish_signed(topic=other, by=publisher, at=at)
    assert site.get("/shelf/running/").status_code == 200
    other.editions.update(expires_at=soon)
    asked = site.get("/shelf/running/").status_code
    while timezone.now() < soon:
        assert asked == 200
        asked = site.get("/shelf/running/").status_code
    assert site.get("/shelf/running/").status_code == 410


def test_nothing_is_kept_where_that_is_switched_off(topic, settings):
    settings.PAGE_CACHE_MEGABYTES = 0

    assert asked_again(Served(), TOPIC)[1] == 1


def test_django_says_what_is_said_when_the_database_does_not_answer(topic, settings):
    site = Served()
    asked_again(site, TOPIC)
    n_before = site.n_asked

    def fail(*arguments):
        raise OperationalError("The database is away.")

    with connection.execute_wrapper(fail):
        answer = site.get(TOPIC, GZIP)

    assert (answer.status_code, site.n_asked) == (500, n_before + 1)
    assert site.get(TOPIC, GZIP).status_code == 200
