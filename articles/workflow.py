"""The way of a topic from draft to edition: every move in one table, and the one function that makes it."""

import datetime
import enum
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import User
from django.db import transaction

from . import checkpoints, freezing, notices, permissions
from .models import Checkpoint, Edition, Event, PreviewGrant, SignOff, Topic
from .notices import Told
from .permissions import Role

State = Topic.State
Kind = SignOff.Kind

_BOTH = frozenset({Kind.EDITORIAL, Kind.SCIENTIFIC})
REQUIRED_SIGN_OFFS: dict[Topic.Risk, frozenset[Kind]] = {
    Topic.Risk.GENERAL: frozenset({Kind.EDITORIAL}),
    Topic.Risk.SUPPLEMENT: _BOTH,
    Topic.Risk.MEDICINE: _BOTH,
    Topic.Risk.PREGNANCY: _BOTH,
    Topic.Risk.CHILDREN: _BOTH,
    Topic.Risk.CRISIS: _BOTH,
}
"""What a major edition needs, by what a mistake could do."""

RISKS_FOR_SCIENTISTS = [risk for risk, kinds in REQUIRED_SIGN_OFFS.items() if Kind.SCIENTIFIC in kinds]


class NotAllowed(Exception):
    """The move cannot be made; the message says why, for the person who wanted it."""


class Action(enum.StrEnum):
    """What is done to a topic, as it stands in the history of the site."""

    TAKE_UP = "take up"
    HAND_IN = "hand in"
    SUBMIT = "submit for review"
    SIGN_EDITORIAL = "sign off editorial"
    SIGN_SCIENTIFIC = "sign off scientific"
    SIGN_OUTSIDE = "sign off outside"
    SEND_BACK = "send back"
    RETURN = "return to writer"
    HOLD = "put on hold"
    RESUME = "resume"
    RETIRE = "retire"
    REOPEN = "reopen"
    PUBLISH = "publish"
    PUBLISH_MINOR = "publish minor change"
    CALL_OFF = "call off"
    WITHDRAW = "withdraw"


LONGEST_NAME = 160
"""Characters for who signs from outside."""

CHANGE_RISK = "change risk class"
"""An event that is no move: it changes which sign-offs are needed."""


@dataclass
class Case:
    """A topic that somebody wants to move at a moment. Its text is frozen when first asked for."""

    topic: Topic
    by: User | None
    at: datetime.datetime
    together_with: Collection[Topic] = ()

    @cached_property
    def content(self) -> freezing.Content:
        return freezing.freeze(self.topic, together_with=self.together_with)

    @cached_property
    def digest(self) -> str:
        return freezing.digest(self.content)

    @cached_property
    def is_own_text(self) -> bool:
        return self.by is not None and wrote(self.by, self.topic)

    @cached_property
    def missing(self) -> set[Kind]:
        return missing_sign_offs(self.topic, self.digest)


@dataclass(frozen=True)
class Transition:
    """One row of the table: who may move a topic from where to where, on which conditions."""

    action: Action
    label: str
    done: str
    effect: str
    sources: frozenset[State]
    target: "State | Callable[[Case, Transition], State]"
    permission: str
    guards: "tuple[Callable[[Case, Transition], str], ...]" = ()
    needs_comment: bool = False
    told: tuple[Role | Told, ...] = ()
    signs: Kind | None = None
    is_about_text: bool = True
    has_own_page: bool = False

    @property
    def slug(self) -> str:
        """In addresses."""
        return self.action.replace(" ", "-")


# Guards: the reason why not, or an empty text.


def has_text(case: Case, transition: Transition) -> str:
    return "The page has no text yet." if freezing.is_empty(case.content) else ""


def is_not_own_text(case: Case, transition: Transition) -> str:
    if case.is_own_text:
        return "Nobody signs off own text, and you own this topic or changed it since its last full edition."
    return ""


def is_second_person(case: Case, transition: Transition) -> str:
    other = (
        SignOff.objects.filter(topic=case.topic, by=case.by).on(case.digest).exclude(kind=transition.signs)
    )
    return "The two sign-offs are given by two people, and you gave the other one." if other.exists() else ""


