"""Public pages: no cookie, a strong ETag, compressed alike for everybody; searches that found nothing.

And what holds for all of the read API: only reads, from any site, so many in a minute.
"""

import gzip
import hashlib
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import parse_http_date_safe

from articles import missed_searches
from articles.models import MissedSearch
from articles.sender import address_of
from evidence.api import problems

from . import drawing_ahead, page_cache, rate_limits

COMPRESSIBLE = ("text/", "application/json", "application/ld+json", "application/xml", "application/atom+xml")
SMALLEST_WORTH_COMPRESSING = 400


class ReadAPI:
    """The read API answers reads only, from pages of any site, and each address so many times in a minute.

    It stands outside PublicPages, so that its headers are on a 304 too. Without credentials there is nothing
    that another site could do in a reader's name.
    """

    ROOT = "/api/"
    METHODS = "GET, HEAD, OPTIONS"
    FOR_EVERY_SITE = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
        "Retry-After",
    }
    BEFORE_A_REQUEST = {
        "Allow": METHODS,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.ROOT):
            return self.get_response(request)
        response = self._answer(request)
        for name, value in self.FOR_EVERY_SITE.items():
            response.headers[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=self.BEFORE_A_REQUEST)
        if request.method not in ("GET", "HEAD"):
            response: HttpResponseBase = problems.answer(problems.Refusal(405, "The API can only be read."))
            response.headers["Allow"] = self.METHODS
            return response
        allowance = rate_limits.take(address_of(request), at=time.time())
        if allowance is None:
            return self.get_response(request)
        if allowance.is_spent:
            refusal = problems.Refusal(429, f"More than {allowance.limit} requests in a minute.")
            response = problems.answer(refusal)
            response.headers["Retry-After"] = str(allowance.reset)
        else:
            response = self.get_response(request)
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.reset)
        return response


class PublicPages:
    """Answers GET and HEAD outside the admin with a strong ETag, 304 where it still holds, and gzip.

    Django's GZipMiddleware makes each answer different on purpose (against BREACH) and its ETag weak.
    Public pages hold no secret, so the same page may have the same bytes: compressed or not, each form
    has its own strong ETag. It stands outside the session middleware, hence sees what that one added, and
    what it kept (`page_cache`) is answered before anything asks who is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._kept = page_cache.PageCache(settings.PAGE_CACHE_MEGABYTES * 1024 * 1024)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        takes_gzip = _accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        asked = page_cache.asked(request, takes_gzip=takes_gzip)
        if asked is not None:
            kept = self._kept.find(asked)
            if kept is None:
                kept = drawing_ahead.find(asked)
                if kept is not None:
                    self._kept.add(asked, kept)
            if kept is not None:
                request.META[page_cache.GIVEN] = asked, kept
                return _as_asked(request, kept.response())
            request.moment = asked.moment  # type: ignore[attr-defined]
        response = self.get_response(request)
        if (
            request.method not in ("GET", "HEAD")
            or response.streaming
            or not isinstance(response, HttpResponse)
            or response.cookies
            or "Cookie" in response.get("Vary", "")
            or response.has_header("Content-Encoding")
        ):
            return response
        if response.status_code == 200:
            _complete(response, takes_gzip=takes_gzip)
        if asked is not None and page_cache.may_be_kept(response):
            kept = self._kept.keep(asked, response)
            if kept is not None:
                request.META[page_cache.GIVEN] = asked, kept
        return _as_asked(request, response)


def _complete(response: HttpResponse, *, takes_gzip: bool) -> None:
    """Add what a public page has: how long it may be kept, its form, and the ETag of that form."""
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, public=True, max_age=60)
    compressible = response.get("Content-Type", "").startswith(COMPRESSIBLE)
    if compressible:
        patch_vary_headers(response, ["Accept-Encoding"])
    if response.has_header("ETag"):
        return
    digest = hashlib.sha256(response.content).hexdigest()[:32]
    if compressible and takes_gzip and len(response.content) >= SMALLEST_WORTH_COMPRESSING:
        # A fixed time makes the compressed bytes the same each time, as a strong ETag promises.
        # Level 4 takes half the time of 6, for 5 % more bytes.
        response.content = gzip.compress(response.content, compresslevel=4, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        digest += "-gz"
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["ETag"] = f'"{digest}"'


def _as_asked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer to exactly this request: whole, only its headers, or that what one has still holds."""
    if response.status_code != 200:
        return response
    conditional = get_conditional_response(
        request,
        etag=response.headers["ETag"],
        last_modified=parse_http_date_safe(response.get("Last-Modified", "")),
        response=response,
    )
    answer = response if conditional is None else conditional
    if request.method == "HEAD":
        # The headers say what a GET would bring; the body was needed to work them out.
        length = answer.headers.get("Content-Length")
        answer.content = b""
        if length is not None:
            answer.headers["Content-Length"] = length
    return answer


def _accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip (`gzip;q=0` forbids it)."""
    for part in header.lower().split(","):
        coding, _, parameters = part.strip().partition(";")
        if coding.strip() in ("gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class MissedSearches:
    """Notes what people look for and do not find, on the page of the search and in the list of studies.

    The views only say in their context what was found: the evidence knows nothing of those who keep notes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        missed = _missed(request, response)
        if missed is not None:
            # The next one who looks for it is to be noticed too.
            page_cache.leave_out(response)
        if missed is not None and _is_asked_by_a_person(request):
            place, words = missed
            missed_searches.note(words=words, place=place, on=timezone.localdate())
        return response


def _missed(request: HttpRequest, response: TemplateResponse) -> tuple[MissedSearch.Place, str] | None:
    """Where which words found nothing; None if something was found or nothing was looked for."""
    page = request.resolver_match.view_name if request.resolver_match is not None else ""
    context = response.context_data or {}
    if page == "search":
        findings = context["findings"]
        if findings is not None and findings.is_empty:
            return MissedSearch.Place.SITE, context["query"]
    if page == "evidence:study_list" and response.status_code == 200:
        chosen = context["chosen"]
        # Words that found nothing beside other filters may well stand in a study.
        if chosen.q and chosen.without("q").is_empty and context["counts"].total == 0:
            return MissedSearch.Place.STUDIES, chosen.q
    return None


_ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|monitor|https?://|^curl|^wget|python|^$", re.IGNORECASE
)


def _is_asked_by_a_person(request: HttpRequest) -> bool:
    """As far as a request tells: neither fetched in advance nor by a machine that says what it is."""
    ahead = " ".join(request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz")).lower()
    return (
        request.method == "GET"
        and "prefetch" not in ahead
        and "prerender" not in ahead
        and _ROBOT.search(request.headers.get("User-Agent", "").strip()) is None
    )
