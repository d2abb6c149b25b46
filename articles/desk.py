"""The desk: what one person has to do next, each part with the list that shows all of it.

The lists of the admin filter by the same words (`waiting_for`, `drafts_of`, `due_by`), so that a number
on the desk is the number of rows behind it.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import date_format

from evidence.models import Assessment, Conclusion, Report, Study

from . import commenting, drift, reports
from .models import Checkpoint, Edition, Message, OutsideLink, SignOff, Topic
from .permissions import may, name_of
from .workflow import RISKS_FOR_SCIENTISTS

REVIEW_AHEAD = datetime.timedelta(days=60)
"""How long before its date a review is announced."""

SCHEDULE_AHEAD = datetime.timedelta(days=7)
LINES = 8
LATEST = 10

State = Topic.State

_RATES = ("evidence.sign_assessment", "evidence.view_conclusion")
"""Those whom it concerns that a rating is out of date, and who may see which."""


@dataclass(frozen=True)
class Line:
    """One row of a pile: the row `pk` of the pile's model, and the date that matters for it."""

    pk: int
    title: str
    about: str
    on: datetime.date | datetime.datetime | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Pile:
    """A number of rows of one model, those of `filters` in its list; `lines` are the first of them.

    The list is that of the model in the admin, or the report with the slug `report` if one is given. A line
    leads to the page of the row with the name `page`.
    """

    title: str
    model: type[Model]
    filters: dict[str, str]
    count: int
    lines: tuple[Line, ...] = ()
    nothing: str = ""
    when: str = ""
    report: str = ""
    page: str = "change"


@dataclass(frozen=True)
class Desk:
    """What one person finds: things to do, numbers to know, what went out; nothing that they may not see."""

    piles: tuple[Pile, ...]
    counts: tuple[Pile, ...]
    latest: tuple[Pile, ...]
    has_reports: bool


def desk(*, user: Any, at: datetime.datetime) -> Desk:
    """The desk of `user` at the moment `at`.

    `counts` hold numbers without lines, and no zeros. The number of queries is the same for any data.
    """
    sees_topics = may(user, "view")
    # The list of editions asks for this right, and no number leads to a refusal.
    sees_editions = sees_topics and user.has_perm("articles.view_edition")
    topics = [_waiting(user, at), _drafts(user), _due(at), _drifted(at)] if sees_topics else []
    rates = user.has_perms(_RATES)
    # The report asks for the right to look at topics.
    ratings = [_to_assess_again(user, at)] if rates and sees_topics else []
    ratings += [_overdue(at)] if rates else []
    return Desk(
        piles=(*topics, *ratings, _scheduled(at)) if sees_editions else (*topics, *ratings),
        counts=tuple(pile for pile in _counts(user, at) if pile.count),
        latest=(_latest(),) if sees_editions else (),
        has_reports=sees_topics,
    )


# Which rows


def waiting_for(user: Any) -> Q:
    """Topics on which the next step is this person's, as far as a list can tell.

    Editors take what was handed in; editors and scientists read what is in review, until their sign-off is on
    the text as it was last saved; whoever is asked for a review gives it; publishers publish what is
    approved. A text that has every sign-off and still is in review waits for its readers again: the evidence
    in it changed. Nobody is asked to sign off own text, or what another reviewer was asked for.
    """
    in_review, not_own = Q(state=State.IN_REVIEW), ~_written_by(user)
    given = SignOff.objects.filter(topic=OuterRef("pk")).on_saved_text()
    signed = {kind: Q(Exists(given.filter(kind=kind))) for kind in SignOff.Kind}
    needs_science = Q(risk__in=RISKS_FOR_SCIENTISTS)
    waiting = in_review & Q(reviewer=user) & ~Q(Exists(given.filter(by=user)))
    if may(user, "edit"):
        is_asked = ~signed[SignOff.Kind.EDITORIAL] | signed[SignOff.Kind.SCIENTIFIC] | ~needs_science
        waiting |= Q(state=State.EDITING) | (in_review & not_own & is_asked)
    if may(user, "review"):
        is_asked = ~signed[SignOff.Kind.SCIENTIFIC] | signed[SignOff.Kind.EDITORIAL]
        nobody_else = Q(reviewer=None) | Q(reviewer=user)
        waiting |= in_review & not_own & needs_science & nobody_else & is_asked
    if may(user, "publish"):
        waiting |= Q(state=State.APPROVED)
    return waiting


