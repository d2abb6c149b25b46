"""The read API of the pages: the live editions, and every edition that readers may still see, as data."""

import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from ninja import Path, Router, Schema
from pydantic import Field

from evidence.api.answers import Listed
from evidence.api.asking import Nothing, PageAsked, asked, page_of
from evidence.api.problems import Refusal
from evidence.api.reading import around, bad_cursor, data_address, page_address, reads
from evidence.keyset import BadCursor, walk

from . import pages
from .models import Edition

router = Router(tags=["Topics"])

UID: Any = Path(..., description="The topic, by what never changes: “uid” of the list of topics.")


class TopicLine(Schema):
    """A topic as readers see it now: its live edition."""

    uid: UUID = Field(description="What never changes of a topic, whatever its address.")
    address: str = Field(description="Its page on this site.")
    data: str = Field(description="All that the page says, as data.")
    title: str = Field(description="Its heading.")
    short_title: str = Field(description="As lists call it.", examples=["Ankle weights"])
    teaser: str = Field(description="One sentence about it.")
    category: str = Field(description="The category that it stands in.")
    edition: int = Field(description="The number of the live edition.", examples=[1])
    published_at: datetime.datetime = Field(description="When that edition went out.")
    change_note: str = Field(description="What changed with it.")
    digest: str = Field(description="SHA-256 of its content in its canonical form.")
    n_studies: int = Field(description="The studies that it names.")
    editions: str = Field(description="All its editions, as data.")

    @classmethod
    def of(cls, edition: Edition, **more: Any) -> Any:
        uid = edition.topic.uid
        return cls(
            uid=uid,
            address=page_address(edition),
            data=data_address("topic_detail", uid),
            title=edition.title,
            short_title=edition.short_title,
            teaser=edition.teaser,
            category=edition.category.name,
            edition=edition.number,
            published_at=edition.go_live_at,
            change_note=edition.change_note,
            digest=edition.digest,
            n_studies=edition.page.get("n_studies", 0),
            editions=data_address("edition_list", uid),
            **more,
        )


class TopicList(Listed):
    """One page of the topics that are live."""

    items: list[TopicLine] = Field(description="Those of this page, by their addresses.")


class TopicData(TopicLine):
    """A topic with everything that its page says."""

    content: dict[str, Any] = Field(description="The content as it was published, in canonical form.")


class EditionLine(Schema):
    """An edition that went out."""

    number: int = Field(description="Its number within the topic.", examples=[1])
    address: str = Field(description="Its lasting page on this site.")
    data: str = Field(description="All that it says, as data.")
    title: str = Field(description="Its heading.")
    published_at: datetime.datetime = Field(description="When it went out.")
    change_note: str = Field(description="What changed with it, for readers.")
    is_minor: bool = Field(description="A minor change, without a new review.")
    is_correction: bool = Field(description="Something was wrong; the note says what.")
    withdrawn_at: datetime.datetime | None = Field(description="When it was withdrawn, if it was.")
    withdrawal_note: str = Field(description="Why it was withdrawn.")
    digest: str = Field(description="SHA-256 of its content in its canonical form.")

    @classmethod
    def of(cls, edition: Edition, *, at: datetime.datetime, **more: Any) -> Any:
        is_withdrawn = edition.is_withdrawn(at)
        same = ("number", "title", "change_note", "is_minor", "is_correction", "digest")
        return cls(
            address=f"{settings.SITE_URL}{edition.get_lasting_url()}",
            data=data_address("edition_detail", edition.topic.uid, edition.number),
            published_at=edition.go_live_at,
            withdrawn_at=edition.withdrawn_at if is_withdrawn else None,
            withdrawal_note=edition.withdrawal_note if is_withdrawn else "",
            **{name: getattr(edition, name) for name in same},
            **more,
        )


class EditionList(Listed):
    """One page of the editions of a topic."""

    items: list[EditionLine] = Field(description="Those of this page, the newest first.")


