"""Reports about pages: what ages, what changed under them, where their links lead, what readers miss.

A report is a list of rows with named columns; screen and CSV show the same.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from evidence.triaging import Moved, moved_conclusions

from . import drift
from .models import Edition, Event, MissedSearch, OutsideLink, SignOff, Topic
from .permissions import name_of
from .resting import Resting, findings_on


@dataclass(frozen=True)
class Topics:
    """A value that names topics, by their keys."""

    titles: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        return "; ".join(title for _, title in self.titles)


@dataclass(frozen=True)
class Address:
    """A value that is an address on another site."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class OfConclusion:
    """A value that names a conclusion, by its key."""

    pk: int
    title: str

    def __str__(self) -> str:
        return self.title


Value = str | int | bool | datetime.date | datetime.datetime | Topics | Address | OfConclusion | None
# What is annotated for a report stands in attributes that the model does not declare.
Row = Any


@dataclass(frozen=True)
class Column:
    """One column: its heading, and what it says of a row at a moment."""

    label: str
    value: Callable[[Row, datetime.datetime], Value]


@dataclass(frozen=True)
class Report:
    """A list of rows in its order, with its columns. `rows` takes `at` and the choices of the report.

    In the list of the admin for the model `kept_in`, if one is given, rows can be removed.
    """

    slug: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[..., QuerySet[Any] | Sequence[Any]]
    kept_in: type[Model] | None = None

    def line(self, row: Row, *, at: datetime.datetime) -> list[Value]:
        """The values of one row, in the order of the columns."""
        return [column.value(row, at) for column in self.columns]


def signer(sign_off: SignOff) -> str:
    """Who signed: a person with an account, or somebody from outside in their own words."""
    return sign_off.name if sign_off.by is None else name_of(sign_off.by)


def _date_of(moment: datetime.datetime) -> datetime.date:
    return timezone.localdate(moment)


def _looked_at_on(edition: Row) -> datetime.date:
    reviewed_on = edition.topic.reviewed_on
    return _date_of(edition.go_live_at) if reviewed_on is None else reviewed_on


def _days_overdue(edition: Row, at: datetime.datetime) -> int | None:
    due = edition.topic.next_review
    return None if due is None or due >= _date_of(at) else (_date_of(at) - due).days


def _topic(edition: Edition) -> Topics:
    return Topics(((edition.topic_id, edition.short_title),))


def _state(value: str) -> str:
    return str(dict(Topic.State.choices).get(value, value))


# Ageing content

ORDERS = {"age": "Longest without a review first", "due": "Next review first"}


def ageing(*, at: datetime.datetime, order: str = "age") -> QuerySet[Edition]:
    """The live editions, `order` one of ORDERS. An edition without a review counts from when it went live."""
    looked_at = Coalesce("topic__reviewed_on", TruncDate("go_live_at"))
    live = Edition.objects.live(at).for_list().select_related("topic__owner").annotate(looked_at=looked_at)
    if order == "due":
        return live.order_by(F("topic__next_review").asc(nulls_last=True), "looked_at", "pk")
    return live.order_by("looked_at", "pk")


AGEING = Report(
    "ageing-content",
    "Ageing content",
    "Pages that are live, and when somebody last read them in full. A minor change does not count as that.",
    (
        Column("Topic", lambda edition, at: _topic(edition)),
        Column("Edition", lambda edition, at: edition.number),
        Column("Live since", lambda edition, at: _date_of(edition.go_live_at)),
        Column("Last full review", lambda edition, at: edition.topic.reviewed_on),
        Column("Days since", lambda edition, at: (_date_of(at) - _looked_at_on(edition)).days),
        Column("Next review", lambda edition, at: edition.topic.next_review),
        Column("Days overdue", _days_overdue),
        Column("Goes off", lambda edition, at: edition.expires_at),
        Column("Owner", lambda edition, at: name_of(edition.topic.owner)),
    ),
    ageing,
)


# Minor changes


def minor(*, at: datetime.datetime) -> QuerySet[Edition]:
    """Editions that went out, or will, without new sign-offs, newest first."""
    minor = Edition.objects.filter(is_minor=True).for_list()
    return minor.select_related("published_by").order_by("-published_at", "-pk")


MINOR = Report(
    "minor-changes",
    "Minor changes",
    "Editions that went out without new sign-offs, each with the reason that its publisher gave.",
    (
        Column("Topic", lambda edition, at: _topic(edition)),
        Column("Edition", lambda edition, at: edition.number),
        Column("Reason", lambda edition, at: edition.minor_reason),
        Column("Note for readers", lambda edition, at: edition.change_note),
        Column("Published by", lambda edition, at: name_of(edition.published_by)),
        Column("Published", lambda edition, at: edition.published_at),
    ),
    minor,
)


