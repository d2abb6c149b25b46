"""Pages drawn when they are published: the first who asks for one waits no longer than the next.

After the commit of a publish, the process that published draws the page of the topic, its shelf and the front
page, as anybody would ask for them, and puts them where every process finds them (`DrawnPage`). They are
given at exactly the moment at which they were drawn, as what a process keeps itself. See
docs/decisions/0016-pages-drawn-when-published.md.
"""

import contextvars
import datetime
import io
import json
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from articles.models import DrawnPage, Edition
from evidence import changes
from evidence.prepared import Statement

from . import page_cache, release
from .page_cache import Asked, Kept, Key

# By hand: making objects of a row takes longer than all the rest.
_DRAWN = Statement(
    "SELECT head, body FROM articles_drawnpage"
    " WHERE path = %s AND epoch = %s AND version = %s AND release = %s"
)


def find(asked: Asked[Key]) -> Kept | None:
    """The answer to this, if it was drawn at this moment and holds. At most one query."""
    key, moment = asked.key, asked.moment
    is_public = key.takes_gzip and not key.query and (key.scheme, key.host) == _site()
    if not is_public or not settings.PAGE_CACHE_MEGABYTES:
        return None
    row = _DRAWN.first_row(connection, key.path, moment.epoch, moment.version, release.name())
    if row is None:
        return None
    head, body = row
    headers, *span = json.loads(head)
    since, until = map(datetime.datetime.fromisoformat, span)
    return Kept(200, headers, bytes(body), since, until) if since <= asked.at < until else None


def edition_saved(*, instance: Edition, created: bool, raw: bool, **of_the_signal: Any) -> None:
    """Draw ahead what shows an edition, once everybody sees it. What goes wrong is only logged."""
    if created and not raw:
        transaction.on_commit(partial(_draw_what_shows, instance), robust=True)


def _draw_what_shows(edition: Edition) -> None:
    if edition.go_live_at > timezone.now() or not settings.PAGE_CACHE_MEGABYTES:
        return
    paths = (edition.get_absolute_url(), edition.category.get_absolute_url(), reverse("home"))
    pages = [page for path in paths if (page := _drawn(path)) is not None]
    if not pages:
        return
    with transaction.atomic():
        # Of an earlier moment or release: nobody will ask for them again.
        newest = {name: getattr(pages[-1], name) for name in ("epoch", "version", "release")}
        DrawnPage.objects.exclude(**newest).delete()
        fields = [*newest, "head", "body"]
        DrawnPage.objects.bulk_create(
            pages, update_conflicts=True, unique_fields=["path"], update_fields=fields
        )


def _drawn(path: str) -> DrawnPage | None:
    """This page as a stranger's browser gets it now; None if it is not for everybody, or was drawn before."""
    at = timezone.now()
    request = _request(path)
    # Whatever the request that published holds for itself, it finds again afterwards.
    response = contextvars.copy_context().run(_handler().get_response, request)
    moment = changes.asked_at(request)
    if not isinstance(response, HttpResponse) or response.status_code != 200 or moment is None:
        return None
    if not page_cache.may_be_kept(response):
        return None
    return DrawnPage(
        path=path,
        epoch=moment.epoch,
        version=moment.version,
        release=release.name(),
        head=[dict(response.items()), at.isoformat(), page_cache.end_by_time(at).isoformat()],
        body=response.content,
    )


class _Handler(BaseHandler):
    """The site without a server in front."""

    def __init__(self) -> None:
        self.load_middleware()


@cache
def _handler() -> _Handler:
    return _Handler()


def _site() -> tuple[str, str]:
    """Scheme and host under which the public asks."""
    site = urlsplit(settings.SITE_URL)
    return site.scheme, site.netloc


def _request(path: str) -> WSGIRequest:
    scheme, host = _site()
    name, _, port = host.partition(":")
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": name,
            "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
            "HTTP_HOST": host,
            "HTTP_X_FORWARDED_PROTO": scheme,
            "HTTP_ACCEPT_ENCODING": "gzip",
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(),
        }
    )