class EditionData(EditionLine):
    """An edition with everything that it says."""

    content: dict[str, Any] = Field(description="The content as it was published, in canonical form.")


@reads(router, "/topics", form=PageAsked, answer=TopicList, example="/api/topics?size=10")
def topic_list(request):
    """The topics that are live, each with the edition in force."""
    form = asked(PageAsked(request.GET))
    found = _walk(Edition.objects.live(timezone.now()).order_by("path", "pk"), form, of="topics")
    shown = Edition.objects.for_list().select_related("topic", "category").filter(pk__in=found.keys)
    return TopicList(
        items=[TopicLine.of(edition) for edition in shown.order_by("path", "pk")],
        **around(request, "topic_list", found),
    )


@reads(
    router,
    "/topics/{uuid:uid}",
    form=Nothing,
    answer=TopicData,
    can_be=(404, 410),
)
def topic_detail(request, uid: UUID = UID):
    """One topic with everything that its page says."""
    asked(Nothing(request.GET))
    now = timezone.now()
    live = Edition.objects.live(now).filter(topic__uid=uid).select_related("topic", "category")
    edition = live.defer("body_html", "references_html", "text").first()
    if edition is None:
        raise _gone(uid, now)
    return TopicData.of(edition, content=edition.content)


@reads(
    router,
    "/topics/{uuid:uid}/editions",
    form=PageAsked,
    answer=EditionList,
    can_be=(404, 410),
)
def edition_list(request, uid: UUID = UID):
    """The editions of a topic that went out."""
    form = asked(PageAsked(request.GET))
    now = timezone.now()
    if not Edition.objects.live(now).filter(topic__uid=uid).exists():
        raise _gone(uid, now)
    public = Edition.objects.that_went_live(now).filter(topic__uid=uid).order_by("-number")
    found = _walk(public, form, of=f"editions of {uid}")
    shown = Edition.objects.for_list().select_related("topic").filter(pk__in=found.keys)
    return EditionList(
        items=[EditionLine.of(edition, at=now) for edition in shown.order_by("-number")],
        **around(request, "edition_list", found, uid),
    )


@reads(
    router,
    "/topics/{uuid:uid}/editions/{int:number}",
    form=Nothing,
    answer=EditionData,
    can_be=(404, 410),
)
def edition_detail(
    request, uid: UUID = UID, number: int = Path(..., ge=0, description="The number of the edition.")
):
    """One edition with everything that it says.

    It never changes. Of a withdrawn one, and of a topic whose page is gone, the words are not shown any more.
    """
    asked(Nothing(request.GET))
    now = timezone.now()
    public = Edition.objects.that_went_live(now).filter(topic__uid=uid, number=number)
    edition = public.select_related("topic").defer("body_html", "references_html", "text").first()
    if edition is None:
        raise Http404("There is no such edition.")
    if edition.is_withdrawn(now):
        raise Refusal(410, f"This edition was withdrawn: {edition.withdrawal_note}")
    if not Edition.objects.live(now).filter(topic=edition.topic_id).exists():
        raise _gone(uid, now)
    return EditionData.of(edition, at=now, content=edition.content)


def _walk(editions: Any, form: PageAsked, *, of: str) -> Any:
    try:
        return walk(editions, of=of, **page_of(form))
    except BadCursor as error:
        raise bad_cursor(error) from error


def _gone(uid: UUID, now: datetime.datetime) -> Exception:
    """Why there is no page now: it was withdrawn, it expired, or there never was one."""
    last = Edition.objects.that_went_live(now).filter(topic__uid=uid).only("topic").first()
    if last is None:
        return Http404("There is no such topic.")
    gone = pages.gone(last.topic_id, at=now)
    if gone["is_expired"]:
        return Refusal(410, "This page has expired.")
    return Refusal(410, f"This page was withdrawn: {gone['edition'].withdrawal_note}")
