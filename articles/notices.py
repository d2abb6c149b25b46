"""Who hears of what: a notice for each person whom something concerns, in the transaction that it happens in.

Nobody hears of what they did themselves, and nobody hears who could not open the topic: everybody gets at
most one notice of one thing, however many of their roles it concerns.
"""

import datetime
import enum
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from . import permissions, tasks
from .models import Comment, Event, Notice, NoticeChoice, Topic
from .permissions import Role, name_of

if TYPE_CHECKING:
    from .workflow import Transition

Kind = Notice.Kind
Delivery = NoticeChoice.Delivery

KEPT_READ = datetime.timedelta(days=365)
KEPT = datetime.timedelta(days=730)
"""How long a notice is kept that was read, and one that nobody ever looked at."""


class Told(enum.StrEnum):
    """People of one topic who hear of a move, beside the roles."""

    OWNER = "owner"
    REVIEWER = "assigned reviewer"


# What happened


def about_move(*, event: Event, transition: "Transition") -> list[Notice]:
    """Tell those whom the row of the table names that the topic was moved."""
    by = f" by {name_of(event.by)}" if event.by is not None else ""
    return _tell(
        _people(event.topic, transition.told),
        kind=Kind.MOVE,
        topic=event.topic,
        text=f"“{event.topic}” was {transition.done}{by}.",
        by=event.by,
        at=event.at,
        event=event,
    )


def about_assignment(*, topic: Topic, by: User, at: datetime.datetime) -> list[Notice]:
    """Tell the reviewer of the topic that somebody asks them for a review."""
    due = "" if topic.review_due_on is None else f" by {_day(topic.review_due_on)}"
    urgent = ", with high priority" if topic.priority == Topic.Priority.HIGH else ""
    return _tell(
        _people(topic, (Told.REVIEWER,)),
        kind=Kind.ASSIGNED,
        topic=topic,
        text=f"{name_of(by)} asks you to review “{topic}”{due}{urgent}.",
        by=by,
        at=at,
    )


@transaction.atomic
def about_comment(*, comment: Comment) -> list[Notice]:
    """Tell those whom the comment mentions, then the owner and those who wrote in the same conversation.

    Whoever was told of this comment before hears nothing again: call it once more after new people were
    mentioned.
    """
    topic, who = comment.topic, name_of(comment.by)
    told = Notice.objects.filter(comment=comment).values("to")
    mentioned = Q(pk__in=comment.mentioned.values("pk"))
    started = comment.pk if comment.thread_id is None else comment.thread_id
    earlier = Comment.objects.filter(Q(pk=started) | Q(thread=started), pk__lt=comment.pk)
    at = comment.at if comment.changed_at is None else comment.changed_at
    answers = "commented on" if comment.thread_id is None else "answered a comment on"
    notices = _tell(
        mentioned & ~Q(pk__in=told),
        kind=Kind.MENTION,
        topic=topic,
        text=f"{who} mentions you in a comment on “{topic}”.",
        by=comment.by,
        at=at,
        comment=comment,
    )
    return notices + _tell(
        (_people(topic, (Told.OWNER,)) | Q(pk__in=earlier.values("by"))) & ~Q(pk__in=told),
        kind=Kind.COMMENT,
        topic=topic,
        text=f"{who} {answers} “{topic}”.",
        by=comment.by,
        at=at,
        comment=comment,
    )


@transaction.atomic
def about_review_due(*, topic: Topic, reminder_on: datetime.date, at: datetime.datetime) -> list[Notice]:
    """Remind the owner and the deputy (the editors, if there is none) of the next review, once.

    `reminder_on` says which reminder it is: nobody gets the same one twice.
    """
    assert topic.next_review is not None
    people = Q(pk=topic.owner_id)
    people |= _people(topic, (Role.EDITOR,)) if topic.deputy_id is None else Q(pk=topic.deputy_id)
    return _remind(
        people,
        kind=Kind.REVIEW_DUE,
        topic=topic,
        text=f"“{topic}” {_due(topic.next_review, at, 'is due for review', 'was due for review')}.",
        reminder_on=reminder_on,
        at=at,
    )


@transaction.atomic
def about_asked_review_due(
    *, topic: Topic, reminder_on: datetime.date, at: datetime.datetime
) -> list[Notice]:
    """Remind the reviewer of the topic of the day by which they were asked for their review, once."""
    assert topic.review_due_on is not None
    return _remind(
        _people(topic, (Told.REVIEWER,)),
        kind=Kind.ASSIGNED,
        topic=topic,
        text=f"Your review of “{topic}” {_due(topic.review_due_on, at, 'is due', 'was due')}.",
        reminder_on=reminder_on,
        at=at,
    )


