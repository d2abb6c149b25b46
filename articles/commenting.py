"""Commenting: what people say about the parts of a working copy, and whether those parts still stand.

A comment never touches the topic: neither its digest nor its sign-offs know of it.
"""

import datetime
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.text import capfirst

from . import checks, notices, rendering
from .freezing import Content
from .models import BLOCK_MODELS, Comment, Topic
from .permissions import may

LONGEST_TEXT = 4000
LONGEST_QUOTE = 500

WHOLE_PAGE = "Whole page"
PAGE_FIELDS = {
    "title": "Title",
    "subtitle": "Subtitle",
    "short_title": "Short title",
    "slug": "Slug",
    "standfirst": "Standfirst",
    "teaser": "Teaser",
    "intervention": "Intervention",
    "key_points": "At a glance",
    "not_known": "What is not known",
    "meta_description": "Meta description",
    "tags": "Tags",
    "search_words": "Search words",
    "research_to": "Research to",
    "next_review": "Next review",
}
"""The fields of a page that a comment may be about: name -> label."""

BLOCK_FIELDS: dict[str, dict[str, str]] = {
    str(model._meta.verbose_name): {
        field.name: capfirst(str(field.verbose_name))
        for field in model._meta.concrete_fields
        if field.editable and field.name not in ("id", "parent", "region", "ordering")
    }
    for model in BLOCK_MODELS
}
"""The same for blocks: kind -> name -> label."""

# As Django lets people be called; what ends a sentence may follow.
_MENTION = re.compile(r"(?<![\w.@+-])@(?P<name>[\w.@+-]{1,150})")
_TRAILING = ".@+-"
# Drawn, but not words of the page: numbers of references, and what is said to screen readers only.
_APART = re.compile(r'<a class="ref".*?</a>|<span class="vh">.*?</span>', re.DOTALL)
_SPACE = re.compile(r"\s+")


class NotCommentable(Exception):
    """The comment cannot be kept, changed or removed; the message says why."""


@dataclass(frozen=True)
class Place:
    """Something that a comment may be about: the page, a field of it, a block, or a field of a block."""

    label: str
    uid: uuid.UUID | None = None
    field: str = ""

    @property
    def key(self) -> str:
        """In forms: “page”, “page:title”, “<uid>” or “<uid>:text”."""
        return ":".join(filter(None, [str(self.uid or "page"), self.field]))


@dataclass(frozen=True)
class Thread:
    """A comment with its answers, and how what it is about stands in a content."""

    comment: Comment
    answers: tuple[Comment, ...]
    place: Place
    lost: str
    """Why it points nowhere any more, as a sentence; empty where it does."""

    @property
    def is_open(self) -> bool:
        return self.comment.resolved_at is None


@transaction.atomic
def comment(
    *,
    topic: Topic,
    by: User,
    at: datetime.datetime,
    text: str,
    block_uid: uuid.UUID | None = None,
    field: str = "",
    quote: str = "",
) -> Comment:
    """Begin a thread about a topic, a block of it, a field of either, or some words there.

    The words are kept as they were read, even if they were changed meanwhile. Raises NotCommentable.
    """
    _lock(topic)
    fields = PAGE_FIELDS if block_uid is None else _fields_of_block(topic, block_uid)
    if fields is None:
        raise NotCommentable("This block does not exist any more.")
    if field and field not in fields:
        raise NotCommentable("There is no such field.")
    quote = _SPACE.sub(" ", quote).strip()
    if len(quote) > LONGEST_QUOTE:
        raise NotCommentable(f"Quote at most {LONGEST_QUOTE} characters.")
    return _keep(
        Comment(topic=topic, block_uid=block_uid, field=field, quote=quote, text=_said(text), by=by, at=at)
    )


@transaction.atomic
def answer(*, thread: Comment, by: User, at: datetime.datetime, text: str) -> Comment:
    """Answer a thread; a resolved one is open again by that. Raises NotCommentable."""
    thread = _locked_thread(thread)
    answered = _keep(Comment(topic=thread.topic, thread=thread, text=_said(text), by=by, at=at))
    _set_resolved(thread, at=None, by=None)
    return answered


@transaction.atomic
def resolve(*, thread: Comment, by: User, at: datetime.datetime) -> Comment:
    """Close a thread: what it asks for is done. Who closed it first stays. Raises NotCommentable."""
    thread = _locked_thread(thread)
    if thread.resolved_at is None:
        _set_resolved(thread, at=at, by=by)
    return thread


