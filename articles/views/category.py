"""A shelf with its topics."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..models import Category, Edition


@require_safe
def category_detail(request, category):
    category = get_object_or_404(Category, slug=category)
    editions = list(
        Edition.objects.live(timezone.now())
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