def is_new_sign_off(case: Case, transition: Transition) -> str:
    given = SignOff.objects.filter(topic=case.topic, by=case.by, kind=transition.signs).on(case.digest)
    # A text that came back for review unchanged is confirmed by those who signed it.
    is_confirmed = not case.missing and case.topic.state == State.IN_REVIEW
    return "You signed off exactly this text already." if not is_confirmed and given.exists() else ""


def is_signed(case: Case, transition: Transition) -> str:
    missing = [f"the {kind.label.lower()} sign-off" for kind in Kind if kind in case.missing]
    return f"Missing on exactly this text: {' and '.join(missing)}." if missing else ""


def is_live(case: Case, transition: Transition) -> str:
    if Edition.objects.live(case.at).filter(topic=case.topic).exists():
        return ""
    return "A minor change is made to a live page only, and this topic has none."


def is_waiting(case: Case, transition: Transition) -> str:
    waiting = Edition.objects.filter(topic=case.topic).waiting(case.at)
    return "" if waiting.exists() else "No edition of this topic is waiting to go live."


def has_no_page(case: Case, transition: Transition) -> str:
    return "Its page is public: withdraw it first." if _has_page(case) else ""


def has_page(case: Case, transition: Transition) -> str:
    return "" if _has_page(case) else "This topic has no page that could be withdrawn."


def _has_page(case: Case) -> bool:
    return Edition.objects.filter(topic=case.topic).not_over(case.at).exists()


# Targets that depend on the topic.


def stays(case: Case, transition: Transition) -> State:
    return State(case.topic.state)


def approved_once_signed(case: Case, transition: Transition) -> State:
    return State.IN_REVIEW if case.missing - {transition.signs} else State.APPROVED


def as_before_the_hold(case: Case, transition: Transition) -> State:
    held = Event.objects.filter(topic=case.topic, action=Action.HOLD).newest_first().first()
    return State.DRAFTING if held is None else State(held.from_state)


_ACTIVE = frozenset({State.DRAFTING, State.EDITING, State.IN_REVIEW, State.APPROVED})
_READ = frozenset({State.IN_REVIEW, State.APPROVED})