@transaction.atomic
def reopen(*, thread: Comment) -> Comment:
    """Open a resolved thread again. Raises NotCommentable."""
    thread = _locked_thread(thread)
    _set_resolved(thread, at=None, by=None)
    return thread


def require_own(*, comment: Comment, by: User) -> None:
    """Raise PermissionDenied if the comment is somebody else's."""
    if comment.by_id != by.pk:
        raise PermissionDenied


@transaction.atomic
def change(*, comment: Comment, by: User, at: datetime.datetime, text: str) -> Comment:
    """Say something else in one's own comment or answer; whoever is newly mentioned hears of it.

    Raises PermissionDenied if it is somebody else's, NotCommentable.
    """
    comment = _locked_own(comment, by)
    text = _said(text)
    if text == comment.text:
        return comment
    comment.text, comment.changed_at = text, at
    comment.save(update_fields=["text", "changed_at"])
    before = set(comment.mentioned.values_list("pk", flat=True))
    people = mentioned(text)
    comment.mentioned.set(people)
    if not before.issuperset(person.pk for person in people):
        notices.about_comment(comment=comment)
    return comment


@transaction.atomic
def remove(*, comment: Comment, by: User) -> None:
    """Take back one's own comment or answer, as long as nobody answered it.

    Raises PermissionDenied if it is somebody else's, NotCommentable if it has answers.
    """
    comment = _locked_own(comment, by)
    if comment.answers.exists():
        raise NotCommentable("Somebody answered this comment. Resolve it instead.")
    comment.delete()


# People


def mentions(text: str) -> list[str]:
    """The user names that a text may mean by `@name`, in its order; each with and without a final stop."""
    names: dict[str, None] = {}
    for found in _MENTION.finditer(text):
        name = found["name"]
        names[name] = None
        while name and name[-1] in _TRAILING:
            name = name[:-1]
            names[name] = None
    return [name for name in names if name]


def mentioned(text: str) -> list[User]:
    """Those on the staff whom a text mentions and who may see topics at all."""
    staff = User.objects.filter(username__in=mentions(text), is_staff=True, is_active=True)
    return [person for person in staff.order_by("username") if may(person, "comment")]


# Which rows


def open_threads() -> QuerySet[Comment]:
    """Threads that wait for somebody."""
    return Comment.objects.threads().open()


def with_open_threads() -> Q:
    """Topics on which a thread is open."""
    return Q(Exists(open_threads().filter(topic=OuterRef("pk"))))


# Threads and what they are about


def threads(topic: Topic, content: Content) -> list[Thread]:
    """All threads of a topic as they stand in its frozen `content`, in the order of the page. One query.

    Those whose block is gone come last; within one place the oldest is first.
    """
    rows = list(
        Comment.objects.filter(topic=topic).select_related("by", "resolved_by").oldest_first(),
    )
    answers: dict[int, list[Comment]] = {}
    for row in rows:
        if row.thread_id is not None:
            answers.setdefault(row.thread_id, []).append(row)
    blocks = {block["uid"]: block for block in content["blocks"]}
    order = {place.key: number for number, place in enumerate(_in_page_order(content))}
    found = []
    for row in rows:
        if row.thread_id is None:
            place = _place(row, blocks)
            found.append(Thread(row, tuple(answers.get(row.pk, ())), place, _lost(row, blocks, content)))
    return sorted(found, key=lambda thread: order.get(thread.place.key, len(order)))


def places(content: Content) -> list[tuple[str, list[Place]]]:
    """What a comment may be about, in groups with a name: the page with its fields, then each block."""
    page = [Place(WHOLE_PAGE), *(Place(label, None, name) for name, label in PAGE_FIELDS.items())]
    groups = [("Page", page)]
    for block in content["blocks"]:
        name, uid = checks.place_of(block), uuid.UUID(block["uid"])
        fields = BLOCK_FIELDS[block["kind"]]
        groups.append(
            (name, [Place(name, uid), *(Place(_named(name, label), uid, f) for f, label in fields.items())])
        )
    return groups


def _in_page_order(content: Content) -> Iterator[Place]:
    for _, group in places(content):
        yield from group


