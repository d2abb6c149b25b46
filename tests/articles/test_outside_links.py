import datetime

import pytest

from articles import freezing, outside_links, tasks
from articles.asking import Answer
from articles.models import OutsideLink
from tests import factories

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
WEEK = 7 * DAY
Status = OutsideLink.Status


def content_with(*urls, doi=None, pmid=None, key_points=""):
    """A content whose one text links to `urls`, with one reference."""
    topic = factories.TopicFactory(key_points=key_points)
    links = " ".join(f'<a href="{url}">there</a>' for url in urls)
    text = f'<p>{links} <a href="study:miller-1987">Miller</a></p>'
    factories.RichTextFactory(parent=topic, text=text)
    factories.ReportFactory(study__slug="miller-1987", study__label="Miller 1987", doi=doi, pmid=pmid)
    return freezing.freeze(topic)


def edition_with(*urls, **fields):
    links = "".join(f'<a href="{url}">there</a>' for url in urls)
    content = {
        "key_points": f"<p>{links}</p>",
        "blocks": [],
        "not_known": "",
        "references": [],
        "studies": {},
        "topic": {"standfirst": ""},
    }
    return factories.EditionFactory(content=content, **fields)


def gathered(*urls, at):
    """Links of a live page."""
    edition_with(*urls, published_at=at - DAY)
    outside_links.gather(at=at)


