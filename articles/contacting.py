"""Messages from readers: kept, and mailed to the editors."""

import datetime
import hashlib

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from . import tasks
from .models import Message

MESSAGES_PER_HOUR = 5


class TooManyMessages(Exception):
    """This address has sent its share for now."""


def send(*, message: Message, address: str, at: datetime.datetime) -> None:
    """Store `message`, with the task that mails it to the editors. Raises TooManyMessages.

    `address` is the sender's network address; it is only counted, as a keyed hash, for an hour.
    """
    _count(address, at)
    with transaction.atomic():
        message.sent_at = at
        message.save()
        tasks.mail_message.enqueue(message.pk)


def _count(address: str, at: datetime.datetime) -> None:
    hour = at.strftime("%Y%m%d%H")
    key = (
        "contact-"
        + hashlib.blake2b(f"{hour} {address}".encode(), key=settings.SECRET_KEY.encode()[:64]).hexdigest()
    )
    cache.add(key, 0, timeout=3600)
    if cache.incr(key) > MESSAGES_PER_HOUR:
        raise TooManyMessages