def _place(row: Comment, blocks: dict[str, Content]) -> Place:
    if row.block_uid is None:
        return Place(PAGE_FIELDS.get(row.field, row.field) if row.field else WHOLE_PAGE, None, row.field)
    block = blocks.get(str(row.block_uid))
    if block is None:
        return Place("A block that was removed", row.block_uid, row.field)
    name = checks.place_of(block)
    label = BLOCK_FIELDS[block["kind"]].get(row.field, row.field)
    return Place(_named(name, label) if row.field else name, row.block_uid, row.field)


def _named(block: str, field: str) -> str:
    return f"{block}, field {field.lower()}"


def _lost(row: Comment, blocks: dict[str, Content], content: Content) -> str:
    if row.block_uid is not None and str(row.block_uid) not in blocks:
        return "Its block is not on the page any more."
    if not row.quote:
        return ""
    if row.block_uid is None:
        said = _page_words(content, row.field)
    else:
        said = _block_words(blocks[str(row.block_uid)], row.field, content)
    return "" if _letters(row.quote) in _letters(said) else "These words do not stand there any more."


def _letters(text: str) -> str:
    """To find words again wherever lines break."""
    return _SPACE.sub("", text).casefold()


def _page_words(content: Content, field: str) -> str:
    topic = content["topic"]
    values = {
        **{name: topic[name] for name in PAGE_FIELDS if name in topic},
        "meta_description": topic["description"],
        "slug": topic["path"],
        "key_points": content["key_points"],
        "not_known": content["not_known"],
    }
    if field:
        return _plain(values.get(field))
    blocks = (_block_words(block, "", content) for block in content["blocks"])
    return " ".join([*map(_plain, values.values()), *blocks])


def _block_words(block: Content, field: str, content: Content) -> str:
    """The words of a field of a block; of all of it, as they are typed and as they are drawn."""
    names = [field] if field else BLOCK_FIELDS[block["kind"]]
    # The kind of a frozen block says what it is, its other names are those of the fields.
    typed = [_plain(block.get("callout" if name == "kind" else name)) for name in names]
    if field:
        return typed[0]
    if block["kind"] == "evidence table":
        drawn = rendering.Drawing(content).block(block)
        typed.append(_plain(_APART.sub("", render_to_string(drawn["template"], {"block": drawn}))))
    return " ".join(typed)


def _plain(value: Any) -> str:
    """The words of a frozen value; rich text also as its mark-up, which forms without an editor show."""
    if isinstance(value, str):
        words = unescape(strip_tags(value))
        return words if words == value else f"{words} {value}"
    if isinstance(value, dict):
        return " ".join(map(_plain, value.values()))
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return "" if value is None else str(value)


# Keeping


def _lock(topic: Topic) -> None:
    """Until the transaction ends, nobody else adds to these threads or takes from them."""
    Topic.objects.locked().only("pk").get(pk=topic.pk)


def _locked(comment: Comment) -> Comment:
    """The comment as it is now."""
    _lock(comment.topic)
    found = Comment.objects.select_related("topic").filter(pk=comment.pk).first()
    if found is None:
        raise NotCommentable("This comment was removed meanwhile.")
    return found


def _locked_thread(thread: Comment) -> Comment:
    thread = _locked(thread)
    if thread.thread_id is not None:
        raise NotCommentable("This is an answer: take the comment that it answers.")
    return thread


def _locked_own(comment: Comment, by: User) -> Comment:
    comment = _locked(comment)
    require_own(comment=comment, by=by)
    return comment


def _said(text: str) -> str:
    """The text as it is kept: lines end as in Unix, nothing around it. Raises NotCommentable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise NotCommentable("Write something.")
    if len(text) > LONGEST_TEXT:
        raise NotCommentable(f"Write at most {LONGEST_TEXT} characters; these are {len(text)}.")
    return text


def _keep(comment: Comment) -> Comment:
    comment.save()
    comment.mentioned.set(mentioned(comment.text))
    notices.about_comment(comment=comment)
    return comment


def _set_resolved(thread: Comment, *, at: datetime.datetime | None, by: User | None) -> None:
    thread.resolved_at, thread.resolved_by = at, by
    thread.save(update_fields=["resolved_at", "resolved_by"])


def _fields_of_block(topic: Topic, uid: uuid.UUID) -> dict[str, str] | None:
    for model in BLOCK_MODELS:
        if model._default_manager.filter(parent=topic, uid=uid).exists():
            return BLOCK_FIELDS[str(model._meta.verbose_name)]
    return None
