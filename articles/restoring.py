"""Restoring: what a topic once said, back into the working copy."""

import datetime
from collections.abc import Callable
from html import escape
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction

from evidence.models import Conclusion, Intervention, Outcome, Population

from . import checkpoints, freezing
from .freezing import Content
from .models import (
    BLOCK_MODELS,
    Block,
    Callout,
    EvidenceTable,
    Figure,
    Finding,
    Heading,
    Image,
    KeyVariables,
    RichText,
    Topic,
    TopicPopulation,
)

AS_IT_WAS = "As it was before restoring"

# Taken over as they are. Slug, category, broader topic, state and dates of the work stay what they are.
_FIELDS = ("title", "subtitle", "short_title", "standfirst", "teaser", "search_words")


class NotRestorable(Exception):
    """The content cannot become the working copy; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@transaction.atomic
def restore(
    *, topic: Topic, content: Content, by: User | None, at: datetime.datetime, note: str = ""
) -> list[str]:
    """Make a frozen content of this topic its working copy again; returns what did not come back.

    Everything passes the validation that a form passes. Blocks keep their uid: those that exist are changed,
    missing ones made again, all others removed. Evidence tables take their studies from the evidence as it
    is today. Where the outcome of a table is gone, a callout “Evidence removed” stands in its place; a
    figure whose image is gone, a block that is not valid any more and a group that is gone are left out.

    What is returned are sentences. A checkpoint is kept before and after, the second with `note`. Raises
    NotRestorable, with nothing written, if the content belongs to another topic, has an unknown form, or its
    title and texts are not valid.
    """
    topic = Topic.objects.locked().select_related("category").get(pk=topic.pk)
    if not is_readable(content):
        raise NotRestorable(["This version is written in a form that cannot be read any more."])
    if content["topic"]["uid"] != str(topic.uid):
        raise NotRestorable(["This version belongs to another topic."])
    # Of nobody, since it was written by others.
    checkpoints.keep(topic=topic, by=None, at=at, note=AS_IT_WAS)
    reports: list[str] = []
    _restore_topic(topic, content, reports)
    _restore_populations(topic, content, reports)
    _restore_blocks(topic, content, reports)
    checkpoints.keep(topic=topic, by=by, at=at, note=note)
    return reports


def is_readable(content: Content) -> bool:
    """Whether a stored content has the form that this code writes."""
    return content.get("schema") == freezing.SCHEMA


def _restore_topic(topic: Topic, content: Content, reports: list[str]) -> None:
    frozen = content["topic"]
    for name in _FIELDS:
        setattr(topic, name, frozen[name])
    # An empty description means the teaser, and was frozen as it.
    topic.meta_description = "" if frozen["description"] == frozen["teaser"] else frozen["description"]
    topic.key_points, topic.not_known = content["key_points"], content["not_known"]
    topic.research_to, topic.next_review = _date(frozen["research_to"]), _date(frozen["next_review"])
    if frozen["intervention"] is None:
        topic.intervention = None
    else:
        intervention = Intervention.objects.filter(slug=frozen["intervention"]).first()
        if intervention is None:
            reports.append(
                f"The intervention “{frozen['intervention']}” does not exist any more. "
                "The topic keeps the one that it has."
            )
        else:
            topic.intervention = intervention
    shared = frozen.get("image")
    topic.image = Image.objects.filter(file=shared["of"]).first() if shared else None
    if shared and topic.image is None:
        reports.append("The image for shared links is not in the library any more, and was left out.")
    try:
        topic.full_clean()
    except ValidationError as error:
        raise NotRestorable(_sentences(error)) from error
    topic.save()
    topic.tags.set(frozen["tags"])


def _restore_populations(topic: Topic, content: Content, reports: list[str]) -> None:
    wanted = content["populations"]
    found = {group.slug: group for group in Population.objects.filter(slug__in=[g["slug"] for g in wanted])}
    lenses = {lens.population_id: lens for lens in topic.lenses.all()}
    kept = []
    for position, frozen in enumerate(wanted):
        group = found.get(frozen["slug"])
        if group is None:
            reports.append(f"The population “{frozen['label']}” does not exist any more, and was left out.")
            continue
        lens = lenses.get(group.pk) or TopicPopulation(topic=topic, population=group)
        lens.position = position
        lens.full_clean()
        lens.save()
        kept.append(lens.pk)
    topic.lenses.exclude(pk__in=kept).delete()


# Blocks


def _restore_blocks(topic: Topic, content: Content, reports: list[str]) -> None:
    present = {
        (model, str(block.uid)): block
        for model in BLOCK_MODELS
        for block in model._default_manager.filter(parent=topic)
    }
    things = _Things(content)
    kept = set()
    for place, frozen in enumerate(content["blocks"], start=1):
        model, fields = _MAKERS[frozen["kind"]](frozen, things)
        name = _name(frozen)
        if model is Figure and fields["image"] is None:
            reports.append(f"{name} was left out: its image is not in the library any more.")
            continue
        if model is not _MODELS[frozen["kind"]]:
            reports.append(
                f"{name}: its outcome “{frozen['outcome']['name']}” does not exist any more. "
                "A callout stands in its place."
            )
        block: Any = present.get((model, frozen["uid"])) or model(parent=topic, uid=frozen["uid"])
        for field, value in {**fields, "region": "main", "ordering": place * 10}.items():
            setattr(block, field, value)
        try:
            block.full_clean()
        except ValidationError as error:
            reports.append(f"{name} was left out: {' '.join(_sentences(error))}")
            continue
        block.save()
        kept.add((model, frozen["uid"]))
    for key, block in present.items():
        if key not in kept:
            block.delete()


class _Things:
    """What frozen blocks point to, as it is today: outcomes by slug, images by the name of their file."""

    def __init__(self, content: Content) -> None:
        slugs = {block["outcome"]["slug"] for block in content["blocks"] if block["kind"] == "evidence table"}
        files = freezing.image_files(content)
        self.outcomes = {outcome.slug: outcome for outcome in Outcome.objects.filter(slug__in=slugs)}
        questions = {
            block["conclusion"]["slug"]
            for block in content["blocks"]
            if block["kind"] == "finding" and block["conclusion"]
        }
        self.conclusions = {entry.slug: entry for entry in Conclusion.objects.filter(slug__in=questions)}
        self.images = {image.file.name: image for image in Image.objects.named_by(files)}


Made = tuple[type[Block], dict[str, Any]]
"""The kind of block that a frozen one becomes, and its fields."""


def _heading(frozen: Content, things: _Things) -> Made:
    # An empty short text means the text, and was frozen as it.
    short_text = "" if frozen["short_text"] == frozen["text"] else frozen["short_text"]
    return Heading, {"text": frozen["text"], "short_text": short_text, "anchor": frozen["anchor"]}


def _text(frozen: Content, things: _Things) -> Made:
    return RichText, {"text": frozen["text"]}


def _key_variables(frozen: Content, things: _Things) -> Made:
    return KeyVariables, {"caption": frozen["caption"], "rows": frozen["rows"]}


def _callout(frozen: Content, things: _Things) -> Made:
    return Callout, {"kind": frozen["callout"], "title": frozen["title"], "text": frozen["text"]}


def _figure(frozen: Content, things: _Things) -> Made:
    image = things.images.get(frozen["image"])
    fields: dict[str, Any] = {"image": image, "is_decorative": frozen["is_decorative"]}
    for name in ("alt", "caption", "credit"):
        # Empty words mean those of the image, and were frozen as them.
        fields[name] = "" if image is not None and frozen[name] == getattr(image, name) else frozen[name]
    return Figure, fields


def _evidence_table(frozen: Content, things: _Things) -> Made:
    outcome = things.outcomes.get(frozen["outcome"]["slug"])
    if outcome is not None:
        return EvidenceTable, {
            "title": frozen["title"],
            "outcome": outcome,
            "introduction": frozen["introduction"],
        }
    # What the studies add up to is not said where they do not stand. The version that was restored has it.
    text = (
        f"<p>The evidence table “{escape(frozen['title'])}” stood here. "
        f"Its outcome, {escape(frozen['outcome']['name'])}, does not exist any more.</p>"
    )
    return Callout, {"kind": Callout.Kind.NOTE, "title": "Evidence removed", "text": text}


def _finding(frozen: Content, things: _Things) -> Made:
    slug = None if frozen["conclusion"] is None else frozen["conclusion"]["slug"]
    sentence = None if frozen["assessment"] is None else frozen["assessment"]["sentence"]
    # Empty words mean those of the assessment, and were frozen as them.
    return Finding, {
        "name": frozen["name"],
        "anchor": frozen["anchor"],
        "conclusion": None if slug is None else things.conclusions.get(slug),
        "statement": "" if frozen["statement"] == sentence else frozen["statement"],
        "glance": "" if frozen["glance"] == frozen["statement"] else frozen["glance"],
        "text": frozen["text"],
    }


_MAKERS: dict[str, Callable[[Content, _Things], Made]] = {
    "heading": _heading,
    "text": _text,
    "key variables": _key_variables,
    "callout": _callout,
    "figure": _figure,
    "evidence table": _evidence_table,
    "finding": _finding,
}
_MODELS: dict[str, type[models.Model]] = {
    "heading": Heading,
    "text": RichText,
    "key variables": KeyVariables,
    "callout": Callout,
    "figure": Figure,
    "evidence table": EvidenceTable,
    "finding": Finding,
}


def _name(frozen: Content) -> str:
    """The block as an editor knows it."""
    title = frozen.get("title") or frozen.get("name") or frozen.get("caption") or frozen.get("alt")
    if not title and frozen["kind"] == "heading":
        title = frozen["text"]
    kind = str(frozen["kind"]).capitalize()
    return f"{kind} “{title}”" if title else kind


def _date(value: str | None) -> datetime.date | None:
    return None if value is None else datetime.date.fromisoformat(value)


def _sentences(error: ValidationError) -> list[str]:
    """What is wrong, each with its field."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if field == "__all__" else f"{field.replace('_', ' ').capitalize()}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]
