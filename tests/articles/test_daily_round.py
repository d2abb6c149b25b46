"""The daily round: everything that is done once a day, each part whether or not another fails."""

import datetime
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import notices
from articles.models import Notice, NoticeChoice
from tests.factories import NoticeFactory, TaskFactory, TopicFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def owner(db):
    user = UserFactory(username="owner", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_topic"))
    notices.choose(user=user, deliveries={Notice.Kind.REVIEW_DUE: NoticeChoice.Delivery.DAILY})
    return user


def a_task(*, days_ago):
    row = TaskFactory(task_path="x")
    DBTaskResult.objects.filter(pk=row.pk).update(finished_at=timezone.now() - days_ago * DAY)
    return row


def go_round():
    said = StringIO()
    call_command("daily_round", stdout=said)
    return said.getvalue().splitlines()


def test_round_does_everything_and_a_second_one_nothing_again(owner):
    now = timezone.now()
    TopicFactory(short_title="Walking", owner=owner, deputy=owner, next_review=timezone.localdate())
    NoticeFactory(to=owner, at=now - 400 * DAY, read_at=now - 400 * DAY)
    a_task(days_ago=15)
    kept = a_task(days_ago=13)

    first, second = go_round(), go_round()

    assert first == [
        "reminders: 1",
        "notices of evidence that moved: 0",
        "daily e-mails: 1",
        "old notices removed: 1",
        "old tasks removed: done",
        "outside links left to the worker: done",
    ]
    assert second == [line.replace("1", "0") for line in first]
    assert [sent.subject for sent in mail.outbox] == ["[Wellness] 1 notice about Walking"]
    assert "“Walking” is due for review today." in mail.outbox[0].body
    assert list(DBTaskResult.objects.filter(task_path="x")) == [kept]


def test_round_goes_on_where_one_part_fails(owner, settings):
    settings.EMAIL_BACKEND = "tests.articles.mail_servers.RefusesSome"
    owner.email = "bad@example.org"
    owner.save()
    TopicFactory(owner=owner, deputy=owner, next_review=timezone.localdate())
    a_task(days_ago=15)

    with pytest.raises(CommandError, match="daily e-mails: 1 could not be sent"):
        go_round()

    assert Notice.objects.unmailed().count() == 1
    assert not DBTaskResult.objects.filter(task_path="x").exists()
