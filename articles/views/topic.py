"""The page of a topic, the list of all topics, and how to cite a page."""

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from .. import citing, pages
from ..alphabet import by_letter
from ..models import Category, Edition


@require_safe
def topic_detail(request, category, topic):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = (
        Edition.objects.live(now)
        .filter(path=path)
        .with_last_change(now)
        .select_related("topic", "category")
        .defer("content", "text")
        .first()
    )
    if edition is None:
        return _moved_or_gone(request, path, now)
    around = pages.surroundings(edition.topic, at=now)
    response = render(request, "articles/topic_detail.html", pages.context(edition, around))
    response.headers["Last-Modified"] = http_date(edition.last_change.timestamp())
    return response


def _moved_or_gone(request, path, now):
    """No page lives here now: send the reader on, say that it was withdrawn, or that there is none."""
    last = (
        Edition.objects.that_went_live(now)
        .filter(path=path)
        .for_list()
        .select_related("topic")
        .order_by("-number")
        .first()
    )
    if last is None:
        raise Http404("There is no topic at this address.")
    elsewhere = Edition.objects.live(now).filter(topic=last.topic_id).exclude(path=path).only("path").first()
    if elsewhere is not None:
        response = HttpResponsePermanentRedirect(elsewhere.get_absolute_url())
        # Pages may move back; a browser would remember a bare 301 for ever.
        patch_cache_control(response, max_age=3600)
        return response
    return render(request, "articles/topic_withdrawn.html", {"edition": last}, status=410)


@require_safe
def topic_list(request):
    """Explore all topics: by category, and A to Z."""
    editions = list(Edition.objects.live(timezone.now()).for_list().select_related("topic").a_to_z())
    categories = [
        (category, [edition for edition in editions if edition.category_id == category.pk])
        for category in Category.objects.in_menu_order()
    ]
    return render(
        request,
        "articles/topic_list.html",
        {
            "categories": categories,
            "letters": by_letter(editions, lambda edition: edition.short_title),
            "n_topics": len(editions),
        },
    )


def _live_edition(category, topic):
    edition = Edition.objects.live(timezone.now()).filter(path=f"{category}/{topic}").for_list().first()
    if edition is None:
        raise Http404("There is no topic at this address.")
    return edition


@require_safe
def topic_bibtex(request, category, topic):
    edition = _live_edition(category, topic)
    return _download(citing.bibtex(edition), "application/x-bibtex", f"{topic}-edition-{edition.number}.bib")


@require_safe
def topic_ris(request, category, topic):
    edition = _live_edition(category, topic)
    return _download(
        citing.ris(edition), "application/x-research-info-systems", f"{topic}-edition-{edition.number}.ris"
    )


def _download(text, content_type, name):
    return HttpResponse(
        text,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
