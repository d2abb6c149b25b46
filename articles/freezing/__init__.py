"""Freezing: everything that a topic page says, as one canonical, self-contained value."""

import hashlib
import json
from collections.abc import Collection, Iterator
from html import unescape

from content_editor.contents import contents_for_item
from django.utils.html import strip_tags

from .. import images, links, richtext
from ..models import BLOCK_MODELS, Edition, EvidenceTable, Finding, Term, Topic
from ..wording import PARAGRAPH_END
from .blocks import FREEZERS, Tables
from .findings import Findings
from .results import Content, Groups, coverage_of, listed_results, studies_by_slug

__all__ = [
    "SCHEMA",
    "Content",
    "canonical",
    "coverage_of",
    "digest",
    "freeze",
    "image_files",
    "is_empty",
    "listed_results",
    "studies_by_slug",
    "texts",
    "words",
]

SCHEMA = 1


def canonical(content: Content) -> str:
    """The one written form of a content: sorted keys, no spare space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: Content) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def freeze(topic: Topic, *, together_with: Collection[Topic] = ()) -> Content:
    """What the page of this topic would say if it were published now.

    Topics that go out at the same moment count as public when links to them are drawn. The same working copy
    on the same evidence gives the same content, hence the same digest. The number of queries depends on the
    kinds of blocks, not on how many there are.
    """
    blocks = contents_for_item(topic, plugins=BLOCK_MODELS)["main"]
    groups = Groups(topic)
    tables = Tables(topic, [block for block in blocks if isinstance(block, EvidenceTable)], groups)
    findings = Findings([block for block in blocks if isinstance(block, Finding)], groups)
    frozen_blocks = [
        {
            "uid": str(block.uid),
            **(
                findings.freeze(block) if isinstance(block, Finding) else FREEZERS[type(block)](block, tables)
            ),
        }
        for block in blocks
    ]

    key_points = richtext.clean(topic.key_points, kind="short")
    not_known = richtext.clean(topic.not_known, kind="short")
    slugs: dict[str, list[str]] = {"study": [], "term": [], "topic": []}
    for text in texts({"key_points": key_points, "blocks": frozen_blocks, "not_known": not_known}):
        for scheme, target in links.targets(text):
            if target not in slugs[scheme]:
                slugs[scheme].append(target)
    for block in frozen_blocks:
        for row in block["rows"] if block["kind"] in ("evidence table", "finding") else []:
            if row["study"] not in slugs["study"]:
                slugs["study"].append(row["study"])
    studies = studies_by_slug(slugs["study"])

    return {
        "schema": SCHEMA,
        "topic": {
            "uid": str(topic.uid),
            "path": topic.path,
            "category": {"name": topic.category.name, "slug": topic.category.slug},
            "title": topic.title,
            "subtitle": topic.subtitle,
            "short_title": topic.short_title,
            "standfirst": topic.standfirst,
            "teaser": topic.teaser,
            "description": topic.description,
            "tags": sorted(topic.tags.names()),
            "search_words": topic.search_words,
            "intervention": topic.intervention.slug if topic.intervention else None,
            "research_to": topic.research_to.isoformat() if topic.research_to else None,
            "next_review": topic.next_review.isoformat() if topic.next_review else None,
            **_shared_image(topic),
        },
        "key_points": key_points,
        "not_known": not_known,
        "populations": [
            {"slug": group.slug, "name": group.name, "label": group.label} for group in groups.populations
        ],
        "blocks": frozen_blocks,
        "studies": studies,
        "references": [slug for slug in slugs["study"] if slug in studies],
        "terms": {
            term.slug: {"name": term.name, "definition": term.definition}
            for term in Term.objects.filter(slug__in=slugs["term"]).order_by("slug")
        },
        "topics": _topic_paths(slugs["topic"], together_with),
    }


def texts(content: Content) -> Iterator[str]:
    """The rich texts of a content in reading order."""
    yield content["key_points"]
    for block in content["blocks"]:
        if block["kind"] in ("text", "callout", "finding"):
            yield block["text"]
        elif block["kind"] == "evidence table":
            yield block["introduction"]
    yield content["not_known"]


def words(content: Content) -> str:
    """What the page says in plain words, for search: without mark-up and without its standing parts."""
    said = [content["topic"]["standfirst"], *texts(content)]
    for block in content["blocks"]:
        if block["kind"] == "heading":
            said.append(block["text"])
        elif block["kind"] == "key variables":
            said += [part for row in block["rows"] for part in (row["variable"], row["why"], row["evidence"])]
        elif block["kind"] == "evidence table":
            said += [block["title"], *(row["finding"] for row in block["rows"])]
        elif block["kind"] == "finding":
            said += [block["name"], block["statement"]]
        elif block["kind"] == "figure":
            said += [block["alt"], block["caption"]]
    plain = (unescape(strip_tags(PARAGRAPH_END.sub(" ", part))) for part in said)
    return " ".join(" ".join(plain).split())


def image_files(content: Content) -> set[str]:
    """The images that the page shows, each by the name of its own file."""
    shown = {block["image"] for block in content["blocks"] if block["kind"] == "figure"}
    shared = content["topic"].get("image")
    return shown | {shared["of"]} if shared else shown


def is_empty(content: Content) -> bool:
    """Whether there is nothing to read under the standfirst."""
    return not words({**content, "topic": {"standfirst": ""}})


def _shared_image(topic: Topic) -> Content:
    """The crop of the topic's image for shared links, if it has one."""
    crop = images.shared(topic.image) if topic.image is not None else None
    if topic.image is None or crop is None:
        return {}
    return {
        "image": {
            "name": topic.image.title,
            "of": topic.image.file.name,
            "file": crop.file.name,
            "width": crop.width,
            "height": crop.height,
            "alt": topic.image.alt,
        }
    }


def _topic_paths(uids: list[str], together_with: Collection[Topic]) -> dict[str, str]:
    """Where the pages of these topics are, for those that were published and not withdrawn."""
    well_formed = [uid for uid in uids if links.is_uid(uid)]
    pages = (
        Edition.objects.filter(topic__uid__in=well_formed, withdrawn_at=None)
        .order_by("number")
        .values_list("topic__uid", "path")
    )
    paths = {str(uid): path for uid, path in pages}
    return paths | {str(topic.uid): topic.path for topic in together_with if str(topic.uid) in uids}
