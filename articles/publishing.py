"""Publishing: from a working copy to an edition, and back out of the public's sight."""

import datetime
from collections.abc import Collection, Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from evidence.models import Study

from . import addresses, checkpoints, checks, editions, freezing, rendering, workflow
from .comparing import moved_ratings
from .models import Edition, EditionLens, Event, Image, Topic
from .workflow import Action

CHANGE_EXPIRY = "change expiry"
"""An event that is no move: when the live page goes off by itself."""


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
    is_minor: bool = False,
    minor_reason: str = "",
    is_correction: bool = False,
    seen: str = "",
    go_live_at: datetime.datetime | None = None,
    expires_at: datetime.datetime | None = None,
    together_with: Collection[Topic] = (),
    tell: bool = True,
) -> Edition:
    """Freeze the working copy into a new edition, live from `go_live_at` on (None: at once); return it.

    One that is to go live later does so by time alone. While it waits, nothing else goes out. At `expires_at`
    (None: never) the page goes off in the same way, and no earlier edition comes back; an edition that goes
    live before that moment replaces it with its own.

    A full edition needs the sign-offs of its topic on exactly this content, and a note of what changed if it
    is not the first; it moves the date of the review. A minor change needs its reason instead, and a live
    page. A correction is a full edition whose note says what was wrong. Afterwards the working copy is open
    for the next draft.

    If the content says exactly what the live edition says, that one is returned and no edition is made; it
    goes off at `expires_at` from then on, with an event if it was to go off at another moment. If
    `seen` is given and is not the digest of the content, nothing goes out. Links to the topics
    `together_with` which this one goes out are drawn as if those were public already. Without `tell` nobody
    on the staff hears of it. Raises NotPublishable.
    """
    topic = workflow.locked(topic)
    last = Edition.objects.filter(topic=topic).for_list().order_by("-number").first()
    if last is not None:
        # Whoever held the lock meanwhile published later than we were asked to.
        at = max(at, last.published_at)
    case = workflow.Case(topic, by, at, together_with)
    content = case.content
    facts = checks.Facts.read(content, at=at, together_with=together_with)
    found = _sentences(checks.stops(content, facts))
    found += [sentence for sentence in (addresses.obstacle(topic),) if sentence]
    if expires_at is not None and expires_at <= at:
        found.append("The moment at which it is to go off has passed.")
    elif expires_at is not None and go_live_at is not None and expires_at <= go_live_at:
        found.append("It is to go off before it goes live.")
    is_unchanged = (
        last is not None
        and last.digest == case.digest
        and Edition.objects.live(at).filter(pk=last.pk).exists()
    )
    transition = workflow.TRANSITIONS[Action.PUBLISH_MINOR if is_minor else Action.PUBLISH]
    if is_unchanged and last is not None and not found:
        if topic.state == Topic.State.APPROVED:
            why = f"Nothing had changed since edition {last.number}."
            workflow.move(case, transition, comment=why, tell=tell)
        _change_expiry(topic, last, expires_at, by=by, at=at)
        return last
    if seen and seen != case.digest:
        found.append("The text changed while you were reading it. Look at it again, then publish.")
    found += workflow.reasons(case, transition)
    if not is_minor:
        # A minor change may go out while the evidence moves: it judges nothing anew.
        found += _sentences(checks.moved_evidence(content, facts))
    change_note, minor_reason = change_note.strip(), minor_reason.strip()
    if go_live_at is not None and go_live_at < at:
        found.append("The moment at which it is to go live has passed.")
    waiting = Edition.objects.filter(topic=topic).waiting(at).for_list().first()
    if waiting is not None:
        found.append(f"Edition {waiting.number} is waiting to go live: call it off first.")
    if is_minor and not minor_reason:
        found.append("Say why the change is minor.")
    if is_minor and is_correction:
        found.append("A correction is not minor: something was wrong, so the page is read and signed again.")
    if is_correction and last is None:
        found.append("A first edition corrects nothing.")
    elif is_correction and not change_note:
        found.append("Say for readers what was wrong.")
    elif last is not None and not is_minor and not change_note:
        found.append("Say for readers what changed.")
    if found:
        raise NotPublishable(found)

    edition = editions.drawn(
        topic=topic, content=content, number=1 if last is None else last.number + 1, at=at
    )
    before = Edition.objects.filter(topic=topic).not_called_off().order_by("-number").only("content").first()
    if before is not None:
        edition.page["moved"] = moved_ratings(before.content, content)
    edition.is_minor = is_minor
    edition.minor_reason = minor_reason if is_minor else ""
    edition.is_correction = is_correction
    edition.change_note = change_note
    edition.published_by = by
    edition.go_live_at = at if go_live_at is None else go_live_at
    edition.expires_at = expires_at
    edition.save()
    edition.studies.set(Study.objects.filter(slug__in=content["studies"]))
    EditionLens.objects.bulk_create(
        EditionLens(edition=edition, population=slug, body_html=body)
        for slug, body in rendering.lenses(content).items()
    )
    edition.images.set(Image.objects.named_by(freezing.image_files(content)))
    workflow.move(case, transition, comment=edition.minor_reason or change_note, tell=tell)
    if not is_minor:
        topic.reviewed_on, topic.review_due_on = timezone.localdate(at), None
        topic.save(update_fields=["reviewed_on", "review_due_on"])
    checkpoints.thin(topic=topic, at=at)
    return edition


