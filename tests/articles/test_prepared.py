"""Queries made once: asked with other values they find what a new one would."""

import datetime

import pytest
from django.db import connection, transaction
from django.db.models import Subquery

from articles import pages
from articles.models import Edition
from evidence.prepared import Prepared
from tests import factories

HOUR = datetime.timedelta(hours=1)


def _live(path, at):
    there = Edition.objects.live(at).filter(path=path)
    live = there.annotate(last_change=Subquery(Edition.objects.last_changes(at)))
    return live.select_related("topic", "category").defer("content", "text").order_by("pk")


@pytest.mark.django_db
def test_prepared_query_finds_what_a_new_one_finds_whatever_it_is_asked(now, django_assert_num_queries):
    prepared = Prepared(_live, path=str, at=datetime.datetime)
    topic = factories.TopicFactory()
    for number, go_live_at, more in (
        (1, now - 5 * HOUR, {}),
        (2, now - 2 * HOUR, {"expires_at": now + HOUR}),
        (3, now + 2 * HOUR, {"withdrawn_at": now + 3 * HOUR, "withdrawal_note": "Wrong."}),
    ):
        factories.EditionFactory(topic=topic, number=number, go_live_at=go_live_at, **more)
    other = factories.EditionFactory(go_live_at=now)

    found = []
    for path in (topic.path, other.path, "nowhere/to-be-found", "stand-in-9871654321"):
        for hours in range(-6, 6):
            at = now + hours * HOUR
            with django_assert_num_queries(1):
                got = prepared(path=path, at=at)
                there = [(edition, edition.last_change, edition.topic, edition.category) for edition in got]
            fresh = list(_live(path, at))
            assert there == [
                (edition, edition.last_change, edition.topic, edition.category) for edition in fresh
            ]
            assert [one.get_deferred_fields() for one in got] == [one.get_deferred_fields() for one in fresh]
            found.append(len(there))
    assert {0, 1} == set(found)


@pytest.mark.django_db(transaction=True)
def test_prepared_query_is_asked_again_after_a_rollback_and_on_a_new_connection(
    now, django_assert_num_queries
):
    prepared = Prepared(_live, path=str, at=datetime.datetime)
    edition = factories.EditionFactory(go_live_at=now)

    def finds_it():
        return prepared(path=edition.path, at=now) == [edition]

    with transaction.atomic():
        # First asked in what is taken back.
        assert finds_it()
        transaction.set_rollback(True)
    assert finds_it()
    connection.close()
    assert finds_it()
    with django_assert_num_queries(1):
        assert finds_it()


def test_value_that_the_query_does_not_ask_for_is_refused(db, now):
    careless = Prepared(lambda path, at: Edition.objects.live(at), path=str, at=datetime.datetime)

    with pytest.raises(AssertionError, match="path"):
        careless(path="a/b", at=now)


@pytest.mark.django_db
def test_page_of_a_topic_without_a_broader_one_has_none_around_it(now):
    topic = factories.TopicFactory()
    factories.EditionFactory(topic=topic, go_live_at=now - HOUR)
    other = factories.EditionFactory(go_live_at=now - HOUR)

    around = pages.surroundings(topic, at=now)

    assert (around.parent, around.subtopics, len(around.history)) == (None, [], 1)
    other.topic.parent = topic
    other.topic.save()
    assert pages.surroundings(topic, at=now).subtopics == [other]
    assert pages.surroundings(other.topic, at=now).parent.topic == topic
