"""Missed searches: noting what readers looked for and did not find, and nothing about the readers.

No reader waits for it and none sees it fail: if somebody else is writing, the note is dropped.
"""

import datetime
import logging
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection, transaction
from django.db.models import F

from .models import MissedSearch
from .patience import impatient

LONGEST = 100
MOST_ROWS = 2000

_ADDRESS = re.compile(r"\S@\S|\bat\b.*\bdot\b|://|\bwww\.")
# With what people write between the digits of a telephone or insurance number, or of a date of birth.
_LONG_NUMBER = re.compile(r"(?:\d[\s().,/+_-]*){7,}")

logger = logging.getLogger(__name__)


def normalised(words: str) -> str:
    """The words in the one form in which they are counted; empty if they are not to be kept.

    Compatibility forms (NFKC), lower case, single spaces, at most LONGEST characters. Whatever looks like an
    e-mail or web address or holds a long number may be about a person and is not kept; nor is what holds no
    letter.
    """
    # Characters that nobody sees must not hide an address, nor make two of the same words.
    visible = "".join(letter for letter in words if unicodedata.category(letter) != "Cf")
    visible = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in visible)
    lower = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).lower())
    one = " ".join(lower.split())
    if _ADDRESS.search(one) or _LONG_NUMBER.search(one):
        return ""
    kept = one[:LONGEST].strip()
    return kept if any(letter.isalpha() for letter in kept) else ""


def note(*, words: str, place: MissedSearch.Place, on: datetime.date, most: int = MOST_ROWS) -> bool:
    """Count a search for `words` that found nothing on the day `on`; returns whether it was noted.

    Takes no longer than the database needs when nobody else writes, and raises nothing that the database
    says. The table is bounded: beyond `most` rows the least wanted goes, the one last asked for longest ago
    first, so that a flood of new words pushes out other new words and never the most wanted.
    """
    kept = normalised(words)
    if not kept:
        return False
    try:
        with _without_waiting(), transaction.atomic():
            _count(kept, place, on, most)
    except Error as error:
        logger.debug("A missed search was not noted: %s", error)
        return False
    return True


def _count(words: str, place: MissedSearch.Place, on: datetime.date, most: int) -> None:
    rows = MissedSearch.objects.filter(place=place, words=words)
    if rows.update(count=F("count") + 1, last_on=on):
        return
    spare = MissedSearch.objects.count() - (most - 1)
    if spare > 0:
        least = MissedSearch.objects.order_by("count", "last_on", "pk").values("pk")[:spare]
        MissedSearch.objects.filter(pk__in=[row["pk"] for row in least]).delete()
    MissedSearch.objects.bulk_create(
        [MissedSearch(place=place, words=words, first_on=on, last_on=on)], ignore_conflicts=True
    )


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Let writing fail at once where somebody else holds the lock; afterwards waiting is as it was."""
    if connection.vendor == "sqlite":
        with impatient(connection):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # For this transaction. A note that a crash takes with it is no loss, so nobody waits for disks.
            cursor.execute("SET LOCAL lock_timeout = '20ms'")
            cursor.execute("SET LOCAL statement_timeout = '200ms'")
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield
