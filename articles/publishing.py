"""Publishing: from a working copy to an edition, and back out of the public's sight."""

import datetime
from collections.abc import Collection
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from evidence.models import Study

from . import freezing, links, rendering
from .models import Edition, Topic


class NotPublishable(Exception):
    """The topic cannot go out as it is; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@transaction.atomic
def publish(
    *,
    topic: Topic,
    by: User | None,
    at: datetime.datetime,
    change_note: str = "",
    together_with: Collection[Topic] = (),
) -> Edition:
    """Freeze the working copy into a new edition that is live from `at` on, and return it.

    If it says exactly what the live edition says, that one is returned and nothing is written. Links to the
    topics `together_with` which this one goes out are drawn as if those were public already. Raises
    NotPublishable.
    """
    topic = Topic.objects.select_for_update(of=("self",)).select_related("category").get(pk=topic.pk)
    content = freezing.freeze(topic, together_with=together_with)
    if found := problems(content):
        raise NotPublishable(found)
    digest = freezing.digest(content)
    live = Edition.objects.live(at).filter(topic=topic).first()
    if live is not None and live.digest == digest:
        return live

    last = Edition.objects.filter(topic=topic).aggregate(last=Max("number"))["last"] or 0
    drawn = rendering.render(content)
    edition = Edition.objects.create(
        topic=topic,
        number=last + 1,
        schema=freezing.SCHEMA,
        content=content,
        digest=digest,
        body_html=drawn.body,
        references_html=drawn.references,
        page=rendering.page(content),
        path=content["topic"]["path"],
        title=content["topic"]["title"],
        short_title=content["topic"]["short_title"],
        teaser=content["topic"]["teaser"],
        search_words=" ".join(content["topic"]["search_words"]),
        text=plain_text(drawn.body),
        change_note=change_note,
        published_by=by,
        published_at=at,
        go_live_at=at,
    )
    edition.studies.set(Study.objects.filter(slug__in=content["studies"]))
    return edition


@transaction.atomic
def withdraw(*, topic: Topic, by: User | None, at: datetime.datetime, note: str) -> list[Edition]:
    """Take every edition of the topic that is in force out of force; `note` tells readers why.

    Returns the editions that were withdrawn. Raises NotPublishable if there is none, or no note.
    """
    Topic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    if not note.strip():
        raise NotPublishable(["Say for readers why the page is withdrawn."])
    editions = list(Edition.objects.in_force(at).filter(topic=topic).order_by("number"))
    if not editions:
        raise NotPublishable(["This topic has no page that could be withdrawn."])
    for edition in editions:
        edition.withdrawn_at = at
        edition.withdrawal_note = note.strip()
        edition.withdrawn_by = by
        edition.save(update_fields=["withdrawn_at", "withdrawal_note", "withdrawn_by"])
    return editions


def problems(content: freezing.Content) -> list[str]:
    """Why this content must not go out; empty if it may."""
    found = []
    if not content["blocks"]:
        found.append("The page has no text yet.")
    known: dict[str, Any] = {
        "study": (content["studies"], "no published study"),
        "term": (content["terms"], "no glossary term"),
    }
    for text in freezing.texts(content):
        for scheme, target in links.targets(text):
            if scheme in known and target not in known[scheme][0]:
                found.append(
                    f"A link names “{scheme}:{target}”, but there is {known[scheme][1]} of that name."
                )
    anchors = [block["anchor"] for block in content["blocks"] if block["kind"] == "heading"]
    for anchor in sorted({anchor for anchor in anchors if anchors.count(anchor) > 1}):
        found.append(f"Two headings have the anchor “{anchor}”.")
    for anchor in sorted(set(anchors) & rendering.RESERVED_ANCHORS):
        found.append(f"The anchor “{anchor}” belongs to a standing part of the page.")
    return list(dict.fromkeys(found))


def plain_text(html: str) -> str:
    """The words of a drawn page, for search: without mark-up, scripts and hidden repetition."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)