# Sign-offs


def sign_offs(*, at: datetime.datetime) -> QuerySet[SignOff]:
    """All sign-offs, newest first, with `edition_number` and `live_digest`.

    `edition_number` is the newest edition with exactly the content that was read, `live_digest` the digest of
    what is live at `at`; both are None if there is none.
    """
    same = Edition.objects.filter(topic=OuterRef("topic"), digest=OuterRef("digest")).order_by("-number")
    live = Edition.objects.live(at).filter(topic=OuterRef("topic")).order_by()
    return (
        SignOff.objects.select_related("topic", "by")
        .annotate(
            edition_number=Subquery(same.values("number")[:1]),
            live_digest=Subquery(live.values("digest")[:1]),
        )
        .newest_first()
    )


SIGN_OFFS = Report(
    "sign-offs",
    "Sign-offs",
    "Who read exactly what and stood by it. A sign-off holds for one content: after a later change the live "
    "page is no longer what was signed.",
    (
        Column("Topic", lambda sign_off, at: Topics(((sign_off.topic_id, sign_off.topic.short_title),))),
        Column("Kind", lambda sign_off, at: sign_off.get_kind_display()),
        Column("By", lambda sign_off, at: signer(sign_off)),
        Column("Signed", lambda sign_off, at: sign_off.at),
        Column("Went out as edition", lambda sign_off, at: sign_off.edition_number),
        Column("Holds for the live page", lambda sign_off, at: sign_off.digest == sign_off.live_digest),
        Column("Note", lambda sign_off, at: sign_off.note),
    ),
    sign_offs,
)


# Site history


def history(*, at: datetime.datetime, topic: str = "", action: str = "") -> QuerySet[Event]:
    """What was done to topics, newest first: to those with `topic` in a title or the address, by `action`."""
    events = Event.objects.select_related("topic", "by").newest_first()
    if topic:
        named = Q(topic__short_title__icontains=topic) | Q(topic__title__icontains=topic)
        events = events.filter(named | Q(topic__slug__icontains=topic))
    return events.filter(action=action) if action else events


HISTORY = Report(
    "site-history",
    "Site history",
    "Everything that was done to topics. Nothing is ever taken out of it.",
    (
        Column("Topic", lambda event, at: Topics(((event.topic_id, event.topic.short_title),))),
        Column("Action", lambda event, at: event.action.capitalize()),
        Column("From", lambda event, at: _state(event.from_state)),
        Column("To", lambda event, at: _state(event.to_state)),
        Column("By", lambda event, at: name_of(event.by)),
        Column("When", lambda event, at: event.at),
        Column("Comment", lambda event, at: event.comment),
    ),
    history,
)


# Evidence that changed

DRIFT = Report(
    "evidence-changed",
    "Evidence changed under a live page",
    "Live pages that say something of a study which the evidence says otherwise today. Look at what it means "
    "for the page, then publish it anew. What no page shows, as an appraisal, is not counted.",
    (
        Column("Topic", lambda drifted, at: _topic(drifted.edition)),
        Column("Edition", lambda drifted, at: drifted.edition.number),
        Column("Published", lambda drifted, at: drifted.edition.published_at),
        Column("What changed", lambda drifted, at: _sentence(drifted.says)),
    ),
    drift.changed_under_live_pages,
)


def _sentence(says: str) -> str:
    return f"{says[:1].upper()}{says[1:]}."


# Conclusions to assess again

WHICH = {"": "Waiting for somebody", "aside": "Put aside until their day", "all": "All"}


@dataclass(frozen=True)
class Again:
    """A conclusion that drifted from its assessment in force, with the findings of live pages on it."""

    moved: Moved
    findings: tuple[Resting, ...] = ()

    @property
    def pages(self) -> Topics:
        """The live pages that rest on it."""
        return Topics(
            tuple(
                {finding.edition.topic_id: finding.edition.short_title for finding in self.findings}.items()
            )
        )

    @property
    def assess_by(self) -> datetime.date | None:
        """The day that was promised."""
        said = self.moved.standing.triage
        return None if said is None else said.assess_by


def waiting(*, on: datetime.date) -> list[Moved]:
    """The conclusions that somebody has to triage or to assess again, the most urgent first."""
    return [row for row in moved_conclusions(on=on) if row.is_waiting(on)]


