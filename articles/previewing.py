"""Previews: the working copy as its page would be, and links that show it to people without an account."""

import datetime
import re

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.db.models import Count, Max, QuerySet

from . import editions, freezing
from .models import Edition, PreviewGrant, PreviewVisit, Topic

DAYS = (1, 7, 30)
"""How long a link may last."""

# What `models.preview_grant.new_token` makes. Anything else is no token, whatever bytes it holds.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

_signer = signing.Signer(salt="articles.previewing")


class NotShared(Exception):
    """The link cannot be made or revoked; the message says why."""


def preview(topic: Topic, *, at: datetime.datetime, marked: bool = False, lens: str = "") -> Edition:
    """The edition that publishing the working copy would make now. It is not saved; nothing is written.

    For the staff it is `marked`: its HTML says which block is which, for comments. With the slug of a group
    as `lens` it is what those see who read for that group.
    """
    topic = Topic.objects.select_related("category", "intervention").get(pk=topic.pk)
    number = Edition.objects.next_number(topic)
    content = freezing.freeze(topic)
    return editions.drawn(topic=topic, content=content, number=number, at=at, marked=marked, lens=lens)


@transaction.atomic
def share(
    *,
    topic: Topic,
    by: User,
    at: datetime.datetime,
    for_whom: str,
    days: int,
    may_sign: bool = False,
) -> PreviewGrant:
    """A new link to the preview of `topic` that lasts `days` (one of DAYS). Raises NotShared.

    With `may_sign` its reader may sign off what they read; the topic has to take outside sign-offs.
    """
    topic = Topic.objects.locked().get(pk=topic.pk)
    if days not in DAYS:
        raise NotShared("Choose how long the link lasts.")
    if not for_whom.strip():
        raise NotShared("Say who gets the link.")
    if may_sign and not topic.takes_outside_sign_off:
        raise NotShared("This topic takes no outside sign-off.")
    return PreviewGrant.objects.create(
        topic=topic,
        may_sign=may_sign,
        for_whom=for_whom.strip(),
        made_by=by,
        made_at=at,
        expires_at=at + datetime.timedelta(days=days),
    )


@transaction.atomic
def revoke(*, topic: Topic, grant: int, at: datetime.datetime) -> PreviewGrant:
    """End a link of this topic now. Raises NotShared if it has none of that key, or it is over already."""
    Topic.objects.locked().get(pk=topic.pk)
    found = PreviewGrant.objects.in_force(at).filter(topic=topic, pk=grant).first()
    if found is None:
        raise NotShared("This link is over already.")
    found.revoked_at = at
    found.save(update_fields=["revoked_at"])
    return found


def grants(topic: Topic) -> QuerySet[PreviewGrant]:
    """The links of a topic, newest first, with `n_visits`, `last_visit` and their sign-offs."""
    return (
        PreviewGrant.objects.filter(topic=topic)
        .select_related("made_by")
        .prefetch_related("sign_offs")
        .annotate(n_visits=Count("visits"), last_visit=Max("visits__at"))
        .newest_first()
    )


def grant_of(token: str, *, at: datetime.datetime) -> PreviewGrant | None:
    """The link in force with this token; unknown, expired and revoked ones are the same to the asker.

    The token is looked up in a unique index, not compared letter by letter, and holds 256 random bits:
    the time of the answer tells nothing that would help to guess one.
    """
    if not _TOKEN.fullmatch(token):
        return None
    return PreviewGrant.objects.in_force(at).select_related("topic").filter(token=token).first()


def visit(grant: PreviewGrant, edition: Edition, *, at: datetime.datetime) -> PreviewVisit:
    """Note that the link was used, and for which content."""
    return PreviewVisit.objects.create(grant=grant, at=at, digest=edition.digest)


def seal(grant: PreviewGrant, digest: str) -> str:
    """A text for a form that says which content this link showed; nobody else can make one."""
    return _signer.sign_object({"grant": grant.pk, "digest": digest})


def sealed(value: str, grant: PreviewGrant) -> str | None:
    """The digest that this very link showed, or None for any other text."""
    try:
        said = _signer.unsign_object(value)
    except (signing.BadSignature, ValueError):
        return None
    return said["digest"] if said["grant"] == grant.pk else None