class Others:
    """The other sites: what each address answers, and what was asked for when."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []
        self.now = 0.0
        self.waits = []

    def ask(self, url, before):
        before(url.split("/")[2])
        self.asked.append(url)
        answer = self.answers.get(url.rsplit("/", 1)[-1], Answer(200))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def check(self, *, at, **options):
        return outside_links.check(at=at, ask=self.ask, clock=self.clock, wait=self.wait, **options)


# Which addresses


def test_addresses_of_a_page_are_those_that_it_prints():
    content = content_with(
        "https://Example.org/A?b=c#d",
        "mailto:ada@example.org",
        doi="10.1000/x",
        pmid="123",
        key_points='<p><a href="http://example.org">here</a></p>',
    )

    assert outside_links.addresses(content) == {
        "https://example.org/A?b=c",
        "http://example.org/",
        "https://doi.org/10.1000/x",
        "https://pubmed.ncbi.nlm.nih.gov/123/",
    }


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("HTTP://example.org/A#x", "http://example.org/A"),
        ("https://example.org/a?b#", "https://example.org/a?b"),
        ("ftp://example.org/", None),
        ("study:miller", None),
        ("https://", None),
        ("http://[x", None),
        ("https://example.org/\0", None),
        (f"https://example.org/{'x' * 1000}", None),
    ],
)
def test_stored_addresses_have_one_form(url, kept):
    assert outside_links.stored(url) == kept


# Gathering


def test_links_are_those_of_live_editions(now):
    old = edition_with("https://example.org/old", published_at=now - 2 * DAY)
    live = edition_with(
        "https://example.org/a", "https://example.org/b", published_at=now - DAY, topic=old.topic, number=2
    )
    other = edition_with("https://example.org/a#part", published_at=now)
    edition_with("https://example.org/later", published_at=now, go_live_at=now + DAY)
    factories.EditionFactory(published_at=now)

    assert outside_links.gather(at=now) == 2

    assert {link.url: set(link.editions.all()) for link in OutsideLink.objects.all()} == {
        "https://example.org/a": {live, other},
        "https://example.org/b": {live},
    }


def test_gathering_again_keeps_what_was_found_out_and_forgets_what_nobody_names(now):
    edition = edition_with("https://example.org/a", "https://example.org/b", published_at=now - DAY)
    outside_links.gather(at=now)
    OutsideLink.objects.update(status=Status.BROKEN, checked_at=now)
    new = edition_with(
        "https://example.org/b", "https://example.org/c", published_at=now, topic=edition.topic, number=2
    )

    outside_links.gather(at=now)
    outside_links.gather(at=now)

    assert [
        (link.url, link.status, list(link.editions.all())) for link in OutsideLink.objects.order_by("url")
    ] == [
        ("https://example.org/b", "broken", [new]),
        ("https://example.org/c", "unchecked", [new]),
    ]


def test_gathering_takes_as_many_queries_for_many_pages_as_for_one(now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    edition_with("https://example.org/a", published_at=now)
    with CaptureQueriesContext(connection) as one:
        outside_links.gather(at=now)
    for n in range(20):
        edition_with(f"https://example.org/{n}", published_at=now)

    with django_assert_num_queries(len(one)):
        outside_links.gather(at=now)


# What is made of an answer


@pytest.mark.parametrize(
    ("answers", "status", "said", "n_failures", "is_failing"),
    [
        ([Answer(200)], "works", "200 OK", 0, False),
        ([Answer(200, moved_to="https://example.org/new")], "moved", "200 OK", 0, False),
        ([Answer(404)], "unclear", "404 Not Found", 1, True),
        ([Answer(404), Answer(410)], "broken", "410 Gone", 2, True),
        ([Answer(None, "No such host", is_unknown_host=True)] * 2, "broken", "No such host", 2, True),
        ([Answer(403)] * 9, "unclear", "403 Forbidden", 0, True),
        ([Answer(503)] * 9, "unclear", "503 Service Unavailable", 0, True),
        ([Answer(None, "No answer in time")] * 9, "unclear", "No answer in time", 0, True),
        ([Answer(404), Answer(200), Answer(404)], "unclear", "404 Not Found", 1, True),
        ([Answer(404), Answer(503), Answer(404)], "broken", "404 Not Found", 2, True),
        ([Answer(404), Answer(404), Answer(503)], "broken", "503 Service Unavailable", 2, True),
        ([Answer(404), Answer(404), Answer(200)], "works", "200 OK", 0, False),
        ([Answer(404, moved_to="https://example.org/new")] * 2, "broken", "404 Not Found", 2, True),
        ([Answer(999)], "unclear", "999", 0, True),
    ],
)
def test_a_link_is_broken_after_clear_words_in_a_row(answers, status, said, n_failures, is_failing, now):
    gathered("https://example.org/a", at=now)
    for days, answer in enumerate(answers):
        Others(a=answer).check(at=now + days * WEEK)

    link = OutsideLink.objects.get()

    assert (link.status, link.answer, link.n_failures) == (status, said, n_failures)
    assert (link.failing_since is not None) == is_failing
    assert link.moved_to == ("https://example.org/new" if status == "moved" else "")


def test_a_link_says_since_when_it_fails(now):
    gathered("https://example.org/a", at=now)
    for days in range(3):
        Others(a=Answer(404)).check(at=now + days * DAY)

    link = OutsideLink.objects.get()

    assert (link.failing_since, link.checked_at) == (now, now + 2 * DAY)


# Which, and when


def test_what_works_is_asked_for_once_a_week_and_what_fails_once_a_day(now):
    gathered("https://example.org/good", "https://example.org/bad", at=now)
    asked = []
    for days in range(9):
        others = Others(bad=Answer(404))
        others.check(at=now + days * DAY)
        asked.append(sorted(url.rsplit("/", 1)[-1] for url in others.asked))

    assert asked == [["bad", "good"], *[["bad"]] * 6, ["bad", "good"], ["bad"]]


def test_nothing_is_asked_for_twice_on_a_day(now):
    gathered("https://example.org/good", "https://example.org/bad", at=now)
    Others(bad=Answer(404)).check(at=now)

    assert Others().check(at=now + datetime.timedelta(hours=12)) == 0


def test_links_of_pages_that_are_not_live_any_more_are_left_alone(now):
    edition_with("https://example.org/a", published_at=now - DAY, expires_at=now + DAY)
    outside_links.gather(at=now)

    assert Others().check(at=now + 2 * DAY) == 0


def test_a_run_is_bounded_and_goes_on_where_it_stopped(now):
    gathered(*(f"https://example.org/{n}" for n in range(5)), at=now)
    first, second = Others(), Others()

    assert first.check(at=now, most=3) == 3
    assert second.check(at=now, most=3) == 2
    assert len({*first.asked, *second.asked}) == 5


def test_a_run_ends_when_its_time_is_over(now):
    gathered(*(f"https://site{n}.example.org/a" for n in range(5)), at=now)
    others = Others()

    def slow(url, before):
        others.now += outside_links.LONGEST_RUN.total_seconds() / 2
        return others.ask(url, before)

    assert outside_links.check(at=now, ask=slow, clock=others.clock, wait=others.wait) == 3


def test_requests_to_one_host_have_a_pause_and_hosts_take_turns(now):
    gathered("https://a.org/1", "https://a.org/2", "https://a.org/3", "https://b.org/1", at=now)
    others = Others()

    others.check(at=now)

    assert others.asked == ["https://a.org/1", "https://b.org/1", "https://a.org/2", "https://a.org/3"]
    assert others.waits == [outside_links.PAUSE] * 2


def test_a_link_that_cannot_be_asked_for_does_not_stop_the_run(now, caplog):
    gathered("https://a.org/bad", "https://b.org/good", at=now)

    assert Others(bad=RuntimeError("Out of order")).check(at=now) == 2

    assert list(OutsideLink.objects.order_by("url").values_list("status", "answer")) == [
        ("unclear", "It could not be asked for"),
        ("works", "200 OK"),
    ]
    assert "https://a.org/bad" in caplog.text


def test_a_link_that_is_forgotten_meanwhile_stays_forgotten(now):
    gathered("https://example.org/a", at=now)
    others = Others()

    def forgetting(url, before):
        OutsideLink.objects.all().delete()
        return others.ask(url, before)

    outside_links.check(at=now, ask=forgetting, clock=others.clock, wait=others.wait)

    assert not OutsideLink.objects.exists()


# The task


def test_task_gathers_and_asks_nobody_where_that_is_off(settings, now):
    settings.CHECK_OUTSIDE_LINKS = False
    edition_with("https://example.org/a", published_at=now - 1000 * DAY)

    assert tasks.check_outside_links.call() == 0

    assert list(OutsideLink.objects.values_list("url", "status", "checked_at")) == [
        ("https://example.org/a", "unchecked", None)
    ]


def test_task_asks_where_that_is_on_but_never_this_machine(settings, now):
    settings.CHECK_OUTSIDE_LINKS = True
    edition_with("http://127.0.0.1/a", published_at=now - 1000 * DAY)

    assert tasks.check_outside_links.call() == 1

    link = OutsideLink.objects.get()
    assert (link.status, link.answer) == ("unclear", "Not asked: the address is not public")


def test_user_agent_says_where_to_complain(settings):
    settings.SITE_NAME, settings.SITE_URL = "Wohlsein ä", "https://wellness.example"

    assert outside_links.user_agent() == "Wohlsein link check (+https://wellness.example/about/)"