def on_pages(rows: Sequence[Moved], *, at: datetime.datetime) -> list[Again]:
    """These conclusions with the findings that are live at `at` and rest on them. Two queries."""
    found = findings_on([row.conclusion for row in rows], at=at)
    return [Again(row, tuple(found.get(row.conclusion.pk, ()))) for row in rows]


def to_assess_again(*, at: datetime.datetime, which: str = "") -> list[Again]:
    """What drifted, the most urgent first; `which` one of WHICH."""
    today = _date_of(at)
    rows = moved_conclusions(on=today)
    if which != "all":
        rows = [row for row in rows if row.is_waiting(today) == (which != "aside")]
    return on_pages(rows, at=at)


def _reason(row: Again) -> str:
    said = row.moved.standing.triage
    return "" if said is None else f"{said.reason} ({name_of(said.by)})"


ASSESS_AGAIN = Report(
    "assess-again",
    "Conclusions to assess again",
    "The evidence behind these assessments moved since they were signed. Triage says what that could do and "
    "by when it will be assessed; readers are told. A new assessment takes a conclusion off the list, and so "
    "does taking the change back; “unlikely to change” puts it aside until its day.",
    (
        Column(
            "Conclusion", lambda row, at: OfConclusion(row.moved.conclusion.pk, str(row.moved.conclusion))
        ),
        Column("What moved", lambda row, at: _sentence(row.moved.drift.says)),
        Column(
            "Last moved by", lambda row, at: None if row.moved.touch is None else name_of(row.moved.touch.by)
        ),
        Column("When", lambda row, at: None if row.moved.touch is None else row.moved.touch.at),
        Column("On live pages", lambda row, at: row.pages if row.findings else None),
        Column("What it could do", lambda row, at: row.moved.standing.outlook.capitalize()),
        Column("Why", lambda row, at: _reason(row)),
        Column("To be assessed by", lambda row, at: row.assess_by),
        Column("Overdue", lambda row, at: row.moved.standing.is_late(_date_of(at))),
    ),
    to_assess_again,
)


# Outside links

LINK_STATES = {
    "": "All",
    OutsideLink.Status.BROKEN.value: "Broken",
    OutsideLink.Status.MOVED.value: "Moved for good",
    OutsideLink.Status.UNCLEAR.value: "Unclear",
}


def outside(*, at: datetime.datetime, status: str = "") -> QuerySet[OutsideLink]:
    """The links of live pages, the worst first, with `live`: the editions that name them, A to Z."""
    live = Edition.objects.live(at).only("short_title", "topic").a_to_z()
    found = OutsideLink.objects.of_live_editions(at).worst_first()
    if status:
        found = found.filter(status=status)
    return found.prefetch_related(Prefetch("editions", live, to_attr="live"))


OUTSIDE_LINKS = Report(
    "outside-links",
    "Outside links",
    "Addresses on other sites that live pages name. Each is asked for about once a week, and daily while it "
    "does not answer well. Broken: the other site said at least twice in a row that nothing is there. Any "
    "other failure leaves it unclear: open the address and see.",
    (
        Column("Address", lambda link, at: Address(link.url)),
        Column("State", lambda link, at: link.get_status_display()),
        Column("Answer", lambda link, at: link.answer),
        Column(
            "On pages",
            lambda link, at: Topics(tuple((edition.topic_id, edition.short_title) for edition in link.live)),
        ),
        Column("Failing since", lambda link, at: link.failing_since),
        Column("Last checked", lambda link, at: link.checked_at),
        Column("Moved to", lambda link, at: Address(link.moved_to) if link.moved_to else None),
    ),
    outside,
)


# Missed searches


def missed(*, at: datetime.datetime, place: str = "") -> QuerySet[MissedSearch]:
    """What was looked for in vain, the most wanted first."""
    searches = MissedSearch.objects.most_wanted_first()
    return searches.filter(place=place) if place else searches


MISSED_SEARCHES = Report(
    "searches-without-a-result",
    "Searches without a result",
    "What readers looked for and this site had no answer to. Nothing is kept about who searched, no time but "
    "the day, and no words that look like an address or hold a long number.",
    (
        Column("Words", lambda search, at: search.words),
        Column("Searched in", lambda search, at: search.get_place_display()),
        Column("Times", lambda search, at: search.count),
        Column("First on", lambda search, at: search.first_on),
        Column("Last on", lambda search, at: search.last_on),
    ),
    missed,
    kept_in=MissedSearch,
)


REPORTS: dict[str, Report] = {
    report.slug: report
    for report in (AGEING, DRIFT, ASSESS_AGAIN, MINOR, SIGN_OFFS, HISTORY, OUTSIDE_LINKS, MISSED_SEARCHES)
}