@transaction.atomic
def about_moved_evidence(*, topic: Topic, moved: Mapping[str, str], at: datetime.datetime) -> list[Notice]:
    """Tell the owner and the deputy (the editors, if there is neither) what moved under a live page.

    `moved` are the findings in words by what tells one drift from every other: nobody hears twice of one.
    """
    # Two rounds at the same time wait for one another here.
    Topic.objects.locked().get(pk=topic.pk)
    told = Notice.objects.filter(kind=Kind.EVIDENCE_MOVED, topic=topic).order_by()
    known = {drift for drifts in told.values_list("drifts", flat=True) for drift in drifts}
    new = {drift: said for drift, said in moved.items() if drift not in known}
    if not new:
        return []
    people = Q(pk__in=[key for key in (topic.owner_id, topic.deputy_id) if key is not None])
    if topic.owner_id is None and topic.deputy_id is None:
        people = _people(topic, (Role.EDITOR,))
    said = ", ".join(dict.fromkeys(new.values()))
    return _tell(
        people,
        kind=Kind.EVIDENCE_MOVED,
        topic=topic,
        text=f"The evidence under “{topic}” moved: {said}.",
        drifts=sorted(new),
        at=at,
    )


# What a person does with them


def unread_count(user: Any) -> int:
    """How many notices this person has not read."""
    return Notice.objects.filter(to=user).unread().count()


def read(*, notices: Any, at: datetime.datetime) -> int:
    """Note that these were read; those that were before stay as they are. Returns how many were unread."""
    return notices.unread().update(read_at=at)


def choices_of(user: User) -> dict[Kind, Delivery]:
    """How this person wants to hear of each kind of thing."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "delivery"))
    return {kind: Delivery(chosen.get(kind, Delivery.AT_ONCE)) for kind in Kind}


def choose(*, user: User, deliveries: Mapping[Kind, Delivery]) -> None:
    """Store how this person wants to hear of these kinds from now on."""
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(user=user, kind=kind, delivery=delivery) for kind, delivery in deliveries.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["delivery"],
    )


def thin(*, at: datetime.datetime) -> int:
    """Delete what was read and is older than KEPT_READ, and what is older than KEPT; say how many went."""
    old = Q(read_at__isnull=False, at__lt=at - KEPT_READ) | Q(at__lt=at - KEPT)
    return Notice.objects.filter(old).delete()[0]


# Telling


def _people(topic: Topic, told: Collection[Role | Told]) -> Q:
    """The people of a topic that these words stand for."""
    keys = {Told.OWNER: topic.owner_id, Told.REVIEWER: topic.reviewer_id}
    of_topic = [keys[word] for word in told if isinstance(word, Told)]
    roles = [str(word) for word in told if isinstance(word, Role)]
    in_role = User.groups.through.objects.filter(group__name__in=roles).values("user")
    return Q(pk__in=[key for key in of_topic if key is not None]) | Q(pk__in=in_role)


def _remind(people: Q, *, kind: Kind, topic: Topic, reminder_on: datetime.date, **about: Any) -> list[Notice]:
    # Two rounds at the same time wait for one another here.
    Topic.objects.locked().get(pk=topic.pk)
    reminded = Notice.objects.filter(kind=kind, topic=topic, reminder_on=reminder_on).values("to")
    return _tell(people & ~Q(pk__in=reminded), kind=kind, topic=topic, reminder_on=reminder_on, **about)


@transaction.atomic
def _tell(
    people: Q,
    *,
    kind: Kind,
    topic: Topic,
    text: str,
    at: datetime.datetime,
    by: User | None = None,
    **about: Any,
) -> list[Notice]:
    """Make the notices and, for those who want to hear at once, the task that sends them: in 3 queries."""
    found: Iterable[Any] = (
        permissions.staff_who_may("view")
        .filter(people if by is None else people & ~Q(pk=by.pk))
        .annotate(delivery=NoticeChoice.objects.delivery(user="pk", kind=Value(kind)))
        .order_by("pk")
        .only("email")
    )
    people_told = list(found)
    notices = Notice.objects.bulk_create(
        Notice(
            to=person,
            kind=kind,
            topic=topic,
            text=Truncator(text).chars(400),
            at=at,
            # There is nowhere to send it to, or they want no e-mail.
            mailed_at=at if not person.email or person.delivery == Delivery.ADMIN_ONLY else None,
            **about,
        )
        for person in people_told
    )
    at_once = {person.pk for person in people_told if person.delivery == Delivery.AT_ONCE and person.email}
    if at_once:
        tasks.mail_notices.enqueue([notice.pk for notice in notices if notice.to_id in at_once])
    return notices


def _day(day: datetime.date) -> str:
    return date_format(day, "j F Y")


def _due(day: datetime.date, at: datetime.datetime, ahead: str, behind: str) -> str:
    today = timezone.localdate(at)
    if day == today:
        return f"{ahead} today"
    return f"{ahead} on {_day(day)}" if day > today else f"{behind} on {_day(day)}"