def drafts_of(user: Any) -> Q:
    """Topics that this person owns and that are still being written."""
    return Q(owner=user, state__in=[State.DRAFTING, State.EDITING])


def due_by(day: datetime.date) -> Q:
    """Topics whose next review is on `day` or before it, unless they were given up."""
    return Q(next_review__lte=day) & ~Q(state=State.RETIRED)


def _written_by(user: Any) -> Q:
    """As `workflow.wrote` says it of one topic."""
    signed_since = Edition.objects.filter(
        topic=OuterRef("topic"), is_minor=False, published_at__gte=OuterRef("at")
    )
    saved = Checkpoint.objects.filter(topic=OuterRef("pk"), by=user).filter(~Exists(signed_since))
    return Q(owner=user) | Q(Exists(saved))


# Piles


def _topics(which: Q) -> QuerySet[Topic]:
    return Topic.objects.filter(which).only(
        "short_title", "state", "priority", "review_due_on", "changed_at", "next_review"
    )


def _waiting(user: Any, at: datetime.datetime) -> Pile:
    today = timezone.localdate(at)
    rows = _topics(waiting_for(user))
    urgency = Case(
        When(priority=Topic.Priority.HIGH, then=Value(0)),
        When(priority=Topic.Priority.LOW, then=Value(2)),
        default=Value(1),
    )
    undated = Case(When(review_due_on=None, then=Value(1)), default=Value(0))
    first = rows.order_by(urgency, undated, "review_due_on", "changed_at", "pk")
    return Pile(
        "Waiting for me",
        Topic,
        {"mine": "waiting"},
        rows.count(),
        tuple(
            Line(
                topic.pk,
                topic.short_title,
                _state_and_priority(topic),
                topic.review_due_on,
                topic.review_due_on is not None and topic.review_due_on < today,
            )
            for topic in first[:LINES]
        ),
        nothing="Nothing is waiting for you.",
        when="due",
    )


def _state_and_priority(topic: Topic) -> str:
    if topic.priority == Topic.Priority.NORMAL:
        return topic.get_state_display()
    return f"{topic.get_state_display()}, {topic.get_priority_display().lower()} priority"


def _drafts(user: Any) -> Pile:
    rows = _topics(drafts_of(user))
    return Pile(
        "My drafts",
        Topic,
        {"mine": "drafts"},
        rows.count(),
        tuple(
            Line(topic.pk, topic.short_title, topic.get_state_display(), timezone.localdate(topic.changed_at))
            for topic in rows.order_by("-changed_at", "-pk")[:LINES]
        ),
        nothing="You have no draft at hand.",
        when="changed",
    )


def _due(at: datetime.datetime) -> Pile:
    today = timezone.localdate(at)
    live = Edition.objects.in_force(at).filter(topic=OuterRef("pk"))
    rows = _topics(due_by(today + REVIEW_AHEAD))
    first: Iterable[Any] = rows.annotate(is_live=Exists(live)).order_by("-is_live", "next_review", "pk")[
        :LINES
    ]
    return Pile(
        f"Due for review in {REVIEW_AHEAD.days} days",
        Topic,
        {"review": "soon"},
        rows.count(),
        tuple(
            Line(
                topic.pk,
                topic.short_title,
                "Live" if topic.is_live else "Not live",
                topic.next_review,
                topic.next_review < today,
            )
            for topic in first
        ),
        nothing=f"No review is due in the next {REVIEW_AHEAD.days} days.",
        when="due",
    )


def _drifted(at: datetime.datetime) -> Pile:
    rows = drift.changed_under_live_pages(at=at)
    return Pile(
        reports.DRIFT.title,
        Topic,
        {},
        len(rows),
        tuple(
            Line(
                drifted.edition.topic_id,
                drifted.edition.short_title,
                drifted.says_in_short,
                timezone.localdate(drifted.edition.published_at),
            )
            for drifted in rows[:LINES]
        ),
        nothing="Every live page says what the evidence says.",
        when="published",
        report=reports.DRIFT.slug,
    )


def _to_assess_again(user: Any, at: datetime.datetime) -> Pile:
    today = timezone.localdate(at)
    rows = reports.waiting(on=today)
    first = reports.on_pages(rows[:LINES], at=at)
    return Pile(
        reports.ASSESS_AGAIN.title,
        Conclusion,
        {},
        len(rows),
        tuple(
            Line(
                row.moved.conclusion.pk,
                str(row.moved.conclusion),
                _about(row),
                row.assess_by,
                row.moved.standing.is_late(today),
            )
            for row in first
        ),
        nothing="No assessment in force waits for another one.",
        when="by",
        report=reports.ASSESS_AGAIN.slug,
        page="triage" if user.has_perm("evidence.add_triage") else "change",
    )


