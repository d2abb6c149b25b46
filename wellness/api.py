"""The read API as a whole: the routers of the apps, the search of the site, what OpenAPI says of it all."""

from functools import cache
from html import unescape
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from ninja import NinjaAPI, Router, Schema
from ninja.errors import ValidationError
from pydantic import Field

import search
from articles.api import router as topic_router
from articles.models import Topic
from evidence.api import ROUTERS
from evidence.api.asking import Asked, asked
from evidence.api.problems import Refusal, answer, bad_request
from evidence.api.reading import NAMESPACE, data_address, page_address, reads

from . import finding

router = Router(tags=["Search"])


class SearchAsked(Asked):
    """What is looked for."""

    q = forms.CharField(max_length=search.query.MAX_LENGTH, help_text="The words to look for.")

    def clean_q(self) -> str:
        text = self.cleaned_data["q"]
        if search.parse(text).is_empty:
            raise forms.ValidationError("This holds no word to look for.")
        return text


class Hit(Schema):
    """One thing found."""

    title: str = Field(description="Its name.")
    extract: str = Field(description="The words around what was found.")
    address: str = Field(description="Its page on this site.")
    data: str | None = Field(description="The same as data; null where there is only the page.")


class Findings(Schema):
    """What was found, best first."""

    topics: list[Hit] = Field(description="The best of the topics.")
    n_topics: int = Field(description="How many topics hold the words.")
    studies: list[Hit] = Field(description="The best of the studies.")
    n_studies: int = Field(description="How many studies hold the words.")
    studies_are_ranked: bool = Field(
        description="Whether the best come first; of more than 20,000 the newest do."
    )
    terms: list[Hit] = Field(description="Words of the glossary.")
    n_terms: int = Field(description="How many words of the glossary.")
    suggestion: str | None = Field(description="Another spelling, where nothing was found.")


@reads(router, "/search", form=SearchAsked, answer=Findings, example="/api/search?q=ankle+weights")
def site_search(request):
    """Search the site: topics, studies and glossary, as its search page does."""
    form = asked(SearchAsked(request.GET))
    found = finding.find(form.cleaned_data["q"], at=timezone.now())
    topics = Topic.objects.filter(pk__in=[hit.thing.topic_id for hit in found.topics]).order_by()
    uids = dict(topics.values_list("pk", "uid"))
    return Findings(
        topics=[_hit(hit, data_address("topic_detail", uids[hit.thing.topic_id])) for hit in found.topics],
        n_topics=found.n_topics,
        studies=[_hit(hit, data_address("study_detail", hit.thing.slug)) for hit in found.studies],
        n_studies=found.n_studies,
        studies_are_ranked=found.studies_are_ranked,
        terms=[_hit(hit) for hit in found.terms],
        n_terms=found.n_terms,
        suggestion=found.suggestion,
    )


def _hit(hit: finding.Hit, data: str | None = None) -> Hit:
    return Hit(
        title=_plain(hit.title), extract=_plain(hit.extract), address=page_address(hit.thing), data=data
    )


def _plain(marked: SafeString) -> str:
    return unescape(strip_tags(marked))


class DescribedAPI(NinjaAPI):
    """NinjaAPI whose schema says what this one does: only reads, RFC 9457, limits, headers."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        return schema()


api = DescribedAPI(
    title=settings.SITE_NAME,
    version="1",
    description="Everything that this site has published, to read: studies with their samples, arms and "
    "results, the trees that they are sorted by, conclusions with how certain they are, and the pages with "
    "all their editions.",
    docs_url=None,
    urls_namespace=NAMESPACE,
    servers=[{"url": settings.SITE_URL}],
)
for part in (*ROUTERS, topic_router, router):
    api.add_router("", part)


@api.exception_handler(Refusal)
def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return answer(refusal)


@api.exception_handler(Http404)
def refuse_unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Refusal(404, "There is nothing at this address."))


@api.exception_handler(ValidationError)
def refuse_path(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer(bad_request([(str(entry["loc"][-1]), entry["msg"]) for entry in error.errors]))


@api.exception_handler(SuspiciousOperation)
def refuse_suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """More parameters than Django reads, for one."""
    return answer(Refusal(400, "This address was not understood."))


HEADERS = {
    "RateLimit-Limit": ("Requests that one address has in a minute.", "integer"),
    "RateLimit-Remaining": ("How many of them are left.", "integer"),
    "RateLimit-Reset": ("Seconds until there are new ones.", "integer"),
}
MEANINGS = {
    "400": "Something in the address was not understood. Each parameter that it lies in is named.",
    "404": "There is nothing at this address.",
    "410": "There was something, and it was taken off.",
    "429": "Too many requests within a minute. Retry-After says in how many seconds to ask again.",
}


@cache
def schema() -> dict[str, Any]:
    """The whole API in OpenAPI 3.1. The same for everybody, so it is made once."""
    whole: dict[str, Any] = NinjaAPI.get_openapi_schema(api, path_prefix="/api/")
    headers = {name: _header(words, kind) for name, (words, kind) in HEADERS.items()}
    for methods in whole["paths"].values():
        # Each can be asked for its headers only; to say so would say everything twice.
        methods.pop("head", None)
        responses = {str(status): response for status, response in methods["get"]["responses"].items()}
        for status, response in responses.items():
            response["headers"] = dict(headers)
            if status in MEANINGS:
                response["description"] = MEANINGS[status]
                response["content"] = {"application/problem+json": response["content"]["application/json"]}
        words = "Send it as If-None-Match: 304 while it holds."
        responses["200"]["headers"]["ETag"] = _header(words, "string")
        responses["429"]["headers"]["Retry-After"] = _header("Seconds to wait.", "integer")
        methods["get"]["responses"] = responses
    return whole


def _header(words: str, kind: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": kind}}
