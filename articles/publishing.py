"""Publishing: from a working copy to an edition, and back out of the public's sight."""

import datetime
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

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
    found = problems(content)
    if Edition.objects.filter(path=topic.path).exclude(topic=topic).exists():
        found.append(f"The address /{topic.path}/ belonged to another topic; its editions stay there.")
    if found:
        raise NotPublishable(found)
    digest = freezing.digest(content)
    last = Edition.objects.filter(topic=topic).order_by("-number").first()
    if last is not None:
        # Whoever held the lock meanwhile published later than we were asked to.
        at = max(at, last.published_at)
        if last.digest == digest and Edition.objects.live(at).filter(pk=last.pk).exists():
            return last

    drawn = rendering.render(content)
    edition = Edition.objects.create(
        topic=topic,
        number=1 if last is None else last.number + 1,
        schema=freezing.SCHEMA,
        content=content,
        digest=digest,
        body_html=drawn.body,
        references_html=drawn.references,
        page=rendering.page(content),
        category=topic.category,
        path=content["topic"]["path"],
        title=content["topic"]["title"],
        short_title=content["topic"]["short_title"],
        teaser=content["topic"]["teaser"],
        search_words=" ".join(content["topic"]["search_words"]),
        text=freezing.words(content),
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
    # Also what was published while we waited for the lock.
    not_over = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    editions = list(Edition.objects.filter(not_over, topic=topic, withdrawn_at=None).order_by("number"))
    if not editions:
        raise NotPublishable(["This topic has no page that could be withdrawn."])
    for edition in editions:
        edition.withdrawn_at = max(at, edition.go_live_at)
        edition.withdrawal_note = note.strip()
        edition.withdrawn_by = by
        edition.save(update_fields=["withdrawn_at", "withdrawal_note", "withdrawn_by"])
    return editions


def problems(content: freezing.Content) -> list[str]:
    """Why this content must not go out; empty if it may."""
    found = []
    if not freezing.words({**content, "topic": {"standfirst": ""}}):
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
    for anchor in sorted(anchor for anchor in set(anchors) if rendering.is_reserved(anchor)):
        found.append(f"The anchor “{anchor}” belongs to a standing part of the page.")
    return list(dict.fromkeys(found))