def _about(row: reports.Again) -> str:
    """How it moved, who did that, what it could do, and which live pages rest on it."""
    touch = row.moved.touch
    by = (
        ""
        if touch is None
        else f", {name_of(touch.by)} on {date_format(timezone.localtime(touch.at), 'j M Y')}"
    )
    pages = f"; on {row.pages}" if row.findings else ""
    return f"{row.moved.drift.says}{by}; {row.moved.standing.outlook}{pages}"


def _overdue(at: datetime.datetime) -> Pile:
    rows = Assessment.objects.in_force().overdue(timezone.localdate(at))
    first = rows.for_display().order_by("next_due", "pk")
    return Pile(
        "Assessments overdue",
        Conclusion,
        {"due": "overdue"},
        rows.count(),
        tuple(
            Line(
                assessment.conclusion_id,
                str(assessment.conclusion),
                f"{assessment.certainty.label} certainty",
                assessment.next_due,
                True,
            )
            for assessment in first[:LINES]
        ),
        nothing="No assessment is overdue.",
        when="due",
    )


def _scheduled(at: datetime.datetime) -> Pile:
    rows = Edition.objects.scheduled(at, until=at + SCHEDULE_AHEAD)
    first = rows.annotate(
        happens_at=Case(When(go_live_at__gt=at, then=F("go_live_at")), default=F("expires_at"))
    ).order_by("happens_at", "pk")
    return Pile(
        "Scheduled this week",
        Edition,
        {"state": "week"},
        rows.count(),
        tuple(
            Line(edition.pk, edition.short_title, _coming(edition, at), edition.happens_at)
            for edition in first.for_list()[:LINES]
        ),
        nothing="Nothing goes live or off by itself in the next seven days.",
        when="on",
    )


def _coming(edition: Any, at: datetime.datetime) -> str:
    if edition.go_live_at <= at:
        return f"Edition {edition.number} goes off"
    if edition.expires_at is None:
        return f"Edition {edition.number} goes live"
    until = date_format(timezone.localtime(edition.expires_at), "j M Y")
    return f"Edition {edition.number} goes live, until {until}"


def _latest() -> Pile:
    return Pile(
        "Latest editions",
        Edition,
        {},
        Edition.objects.count(),
        tuple(
            Line(edition.pk, edition.short_title, _kind(edition), edition.published_at)
            for edition in Edition.objects.for_list().order_by("-published_at", "-pk")[:LATEST]
        ),
        nothing="Nothing was published yet.",
        when="published",
    )


def _kind(edition: Edition) -> str:
    if edition.is_correction:
        return f"Edition {edition.number}, correction"
    return f"Edition {edition.number}, minor change" if edition.is_minor else f"Edition {edition.number}"


def _counts(user: Any, at: datetime.datetime) -> list[Pile]:
    counts = []
    if may(user, "view"):
        commented = Topic.objects.filter(commenting.with_open_threads(), owner=user).count()
        filters = {"mine": "owner", "comments": "open"}
        counts.append(Pile("My topics with open comments", Topic, filters, commented))
        filters = {"status": OutsideLink.Status.BROKEN.value}
        broken = reports.outside(at=at, **filters).count()
        counts.append(Pile("Broken links", OutsideLink, filters, broken, report=reports.OUTSIDE_LINKS.slug))
    if user.has_perm("articles.view_message") or user.has_perm("articles.change_message"):
        unanswered = Message.objects.unanswered().count()
        counts.append(Pile("Messages without an answer", Message, {"answered": "no"}, unanswered))
    if user.has_perm("evidence.change_study"):
        drafts = Study.objects.filter(state=Study.State.DRAFT).count()
        counts.append(Pile("Studies in draft", Study, {"state__exact": Study.State.DRAFT.value}, drafts))
    if user.has_perm("evidence.change_report"):
        unchecked = Report.objects.filter(retraction_checked_on=None).count()
        filters = {"retraction_checked_on__isnull": "True"}
        counts.append(Pile("Reports never checked for retraction", Report, filters, unchecked))
    return counts
