"""E-mails: notices to those on the staff who want them, and messages of readers to the editors.

A notice is claimed before it is sent, in a transaction of its own: two workers never send the same one, and
no lock is held while a mail server answers. What could not be sent stays unmailed, and is tried again by its
task and, at the latest, by the daily e-mail.
"""

import datetime
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from . import permissions
from .models import Message, Notice, NoticeChoice

logger = logging.getLogger(__name__)

Delivery = NoticeChoice.Delivery

AT_ONCE_WITHIN = datetime.timedelta(hours=1)
"""What somebody wants at once and was not sent in this time comes with their daily e-mail."""

LONGEST_DAILY = 50
"""How many notices one e-mail spells out; the others are in the admin."""


class NotSent(Exception):
    """Some e-mails could not be sent; `keys` are those of what they were about."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = keys
        super().__init__(f"{len(keys)} could not be sent; the log says why.")


def send_at_once(keys: list[int], *, at: datetime.datetime) -> int:
    """Send each of these notices by itself to who wants it at once; returns how many were sent.

    Those sent or being sent already are left out, and so is what its person read meanwhile, or wants in
    another way by now. Raises NotSent once all others are sent.
    """
    sent, failed = 0, []
    for key in keys:
        rows = _with_delivery().filter(pk=key, delivery=Delivery.AT_ONCE)
        for notice in _claim(rows, at=at):
            if _send(_one(notice), [notice], at=at):
                sent += 1
            else:
                failed.append(key)
    if failed:
        raise NotSent(failed)
    return sent


def send_daily(*, at: datetime.datetime) -> int:
    """Send everybody one e-mail of what waits for them; returns how many e-mails.

    That is what they want to hear of daily, and what should have reached them at once and did not. What was
    read meanwhile, what nobody wants by e-mail any more, and what goes to people who may not see topics any
    more, is passed over. Raises NotSent, with the keys of the people, once all others are sent.
    """
    _pass_over(at)
    late = Q(delivery=Delivery.AT_ONCE, at__lte=at - AT_ONCE_WITHIN)
    due = _with_delivery().filter(Q(delivery=Delivery.DAILY) | late)
    people = list(due.unclaimed(at).order_by("to").values_list("to", flat=True).distinct())
    sent, failed = 0, []
    for person in people:
        claimed = _claim(due.filter(to=person), at=at)
        if claimed and _send(_daily(claimed), claimed, at=at):
            sent += 1
        elif claimed:
            failed.append(person)
    if failed:
        raise NotSent(failed)
    return sent


def send_message(key: int) -> None:
    """Send the message of a reader to the editors, if it is still there. Raises NotSent."""
    message = Message.objects.filter(pk=key).first()
    if message is None:
        return
    mail = EmailMessage(
        subject=_subject(message.get_subject_display()),
        body=_message(message),
        to=settings.EDITORS_EMAIL,
        reply_to=[message.email] if message.email else None,
    )
    if not _is_sent(mail):
        raise NotSent([key])


# Which notices


def _with_delivery() -> Any:
    """Unmailed notices to people who may still see topics, each with how they want to hear of it."""
    wanted = Notice.objects.unmailed().filter(read_at__isnull=True, to__in=permissions.staff_who_may("view"))
    return wanted.exclude(to__email="").annotate(
        delivery=NoticeChoice.objects.delivery(user="to", kind=OuterRef("kind"))
    )


def _claim(rows: Any, *, at: datetime.datetime) -> list[Notice]:
    """Those of `rows` that nobody else is sending, with what their e-mail says; oldest first."""
    with transaction.atomic():
        free = rows.unclaimed(at).select_for_update(of=("self",)).order_by("at", "pk")
        claimed = list(free.select_related("to", "topic", "event", "comment"))
        Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(claimed_at=at)
    return claimed


def _pass_over(at: datetime.datetime) -> None:
    wanted = _with_delivery().exclude(delivery=Delivery.ADMIN_ONLY)
    Notice.objects.unmailed().exclude(pk__in=wanted.values("pk")).update(mailed_at=at)


def _send(mail: EmailMessage, claimed: list[Notice], *, at: datetime.datetime) -> bool:
    rows: QuerySet[Notice] = Notice.objects.filter(pk__in=[notice.pk for notice in claimed])
    is_sent = _is_sent(mail)
    rows.update(claimed_at=None, mailed_at=at if is_sent else None)
    return is_sent


def _is_sent(mail: EmailMessage) -> bool:
    """One address that no server takes must not keep others from their e-mail."""
    try:
        mail.send()
    except (OSError, ValueError):
        logger.exception("An e-mail could not be sent: %s", mail.subject)
        return False
    return True


# What they say


def _one(notice: Notice) -> EmailMessage:
    body = [
        *_entry(notice),
        "",
        f"You get this at once, as everything of the kind “{notice.get_kind_display()}”.",
        *_footer(),
    ]
    return EmailMessage(subject=_subject(notice.text), body="\n".join(body), to=[notice.to.email])


def _daily(claimed: list[Notice]) -> EmailMessage:
    shown = claimed[:LONGEST_DAILY]
    pages = list(dict.fromkeys(str(notice.topic) for notice in claimed))
    count = f"{len(claimed)} notice{'' if len(claimed) == 1 else 's'}"
    body = [line for notice in shown for line in (*_entry(notice), "")]
    if len(claimed) > len(shown):
        body += [f"And {len(claimed) - len(shown)} more, which are in the admin.", ""]
    return EmailMessage(
        subject=_subject(f"{count} about {', '.join(pages)}"),
        body="\n".join([*body, *_footer()]),
        to=[claimed[0].to.email],
    )


def _entry(notice: Notice) -> Iterable[str]:
    """What happened, what was said about it, and where to look."""
    yield notice.text
    said = notice.said()
    if said:
        yield ""
        yield from (f"    {line}".rstrip() for line in said.splitlines())
        yield ""
    yield settings.SITE_URL + reverse("admin:notice_open", args=[notice.pk])


def _footer() -> Iterable[str]:
    yield f"All your notices: {settings.SITE_URL}{reverse('admin:notices')}"
    yield f"Hear of things in another way: {settings.SITE_URL}{reverse('admin:notice_choices')}"


def _message(message: Message) -> str:
    sender = message.name or "somebody who gave no name"
    lines = [
        f"From {sender}" + (f" <{message.email}>" if message.email else ""),
        f"Page: {message.page}" if message.page else "",
        "",
        message.text,
    ]
    return "\n".join(lines)


def _subject(text: str) -> str:
    """On one line, whatever people call their pages."""
    return Truncator(f"[{settings.SITE_NAME}] {' '.join(text.split())}").chars(160)
