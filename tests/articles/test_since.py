"""What a page says since its edition: as fresh as the evidence, and asked for once."""

import datetime

import pytest
from django.db import transaction

from articles.since import since
from evidence.models import Study
from tests.articles.findings import AT, assessed, topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.signing import publish_signed

YEAR = datetime.timedelta(days=365)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page():
    topic, block, results = topic_with_finding()
    return publish_signed(topic=topic, by=None, at=AT), block.conclusion, results


def hows(edition, at=AT):
    return [entry.how for entry in since(edition, at=at).news]


def test_what_moved_is_asked_for_once(page, django_assert_num_queries):
    edition, conclusion, results = page
    assert hows(edition) == []
    with django_assert_num_queries(1):
        assert hows(edition) == []

    new = result_of(conclusion)
    Study.objects.filter(pk=results[0].study_id).update(integrity="retracted")

    assert hows(edition) == ["retracted", "new"]
    with django_assert_num_queries(1):
        assert hows(edition) == ["retracted", "new"]
    Study.objects.filter(pk=new.study_id).update(label="Another 1999")
    assert since(edition, at=AT).news[1].study.label == "Another 1999"


def test_a_page_that_was_not_asked_for_yet_takes_three_queries(page, django_assert_num_queries):
    edition, conclusion, _ = page
    result_of(conclusion)
    assert hows(edition) == ["new"]
    edition.pk = 0

    with django_assert_num_queries(3):
        assert hows(edition) == ["new"]


def test_what_is_taken_back_is_on_no_page(page):
    edition, conclusion, _ = page
    assert hows(edition) == []

    with transaction.atomic():
        result_of(conclusion)
        assert hows(edition) == ["new"]
        transaction.set_rollback(True)

    assert hows(edition) == []


def test_a_page_on_a_replaced_assessment_goes_on_being_watched(page):
    edition, conclusion, _ = page
    result_of(conclusion)
    assessed(conclusion)

    assert hows(edition) == ["new"]
    assert (since(edition, at=AT).overdue, len(since(edition, at=AT + 3 * YEAR).overdue)) == ((), 1)
