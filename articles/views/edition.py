"""An edition at its own address: what the page said then."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import pages
from ..comparing import compare_findings
from ..models import Edition
from .moved import moved_to


@require_safe
def edition_detail(request, category, topic, number):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = (
        Edition.objects.that_went_live(now)
        .filter(path=path, number=number)
        .select_related("topic")
        .defer("text")
        .first()
    )
    if edition is None:
        return _elsewhere(path, number, now)
    live = (
        Edition.objects.live(now)
        .filter(topic=edition.topic_id)
        .defer("body_html", "references_html", "text")
        .first()
    )
    if edition.is_withdrawn(now) or live is None:
        # The words are not shown any more, whatever their number.
        gone = {"edition": edition} if edition.is_withdrawn(now) else pages.gone(edition.topic_id, at=now)
        return render(request, "articles/topic_gone.html", gone, status=410)
    return render(
        request,
        "articles/edition_detail.html",
        {
            "edition": edition,
            "page": edition.page,
            "live": live,
            "changes": compare_findings(edition.content, live.content),
            "crumbs": [
                ("Home", "/"),
                (live.short_title, live.get_absolute_url()),
                (f"Edition {edition.number}", None),
            ],
        },
    )


def _elsewhere(path, number, now):
    """The topic of this address had another one when this edition was public: send the reader on."""
    public = Edition.objects.that_went_live(now)
    topics = public.filter(path=path).values("topic")
    edition = public.filter(topic__in=topics, number=number).only("path", "number").first()
    if edition is None:
        raise Http404("There is no such edition.")
    return moved_to(edition.get_lasting_url())
