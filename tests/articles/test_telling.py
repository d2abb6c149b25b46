"""Owners hear of evidence that moved under their pages, once for each drift."""

import datetime

import pytest
from django.contrib.auth.models import Group

from articles import telling
from articles.models import Notice
from articles.permissions import Role
from tests.articles.findings import assessed, topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import triaged
from tests.factories import UserFactory
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


def member(role, username):
    user = UserFactory(username=username, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def moved():
    """A live page of an owner and a deputy under which a study came in, and its conclusion."""
    topic, block, _ = topic_with_finding(in_group=0)
    topic.owner, topic.deputy = member(Role.WRITER, "owner"), member(Role.WRITER, "deputy")
    topic.save()
    publish_signed(topic=topic, by=UserFactory(), at=AT)
    result_of(block.conclusion)
    return topic, block.conclusion


def told():
    found = Notice.objects.filter(kind=Notice.Kind.EVIDENCE_MOVED).order_by("to__username", "pk")
    return list(found.values_list("to__username", "text"))


def test_owner_and_deputy_hear_once_what_moved(moved):
    topic, _ = moved

    assert [telling.send(at=AT), telling.send(at=AT)] == [2, 0]

    text = f"The evidence under “{topic}” moved: Walking speed (1 new)."
    assert told() == [("deputy", text), ("owner", text)]


def test_further_change_is_told_again(moved):
    _, conclusion = moved
    telling.send(at=AT)

    result_of(conclusion)

    assert telling.send(at=AT) == 2
    assert any("(2 new)" in text for _, text in told())


def test_editors_hear_of_a_page_that_nobody_keeps(moved):
    topic, _ = moved
    topic.owner = topic.deputy = None
    topic.save()
    member(Role.EDITOR, "editor")

    telling.send(at=AT)

    assert [name for name, _ in told()] == ["editor"]


def test_nobody_hears_of_what_is_put_aside_assessed_or_on_no_live_page(moved):
    _, conclusion = moved
    triaged(conclusion, verdict="unlikely to change", at=AT)
    _, other, _ = topic_with_finding(in_group=0)
    result_of(other.conclusion)
    assert telling.send(at=AT) == 0

    result_of(conclusion)
    assessed(conclusion)

    assert telling.send(at=AT) == 0
