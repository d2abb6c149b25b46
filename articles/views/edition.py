"""An edition at its own address: what the page said then."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..models import Edition


@require_safe
def edition_detail(request, category, topic, number):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = (
        Edition.objects.that_went_live(now).filter(path=path, number=number).defer("content", "text").first()
    )
    if edition is None:
        raise Http404("There is no such edition.")
    live = Edition.objects.live(now).filter(topic=edition.topic_id).for_list().first()
    if edition.is_withdrawn(now) or live is None:
        # The words are not shown any more, whatever their number.
        return render(request, "articles/topic_withdrawn.html", {"edition": edition}, status=410)
    return render(
        request,
        "articles/edition_detail.html",
        {
            "edition": edition,
            "page": edition.page,
            "live": live,
            "crumbs": [
                ("Home", "/"),
                (live.short_title, live.get_absolute_url()),
                (f"Edition {edition.number}", None),
            ],
        },
    )
