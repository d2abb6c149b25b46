"""What stands around an edition on its page: the parts that are of today."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from evidence.prepared import Prepared

from . import citing, structured_data
from .models import Edition, Topic
from .rendering import findings
from .since import Since


@dataclass(frozen=True)
class Surroundings:
    """The broader topic, the subtopics and the history of a page, as live editions.

    `last_change` is when the page, or one that it names around itself, last changed.
    """

    parent: Edition | None = None
    subtopics: list[Edition] = field(default_factory=list)
    history: list[Edition] = field(default_factory=list)
    last_change: datetime.datetime | None = None


# What the page of an edition, and what stands around it, is drawn with.
_DRAWN = ("path", "number", "title", "short_title", "page", "body_html", "references_html", "go_live_at")
_NAMED = ("path", "number", "short_title", "teaser", "page", "change_note")
_MOMENTS = ("go_live_at", "withdrawn_at", "withdrawal_note")


def live_at(path: str, *, at: datetime.datetime) -> Edition | None:
    """The edition that is live at this address, with its topic and category. One query."""
    return next(iter(_live_at(path=path, at=at)), None)


def _live_at_words(path: str, at: datetime.datetime) -> QuerySet[Edition]:
    live = Edition.objects.live(at).filter(path=path).select_related("topic", "category")
    around = ("topic__uid", "topic__parent", "category__name", "category__slug")
    return live.only(*_DRAWN, *around).order_by("pk")[:1]


_live_at = Prepared(_live_at_words, path=str, at=datetime.datetime)


def surroundings(topic: Topic, *, at: datetime.datetime) -> Surroundings:
    """What stands around the page of `topic`. One query."""
    # No topic has the key 0.
    editions = _around(topic=topic.pk, parent=topic.parent_id or 0, at=at)
    return Surroundings(
        parent=next((edition for edition in editions if edition.topic_id == topic.parent_id), None),
        subtopics=[edition for edition in editions if edition.topic.parent_id == topic.pk],
        history=[edition for edition in editions if edition.topic_id == topic.pk],
        last_change=editions[0].last_change if editions else None,  # type: ignore[attr-defined]
    )


def _around_words(topic: int, parent: int, at: datetime.datetime) -> QuerySet[Edition]:
    own = Edition.objects.that_went_live(at).filter(topic=topic)
    last_change = Edition.objects.in_family(topic, parent).last_changes(at)
    return (
        (own | Edition.objects.live(at))
        .in_family(topic, parent)
        .annotate(last_change=Subquery(last_change))
        .select_related("topic")
        .only(*_NAMED, *_MOMENTS, "topic__parent", "topic__position")
        .order_by("topic__position", "short_title", "-number")
    )


_around = Prepared(_around_words, topic=int, parent=int, at=datetime.datetime)


def lens_of(edition: Edition, slug: str) -> dict[str, Any] | None:
    """The group of this slug, if the page says something of it."""
    return next((group for group in edition.page.get("lenses", []) if group["slug"] == slug), None)


def context(
    edition: Edition, around: Surroundings, *, since: Since, lens: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page of a published edition is drawn with; `lens` is the group that the reader chose."""
    return {
        **_frame(edition, around, lens),
        "since": since,
        "body": findings.tagged(edition.body_html, [finding.anchor for finding in since.could_change]),
        "json_ld": structured_data.web_page(edition, around.history),
        "citation": citing.text(edition),
    }


def gone(topic: int, *, at: datetime.datetime) -> dict[str, Any]:
    """What is said where the page of the topic with this key was: why its newest edition is not public."""
    public = Edition.objects.that_went_live(at).filter(topic=topic).for_list()
    edition = public.order_by("-number").first()
    return {"edition": edition, "is_expired": edition is not None and edition.is_expired(at)}


def preview_context(edition: Edition, *, at: datetime.datetime, lens: str = "") -> dict[str, Any]:
    """What the page of an edition that was never saved is drawn with. One query.

    Nobody is to cite, index or report it, and its own address, which may be a secret, is not printed.
    """
    return {
        **_frame(edition, surroundings(edition.topic, at=at), lens_of(edition, lens)),
        "body": mark_safe(edition.body_html),  # noqa: S308  drawn by ourselves
        "is_preview": True,
        "canonical_url": f"{settings.SITE_URL}{edition.get_absolute_url()}",
    }


def _frame(edition: Edition, around: Surroundings, lens: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        # Each is looked for many times, and nothing costs a template as much as what is missing.
        "is_preview": False,
        "outside": None,
        "lens": lens,
        "edition": edition,
        "page": edition.page,
        "research_to": parse_date(edition.page["research_to"] or ""),
        "next_review": parse_date(edition.page["next_review"] or ""),
        "published": date_format(edition.went_live_on, "j F Y"),
        "around": around,
        "crumbs": _crumbs(edition, around.parent),
        "current_category": edition.category.slug,
    }


def crumbs_below(edition: Edition, label: str) -> list[tuple[str, str | None]]:
    """The way to a page below that of an edition."""
    *way, (name, _) = _crumbs(edition, None)
    return [*way, (name, edition.get_absolute_url()), (label, None)]


def _crumbs(edition: Edition, parent: Edition | None) -> list[tuple[str, str | None]]:
    crumbs = [("Home", "/"), (edition.category.name, edition.category.get_absolute_url())]
    if parent is not None:
        crumbs.append((parent.short_title, parent.get_absolute_url()))
    return [*crumbs, (edition.short_title, None)]
