"""What a process keeps goes out again before Django is asked.

Making a request of what a server hands over, sending signals and going through the middleware takes longer
than finding a kept answer. Here an answer is noted as it went out, with all that stands around `PublicPages`,
and goes out again to whoever asks in just the same words, while the one that it was made of holds. Django
answers everything, this only some of it sooner. See docs/decisions/0011-pages-kept-by-one-row.md.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from . import page_cache
from .middleware import ReadAPI
from .page_cache import GIVEN, MOMENT, Asked, Kept, Key, PageCache

NOT_MODIFIED = HTTPStatus.NOT_MODIFIED
STATUS_LINES = {int(status): f"{status} {status.phrase}" for status in HTTPStatus}
# Of a question that is remembered, in letters.
LONGEST_QUESTION = 1_000

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Who sends one of these is answered by Django: they say who somebody is, or ask under conditions.
NOT_PLAIN = frozenset(
    {
        "HTTP_COOKIE",
        "HTTP_AUTHORIZATION",
        "HTTP_IF_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_UNMODIFIED_SINCE",
    }
)
# All that an answer to anybody else may depend on.
WORDS = (
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_HOST",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_IF_NONE_MATCH",
)


class KeptPages:
    """A WSGI application that gives what is kept, in front of the one that keeps it."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._kept = PageCache(settings.PAGE_CACHE_MEGABYTES * 1024 * 1024)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if (
            environ["REQUEST_METHOD"] != "GET"
            or not NOT_PLAIN.isdisjoint(environ)
            # Each of these counts.
            or environ.get("PATH_INFO", "").startswith(ReadAPI.ROOT)
        ):
            return self._application(environ, start_response)
        key = tuple(environ.get(word) for word in WORDS)
        kept = self._find(key, environ)
        if kept is not None:
            start_response(STATUS_LINES[kept.status], list(kept.headers.items()))
            return [kept.body]

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            self._note(key, environ.get(GIVEN), int(status[:3]), dict(headers))
            return start_response(status, headers, *error)

        return self._application(environ, start)

    def _find(self, key: tuple[Any, ...], environ: Environ) -> Kept | None:
        """What went out last time. One query, if there is something; Django need not ask it again."""
        if key not in self._kept:
            return None
        try:
            connection.close_if_unusable_or_obsolete()
            environ[MOMENT] = moment = page_cache.now()
        except Error:
            # Django knows what to say then.
            return None
        return self._kept.find(Asked(key, moment, timezone.now()))

    def _note(
        self,
        key: tuple[Any, ...],
        given: tuple[Asked[Key], Kept] | None,
        status: int,
        headers: dict[str, str],
    ) -> None:
        """Note how a kept answer went out: whole, or as no more than that it still holds."""
        if given is None or status not in (given[1].status, NOT_MODIFIED):
            return
        if sum(len(word) for word in key if word) > LONGEST_QUESTION:
            return
        (_, moment, at), kept = given
        asked = Asked(key, moment, at)
        if self._kept.find(asked) is None:
            body = b"" if status == NOT_MODIFIED else kept.body
            self._kept.add(asked, Kept(status, headers, body, kept.since, kept.until))