TABLE: tuple[Transition, ...] = (
    Transition(
        Action.TAKE_UP,
        label="Take up",
        done="taken up for editing",
        effect="You edit the draft without waiting until its writer hands it in.",
        sources=frozenset({State.DRAFTING}),
        target=State.EDITING,
        permission="edit",
        told=(Told.OWNER,),
        is_about_text=False,
    ),
    Transition(
        Action.HAND_IN,
        label="Hand in",
        done="handed in",
        effect="The draft goes to the editors.",
        sources=frozenset({State.DRAFTING}),
        target=State.EDITING,
        permission="change",
        guards=(has_text,),
        told=(Role.EDITOR,),
    ),
    Transition(
        Action.SUBMIT,
        label="Submit for review",
        done="submitted for review",
        effect="The text goes to those who sign it off. An edit from here on makes sign-offs void.",
        sources=frozenset({State.EDITING}),
        target=State.IN_REVIEW,
        permission="edit",
        guards=(has_text,),
        told=(Told.REVIEWER, Role.REVIEWER, Role.EDITOR),
    ),
    Transition(
        Action.SIGN_EDITORIAL,
        label="Sign off as editor",
        done="given the editorial sign-off",
        effect="You stand by exactly this text: its words, its structure, its tone. An edit makes that void.",
        sources=_READ,
        target=approved_once_signed,
        permission="edit",
        guards=(is_not_own_text, is_second_person, is_new_sign_off),
        told=(Told.OWNER, Role.PUBLISHER),
        signs=Kind.EDITORIAL,
    ),
    Transition(
        Action.SIGN_SCIENTIFIC,
        label="Sign off as scientist",
        done="given the scientific sign-off",
        effect="You stand by exactly this text: what it says of the evidence. An edit makes that void.",
        sources=_READ,
        target=approved_once_signed,
        permission="review",
        guards=(is_not_own_text, is_second_person, is_new_sign_off),
        told=(Told.OWNER, Role.PUBLISHER),
        signs=Kind.SCIENTIFIC,
    ),
    Transition(
        Action.SEND_BACK,
        label="Send back",
        done="sent back",
        effect="The text goes back to the editors with your comment.",
        sources=_READ,
        target=State.EDITING,
        permission="send back",
        needs_comment=True,
        told=(Told.OWNER, Role.EDITOR),
    ),
    Transition(
        Action.RETURN,
        label="Return to writer",
        done="returned to its writer",
        effect="The text goes back to its writer with your comment.",
        sources=frozenset({State.EDITING, *_READ}),
        target=State.DRAFTING,
        permission="edit",
        needs_comment=True,
        told=(Told.OWNER,),
    ),
    Transition(
        Action.HOLD,
        label="Put on hold",
        done="put on hold",
        effect="Work rests. The live page, if there is one, stays as it is.",
        sources=_ACTIVE,
        target=State.ON_HOLD,
        permission="edit",
        needs_comment=True,
        told=(Told.OWNER, Told.REVIEWER),
        is_about_text=False,
    ),
    Transition(
        Action.RESUME,
        label="Resume",
        done="resumed",
        effect="Work goes on where it stood before the hold.",
        sources=frozenset({State.ON_HOLD}),
        target=as_before_the_hold,
        permission="edit",
        told=(Told.OWNER, Told.REVIEWER),
        is_about_text=False,
    ),
    Transition(
        Action.RETIRE,
        label="Retire",
        done="retired",
        effect="The topic is given up. Its editions and its history are kept.",
        sources=frozenset({*_ACTIVE, State.ON_HOLD}),
        target=State.RETIRED,
        permission="edit",
        guards=(has_no_page,),
        needs_comment=True,
        told=(Told.OWNER, Role.PUBLISHER),
        is_about_text=False,
    ),
    Transition(
        Action.REOPEN,
        label="Reopen",
        done="reopened",
        effect="The topic is drafted again.",
        sources=frozenset({State.RETIRED}),
        target=State.DRAFTING,
        permission="edit",
        told=(Told.OWNER,),
        is_about_text=False,
    ),
    Transition(
        Action.PUBLISH,
        label="Publish",
        done="published",
        effect="A full edition goes out, and the working copy is open for the next draft.",
        sources=frozenset({State.APPROVED}),
        target=State.DRAFTING,
        permission="publish",
        guards=(is_signed,),
        told=(Told.OWNER, Role.EDITOR),
        has_own_page=True,
    ),
    Transition(
        Action.PUBLISH_MINOR,
        label="Publish a minor change",
        done="published with a minor change",
        effect="An edition goes out without sign-offs; the date of the review stays.",
        sources=_ACTIVE,
        target=State.DRAFTING,
        permission="publish",
        guards=(is_live,),
        told=(Told.OWNER, Role.EDITOR),
        has_own_page=True,
    ),
    Transition(
        Action.CALL_OFF,
        label="Call off",
        done="kept from going live",
        effect="The edition that waits to go live never does.",
        sources=frozenset(State),
        target=stays,
        permission="publish",
        guards=(is_waiting,),
        told=(Told.OWNER, Role.EDITOR),
        is_about_text=False,
        has_own_page=True,
    ),
    Transition(
        Action.WITHDRAW,
        label="Withdraw",
        done="withdrawn",
        effect="The page is taken out of the public’s sight. The working copy stays as it is.",
        sources=frozenset(State),
        target=stays,
        permission="withdraw",
        guards=(has_page,),
        told=(Told.OWNER, Role.EDITOR),
        is_about_text=False,
        has_own_page=True,
    ),
)
TRANSITIONS: dict[Action, Transition] = {transition.action: transition for transition in TABLE}

# Not in the table, since nobody with an account ever makes it: there is no button and no right for it.
_SIGN_OUTSIDE = Transition(
    Action.SIGN_OUTSIDE,
    label="Sign off from outside",
    done="given an outside sign-off",
    effect="Somebody without an account stands by exactly this text. No required sign-off is replaced.",
    sources=_READ,
    target=stays,
    permission="",
    told=(Told.OWNER, Role.EDITOR),
    signs=Kind.OUTSIDE,
)


