"""The ledger of a topic: what each finding of its page rests on, to read and as JSON."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import ledger, pages
from ..models import Edition
from ..since import since
from .topic import moved_or_gone


@require_safe
def topic_evidence(request, category, topic):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = _live(path, now)
    if edition is None:
        return moved_or_gone(request, path, now, address="{}evidence/")
    lines, moved = _read(edition, now)
    return render(
        request,
        "articles/topic_evidence.html",
        {
            "edition": edition,
            "lines": lines,
            "since": moved,
            "crumbs": pages.crumbs_below(edition, "Evidence"),
            "current_category": edition.category.slug,
        },
    )


@require_safe
def topic_evidence_json(request, category, topic):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = _live(path, now)
    if edition is None:
        return moved_or_gone(request, path, now, address="{}evidence.json")
    lines, moved = _read(edition, now)
    data = ledger.data(edition, lines, since=moved, on=timezone.localdate(now))
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False}, headers={"X-Robots-Tag": "noindex"})


def _live(path, now):
    editions = Edition.objects.live(now).filter(path=path).select_related("category")
    return editions.defer("body_html", "references_html", "text").first()


def _read(edition, now):
    moved = since(edition, at=now)
    lines = ledger.ledger(
        edition.content,
        since=moved,
        signers=ledger.signers(edition.content),
        on=timezone.localdate(now),
    )
    return lines, moved
