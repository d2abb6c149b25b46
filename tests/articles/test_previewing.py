import datetime

import pytest
from django.utils import timezone

from articles import freezing, previewing
from articles.models import Edition, PreviewGrant
from tests.articles.test_publishing import full_topic
from tests.factories import (
    EditionFactory,
    PreviewGrantFactory,
    PreviewVisitFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def test_preview_is_the_edition_that_would_go_out_and_writes_nothing(now):
    topic = full_topic()
    EditionFactory(topic=topic, number=3)

    edition = previewing.preview(topic, at=now)

    assert (edition.pk, edition.number, edition.path) == (None, 4, topic.path)
    assert edition.digest == freezing.digest(freezing.freeze(topic))
    assert "may help" in edition.body_html
    assert Edition.objects.count() == 1


def test_preview_shows_what_is_saved_and_not_what_is_held(now):
    topic = full_topic()
    topic.standfirst = "Half a sentence"

    assert previewing.preview(topic, at=now).page["standfirst"] != "Half a sentence"


def test_share_makes_a_link_of_its_own_that_ends(now):
    topic, editor = TopicFactory(), UserFactory()

    one = previewing.share(topic=topic, by=editor, at=now, for_whom=" Ada ", days=7)
    two = previewing.share(topic=topic, by=editor, at=now, for_whom="Ada", days=1)

    assert (one.for_whom, one.made_by, one.expires_at) == ("Ada", editor, now + 7 * DAY)
    assert len(one.token) == 43
    assert one.token != two.token


@pytest.mark.parametrize(("for_whom", "days"), [("Ada", 2), ("Ada", 0), (" ", 7)])
def test_share_refuses(for_whom, days, now):
    with pytest.raises(previewing.NotShared):
        previewing.share(topic=TopicFactory(), by=UserFactory(), at=now, for_whom=for_whom, days=days)

    assert not PreviewGrant.objects.exists()


def test_grant_is_found_by_its_token_while_it_lasts(now):
    grant = PreviewGrantFactory(made_at=now, expires_at=now + DAY)
    revoked = PreviewGrantFactory(made_at=now, revoked_at=now)

    assert previewing.grant_of(grant.token, at=now) == grant
    assert previewing.grant_of(grant.token, at=now + DAY) is None
    assert previewing.grant_of(revoked.token, at=now) is None
    assert previewing.grant_of(grant.token[:-1], at=now) is None
    assert previewing.grant_of("\0" * 43, at=now) is None


def test_revoke_ends_a_link_once(now):
    grant = PreviewGrantFactory(made_at=now)

    previewing.revoke(topic=grant.topic, grant=grant.pk, at=now + DAY)

    grant.refresh_from_db()
    assert grant.revoked_at == now + DAY
    with pytest.raises(previewing.NotShared):
        previewing.revoke(topic=grant.topic, grant=grant.pk, at=now + DAY)


def test_revoke_knows_only_links_of_its_topic(now):
    grant = PreviewGrantFactory(made_at=now)

    with pytest.raises(previewing.NotShared):
        previewing.revoke(topic=TopicFactory(), grant=grant.pk, at=now)

    grant.refresh_from_db()
    assert grant.revoked_at is None


def test_grants_are_listed_with_their_visits(now, django_assert_num_queries):
    topic = TopicFactory()
    old = PreviewGrantFactory(topic=topic, made_at=now - DAY)
    new = PreviewGrantFactory(topic=topic, made_at=now)
    PreviewGrantFactory()
    PreviewVisitFactory.create_batch(2, grant=old, at=now)
    PreviewVisitFactory(grant=old, at=now + DAY)

    with django_assert_num_queries(2):
        listed = [
            (grant, grant.n_visits, grant.last_visit, grant.made_by.username)
            for grant in previewing.grants(topic)
        ]

    assert listed == [
        (new, 0, None, new.made_by.username),
        (old, 3, now + DAY, old.made_by.username),
    ]


def test_preview_costs_one_query_more_than_freezing():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    topic = full_topic()
    with CaptureQueriesContext(connection) as frozen:
        freezing.freeze(type(topic).objects.select_related("category", "intervention").get(pk=topic.pk))

    with CaptureQueriesContext(connection) as previewed:
        previewing.preview(topic, at=timezone.now())

    # The topic was read in both; the number of its last edition comes on top.
    assert len(previewed) == len(frozen) + 1
