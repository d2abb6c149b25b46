"""Pages that a process keeps: what is never kept, how much is, and that they say what a fresh one would."""

import datetime
import re

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from articles import publishing
from articles.models import Category, Edition, MissedSearch, Term, Topic
from evidence import changes
from evidence.changes import Moment
from evidence.models import Study
from tests import factories
from tests.articles.test_publishing import full_topic
from tests.signing import publish_signed
from wellness import page_cache
from wellness.page_cache import Asked, Key, PageCache

from .served import Served
from .test_query_counts import PAGES, add_pages, add_studies

FIRST = Moment("epoch", 1)
PERSON = {"User-Agent": "Mozilla/5.0"}
GZIP = {"Accept-Encoding": "gzip", "Host": "testserver"}


def asking(path="/", *, moment=FIRST, at=None, query=""):
    return Asked(Key("https", "host", path, query, True), moment, at or timezone.now())


def answer(size=100):
    return HttpResponse(b"x" * size)


# What is kept


@pytest.mark.django_db
def test_answer_is_given_again_at_its_moment_only():
    cache = PageCache(10**6)
    cache.find(asking())
    cache.keep(asking(), answer())

    assert cache.find(asking()).response().content == b"x" * 100
    assert cache.find(asking("/other/")) is None
    assert cache.find(asking(query="page=2")) is None
    assert cache.find(asking(moment=Moment("epoch", 2))) is None
    # What was begun before is not kept after.
    cache.keep(asking(), answer())
    assert cache.find(asking(moment=Moment("epoch", 2))) is None


@pytest.mark.django_db
def test_cache_holds_the_answers_asked_for_last_in_so_many_bytes():
    cache = PageCache(100_000)
    cache.find(asking())
    for number in range(40):
        cache.keep(asking(f"/{number}/"), answer(4000))
        cache.find(asking("/0/"))
        assert cache.n_bytes <= 100_000

    assert cache.find(asking("/0/")) is not None
    assert cache.find(asking("/1/")) is None
    assert cache.find(asking("/39/")) is not None
    n_kept, n_bytes = len(cache), cache.n_bytes
    cache.keep(asking("/too-large/"), answer(10_000))
    cache.keep(asking("/39/"), answer(4000))
    assert (len(cache), cache.n_bytes) == (n_kept, n_bytes)


@pytest.mark.django_db
def test_answer_ends_at_midnight_here_or_when_an_edition_comes_goes_or_is_withdrawn(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    at = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
    hour = datetime.timedelta(hours=1)
    assert page_cache.end_by_time(at) == at + 3 * hour
    assert page_cache.end_by_time(at + 3 * hour) == at + 27 * hour

    factories.EditionFactory(go_live_at=at - hour, expires_at=at + 2 * hour)
    factories.EditionFactory(go_live_at=at + hour)
    factories.EditionFactory(go_live_at=at - hour, withdrawn_at=at + hour / 2, withdrawal_note="Wrong.")

    ends = [at]
    for _ in range(4):
        ends.append(page_cache.end_by_time(ends[-1]))
    assert [(end - at) / hour for end in ends] == [0, 0.5, 1, 2, 3]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"Cache-Control": "private, no-store"}),
        (200, {"Cache-Control": "no-cache"}),
        (200, {"Vary": "Accept-Encoding, Cookie"}),
        (200, {"RateLimit-Remaining": "3"}),
        (200, {"Content-Security-Policy": "script-src 'nonce-once'"}),
        (302, {}),
        (400, {}),
        (404, {}),
        (500, {}),
    ],
)
def test_answer_that_is_not_for_everybody_or_not_lasting_is_not_kept(status, headers):
    assert page_cache.may_be_kept(HttpResponse(headers={"Vary": "Accept-Encoding"}))
    assert not page_cache.may_be_kept(HttpResponse(status=status, headers=headers))


