"""Reminders: on which days, to whom, and each once."""

import datetime

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from articles import checkpoints, reminders, workflow
from articles.models import Notice, Topic
from articles.permissions import Role
from articles.reminders import Rhythm
from tests.factories import RichTextFactory, TopicFactory, UserFactory

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()


def member(role, username, **fields):
    user = UserFactory(username=username, **{"is_staff": True, **fields})
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def owner(db):
    return member(Role.WRITER, "owner")


@pytest.fixture
def deputy(db):
    return member(Role.WRITER, "deputy")


def told():
    return list(Notice.objects.order_by("to__username").values_list("to__username", flat=True))


def days_reminded(first, days):
    """On which days, counted from `first`, the round of that day reminds somebody."""
    return [day for day in range(days) if reminders.send(at=first + day * DAY)]


# Days


@given(st.integers(1, 60), st.integers(1, 60), st.integers(-100, 1000))
def test_turns_are_before_the_day_on_it_and_regularly_after(before, every, days):
    due, today = TODAY, TODAY + days * DAY

    turn = Rhythm(before, every).turn(due, today)

    if days < -before:
        assert turn is None
    elif days < 0:
        assert turn == due - before * DAY
    else:
        assert (turn - due).days % every == 0
        assert due <= turn <= today < turn + every * DAY


@pytest.mark.django_db
def test_owner_is_reminded_thirty_days_ahead_on_the_day_and_every_thirty_days(owner, deputy):
    TopicFactory(owner=owner, deputy=deputy, next_review=TODAY + 40 * DAY)

    assert days_reminded(NOW, 135) == [10, 40, 70, 100, 130]


@pytest.mark.django_db
def test_round_that_did_not_run_on_its_day_reminds_later(owner, deputy):
    TopicFactory(owner=owner, deputy=deputy, next_review=TODAY - 35 * DAY)

    assert days_reminded(NOW, 30) == [0, 25]


@pytest.mark.django_db
def test_second_run_on_a_day_reminds_nobody_again(owner, deputy):
    TopicFactory(owner=owner, deputy=deputy, next_review=TODAY)

    assert (reminders.send(at=NOW), reminders.send(at=NOW)) == (2, 0)


@pytest.mark.django_db
def test_new_date_brings_new_reminders(owner, deputy):
    topic = TopicFactory(owner=owner, deputy=deputy, next_review=TODAY)
    reminders.send(at=NOW)
    Topic.objects.filter(pk=topic.pk).update(next_review=TODAY + 365 * DAY)

    assert days_reminded(NOW, 340) == [335]


# People


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "text"),
    [
        (30, "“Walking” is due for review on 22 December 2026."),
        (0, "“Walking” is due for review today."),
        (-1, "“Walking” was due for review on 21 November 2026."),
    ],
)
def test_owner_and_deputy_are_reminded(days, text, owner, deputy):
    member(Role.EDITOR, "editor")
    topic = TopicFactory(short_title="Walking", owner=owner, deputy=deputy, next_review=TODAY + days * DAY)

    reminders.send(at=NOW)

    assert told() == ["deputy", "owner"]
    assert {(notice.kind, notice.topic, notice.text) for notice in Notice.objects.all()} == {
        ("review due", topic, text)
    }


@pytest.mark.django_db
def test_editors_are_reminded_where_there_is_no_deputy(owner):
    for name in ("editor", "other editor"):
        member(Role.EDITOR, name)
    TopicFactory(owner=owner, next_review=TODAY)

    reminders.send(at=NOW)

    assert told() == ["editor", "other editor", "owner"]


@pytest.mark.django_db
def test_people_who_left_are_not_reminded(owner, deputy):
    owner.is_active = False
    owner.save()
    TopicFactory(owner=owner, deputy=deputy, next_review=TODAY)
    TopicFactory(next_review=TODAY)

    reminders.send(at=NOW)

    assert told() == ["deputy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [{"next_review": None}, {"next_review": TODAY + 31 * DAY}, {"next_review": TODAY, "state": "retired"}],
)
def test_nothing_is_due(fields, owner, deputy):
    TopicFactory(owner=owner, deputy=deputy, **fields)

    assert reminders.send(at=NOW) == 0


# Reviews that somebody was asked for


@pytest.fixture
def reviewer(db):
    return member(Role.REVIEWER, "reviewer")


@pytest.mark.django_db
def test_reviewer_is_reminded_three_days_ahead_on_the_day_and_every_week(reviewer):
    TopicFactory(reviewer=reviewer, state="in review", review_due_on=TODAY + 5 * DAY)

    assert days_reminded(NOW, 21) == [2, 5, 12, 19]
    assert told() == ["reviewer"] * 4
    assert set(Notice.objects.values_list("kind", flat=True)) == {"assigned"}


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in Topic.State if state != Topic.State.IN_REVIEW])
def test_reviewer_is_not_reminded_before_the_text_is_handed_to_them(state, reviewer):
    TopicFactory(reviewer=reviewer, state=state, review_due_on=TODAY)

    assert reminders.send(at=NOW) == 0


@pytest.mark.django_db
def test_reviewer_who_signed_is_not_reminded_until_the_text_changes(reviewer):
    topic = TopicFactory(reviewer=reviewer, state="in review", risk="medicine", review_due_on=TODAY)
    RichTextFactory(parent=topic)
    workflow.perform(topic=topic, action=workflow.Action.SIGN_SCIENTIFIC, by=reviewer, at=NOW)
    before = reminders.send(at=NOW)

    RichTextFactory(parent=topic)
    checkpoints.keep(topic=topic, by=None, at=NOW + DAY)

    assert (before, reminders.send(at=NOW + DAY)) == (0, 1)
    assert Notice.objects.get(reminder_on__isnull=False).text == (
        f"Your review of “{topic}” was due on 22 November 2026."
    )
