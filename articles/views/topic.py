"""The page of a topic, the list of all topics, and how to cite a page."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from evidence.changes import asked_at

from .. import citing, pages
from ..alphabet import by_letter
from ..models import Category, Edition
from ..since import since
from .moved import moved_to


@require_safe
def topic_detail(request, category, topic):
    now = timezone.now()
    path = f"{category}/{topic}"
    edition = pages.live_at(path, at=now)
    if edition is None:
        return moved_or_gone(request, path, now)
    lens = None
    if "for" in request.GET:
        lens = pages.lens_of(edition, request.GET["for"])
        if lens is None:
            return HttpResponseRedirect(edition.get_absolute_url())
        # Drawn when it was published, like the page for everyone.
        edition.body_html = edition.lenses.get(population=lens["slug"]).body_html
    around = pages.surroundings(edition.topic, at=now)
    moved = since(edition, at=now, moment=asked_at(request))
    context = pages.context(edition, around, since=moved, lens=lens)
    response = render(request, "articles/topic_detail.html", context)
    response.headers["Last-Modified"] = http_date(around.last_change.timestamp())
    return response


def moved_or_gone(request, path, now, *, address="{}"):
    """No page lives here now: send the reader on, say why it is gone, or that there is none.

    `address` is that of what was asked for, where {} is the address of the page.
    """
    last = _last_at(path, now)
    elsewhere = Edition.objects.live(now).filter(topic=last.topic_id).exclude(path=path).only("path").first()
    if elsewhere is not None:
        return moved_to(address.format(elsewhere.get_absolute_url()))
    return render(request, "articles/topic_gone.html", pages.gone(last.topic_id, at=now), status=410)


def _last_at(path, now):
    """The newest edition that was public at this address, whether or not its topic lives there now."""
    there = Edition.objects.that_went_live(now).filter(path=path).for_list()
    last = there.select_related("topic").order_by("-number").first()
    if last is None:
        raise Http404("There is no topic at this address.")
    return last


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


@require_safe
def topic_bibtex(request, category, topic):
    return _citation(f"{category}/{topic}", "cite.bib", citing.bibtex, "application/x-bibtex")


@require_safe
def topic_ris(request, category, topic):
    return _citation(f"{category}/{topic}", "cite.ris", citing.ris, "application/x-research-info-systems")


def _citation(path, name, cite, content_type):
    now = timezone.now()
    edition = Edition.objects.live(now).filter(path=path).for_list().first()
    if edition is None:
        live = Edition.objects.live(now).filter(topic=_last_at(path, now).topic_id).only("path").first()
        if live is None:
            raise Http404("This page is not public any more.")
        return moved_to(f"{live.get_absolute_url()}{name}")
    topic, kind = path.rpartition("/")[2], name.rpartition(".")[2]
    return _download(cite(edition), content_type, f"{topic}-edition-{edition.number}.{kind}")


def _download(text, content_type, name):
    return HttpResponse(
        text,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
