"""The working copy behind a link that an editor shared."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import pages, previewing


@require_safe
def shared_preview(request, token):
    now = timezone.now()
    grant = previewing.grant_of(token, at=now)
    if grant is None:
        # Drawn here and not raised, so that this answer too is kept nowhere.
        return _kept_nowhere(render(request, "404.html", status=404))
    edition = previewing.preview(grant.topic, at=now)
    if request.method == "GET":
        previewing.visit(grant, edition, at=now)
    context = pages.preview_context(edition, at=now) | {"preview_until": grant.expires_at}
    return _kept_nowhere(render(request, "articles/topic_detail.html", context))


def _kept_nowhere(response):
    """Neither by search engines nor by caches, and the address is told to nobody."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
