"""What every public template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Category


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name and address, the menu (one query, only if it is drawn), this page's address."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "nav_categories": SimpleLazyObject(lambda: list(Category.objects.in_menu_order())),
        "canonical_url": settings.SITE_URL + request.path,
    }
