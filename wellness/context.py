"""What every public template may use."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from articles.models import Category
from evidence.prepared import Prepared


@cache
def _in_the_menu() -> frozenset[str]:
    """Pages that the menu names beside the categories: there it says that this is the page."""
    names = ("about", "contact", "articles:topic_list", "evidence:study_list")
    return frozenset(reverse(name) for name in names)


_categories = Prepared(lambda: Category.objects.in_menu_order())


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name and address, the menu (one query, only if it is drawn), this page's address."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "nav_categories": SimpleLazyObject(_categories),
        "nav_path": request.path if request.path in _in_the_menu() else "",
        "canonical_url": settings.SITE_URL + request.path,
        # What was searched for, where a page says it; what is missing costs a template most.
        "query": "",
    }