def test_answer_that_sets_a_cookie_is_not_kept():
    response = HttpResponse()
    response.set_cookie("a", "b")

    assert not page_cache.may_be_kept(response)


# The site


@pytest.fixture
def publisher(transactional_db):
    return factories.UserFactory(username="publisher", is_staff=True, is_superuser=True)


def n_queries(client, path, **options):
    with CaptureQueriesContext(connection) as queries:
        client.get(path, **options)
    return len(queries)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Connections are PostgreSQL's.")
@pytest.mark.parametrize("process", [Client, Served])
def test_connection_that_was_lost_meanwhile_is_opened_again(publisher, process):
    client = process()
    topic = full_topic(title="Walking")
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    kept = client.get(f"/{topic.path}/").content
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (lost,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [lost])
    other.close()

    assert client.get(f"/{topic.path}/").content == kept
    Topic.objects.filter(pk=topic.pk).update(position=7)
    assert client.get(f"/{topic.path}/").status_code == 200


def test_repeats_take_one_query_and_what_must_be_drawn_each_time_is(publisher, client, settings):
    topic = full_topic(title="Walking")
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    path = f"/{topic.path}/"
    first = client.get(path)

    # The same, for whoever asks.
    assert n_queries(client, path) == 1
    again = client.get(path)
    assert (again.content, dict(again.items())) == (first.content, dict(first.items()))
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    head = client.head(path)
    assert (head.content, head.headers["Content-Length"]) == (b"", first.headers["Content-Length"])
    packed = client.get(path, headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert n_queries(client, path, headers=GZIP) == 1
    ranged = client.get(path, headers={"Range": "bytes=0-9"})
    assert (ranged.status_code, ranged.content) == (200, first.content)

    # Not for those who say who they are.
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert n_queries(client, path) > 1
    client.cookies.clear()
    assert n_queries(client, path, headers={"Authorization": "Basic YTpi"}) > 1

    # A search that finds nothing is noted each time, and a form is answered each time.
    for _ in range(3):
        client.get("/search/", {"q": "zorptang"}, headers=PERSON)
        client.get("/studies/", {"q": "zorptang"}, headers=PERSON)
        assert client.get("/contact/").headers["Cache-Control"].endswith("private")
    assert sorted(MissedSearch.objects.values_list("count", flat=True)) == [3, 3]
    assert client.post(path).status_code == 405

    # Not within a transaction, nor where it is switched off.
    with transaction.atomic():
        assert n_queries(client, path) > 1
    settings.PAGE_CACHE_MEGABYTES = 0
    fresh = Client()
    fresh.get(path)
    assert n_queries(fresh, path) > 1


def test_menu_is_drawn_once_a_moment_and_says_which_page_this_is(publisher, client):
    topic = full_topic(title="Walking")
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    path = f"/{topic.path}/"
    client.get(path)
    before = client.get("/about/").content.decode()

    # The stamp, the edition, what stands around it; once more the same is kept.
    assert [n_queries(client, path + query) for query in ("?again", "?again")] == [3, 1]
    assert client.get("/about/?again").content.decode() == before
    here = '<a href="/about/" aria-current="page">'
    assert (before.count(here), client.get(path).content.decode().count(here)) == (2, 0)
    Category.objects.filter(pk=topic.category_id).update(name="Loads")
    assert client.get(path).content.decode().count('aria-current="true">Loads</a>') == 2
    assert client.get("/about/").content.decode().count(">Loads</a>") == 2


def test_public_pages_read_nothing_whose_changes_are_not_told(publisher, client):
    shelf = factories.CategoryFactory(slug="shelf")
    factories.PopulationFactory(slug="group")
    factories.OutcomeFactory(slug="gait")
    factories.InterventionFactory(slug="weights")
    factories.StudyFactory(slug="first-study", title="Walking first")
    factories.SignedAssessmentFactory(conclusion__slug="an-answer")
    add_studies(2)
    add_pages(2, publisher)
    paths = [*PAGES, "/conclusions/", "/conclusions/an-answer/", "/conclusions/an-answer/assessments/1/"]
    assert shelf.get_absolute_url() in paths

    with CaptureQueriesContext(connection) as queries:
        for path in paths:
            response = client.get(path)
            assert response.status_code == 200, path
            if response.streaming:
                b"".join(response.streaming_content)
    read = {
        table
        for query in queries
        if query["sql"].startswith("SELECT")
        for table in re.findall(r'(?:FROM|JOIN) "?([a-z_]+)"?', query["sql"])
    }

    told = {entry.table for entry in changes.WATCHED}
    # Signed with its assessment, which tells; and what search keeps of tables that do.
    beside = {"evidence_stamp", "evidence_assessedresult", *(f"{table}_text" for table in told)}
    tables = set(connection.introspection.table_names())
    assert {"articles_edition", "evidence_study", "auth_user"} <= read & told
    assert (read & tables) - told - beside == set()


@pytest.mark.django_db
def test_working_copies_and_logins_leave_pages_as_they_are():
    topic, user = factories.TopicFactory(), factories.UserFactory()
    before = changes.now()

    topic.title = "Another"
    topic.save()
    user.last_login = timezone.now()
    user.save()

    assert changes.now() == before
    topic.position = 7
    topic.save()
    assert changes.now() != before
    assert changes.since(before, most=9) == {"topic": {topic.pk}}
    before = changes.now()
    user.last_name = "Another"
    user.save()
    assert changes.now() != before
    assert changes.since(before, most=9) == {"person": {user.pk}}


def _publish(world):
    Study.objects.update(state="published")
    publish_signed(topic=world.topic, by=world.publisher, at=timezone.now())


def _withdraw(world):
    if Edition.objects.live(timezone.now()).filter(topic=world.topic).exists():
        publishing.withdraw(topic=world.topic, by=world.publisher, at=timezone.now(), note="Wrong.")


def _rename(model, field):
    def write(world):
        world.n += 1
        model.objects.update(**{field: f"Name {world.n}"})

    return write


WRITES = {
    "publish": _publish,
    "withdraw": _withdraw,
    "category": _rename(Category, "name"),
    "study": _rename(Study, "label"),
    "term": _rename(Term, "definition"),
    "feature": lambda world: Topic.objects.update(is_featured=Q(is_featured=False)),
    "retire": lambda world: Study.objects.update(state="retired"),
    "nothing": lambda world: None,
}


class World:
    def __init__(self, publisher):
        self.n = 0
        self.publisher = publisher
        shelf = factories.CategoryFactory(slug="shelf")
        self.topic = full_topic(title="Walking", slug="walking", category=shelf)
        factories.TermFactory()


def test_whatever_is_written_kept_pages_say_what_fresh_ones_say(publisher, settings, monkeypatch):
    # Where the public asks: there pages are drawn ahead, too.
    settings.SITE_URL = "http://testserver"
    world = World(publisher)
    keeping = [Client(), Client(), Served()]
    for client in keeping:
        client.get("/")
    settings.PAGE_CACHE_MEGABYTES = 0
    fresh = Client()
    paths = ["/", "/shelf/", "/shelf/walking/", "/shelf/walking/editions/1/", "/studies/", "/glossary/"]

    @hypothesis_settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(st.tuples(st.sampled_from(sorted(WRITES)), st.sampled_from(paths)), max_size=6))
    def check(steps):
        for write, path in steps:
            WRITES[write](world)
            with monkeypatch.context() as nothing_drawn_yet:
                nothing_drawn_yet.setattr(page_cache, "FRAGMENTS", page_cache.Fragments())
                expected = fresh.get(path, headers=GZIP)
            for client in (*keeping, *keeping):
                found = client.get(path, headers=GZIP)
                assert (found.status_code, found.content) == (expected.status_code, expected.content)

    check()
