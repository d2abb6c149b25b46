"""The gate before the admin: no second factor, no admin."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from .factors import must_set_up

# The way in and the way out stay open; neither shows anything.
OPEN = frozenset(["admin:login", "admin:logout"])


class SecondFactorGate:
    """Sends staff without a second factor from any address of the admin to the page where one is set up.

    It asks by the address, not in the views, so that a view which forgets to be wrapped is behind it too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or "admin" not in match.app_names or match.view_name in OPEN:
            return None
        if not must_set_up(request.user):
            return None
        return redirect("mfa_index")
