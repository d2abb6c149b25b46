"""Answers that are kept in the memory of a process, and given again while nothing has changed.

One row says whether anything did (`evidence.changes.now`): an answer belongs to the moment at which it was
begun, and is never given at another one. Time alone changes pages as well, so that each is kept until the
next edition comes or goes by itself, at the longest until midnight. See
docs/decisions/0011-pages-kept-by-one-row.md.
"""

import datetime
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.models import Edition
from evidence import changes
from evidence.changes import Moment
from evidence.prepared import Prepared

# Nothing below these is ever kept: not worth asking for.
NEVER_KEPT = ("/admin/", "/account/", "/health/", "/media/", "/preview/")
KEPT_STATUSES = frozenset({200, 301, 410})
LONGEST_ADDRESS = 500
# Of what the cache holds in all, the most that one answer may take.
LARGEST_SHARE = 1 / 16
# Bytes of an answer beside its body, about: address, headers, and what Python needs.
REST = 2000
# In what the server hands over: the moment, if it was asked for already; what is given, and to what.
MOMENT, GIVEN = "wellness.moment", "wellness.given"


class Key(NamedTuple):
    """What an answer depends on, beside the database and the time."""

    scheme: str
    host: str
    path: str
    query: str
    takes_gzip: bool


Words = TypeVar("Words", bound=Hashable)


class Asked(NamedTuple, Generic[Words]):
    """What was asked for, in which state of the database, and when: an answer belongs to all three."""

    key: Words
    moment: Moment
    at: datetime.datetime


class Kept(NamedTuple):
    """An answer as it goes out, which holds from `since` until just before `until`."""

    status: int
    headers: dict[str, str]
    body: bytes
    since: datetime.datetime
    until: datetime.datetime

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.body) + REST

    def response(self) -> HttpResponse:
        return HttpResponse(self.body, status=self.status, headers=self.headers)


class PageCache:
    """The answers of one moment that were asked for last, in at most so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.n_bytes = 0
        self._moment = Moment()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._span: tuple[datetime.datetime, datetime.datetime] | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is an answer to this, for which moment ever."""
        return key in self._kept

    def find(self, asked: Asked[Any]) -> Kept | None:
        """The answer to this, if it is kept and holds."""
        with self._lock:
            if asked.moment != self._moment:
                self._begin(asked.moment)
                return None
            kept = self._kept.get(asked.key)
            # A clock may also be put back.
            if kept is None or not kept.since <= asked.at < kept.until:
                return None
            self._kept.move_to_end(asked.key)
            return kept

    def keep(self, asked: Asked[Any], response: HttpResponse) -> Kept | None:
        """Keep the answer that was begun when this was asked. One query, the first time at a moment.

        Returns it as it is kept; None if it is too large.
        """
        if len(response.content) + REST > self._largest:
            return None
        answer = dict(response.items()), response.content
        kept = Kept(response.status_code, *answer, *self._span_of(asked))
        self.add(asked, kept)
        return kept

    def add(self, asked: Asked[Any], kept: Kept) -> None:
        """Keep this answer to what was asked, unless the moment has passed."""
        if kept.size > self._largest:
            return
        with self._lock:
            if asked.moment != self._moment:
                return
            self._drop(asked.key)
            self._kept[asked.key] = kept
            self.n_bytes += kept.size
            while self.n_bytes > self.most_bytes:
                self._drop(next(iter(self._kept)))

    @property
    def _largest(self) -> float:
        return self.most_bytes * LARGEST_SHARE

    def _begin(self, moment: Moment) -> None:
        self._kept.clear()
        self.n_bytes = 0
        self._span = None
        self._moment = moment

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.n_bytes -= kept.size

    def _span_of(self, asked: Asked[Any]) -> tuple[datetime.datetime, datetime.datetime]:
        """From when until when nothing changes by time alone: around the time at which this was asked."""
        with self._lock:
            span = self._span if asked.moment == self._moment else None
        if span is not None and span[0] <= asked.at < span[1]:
            return span
        span = (asked.at, end_by_time(asked.at))
        with self._lock:
            if asked.moment == self._moment:
                self._span = span
        return span


class Fragments:
    """Parts of pages that are alike on many of them, as they were drawn at one moment."""

    def __init__(self) -> None:
        self._of: tuple[Moment, dict[tuple[str, ...], str]] = (Moment(), {})

    def drawn(self, key: tuple[str, ...], moment: Moment, draw: Callable[[], str]) -> str:
        """This part; `draw` is asked if it was not drawn at this moment yet."""
        of, parts = self._of
        if of != moment:
            parts = {}
            self._of = (moment, parts)
        if key not in parts:
            parts[key] = draw()
        return parts[key]


FRAGMENTS = Fragments()


_next_moments = Prepared(lambda at: Edition.objects.next_moments(at), at=datetime.datetime)


def end_by_time(at: datetime.datetime) -> datetime.datetime:
    """The first moment after `at` at which a page may change though nobody writes. One query."""
    tomorrow = timezone.localdate(at) + datetime.timedelta(days=1)
    midnight = timezone.make_aware(datetime.datetime.combine(tomorrow, datetime.time.min))
    return min([midnight, *(moment for moment in _next_moments(at=at) if moment is not None)])


def asked(request: HttpRequest, *, takes_gzip: bool) -> Asked[Key] | None:
    """What is asked for, if the answer may be a kept one. One query.

    Within a transaction the database says what nobody else sees.
    """
    meta = request.META
    query = meta.get("QUERY_STRING", "")
    if (
        request.method not in ("GET", "HEAD")
        or request.path.startswith(NEVER_KEPT)
        or len(request.path) + len(query) > LONGEST_ADDRESS
        or "HTTP_AUTHORIZATION" in meta
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or connection.in_atomic_block
    ):
        return None
    moment = meta.get(MOMENT) or now()
    if not moment.epoch:
        return None
    host = meta.get("HTTP_HOST", "")
    return Asked(Key(request.scheme or "", host, request.path, query, takes_gzip), moment, timezone.now())


def now() -> Moment:
    """The moment now. One query, which also finds out whether the connection to the database still stands."""
    # Django would send another one before, to find out only that.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return changes.now()
    except (InterfaceError, OperationalError):
        connection.close()
        return changes.now()


def leave_out(response: HttpResponse) -> None:
    """Never keep this answer: asking for it does something."""
    response.is_left_out = True  # type: ignore[attr-defined]


def may_be_kept(response: HttpResponse) -> bool:
    """Whether this may be answered to anybody who asks the same."""
    control = response.get("Cache-Control", "")
    return (
        response.status_code in KEPT_STATUSES
        and not getattr(response, "is_left_out", False)
        and not response.streaming
        and not response.cookies
        and response.get("Vary", "") in ("", "Accept-Encoding")
        and not any(word in control for word in ("private", "no-store", "no-cache"))
        # A nonce is for one answer.
        and "'nonce-" not in response.get("Content-Security-Policy", "")
        # What tells how often somebody has asked is for that one alone.
        and not any("ratelimit" in name.lower() for name in response.headers)
    )
