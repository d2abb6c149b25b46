"""The frame of the pages of accounts: that of the admin, without its lists."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from .factors import must_set_up

View = Callable[..., HttpResponseBase]


def page(view: View, *, title: str) -> View:
    """`view` of django-allauth with our title and frame, kept by no cache.

    The policy is that of public pages, except that the script of passkeys may ask the site.
    """

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if isinstance(answer, TemplateResponse):
            answer.context_data = {**_frame(request), "title": title, **(answer.context_data or {})}
        return answer

    return csp_update({"connect-src": [SELF]})(never_cache(framed))


def too_many_attempts(request: HttpRequest) -> TemplateResponse:
    """For who tries too often, answer 429."""
    return TemplateResponse(
        request, "account/too_many_attempts.html", {"title": "Too many attempts"}, status=429
    )


def _frame(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_header": f"{settings.SITE_NAME} editors",
        "site_title": f"{settings.SITE_NAME} editors",
        "site_url": "/",
        "has_permission": request.user.is_authenticated,
        "is_nav_sidebar_enabled": False,
        "must_set_up": must_set_up(request.user),
    }