@transaction.atomic
def perform(
    *,
    topic: Topic,
    action: Action,
    by: User,
    at: datetime.datetime,
    comment: str = "",
    seen: str = "",
    together_with: Collection[Topic] = (),
    tell: bool = True,
) -> Topic:
    """Make one move of the table with its event and, where it is one, its sign-off; return the topic.

    `seen` is the digest of the text that `by` looked at: if the text is another by now, nothing is done. For
    `together_with` see `freezing.freeze`. Without `tell` nobody hears of it. Publishing and withdrawing need
    more than this and are made by `publishing`. Raises NotAllowed.
    """
    transition = TRANSITIONS[action]
    if transition.has_own_page:
        raise NotAllowed(f"“{transition.label}” has a page of its own.")
    case = Case(locked(topic), by, at, together_with)
    if seen and seen != case.digest:
        raise NotAllowed("The text changed while you were reading it. Look at it again, then decide.")
    refused = refusals(case, transition)
    if refused:
        raise NotAllowed(" ".join(refused))
    if transition.needs_comment and not comment.strip():
        raise NotAllowed("Say why in the comment.")
    move(case, transition, comment=comment, tell=tell)
    if transition.signs is not None:
        # Of nobody, since signing is not writing: what was signed can be read again.
        checkpoints.keep(topic=case.topic, by=None, at=at)
        SignOff.objects.create(
            topic=case.topic,
            kind=transition.signs,
            digest=case.digest,
            by=by,
            at=at,
            note=comment.strip(),
        )
    return case.topic


@transaction.atomic
def sign_from_outside(
    *, grant: PreviewGrant, name: str, note: str, seen: str, at: datetime.datetime
) -> SignOff:
    """Write down that the reader of a shared link stands by exactly the text with the digest `seen`.

    `name` says who that is and what makes them an expert. It adds to the sign-offs that the topic needs and
    never replaces one; the state stays. Those who work on the topic are told. Raises NotAllowed.
    """
    case = Case(locked(grant.topic), None, at)
    # Read again under the lock: revoking takes the same one.
    found = PreviewGrant.objects.in_force(at).filter(pk=grant.pk).first()
    if found is None:
        raise NotAllowed("This link does not work any more.")
    refused = outside_refusal(case, found)
    if refused:
        raise NotAllowed(refused)
    if seen != case.digest:
        raise NotAllowed("The text changed while you were reading it. Look at it again, then decide.")
    name, note = name.strip(), note.strip()
    if not name:
        raise NotAllowed("Say who you are.")
    if len(name) > LONGEST_NAME:
        raise NotAllowed(f"Say who you are in {LONGEST_NAME} characters at most.")
    checkpoints.keep(topic=case.topic, by=None, at=at)
    sign_off = SignOff.objects.create(
        topic=case.topic, kind=Kind.OUTSIDE, digest=case.digest, grant=found, name=name, at=at, note=note
    )
    move(case, _SIGN_OUTSIDE, comment=f"By {name}.{' ' if note else ''}{note}")
    return sign_off


def outside_refusal(case: Case, grant: PreviewGrant) -> str:
    """Why nobody can sign this text by this link now, for its reader; an empty text if they can."""
    if not (grant.may_sign and case.topic.takes_outside_sign_off and grant.topic_id == case.topic.pk):
        return "This link is for reading: it takes no sign-off."
    if case.topic.state not in _SIGN_OUTSIDE.sources:
        return "The text is not in review at the moment. It can be signed off while it is."
    if SignOff.objects.filter(grant=grant).on(case.digest).exists():
        return "Exactly this text was signed off by this link already."
    return ""


def locked(topic: Topic) -> Topic:
    """The topic as it is now; nobody else moves or publishes it before the transaction ends."""
    rows = Topic.objects.locked().select_related("category", "intervention")
    return rows.get(pk=topic.pk)


