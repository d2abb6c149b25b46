"""E-mails: what they say, whom they reach, and that nothing is sent twice or lost."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import mailing, notices, tasks
from articles.models import Notice, NoticeChoice
from tests.factories import (
    CommentFactory,
    EventFactory,
    MessageFactory,
    NoticeFactory,
    TopicFactory,
    UserFactory,
)
from tests.worker import a_worker, work

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)
Kind = Notice.Kind
Delivery = NoticeChoice.Delivery
REFUSES_SOME = "tests.articles.mail_servers.RefusesSome"
IS_SLOW = "tests.articles.mail_servers.IsSlow"


def reader(name, **fields):
    """Somebody on the staff who may look at topics."""
    user = UserFactory(username=name, **{"is_staff": True, **fields})
    user.user_permissions.add(Permission.objects.get(codename="view_topic"))
    return user


@pytest.fixture
def owner(db, settings):
    settings.SITE_NAME, settings.SITE_URL = "Wellness", "https://wellness.example"
    return reader("owner")


@pytest.fixture
def administrator(transactional_db):
    """Flushing the database takes the rights with it, and an administrator needs none."""
    return UserFactory(username="owner", is_staff=True, is_superuser=True)


@pytest.fixture
def daily(owner):
    notices.choose(user=owner, deliveries={Kind.MOVE: Delivery.DAILY})
    return owner


def keys():
    return list(Notice.objects.order_by("pk").values_list("pk", flat=True))


def unmailed():
    return list(Notice.objects.unmailed().order_by("pk").values_list("pk", flat=True))


# At once


def test_mail_says_what_happened_and_where(owner, now):
    topic = TopicFactory(short_title="Ankle weights")
    event = EventFactory(topic=topic, comment="Which forty?\n\nAnd when?")
    text = "“Ankle weights” was sent back by reviewer."
    notice = NoticeFactory(to=owner, topic=topic, event=event, text=text)

    assert mailing.send_at_once([notice.pk], at=now) == 1

    sent = mail.outbox[0]
    assert (sent.subject, sent.to) == (f"[Wellness] {text}", ["owner@example.org"])
    assert sent.body == "\n".join(
        [
            text,
            "",
            "    Which forty?",
            "",
            "    And when?",
            "",
            f"https://wellness.example{reverse('admin:notice_open', args=[notice.pk])}",
            "",
            "You get this at once, as everything of the kind “A topic moved on”.",
            "All your notices: https://wellness.example/admin/notices/",
            "Hear of things in another way: https://wellness.example/admin/notices/choices/",
        ]
    )
    assert Notice.objects.get().mailed_at == now


def test_mail_about_a_comment_says_the_comment(owner, now):
    comment = CommentFactory(text="Is it so?")
    notice = NoticeFactory(to=owner, kind=Kind.COMMENT, topic=comment.topic, comment=comment)

    mailing.send_at_once([notice.pk], at=now)

    assert "    Is it so?" in mail.outbox[0].body


def test_subject_stays_on_one_line(owner, now):
    notice = NoticeFactory(to=owner, text="A\r\nBcc: x@example.org " + "é" * 300)

    mailing.send_at_once([notice.pk], at=now)

    assert mail.outbox[0].subject.startswith("[Wellness] A Bcc: x@example.org é")
    assert len(mail.outbox[0].subject) == 160
    assert mail.outbox[0].recipients() == ["owner@example.org"]


def test_notice_is_mailed_once(owner, now):
    NoticeFactory(to=owner)

    assert [mailing.send_at_once(keys(), at=now + n * HOUR) for n in range(3)] == [1, 0, 0]
    assert mailing.send_daily(at=now + 9 * HOUR) == 0
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "change", ["read", "daily", "admin only", "left", "no staff", "no right", "no address"]
)
def test_what_changed_since_the_notice_is_respected(change, owner, now):
    notice = NoticeFactory(to=owner)
    if change == "read":
        Notice.objects.update(read_at=now)
    elif change == "left":
        owner.is_active = False
    elif change == "no staff":
        owner.is_staff = False
    elif change == "no right":
        owner.user_permissions.clear()
    elif change == "no address":
        owner.email = ""
    else:
        notices.choose(user=owner, deliveries={Kind.MOVE: Delivery(change)})
    owner.save()

    assert mailing.send_at_once([notice.pk], at=now) == 0
    assert mailing.send_daily(at=now) == (1 if change == "daily" else 0)
    assert len(mail.outbox) == (1 if change == "daily" else 0)
    assert unmailed() == []


def test_unknown_notice_is_no_error(owner, now):
    assert mailing.send_at_once([987654321], at=now) == 0


def test_two_workers_send_one_mail(owner, now, settings):
    settings.EMAIL_BACKEND = IS_SLOW
    NoticeFactory(to=owner, at=now - 2 * HOUR)

    assert mailing.send_at_once(keys(), at=timezone.now()) == 1
    assert len(mail.outbox) == 1


def test_two_rounds_send_one_daily_mail(daily, now, settings):
    settings.EMAIL_BACKEND = IS_SLOW
    NoticeFactory(to=daily, at=now - 2 * HOUR)

    assert mailing.send_daily(at=timezone.now()) == 1
    assert len(mail.outbox) == 1


def test_notice_of_a_worker_that_died_is_sent_by_another_after_an_hour(owner, now):
    NoticeFactory(to=owner, claimed_at=now)

    assert mailing.send_at_once(keys(), at=now + 59 * MINUTE) == 0
    assert mailing.send_at_once(keys(), at=now + 60 * MINUTE) == 1


def test_one_refused_address_keeps_nobody_else_from_their_mail(owner, now, settings):
    settings.EMAIL_BACKEND = REFUSES_SOME
    refused = NoticeFactory(to=reader("bad"))
    NoticeFactory(to=owner)

    with pytest.raises(mailing.NotSent) as error:
        mailing.send_at_once(keys(), at=now)

    assert error.value.keys == [refused.pk] == unmailed()
    assert [sent.to for sent in mail.outbox] == [["owner@example.org"]]
    assert Notice.objects.get(pk=refused.pk).claimed_at is None


# Once a day


def test_daily_mail_has_everything_of_one_person(daily, now):
    walking, zinc = TopicFactory(short_title="Walking"), TopicFactory(short_title="Zinc")
    event = EventFactory(topic=walking, comment="Which forty?")
    NoticeFactory(to=daily, topic=walking, event=event, text="“Walking” was sent back by editor.")
    NoticeFactory(to=daily, topic=zinc, text="“Zinc” was resumed by editor.", at=now + MINUTE)
    NoticeFactory(to=daily, topic=walking, text="“Walking” was handed in.", at=now + 2 * MINUTE)
    first, second, third = (f"https://wellness.example/admin/notices/{key}/" for key in keys())

    assert mailing.send_daily(at=now + HOUR) == 1

    sent = mail.outbox[0]
    assert (sent.subject, sent.to) == ("[Wellness] 3 notices about Walking, Zinc", ["owner@example.org"])
    assert sent.body.splitlines() == [
        "“Walking” was sent back by editor.",
        "",
        "    Which forty?",
        "",
        first,
        "",
        "“Zinc” was resumed by editor.",
        second,
        "",
        "“Walking” was handed in.",
        third,
        "",
        "All your notices: https://wellness.example/admin/notices/",
        "Hear of things in another way: https://wellness.example/admin/notices/choices/",
    ]
    assert mailing.send_daily(at=now + 2 * HOUR) == 0
    assert unmailed() == []


def test_daily_mails_keep_people_apart(daily, now):
    other = reader("other")
    notices.choose(user=other, deliveries={Kind.MOVE: Delivery.DAILY})
    NoticeFactory(to=daily, topic__short_title="Walking")
    NoticeFactory(to=other, topic__short_title="Zinc")

    assert mailing.send_daily(at=now) == 2
    assert {(sent.to[0], "Walking" in sent.body, "Zinc" in sent.body) for sent in mail.outbox} == {
        ("owner@example.org", True, False),
        ("other@example.org", False, True),
    }


def test_long_daily_mail_ends(daily, now):
    topic = TopicFactory(short_title="Walking")
    Notice.objects.bulk_create(NoticeFactory.build(to=daily, topic=topic) for _ in range(53))

    mailing.send_daily(at=now)

    assert mail.outbox[0].subject == "[Wellness] 53 notices about Walking"
    assert mail.outbox[0].body.count("/admin/notices/") == 50 + 2
    assert "And 3 more, which are in the admin." in mail.outbox[0].body
    assert unmailed() == []


def test_what_is_wanted_at_once_waits_for_its_task_before_it_comes_with_the_daily_mail(owner, now):
    NoticeFactory(to=owner, at=now)

    assert mailing.send_daily(at=now + 59 * MINUTE) == 0
    assert mailing.send_daily(at=now + 60 * MINUTE) == 1


def test_mail_server_that_is_down_loses_no_daily_mail(daily, now, settings):
    daily.email = "bad@example.org"
    daily.save()
    NoticeFactory(to=daily)
    settings.EMAIL_BACKEND = REFUSES_SOME
    with pytest.raises(mailing.NotSent) as error:
        mailing.send_daily(at=now)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert error.value.keys == [daily.pk]
    assert mailing.send_daily(at=now + MINUTE) == 1
    assert len(mail.outbox) == 1


def test_queries_of_the_daily_mails_do_not_grow_with_the_notices(daily, now, django_assert_num_queries):
    def some(number):
        Notice.objects.bulk_create(
            NoticeFactory.build(to=daily, topic=TopicFactory(), event=EventFactory()) for _ in range(number)
        )

    some(3)
    with django_assert_num_queries(7):
        mailing.send_daily(at=now)
    some(30)
    with django_assert_num_queries(7):
        mailing.send_daily(at=now)


# Tasks


def tries():
    """The tries that wait: after how long, in minutes, and which."""
    waiting = DBTaskResult.objects.filter(status="READY").order_by("run_after")
    return [
        (round((row.run_after - timezone.now()) / MINUTE), row.args_kwargs["kwargs"]["n_tries"])
        for row in waiting
    ]


@pytest.mark.django_db(transaction=True)
def test_worker_sends_what_was_enqueued(administrator):
    NoticeFactory(to=administrator)
    tasks.mail_notices.enqueue(keys())

    a_worker().run()

    assert len(mail.outbox) == 1
    assert [(row.status, row.return_value) for row in DBTaskResult.objects.all()] == [("SUCCESSFUL", 1)]


@pytest.mark.parametrize(("n_tries", "waiting"), [(0, [(5, 1)]), (1, [(60, 2)]), (2, [(360, 3)]), (3, [])])
def test_mail_server_that_is_down_is_tried_again_three_times(n_tries, waiting, settings, owner):
    settings.EMAIL_BACKEND = REFUSES_SOME
    NoticeFactory(to=owner)
    refused = NoticeFactory(to=reader("bad"))
    tasks.mail_notices.enqueue(keys(), n_tries=n_tries)

    failed = work()

    assert [row.exception_class_path for row in failed] == ["articles.mailing.NotSent"]
    assert tries() == waiting
    again = DBTaskResult.objects.filter(status="READY").first()
    assert again is None or again.args_kwargs["args"] == [[refused.pk]]
    assert unmailed() == [refused.pk]


def test_message_of_a_reader_is_tried_again(settings):
    settings.EMAIL_BACKEND, settings.EDITORS_EMAIL = REFUSES_SOME, ["bad@example.org"]
    tasks.mail_message.enqueue(MessageFactory().pk)

    assert len(work()) == 1
    assert tries() == [(5, 1)]


def test_message_that_was_deleted_is_not_sent():
    tasks.mail_message.enqueue(987654321)

    assert work() == []
    assert mail.outbox == []
