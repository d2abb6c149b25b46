"""Who has a form open: said by those who do, forgotten when they fall silent."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import presence
from articles.models import Checkpoint, Presence, Topic
from tests.factories import TopicFactory, UserFactory

pytestmark = pytest.mark.django_db

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def eva():
    return UserFactory(username="eva")


@pytest.fixture
def ada():
    return UserFactory(username="ada")


def seen(topic, user, at):
    return [
        (other.user.username, other.opened_at, other.has_changes)
        for other in presence.others(topic=topic, user=user, at=at)
    ]


def test_others_see_who_has_the_form_open_since_when_and_with_what(eva, ada, now):
    topic, other = TopicFactory(), TopicFactory()
    presence.here(topic=topic, user=eva, at=now, has_changes=False)
    presence.here(topic=other, user=UserFactory(), at=now, has_changes=True)

    before = seen(topic, ada, now)
    presence.here(topic=topic, user=eva, at=now + 15 * SECOND, has_changes=True)

    assert before == [("eva", now, False)]
    assert seen(topic, ada, now + 15 * SECOND) == [("eva", now, True)]
    assert seen(topic, eva, now + 15 * SECOND) == []


def test_whoever_is_silent_for_forty_seconds_is_gone_and_opens_it_anew(eva, ada, now):
    topic = TopicFactory()
    presence.here(topic=topic, user=eva, at=now, has_changes=True)

    assert seen(topic, ada, now + 40 * SECOND) == [("eva", now, True)]
    assert seen(topic, ada, now + 41 * SECOND) == []

    presence.here(topic=topic, user=eva, at=now + 41 * SECOND, has_changes=False)

    assert seen(topic, ada, now + 41 * SECOND) == [("eva", now + 41 * SECOND, False)]
    assert Presence.objects.count() == 1


def test_whoever_closes_the_form_is_gone_at_once(eva, ada, now):
    topic = TopicFactory()
    for user in (eva, ada):
        presence.here(topic=topic, user=user, at=now, has_changes=False)

    presence.left(topic=topic, user=eva)

    assert seen(topic, ada, now) == []
    assert seen(topic, eva, now) == [("ada", now, False)]


def test_whoever_opened_it_first_comes_first(eva, ada, now):
    topic, third = TopicFactory(), UserFactory()
    presence.here(topic=topic, user=ada, at=now, has_changes=False)
    presence.here(topic=topic, user=eva, at=now - SECOND, has_changes=False)

    assert [name for name, *_ in seen(topic, third, now)] == ["eva", "ada"]


def test_rows_of_yesterday_are_removed_by_the_way(eva, ada, now):
    day = datetime.timedelta(days=1)
    presence.here(topic=TopicFactory(), user=ada, at=now - day - SECOND, has_changes=True)
    presence.here(topic=TopicFactory(), user=ada, at=now - day, has_changes=True)

    presence.here(topic=TopicFactory(), user=eva, at=now, has_changes=False)

    assert sorted(Presence.objects.values_list("seen_at", flat=True)) == [now - day, now]


def test_saying_that_one_is_here_changes_nothing_of_the_topic(eva, now):
    topic = TopicFactory()
    before = Topic.objects.values().get()

    presence.here(topic=topic, user=eva, at=now, has_changes=True)

    assert Topic.objects.values().get() == before
    assert not Checkpoint.objects.exists()


def test_saying_it_again_costs_one_statement_beside_the_settings_of_the_connection(eva, now):
    topic = TopicFactory()
    presence.here(topic=topic, user=eva, at=now, has_changes=False)

    with CaptureQueriesContext(connection) as queries:
        assert presence.here(topic=topic, user=eva, at=now + SECOND, has_changes=False)

    statements = [query["sql"] for query in queries if not query["sql"].startswith("PRAGMA")]
    assert len(statements) == 1
    assert 'UPDATE "articles_presence"' in statements[0]
