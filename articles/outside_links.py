"""Outside links: which addresses on other sites live pages name, and whether they still lead somewhere."""

import datetime
import http.client
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from . import asking, freezing, links
from .asking import Answer
from .freezing import Content
from .models import Edition, OutsideLink

MOST_A_RUN = 200
LONGEST_RUN = datetime.timedelta(minutes=5)
"""Other tasks wait behind this one."""

AGAIN = datetime.timedelta(days=7)
FAILING_AGAIN = datetime.timedelta(days=1)
# A run that starts a little earlier than that of the day before leaves nothing out.
_EARLY = datetime.timedelta(hours=2)

PAUSE = 3.0
"""Seconds between two requests to the same host."""

FAILURES_TO_BREAK = 2
"""One “not found” may be a slip of the other site; as many in a row are believed."""

Ask = Callable[[str, Callable[[str], None]], Answer]
"""Takes an address and what to call with the host before each request."""

logger = logging.getLogger(__name__)


def addresses(content: Content) -> set[str]:
    """Each address on another site that the page of this content prints, in the form that is stored."""
    found = {url for text in freezing.texts(content) for url in outside(text)}
    for slug in content["references"]:
        found |= of_reference(content["studies"][slug]["report"])
    return found


def outside(html: str) -> Iterator[str]:
    """The addresses on other sites that a rich text links to, in the form that is stored."""
    for href in links.outside(html):
        url = stored(href)
        if url is not None:
            yield url


def of_reference(report: Content | None) -> set[str]:
    """The addresses that the list of references prints of a frozen report."""
    if report is None:
        return set()
    printed = [
        report["link"],
        f"https://doi.org/{report['doi']}" if report["doi"] else "",
        f"https://pubmed.ncbi.nlm.nih.gov/{report['pmid']}/" if report["pmid"] else "",
    ]
    return {url for url in map(stored, printed) if url is not None}


def stored(url: str) -> str | None:
    """The one form of an address: without its fragment, scheme and host in lower case.

    None for what is no web address, or longer than any that leads somewhere.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or "\0" in url:
        return None
    whole = urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))
    longest = OutsideLink._meta.get_field("url").max_length
    return whole if longest is None or len(whole) <= longest else None


# Gathering


def gather(*, at: datetime.datetime) -> int:
    """Bring the links in step with the editions that are live at `at`; returns how many there are.

    A link that no live edition names is forgotten. One transaction, after everything was read.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for pk, content in Edition.objects.live(at).order_by().values_list("pk", "content").iterator():
        for url in _addresses_of_any(content):
            wanted[url].add(pk)
    with transaction.atomic():
        names = OutsideLink.editions.through
        OutsideLink.objects.bulk_create(
            [OutsideLink(url=url) for url in sorted(wanted)], ignore_conflicts=True, batch_size=500
        )
        keys = dict(OutsideLink.objects.order_by().values_list("url", "pk"))
        unused = [pk for url, pk in keys.items() if url not in wanted]
        for batch in _batches(unused):
            OutsideLink.objects.filter(pk__in=batch).delete()
        named = {
            (keys[url], edition) for url, editions in wanted.items() if url in keys for edition in editions
        }
        known = {
            (link, edition): pk
            for pk, link, edition in names.objects.order_by().values_list(
                "pk", "outsidelink_id", "edition_id"
            )
        }
        for batch in _batches([pk for pair, pk in known.items() if pair not in named]):
            names.objects.filter(pk__in=batch).delete()
        names.objects.bulk_create(
            [
                names(outsidelink_id=link, edition_id=edition)
                for link, edition in sorted(named - known.keys())
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
    return len(wanted)


def _addresses_of_any(content: Content) -> set[str]:
    """Nothing of an edition without a page in it."""
    return addresses(content) if "blocks" in content else set()


def _batches(keys: list[int], size: int = 500) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


# Checking


def check(
    *,
    at: datetime.datetime,
    ask: Ask | None = None,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
    most: int = MOST_A_RUN,
) -> int:
    """Ask for the links of live pages whose turn it is, `most` at a time; returns how many were asked for.

    A link that works is asked for once a week, one that does not once a day. One host gets one request at a
    time, PAUSE seconds apart by `clock`. What one link says is stored at once, and never stops the run.
    """
    ask = asking_others if ask is None else ask
    last_asked: dict[str, float] = {}

    def before(host: str) -> None:
        if host in last_asked:
            wait(max(0.0, last_asked[host] + PAUSE - clock()))
        last_asked[host] = clock()

    started = clock()
    n_asked = 0
    for link in _in_turns(due(at)[:most]):
        if clock() - started > LONGEST_RUN.total_seconds():
            break
        try:
            answer = ask(link.url, before)
        except Exception:
            logger.exception("The link %s could not be asked for.", link.url)
            answer = Answer(None, problem="It could not be asked for")
        _store(link, answer, at=at)
        n_asked += 1
    return n_asked


def asking_others(url: str, before: Callable[[str], None]) -> Answer:
    """Ask as this site."""
    return asking.ask(url, before=before, user_agent=user_agent())


def user_agent() -> str:
    """Who asks, and where to complain."""
    name = " ".join(settings.SITE_NAME.encode("ascii", "ignore").decode().split()) or "Website"
    return f"{name} link check (+{settings.SITE_URL}/about/)"


def due(at: datetime.datetime) -> list[OutsideLink]:
    """The links of live pages that are to be asked for at `at`, the longest waiting first."""
    never = Q(checked_at=None)
    failing = Q(failing_since__isnull=False, checked_at__lte=at - FAILING_AGAIN + _EARLY)
    others = Q(checked_at__lte=at - AGAIN + _EARLY)
    waiting = OutsideLink.objects.of_live_editions(at).filter(never | failing | others)
    return sorted(waiting, key=lambda link: (link.checked_at is not None, link.checked_at or at, link.pk))


def _in_turns(waiting: Iterable[OutsideLink]) -> Iterator[OutsideLink]:
    """One link of each host in turn, so that no host is waited for longer than needed."""
    hosts: dict[str, deque[OutsideLink]] = {}
    for link in waiting:
        hosts.setdefault(urlsplit(link.url).netloc, deque()).append(link)
    while hosts:
        for host in list(hosts):
            yield hosts[host].popleft()
            if not hosts[host]:
                del hosts[host]


def _store(link: OutsideLink, answer: Answer, *, at: datetime.datetime) -> None:
    """Write down what was said, in a statement of its own; the link may be gone meanwhile."""
    link.take(
        at=at,
        answer=said(answer),
        is_good=answer.is_good,
        is_gone=answer.is_gone,
        moved_to=answer.moved_to,
        failures_to_break=FAILURES_TO_BREAK,
    )
    fields = ("status", "answer", "moved_to", "checked_at", "failing_since", "n_failures")
    OutsideLink.objects.filter(pk=link.pk).update(**{name: getattr(link, name) for name in fields})


def said(answer: Answer) -> str:
    """An answer in a few words: “404 Not Found”, “No such host”."""
    if answer.status is None:
        return answer.problem
    phrase = http.client.responses.get(answer.status, "")
    return f"{answer.status} {phrase}".strip()
