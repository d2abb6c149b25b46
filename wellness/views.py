"""The pages that belong to the whole site: home, search, about, and what machines ask for."""

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.alphabet import by_letter
from articles.models import Category, Edition
from evidence.api import problems
from evidence.models import Study

from . import describing, finding
from .api import schema

MOST_IN_CATEGORY = 5
MOST_CHANGES = 5


@require_safe
def home(request):
    now = timezone.now()
    live = list(
        Edition.objects.live(now)
        .for_list()
        .with_news(now)
        .select_related("topic")
        .order_by("topic__position", "short_title")
    )
    shown = {edition.topic_id for edition in live}
    # A subtopic is found through its broader topic where that is public.
    roots = [edition for edition in live if edition.topic.parent_id not in shown]
    featured = next(
        (edition for edition in live if edition.topic.is_featured and edition.page.get("coverage")), None
    )
    categories = [
        (category, [edition for edition in roots if edition.category_id == category.pk])
        for category in Category.objects.in_menu_order()
    ]
    return render(
        request,
        "wellness/home.html",
        {
            "categories": categories,
            "most": MOST_IN_CATEGORY,
            "featured": featured,
            "letters": by_letter(live, lambda edition: edition.short_title),
            "changes": sorted(
                (edition for edition in live if edition.news_at is not None),
                key=lambda edition: (edition.news_at, edition.pk),
                reverse=True,
            )[:MOST_CHANGES],
            "often": roots[:3],
            "n_studies": Study.objects.published().count(),
        },
    )


@require_safe
def site_search(request):
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    findings = finding.find(text, at=timezone.now()) if text else None
    context = {"query": text, "findings": findings}
    if findings is not None and findings.is_empty:
        context["topics"] = Edition.objects.live(timezone.now()).for_list().a_to_z()[:8]
    return TemplateResponse(request, "wellness/search.html", context)


@require_safe
def about(request):
    return render(request, "wellness/about.html")


@require_safe
def api_docs(request):
    """What the read API offers, drawn from the schema that machines read."""
    described, limit = describing.describe(schema()), settings.API_REQUESTS_A_MINUTE
    return render(request, "wellness/api_docs.html", {"described": described, "limit": limit})


@require_safe
def no_such_data(request):
    return problems.answer(problems.Refusal(404, "There is nothing at this address."))


@never_cache
@require_safe
def health(request):
    """For whoever watches the site: 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "database": connection.vendor})


@require_safe
def robots(request):
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Disallow: /api/",
        "Allow: /api/$",
        "Disallow: /preview/",
        "Disallow: /*/editions/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def page_not_found(request, exception):
    return render(request, "404.html", status=404)


def csrf_failure(request, reason=""):
    return render(request, "403.html", status=403)


def server_error(request):
    """Drawn without database or context, since either may be what failed."""
    return render(None, "500.html", status=500)
