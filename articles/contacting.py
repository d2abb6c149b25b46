"""Messages from readers: kept, and mailed to the editors."""

import datetime
import hashlib
import logging

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction

from .models import Message

logger = logging.getLogger(__name__)

MESSAGES_PER_HOUR = 5


class TooManyMessages(Exception):
    """This address has sent its share for now."""


def send(*, message: Message, address: str, at: datetime.datetime) -> None:
    """Store `message` and mail it to the editors. Raises TooManyMessages.

    `address` is the sender's network address; it is only counted, as a keyed hash, for an hour. A message
    is kept even if the mail cannot be sent.
    """
    _count(address, at)
    with transaction.atomic():
        message.sent_at = at
        message.save()
    mail = EmailMessage(
        subject=f"[{settings.SITE_NAME}] {message.get_subject_display()}",
        body=_body(message),
        to=settings.EDITORS_EMAIL,
        reply_to=[message.email] if message.email else None,
    )
    try:
        mail.send()
    except OSError:
        logger.exception("Message %s is stored, but could not be mailed.", message.pk)


def _count(address: str, at: datetime.datetime) -> None:
    hour = at.strftime("%Y%m%d%H")
    key = (
        "contact-"
        + hashlib.blake2b(f"{hour} {address}".encode(), key=settings.SECRET_KEY.encode()[:64]).hexdigest()
    )
    cache.add(key, 0, timeout=3600)
    if cache.incr(key) > MESSAGES_PER_HOUR:
        raise TooManyMessages


def _body(message: Message) -> str:
    sender = message.name or "somebody who gave no name"
    lines = [
        f"From {sender}" + (f" <{message.email}>" if message.email else ""),
        f"Page: {message.page}" if message.page else "",
        "",
        message.text,
    ]
    return "\n".join(lines)