def move(case: Case, transition: Transition, *, comment: str = "", tell: bool = True) -> None:
    """Write the new state and the event of a move that was found allowed on a locked topic.

    Those whom the table names are told, unless `tell` is false.
    """
    topic, before = case.topic, case.topic.state
    topic.state = transition.target(case, transition) if callable(transition.target) else transition.target
    topic.save(update_fields=["state"])
    event = Event.objects.create(
        topic=topic,
        action=transition.action,
        from_state=before,
        to_state=topic.state,
        by=case.by,
        at=case.at,
        comment=comment.strip(),
        digest=case.digest if transition.is_about_text else "",
    )
    if tell:
        notices.about_move(event=event, transition=transition)


def note_risk(*, topic: Topic, before: Topic.Risk, by: User, at: datetime.datetime) -> None:
    """Write down that the topic was in another risk class before, since that decides who signs off."""
    Event.objects.create(
        topic=topic,
        action=CHANGE_RISK,
        from_state=topic.state,
        to_state=topic.state,
        by=by,
        at=at,
        comment=f"From {before.label} to {Topic.Risk(topic.risk).label}.",
    )


def refusals(case: Case, transition: Transition) -> list[str]:
    """Why this person cannot make this move now, one sentence each; empty if they can."""
    if not permissions.may(case.by, transition.permission, case.topic):
        return [f"You have no right to this: {transition.label.lower()}."]
    return reasons(case, transition)


def reasons(case: Case, transition: Transition) -> list[str]:
    """Why nobody can make this move now."""
    if case.topic.state not in transition.sources:
        sources = [state.label.lower() for state in State if state in transition.sources]
        return [
            f"The topic is {case.topic.get_state_display().lower()}; "
            f"“{transition.label}” is for topics that are {' or '.join(sources)}."
        ]
    return [reason for reason in (guard(case, transition) for guard in transition.guards) if reason]


def actions_for(
    user: User,
    topic: Topic,
    *,
    at: datetime.datetime,
    case: Case | None = None,
    among: Iterable[Transition] = TABLE,
) -> list[Action]:
    """What this person can do with the topic now, in the order of `among`. `case` spares freezing it."""
    case = Case(topic, user, at) if case is None else case
    return [transition.action for transition in among if not refusals(case, transition)]


def missing_sign_offs(topic: Topic, digest: str) -> set[Kind]:
    """The sign-offs that a full edition of exactly this content still needs."""
    given = SignOff.objects.filter(topic=topic).on(digest).values_list("kind", flat=True)
    return set(REQUIRED_SIGN_OFFS[Topic.Risk(topic.risk)]) - set(map(Kind, given))


@dataclass(frozen=True)
class Standing:
    """How one kind of sign-off stands: given on exactly this content, or void since the text changed."""

    kind: Kind
    is_required: bool
    given: tuple[SignOff, ...]
    void: SignOff | None


def standings(topic: Topic, digest: str) -> list[Standing]:
    """How each kind of sign-off stands that the topic needs or has on this content.

    A void one is named only if it was given for the coming edition.
    """
    signed = list(SignOff.objects.filter(topic=topic).select_related("by", "grant__made_by").newest_first())
    required = REQUIRED_SIGN_OFFS[Topic.Risk(topic.risk)]
    since = _last_full_edition_at(topic)
    found = []
    for kind in Kind:
        given = tuple(entry for entry in signed if entry.kind == kind and entry.digest == digest)
        others = [entry for entry in signed if entry.kind == kind and (since is None or entry.at > since)]
        void = others[0] if others and not given else None
        if kind in required or given or void:
            found.append(Standing(kind, kind in required, given, void))
    return found


def wrote(user: User, topic: Topic) -> bool:
    """Whether the working copy is this person's own text.

    It is if the topic is theirs, or if they saved a change since the last edition that was signed.
    """
    if topic.owner_id == user.pk:
        return True
    saved = Checkpoint.objects.filter(topic=topic, by=user)
    since = _last_full_edition_at(topic)
    return (saved if since is None else saved.filter(at__gt=since)).exists()


def _last_full_edition_at(topic: Topic) -> datetime.datetime | None:
    signed = Edition.objects.filter(topic=topic, is_minor=False).order_by("-number")
    return signed.values_list("published_at", flat=True).first()
