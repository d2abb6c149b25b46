"""How a resource is declared: one address that can be read, with all that OpenAPI says of it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.urls import reverse
from ninja import Path, Router

from ..keyset import BadCursor, Page
from .asking import parameters, without_page
from .problems import Problem, Refusal, bad_request

NAMESPACE = "api"
SLUG = r"^[-a-zA-Z0-9_]+$"

View = Callable[..., Any]


def reads(
    router: Router,
    path: str,
    *,
    form: type[forms.Form],
    answer: Any,
    example: str = "",
    can_be: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Put a view at `path`: its parameters are those of `form`, its answer has the form of `answer`.

    `example` is an address to try; `can_be` are refusals beside the usual ones. Readers are told the view's
    docstring.
    """
    refusals = dict.fromkeys((400, *can_be, 429), Problem)

    def declare(view: View) -> View:
        title, _, rest = (view.__doc__ or "").partition("\n")
        router.add_api_operation(
            path,
            ["GET", "HEAD"],
            view,
            response={200: answer, **refusals},
            operation_id=view.__name__,
            summary=title.strip().rstrip("."),
            description=" ".join(rest.split()) or title.strip(),
            openapi_extra={
                "parameters": parameters(form),
                **({"x-example": example} if example else {}),
            },
        )
        return view

    return declare


def slug_in_path(words: str) -> Any:
    """The part of an address that names one thing."""
    return Path(..., description=words, pattern=SLUG, max_length=120)


def page_address(thing: Any) -> str:
    """The full address of the page of something."""
    return f"{settings.SITE_URL}{thing.get_absolute_url()}"


def data_address(name: str, *names: Any) -> str:
    """The full address of one resource of the API."""
    return f"{settings.SITE_URL}{reverse(f'{NAMESPACE}:{name}', args=names)}"


def study_addresses() -> Callable[[str], dict[str, str]]:
    """What gives the full addresses of a study by its slug: those of no two studies differ in more."""
    page = f"{settings.SITE_URL}{reverse('evidence:study_list')}"
    data = data_address("study_list")
    return lambda slug: {"address": f"{page}{slug}/", "data": f"{data}/{slug}"}


def bad_cursor(error: BadCursor) -> Refusal:
    return bad_request([("cursor", str(error))])


def around(request: Any, name: str, found: Page, *names: Any) -> dict[str, str | None]:
    """The addresses of the pages around one, with everything else as it was asked for."""
    pairs = without_page(request)

    def address(cursor: str | None) -> str | None:
        if cursor is None:
            return None
        return f"{data_address(name, *names)}?{urlencode([*pairs, ('cursor', cursor)])}"

    return {"next": address(found.next), "previous": address(found.previous)}
