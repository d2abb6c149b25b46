"""A shelf with its topics."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import addresses
from ..models import Category, Edition
from .moved import moved_to


@require_safe
def category_detail(request, category):
    now = timezone.now()
    slug, category = category, Category.objects.filter(slug=category).first()
    if category is None:
        renamed = addresses.category_once_at(slug, at=now)
        if renamed is None:
            raise Http404("There is no category at this address.")
        return moved_to(renamed.get_absolute_url())
    editions = list(
        Edition.objects.live(now)
        .filter(category=category)
        .for_list()
        .select_related("topic")
        .order_by("topic__position", "short_title")
    )
    shown = {edition.topic_id for edition in editions}
    # A subtopic stands under its broader topic where that is public, else by itself.
    topics = [
        (edition, [below for below in editions if below.topic.parent_id == edition.topic_id])
        for edition in editions
        if edition.topic.parent_id not in shown
    ]
    return render(
        request,
        "articles/category_detail.html",
        {
            "category": category,
            "topics": topics,
            "current_category": category.slug,
            "crumbs": [("Home", "/"), (category.name, None)],
        },
    )
