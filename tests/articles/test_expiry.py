"""Pages for a limited time: they go off by themselves, and nothing of before comes back."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import publishing
from articles.models import Edition, Event
from tests.articles.test_publishing import full_topic
from tests.evidence.admin.forms import said
from tests.factories import EditionFactory, RichTextFactory, TopicFactory
from tests.signing import sign

START = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def numbers(editions):
    return sorted(edition.number for edition in editions)


def published(topic, at, **more):
    sign(topic, at=at)
    note = "Something changed." if topic.editions.exists() else ""
    return publishing.publish(topic=topic, by=None, at=at, change_note=note, **more)


def changed(topic):
    RichTextFactory(parent=topic)
    topic.refresh_from_db()
    return topic


# The rule, told again in plain Python


def story(editions, moment):
    """(in force, live) at `moment`: the numbers of editions given as (live from, expires, withdrawn)."""
    in_force = set()
    for number, (since, expires, withdrawn) in enumerate(editions, start=1):
        ends = [end for end in (expires, withdrawn) if end is not None]
        if since <= moment and all(end > moment for end in ends):
            in_force.add(number)
        was_public_until_it_expired = expires is not None and (withdrawn is None or withdrawn > expires)
        if was_public_until_it_expired and expires <= moment:
            # The page goes off, with everything that it said before.
            in_force = {other for other in in_force if other > number}
    return sorted(in_force), sorted(in_force)[-1:]


hours = st.integers(min_value=0, max_value=6)


@st.composite
def an_edition(draw):
    since = draw(hours)
    expires = draw(st.none() | st.integers(min_value=since + 1, max_value=8))
    withdrawn = draw(st.none() | st.integers(min_value=since, max_value=8))
    return since, expires, withdrawn


class TestTime(HypothesisTestCase):
    @hypothesis_settings(max_examples=150, deadline=None)
    @given(st.lists(an_edition(), max_size=5), st.integers(min_value=-1, max_value=9))
    def test_database_and_plain_rule_agree_on_what_is_public(self, editions, moment):
        topic, stranger = TopicFactory(), EditionFactory(published_at=START - 9 * HOUR)
        for number, (since, expires, withdrawn) in enumerate(editions, start=1):
            EditionFactory(
                topic=topic,
                number=number,
                published_at=START,
                go_live_at=START + since * HOUR,
                expires_at=None if expires is None else START + expires * HOUR,
                withdrawn_at=None if withdrawn is None else START + withdrawn * HOUR,
                withdrawal_note="" if withdrawn is None else "Why.",
            )
        at = START + moment * HOUR

        in_force, live = story(editions, moment)

        assert numbers(Edition.objects.in_force(at).filter(topic=topic)) == in_force
        assert numbers(Edition.objects.live(at).filter(topic=topic)) == live
        assert list(Edition.objects.live(at).exclude(topic=topic)) == [stranger]

    @hypothesis_settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(hours, st.none() | st.integers(1, 8)), max_size=4), hours)
    def test_page_goes_off_by_itself_exactly_where_it_is_said_to(self, times, moment):
        topic = TopicFactory()
        for number, (since, lasts) in enumerate(times, start=1):
            EditionFactory(
                topic=topic,
                number=number,
                published_at=START,
                go_live_at=START + since * HOUR,
                expires_at=None if lasts is None else START + (since + lasts) * HOUR,
            )
        editions = [(since, lasts if lasts is None else since + lasts, None) for since, lasts in times]
        at = START + moment * HOUR

        announced = {edition.expires_at for edition in Edition.objects.to_expire(at)}

        goes_off = {
            START + later * HOUR
            for later in range(moment + 1, 20)
            if story(editions, later - 1)[1] and not story(editions, later)[1]
        }
        assert goes_off <= announced


pytestmark = pytest.mark.django_db


def test_page_goes_off_at_its_moment_and_no_earlier_edition_comes_back(now):
    topic = full_topic()
    published(topic, now - 2 * HOUR)
    second = published(changed(topic), now - HOUR, expires_at=now)

    assert list(Edition.objects.live(now - datetime.timedelta(microseconds=1))) == [second]
    assert not Edition.objects.live(now).exists()
    assert not Edition.objects.in_force(now).exists()
    assert not Edition.objects.not_over(now).exists()


def test_next_edition_replaces_the_moment_with_its_own(now):
    topic = full_topic()
    published(topic, now - 2 * HOUR, expires_at=now)
    second = published(changed(topic), now - HOUR)

    assert list(Edition.objects.live(now)) == [second]


def test_expired_topic_is_published_again_with_the_same_words(now):
    topic = full_topic()
    published(topic, now - 2 * HOUR, expires_at=now - HOUR)

    again = published(topic, now)

    assert again.number == 2
    assert list(Edition.objects.live(now)) == [again]


def test_edition_that_was_called_off_takes_no_page_off(publisher, now):
    topic = full_topic()
    first = published(topic, now - 2 * HOUR)
    published(changed(topic), now - HOUR, go_live_at=now, expires_at=now + HOUR)

    publishing.call_off(topic=topic, by=publisher, at=now - HOUR)

    assert list(Edition.objects.live(now + 2 * HOUR)) == [first]


def test_expired_page_has_nothing_left_to_withdraw(publisher, now):
    topic = full_topic()
    published(topic, now - 3 * HOUR)
    published(changed(topic), now - 2 * HOUR, expires_at=now)

    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.withdraw(topic=topic, by=publisher, at=now, note="Why.")

    assert refusal.value.problems == ["This topic has no page that could be withdrawn."]


@pytest.mark.parametrize(
    ("live_in", "off_in", "problem"),
    [
        (None, 0, "The moment at which it is to go off has passed."),
        (None, -1, "The moment at which it is to go off has passed."),
        (2, 2, "It is to go off before it goes live."),
        (2, 1, "It is to go off before it goes live."),
    ],
)
def test_moment_that_makes_no_sense_is_refused(live_in, off_in, problem, now):
    topic = full_topic()
    go_live_at = None if live_in is None else now + live_in * HOUR

    with pytest.raises(publishing.NotPublishable) as refusal:
        published(topic, now, go_live_at=go_live_at, expires_at=now + off_in * HOUR)

    assert refusal.value.problems == [problem]
    assert not Edition.objects.exists()


def test_same_words_published_again_only_change_when_the_page_goes_off(publisher, now):
    topic = full_topic()
    first = published(topic, now - HOUR)

    sooner = publishing.publish(topic=topic, by=publisher, at=now, expires_at=now + HOUR)
    stays = publishing.publish(topic=topic, by=publisher, at=now)
    publishing.publish(topic=topic, by=publisher, at=now)

    assert (sooner, stays) == (first, first)
    assert (sooner.expires_at, Edition.objects.get().expires_at) == (now + HOUR, None)
    events = Event.objects.filter(action=publishing.CHANGE_EXPIRY).order_by("pk")
    assert [(event.comment, event.by) for event in events] == [
        ("Edition 1: off at 22 Nov 2026, 13:00.", publisher),
        ("Edition 1: it stays.", publisher),
    ]


# What readers see


def test_expired_page_says_that_it_has_expired_and_nothing_of_what_it_said(client):
    at = timezone.now() - 3 * HOUR
    topic = full_topic(title="Winter advice", short_title="Winter")
    old = published(topic, at)
    topic.slug = "new-place"
    topic.save()
    edition = published(changed(topic), at + HOUR, expires_at=at + 2 * HOUR)
    day = timezone.localtime(edition.expires_at)

    for address in (
        edition.get_absolute_url(),
        old.get_absolute_url(),
        edition.get_lasting_url(),
        old.get_lasting_url(),
    ):
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 410
        assert f"This page expired on {day:%-d %B %Y}." in page
        assert "may help" not in page
    assert client.get(f"{edition.get_absolute_url()}cite.ris").status_code == 404
    assert "Winter" not in client.get("/explore/").content.decode()
    assert "Winter" not in client.get("/feeds/").content.decode()
    assert edition.path not in client.get("/sitemap.xml").content.decode()


def test_asking_what_is_live_stays_one_query_for_any_history(now):
    topic = TopicFactory()
    for number in range(1, 30):
        EditionFactory(topic=topic, number=number, published_at=now - number * HOUR, expires_at=now + HOUR)

    with CaptureQueriesContext(connection) as queries:
        assert numbers(Edition.objects.live(now)) == [29]

    assert len(queries) == 1


# In the admin


def test_publisher_sets_and_lifts_the_moment_at_which_the_page_goes_off(client, publisher, settings):
    topic = full_topic(short_title="Winter")
    sign(topic, at=timezone.now())
    client.force_login(publisher)
    page = reverse("admin:articles_topic_publish", args=[topic.pk])
    history = reverse("admin:articles_topic_history", args=[topic.pk])
    off = timezone.localtime(timezone.now() + 48 * HOUR).replace(second=0, microsecond=0)
    form = client.get(page)
    assert f"Times are those of {settings.TIME_ZONE}." in form.content.decode()

    data = {"change_note": "", "seen": form.context["seen"], "expires_at": off.strftime("%Y-%m-%dT%H:%M")}
    response = client.post(page, data, follow=True)

    edition = Edition.objects.get()
    assert edition.expires_at == off
    assert said(response)[0].endswith(f"It goes off by itself on {off:%-d %B %Y, %H:%M}.")
    shown = client.get(page)
    assert f"It goes off by itself on {off:%-d %B %Y, %H:%M} ({settings.TIME_ZONE})" in shown.content.decode()
    assert f'value="{off:%Y-%m-%dT%H:%M}"' in shown.content.decode()
    assert f"Goes off {off:%-d %b %Y, %H:%M}" in client.get(history).content.decode()

    response = client.post(
        page,
        {"kind": "full", "change_note": "", "seen": shown.context["seen"], "expires_at": ""},
        follow=True,
    )

    edition.refresh_from_db()
    assert edition.expires_at is None
    assert said(response) == [
        "Nothing has changed since edition 1: it stays live. It does not go off by itself any more."
    ]


def test_expired_edition_is_named_so_in_the_history(client, publisher):
    at = timezone.now() - 2 * HOUR
    topic = full_topic()
    published(topic, at, expires_at=at + HOUR)
    client.force_login(publisher)

    page = client.get(reverse("admin:articles_topic_history", args=[topic.pk])).content.decode()

    assert f"Expired {timezone.localtime(at + HOUR):%-d %b %Y, %H:%M}" in page
    assert "Goes off" not in page
