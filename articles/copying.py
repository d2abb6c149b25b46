"""Copying a topic: a new working copy that starts with the words of another."""

import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import Truncator

from . import checkpoints
from .models import BLOCK_MODELS, Event, Topic, TopicPopulation

COPY = "copy"
"""The first event of a topic that was made in this way."""

# What the page says and where it stands. Reviewer, dates of the work, sign-offs and state start anew.
_FIELDS = (
    "parent",
    "category",
    "subtitle",
    "standfirst",
    "teaser",
    "meta_description",
    "key_points",
    "not_known",
    "image",
    "intervention",
    "search_words",
    "research_to",
    "next_review",
    "risk",
)


@transaction.atomic
def copy(*, topic: Topic, by: User, at: datetime.datetime, title: str, short_title: str, slug: str) -> Topic:
    """A new topic of `by`, in drafting, that says what the working copy of `topic` says under another name.

    Its blocks are others in the same order, each with a uid of its own; figures show the same files, which
    never change. Editions, sign-offs, comments, links and history stay with `topic`, of which nothing is
    changed; subtopics stay below it. Raises ValidationError, with nothing written, if the names or the
    address are not valid for a topic.
    """
    # So that nobody saves it half-way through.
    topic = Topic.objects.locked().get(pk=topic.pk)
    new = Topic(title=title, short_title=short_title, slug=slug, owner=by)
    for name in _FIELDS:
        setattr(new, name, getattr(topic, name))
    new.full_clean()
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError as error:
        # Somebody took the address after it was looked at.
        raise ValidationError({"slug": "Topic with this Slug already exists."}) from error
    new.tags.set(topic.tags.names())
    TopicPopulation.objects.bulk_create(
        TopicPopulation(topic=new, population_id=lens.population_id, position=lens.position)
        for lens in topic.lenses.all()
    )
    for model in BLOCK_MODELS:
        for block in model._default_manager.filter(parent=topic).order_by("ordering", "pk"):
            # A block without a key is a new one, and takes a new uid when it is saved.
            block.pk, block.parent = None, new
            block.save()
    note = f"Copied from “{topic}”."
    Event.objects.create(topic=new, action=COPY, to_state=new.state, by=by, at=at, comment=note)
    checkpoints.keep(topic=new, by=by, at=at, note=note)
    return new


def suggestion(topic: Topic) -> dict[str, str]:
    """Names and a free address for a copy of `topic`, as the fields of a form. One query."""
    start = topic.slug[: Topic._meta.get_field("slug").max_length - len("-copy-99")] + "-copy"
    taken = set(Topic.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    names = [start, *(f"{start}-{number}" for number in range(2, 100))]
    return {
        "title": _named(topic.title, "title"),
        "short_title": _named(topic.short_title, "short_title"),
        "slug": next((name for name in names if name not in taken), ""),
    }


def _named(name: str, field: str) -> str:
    return Truncator(f"Copy of {name}").chars(Topic._meta.get_field(field).max_length)
