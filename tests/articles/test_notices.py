"""Notices: who hears of what, once, and only if it really happened."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from articles import notices, permissions, publishing, workflow
from articles.models import Notice, NoticeChoice
from articles.permissions import Role
from articles.workflow import TABLE, TRANSITIONS, Action, Case
from tests.factories import CommentFactory, NoticeFactory, RichTextFactory, TopicFactory, UserFactory
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
Kind = Notice.Kind
Delivery = NoticeChoice.Delivery


def member(role, username, **fields):
    user = UserFactory(username=username, **{"is_staff": True, **fields})
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def people():
    """Two of each role, and some who must hear nothing: gone, never on the staff, or without any right."""
    found = {
        name: member(role, name)
        for role, names in {
            Role.WRITER: ("owner", "writer"),
            Role.EDITOR: ("editor", "other editor"),
            Role.REVIEWER: ("asked", "reviewer"),
            Role.PUBLISHER: ("publisher", "other publisher"),
            Role.CURATOR: ("curator",),
        }.items()
        for name in names
    }
    for role in (Role.EDITOR, Role.REVIEWER, Role.PUBLISHER):
        member(role, f"gone {role}", is_active=False)
        member(role, f"outside {role}", is_staff=False)
    UserFactory(username="administrator", is_staff=True, is_superuser=True)
    return found


@pytest.fixture
def topic(people):
    topic = TopicFactory(short_title="Ankle weights", owner=people["owner"], reviewer=people["asked"])
    RichTextFactory(parent=topic)
    return topic


def told(**filters):
    rows = Notice.objects.filter(**filters).order_by("to__username")
    return list(rows.values_list("to__username", flat=True))


def moved(topic, action, by, at, comment="Because."):
    """Only the move: whether it is allowed is another question."""
    with transaction.atomic():
        workflow.move(Case(workflow.locked(topic), by, at), TRANSITIONS[action], comment=comment)


# Moves


EDITORS, PUBLISHERS = ["editor", "other editor"], ["other publisher", "publisher"]
# What must be so, written down a second time: who moves, and who hears of it.
TOLD = {
    Action.TAKE_UP: ("editor", ["owner"]),
    Action.HAND_IN: ("owner", EDITORS),
    Action.SUBMIT: ("editor", ["asked", "other editor", "reviewer"]),
    Action.SIGN_EDITORIAL: ("editor", [*PUBLISHERS[:1], "owner", *PUBLISHERS[1:]]),
    Action.SIGN_SCIENTIFIC: ("reviewer", [*PUBLISHERS[:1], "owner", *PUBLISHERS[1:]]),
    Action.SEND_BACK: ("reviewer", [*EDITORS, "owner"]),
    Action.RETURN: ("editor", ["owner"]),
    Action.HOLD: ("editor", ["asked", "owner"]),
    Action.RESUME: ("editor", ["asked", "owner"]),
    Action.RETIRE: ("editor", [*PUBLISHERS[:1], "owner", *PUBLISHERS[1:]]),
    Action.REOPEN: ("editor", ["owner"]),
    Action.PUBLISH: ("publisher", [*EDITORS, "owner"]),
    Action.PUBLISH_MINOR: ("publisher", [*EDITORS, "owner"]),
    Action.CALL_OFF: ("publisher", [*EDITORS, "owner"]),
    Action.WITHDRAW: ("publisher", [*EDITORS, "owner"]),
}


def test_every_row_of_the_table_is_here():
    assert set(TOLD) == {transition.action for transition in TABLE}


@pytest.mark.parametrize("transition", TABLE, ids=lambda transition: transition.slug)
def test_move_is_heard_of_by_those_whom_the_table_names(transition, topic, people, now):
    who, hear = TOLD[transition.action]

    moved(topic, transition.action, people[who], now)

    assert told() == sorted(hear)
    event = topic.events.get()
    assert {(notice.kind, notice.topic, notice.event, notice.at) for notice in Notice.objects.all()} == {
        ("move", topic, event, now)
    }
    assert {notice.text for notice in Notice.objects.all()} == {
        f"“Ankle weights” was {transition.done} by {who}."
    }
    assert {notice.said() for notice in Notice.objects.all()} == {"Because."}


def test_whoever_moves_hears_nothing_of_it(people, now):
    topic = TopicFactory(owner=people["editor"], reviewer=people["editor"])

    moved(topic, Action.HOLD, people["editor"], now)
    moved(topic, Action.SEND_BACK, people["editor"], now)

    assert told() == ["other editor"]


def test_person_of_several_roles_hears_once(people, now):
    person = people["editor"]
    person.groups.add(Group.objects.get(name=Role.REVIEWER), Group.objects.get(name=Role.PUBLISHER))
    topic = TopicFactory(owner=person, reviewer=person)

    moved(topic, Action.SUBMIT, people["other editor"], now)

    assert told() == ["asked", "editor", "reviewer"]


def test_owner_who_may_not_see_topics_any_more_hears_nothing(topic, people, now):
    people["owner"].groups.clear()

    moved(topic, Action.RETURN, people["editor"], now)

    assert told() == []


def test_right_of_ones_own_is_a_right(topic, people, now):
    people["owner"].groups.clear()
    people["owner"].user_permissions.add(Permission.objects.get(codename="view_topic"))

    moved(topic, Action.RETURN, people["editor"], now)

    assert told() == ["owner"]


def test_topic_of_nobody_is_moved_quietly(people, now):
    moved(TopicFactory(), Action.RETURN, people["editor"], now)

    assert told() == []
    assert not DBTaskResult.objects.exists()


def test_each_way_to_move_a_topic_tells(topic, people, now):
    editor, publisher = people["editor"], people["publisher"]
    workflow.perform(topic=topic, action=Action.HAND_IN, by=people["owner"], at=now)
    publish_signed(topic=topic, by=publisher, at=now)
    RichTextFactory(parent=topic)
    publishing.publish(
        topic=topic, by=publisher, at=now, is_minor=True, minor_reason="Comma.", go_live_at=now + DAY
    )
    publishing.call_off(topic=topic, by=publisher, at=now)
    publishing.withdraw(topic=topic, by=publisher, at=now, note="Wrong.")

    heard = Notice.objects.filter(to=editor).order_by("pk").values_list("text", flat=True)
    assert list(heard) == [
        "“Ankle weights” was handed in by owner.",
        "“Ankle weights” was published by publisher.",
        "“Ankle weights” was published with a minor change by publisher.",
        "“Ankle weights” was kept from going live by publisher.",
        "“Ankle weights” was withdrawn by publisher.",
    ]


def test_nobody_is_told_of_what_is_made_quietly(topic, people, now):
    workflow.perform(topic=topic, action=Action.HAND_IN, by=people["owner"], at=now, tell=False)

    assert told() == []
    assert not DBTaskResult.objects.exists()


def test_move_that_is_taken_back_was_never_heard_of(topic, people, now):
    with transaction.atomic():
        workflow.perform(topic=topic, action=Action.HAND_IN, by=people["owner"], at=now)
        transaction.set_rollback(True)

    assert told() == []
    assert not DBTaskResult.objects.exists()


def test_long_names_fit(people, now):
    people["editor"].first_name = people["editor"].last_name = "é" * 150
    people["editor"].save()
    topic = TopicFactory(short_title="é" * 60, owner=people["owner"])

    moved(topic, Action.RETURN, people["editor"], now)

    assert len(Notice.objects.get().text) <= 400


def test_queries_do_not_grow_with_the_people(topic, people, now, django_assert_num_queries):
    event = topic.events.create(action="hand in", by=people["owner"], at=now)
    # A task row, the people, the notices, and two savepoints.
    with django_assert_num_queries(5):
        notices.about_move(event=event, transition=TRANSITIONS[Action.HAND_IN])
    for number in range(30):
        member(Role.EDITOR, f"editor {number}")
    event = topic.events.create(action="hand in", by=people["owner"], at=now)

    with django_assert_num_queries(5):
        notices.about_move(event=event, transition=TRANSITIONS[Action.HAND_IN])

    assert Notice.objects.count() == 2 + 32


# The same words as `may`


def test_staff_who_may_view_are_those_for_whom_may_says_yes(people):
    everybody = get_user_model().objects.all()
    for action in ("view", "edit", "publish", "review", "send back"):
        found = {person for person in everybody if person.is_staff and permissions.may(person, action)}
        assert set(permissions.staff_who_may(action)) == found
        assert found


# Assignments


@pytest.mark.parametrize(
    ("due", "priority", "text"),
    [
        (None, "normal", "editor asks you to review “Ankle weights”."),
        (
            datetime.date(2026, 12, 1),
            "high",
            "editor asks you to review “Ankle weights” by 1 December 2026, with high priority.",
        ),
    ],
)
def test_reviewer_hears_of_the_assignment(due, priority, text, topic, people, now):
    topic.review_due_on, topic.priority = due, priority

    notices.about_assignment(topic=topic, by=people["editor"], at=now)

    notice = Notice.objects.get()
    assert (notice.to, notice.kind, notice.text) == (people["asked"], "assigned", text)


def test_whoever_asks_themselves_hears_nothing(topic, people, now):
    notices.about_assignment(topic=topic, by=people["asked"], at=now)

    assert told() == []


def test_same_reviewer_can_be_asked_again(topic, people, now):
    for _ in range(2):
        notices.about_assignment(topic=topic, by=people["editor"], at=now)

    assert told() == ["asked", "asked"]


# Comments


def test_comment_is_heard_of_by_the_owner(topic, people):
    comment = CommentFactory(topic=topic, by=people["reviewer"], text="Which forty?")

    notices.about_comment(comment=comment)

    notice = Notice.objects.get()
    assert (notice.to, notice.kind, notice.comment) == (people["owner"], "comment", comment)
    assert (notice.text, notice.said()) == ("reviewer commented on “Ankle weights”.", "Which forty?")


def test_answer_is_heard_of_by_those_who_talk(topic, people):
    thread = CommentFactory(topic=topic, by=people["reviewer"])
    CommentFactory(topic=topic, thread=thread, by=people["editor"])
    CommentFactory(topic=topic, by=people["publisher"])  # another conversation
    answer = CommentFactory(topic=topic, thread=thread, by=people["writer"])

    notices.about_comment(comment=answer)

    assert told() == ["editor", "owner", "reviewer"]
    assert Notice.objects.first().text == "writer answered a comment on “Ankle weights”."


def test_mention_counts_more_than_the_conversation(topic, people):
    comment = CommentFactory(topic=topic, by=people["reviewer"])
    gone = member(Role.EDITOR, "left", is_active=False)
    comment.mentioned.set([people["owner"], people["publisher"], people["reviewer"], gone])

    notices.about_comment(comment=comment)

    assert told(kind="mention") == ["owner", "publisher"]
    assert told(kind="comment") == []
    assert Notice.objects.first().text == "reviewer mentions you in a comment on “Ankle weights”."


def test_changed_comment_is_news_to_the_newly_mentioned_only(topic, people):
    comment = CommentFactory(topic=topic, by=people["reviewer"])
    notices.about_comment(comment=comment)
    CommentFactory(topic=topic, thread=comment, by=people["editor"])
    comment.mentioned.add(people["publisher"])

    notices.about_comment(comment=comment)

    assert (told(kind="mention"), told(kind="comment")) == (["publisher"], ["owner"])


# What a person does with them


def test_choice_is_stored_and_changed(people):
    person = people["writer"]
    assert set(notices.choices_of(person).values()) == {Delivery.AT_ONCE}

    notices.choose(user=person, deliveries={Kind.MOVE: Delivery.DAILY, Kind.MENTION: Delivery.ADMIN_ONLY})
    notices.choose(user=person, deliveries={Kind.MOVE: Delivery.ADMIN_ONLY})

    assert notices.choices_of(person) == {
        **dict.fromkeys(Kind, Delivery.AT_ONCE),
        Kind.MOVE: Delivery.ADMIN_ONLY,
        Kind.MENTION: Delivery.ADMIN_ONLY,
    }
    assert set(notices.choices_of(people["owner"]).values()) == {Delivery.AT_ONCE}


@pytest.mark.parametrize(
    ("delivery", "email", "is_unmailed", "n_tasks"),
    [
        (Delivery.AT_ONCE, "o@example.org", True, 1),
        (Delivery.DAILY, "o@example.org", True, 0),
        (Delivery.ADMIN_ONLY, "o@example.org", False, 0),
        (Delivery.AT_ONCE, "", False, 0),
    ],
)
def test_choice_decides_what_is_to_be_mailed(delivery, email, is_unmailed, n_tasks, topic, people, now):
    owner = people["owner"]
    owner.email = email
    owner.save()
    notices.choose(user=owner, deliveries={Kind.MOVE: delivery})

    moved(topic, Action.RETURN, people["editor"], now)

    assert Notice.objects.unmailed().exists() == is_unmailed
    assert DBTaskResult.objects.count() == n_tasks


def test_reading_is_noted_once(people, now):
    NoticeFactory(to=people["owner"])
    mine = Notice.objects.filter(to=people["owner"])

    assert notices.unread_count(people["owner"]) == 1
    assert notices.read(notices=mine, at=now) == 1
    assert notices.read(notices=mine, at=now + DAY) == 0
    assert (mine.get().read_at, notices.unread_count(people["owner"])) == (now, 0)


def test_old_notices_go(people, now):
    kept = [
        NoticeFactory(at=now - 365 * DAY, read_at=now),
        NoticeFactory(at=now - 730 * DAY),
    ]
    NoticeFactory(at=now - 366 * DAY, read_at=now - 366 * DAY)
    NoticeFactory(at=now - 731 * DAY)

    assert notices.thin(at=now) == 2
    assert list(Notice.objects.order_by("pk")) == kept