def _change_expiry(
    topic: Topic,
    edition: Edition,
    expires_at: datetime.datetime | None,
    *,
    by: User | None,
    at: datetime.datetime,
) -> None:
    """Let the live edition of a locked topic go off at another moment, and write that down."""
    if edition.expires_at == expires_at:
        return
    edition.expires_at = expires_at
    edition.save(update_fields=["expires_at"])
    when = "it stays" if expires_at is None else f"off at {timezone.localtime(expires_at):%d %b %Y, %H:%M}"
    Event.objects.create(
        topic=topic,
        action=CHANGE_EXPIRY,
        from_state=topic.state,
        to_state=topic.state,
        by=by,
        at=at,
        comment=f"Edition {edition.number}: {when}.",
        digest=edition.digest,
    )


@transaction.atomic
def call_off(*, topic: Topic, by: User | None, at: datetime.datetime) -> Edition:
    """Keep the edition that waits to go live from ever doing so, and return it. Raises NotPublishable."""
    case = workflow.Case(workflow.locked(topic), by, at)
    transition = workflow.TRANSITIONS[Action.CALL_OFF]
    found = workflow.reasons(case, transition)
    if found:
        raise NotPublishable(found)
    edition = Edition.objects.filter(topic=case.topic).waiting(at).for_list().get()
    edition.withdrawn_at = edition.go_live_at
    edition.withdrawal_note = "Called off before it went live."
    edition.withdrawn_by = by
    edition.save(update_fields=["withdrawn_at", "withdrawal_note", "withdrawn_by"])
    workflow.move(case, transition, comment=f"Edition {edition.number}.")
    return edition


@transaction.atomic
def withdraw(*, topic: Topic, by: User | None, at: datetime.datetime, note: str) -> list[Edition]:
    """Take every edition of the topic that is in force out of force; `note` tells readers why.

    Returns the editions that were withdrawn. Raises NotPublishable if there is none, or no note.
    """
    case = workflow.Case(workflow.locked(topic), by, at)
    transition = workflow.TRANSITIONS[Action.WITHDRAW]
    if not note.strip():
        raise NotPublishable(["Say for readers why the page is withdrawn."])
    found = workflow.reasons(case, transition)
    if found:
        raise NotPublishable(found)
    # Also what was published while we waited for the lock.
    editions = list(Edition.objects.filter(topic=case.topic).not_over(at).for_list().order_by("number"))
    for edition in editions:
        edition.withdrawn_at = max(at, edition.go_live_at)
        edition.withdrawal_note = note.strip()
        edition.withdrawn_by = by
        edition.save(update_fields=["withdrawn_at", "withdrawal_note", "withdrawn_by"])
    workflow.move(case, transition, comment=note)
    return editions


def problems(findings: Iterable[checks.Remark]) -> list[str]:
    """Why a content with these findings must not go out, each reason once; empty if it may."""
    return _sentences(finding for finding in findings if finding.level is checks.Level.STOP)


def _sentences(remarks: Iterable[checks.Remark]) -> list[str]:
    """What they say, each once."""
    return list(dict.fromkeys(remark.message for remark in remarks))
