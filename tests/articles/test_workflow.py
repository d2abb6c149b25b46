"""The way of a topic: each move, who may make it, and what a sign-off is worth."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import checkpoints, freezing, publishing, workflow
from articles.models import Checkpoint, Edition, Event, SignOff, Topic
from articles.permissions import Role
from articles.workflow import TABLE, TRANSITIONS, Action, NotAllowed, missing_sign_offs, perform
from tests.factories import EditionFactory, RichTextFactory, SignOffFactory, TopicFactory, UserFactory
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)
NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
ACTIVE = ("drafting", "editing", "in review", "approved")

# What must be so, written down a second time: action, who makes it, from where to where.
LEGAL = {
    Action.TAKE_UP: (Role.EDITOR, {"drafting": "editing"}),
    Action.HAND_IN: (Role.WRITER, {"drafting": "editing"}),
    Action.SUBMIT: (Role.EDITOR, {"editing": "in review"}),
    Action.SIGN_EDITORIAL: (Role.EDITOR, {"in review": "approved", "approved": "approved"}),
    Action.SIGN_SCIENTIFIC: (Role.REVIEWER, {"in review": "in review", "approved": "in review"}),
    Action.SEND_BACK: (Role.REVIEWER, {"in review": "editing", "approved": "editing"}),
    Action.RETURN: (
        Role.EDITOR,
        {"editing": "drafting", "in review": "drafting", "approved": "drafting"},
    ),
    Action.HOLD: (Role.EDITOR, dict.fromkeys(ACTIVE, "on hold")),
    Action.RESUME: (Role.EDITOR, {"on hold": "drafting"}),
    Action.RETIRE: (Role.EDITOR, dict.fromkeys((*ACTIVE, "on hold"), "retired")),
    Action.REOPEN: (Role.EDITOR, {"retired": "drafting"}),
}
# Who besides the one above has the right, when everything else is as it must be.
ALLOWED = {
    Action.TAKE_UP: {Role.EDITOR},
    Action.HAND_IN: {Role.WRITER, Role.EDITOR},
    Action.SUBMIT: {Role.EDITOR},
    Action.SIGN_EDITORIAL: {Role.EDITOR},
    Action.SIGN_SCIENTIFIC: {Role.REVIEWER},
    Action.SEND_BACK: {Role.EDITOR, Role.REVIEWER, Role.PUBLISHER},
    Action.RETURN: {Role.EDITOR},
    Action.HOLD: {Role.EDITOR},
    Action.RESUME: {Role.EDITOR},
    Action.RETIRE: {Role.EDITOR},
    Action.REOPEN: {Role.EDITOR},
}
MOVES = list(LEGAL)


def member(role, **fields):
    """Somebody on the staff with one role."""
    user = UserFactory(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def a_topic(state="drafting", **fields):
    topic = TopicFactory(**fields)
    RichTextFactory(parent=topic)
    put(topic, state)
    return topic


def put(topic, state):
    Topic.objects.filter(pk=topic.pk).update(state=state)
    topic.refresh_from_db()


def digest_of(topic):
    return freezing.digest(freezing.freeze(Topic.objects.get(pk=topic.pk)))


def refusal(**asked):
    with pytest.raises(NotAllowed) as error:
        perform(at=NOW, **asked)
    return str(error.value)


# The table


def test_every_action_has_one_row():
    # Nobody with an account signs from outside: that is no row, and has no button.
    moves = [action for action in Action if action != Action.SIGN_OUTSIDE]
    assert [transition.action for transition in TABLE] == moves
    assert {action for action in moves if not TRANSITIONS[action].has_own_page} == set(MOVES)
    assert all(len(action) <= Event._meta.get_field("action").max_length for action in Action)
    assert len({transition.slug for transition in TABLE}) == len(TABLE)


def test_every_move_tells_somebody():
    assert [transition.action for transition in TABLE if not transition.told] == []


@pytest.mark.parametrize("state", Topic.State.values)
@pytest.mark.parametrize("action", MOVES)
def test_move_is_possible_from_its_states_only(action, state):
    role, targets = LEGAL[action]
    topic, by = a_topic(state), member(role)
    before = digest_of(topic)

    if state in targets:
        moved = perform(topic=topic, action=action, by=by, at=NOW, comment="Because.")

        event = Event.objects.get()
        assert moved.state == Topic.objects.get().state == targets[state]
        assert (event.action, event.from_state, event.to_state) == (action, state, targets[state])
        assert (event.by, event.at, event.comment) == (by, NOW, "Because.")
        assert event.digest in ("", before)
    else:
        reason = refusal(topic=topic, action=action, by=by, comment="Because.")

        assert reason.startswith(f"The topic is {state}; “{TRANSITIONS[action].label}” is for topics that")
        assert (Topic.objects.get().state, Event.objects.count()) == (state, 0)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", MOVES)
def test_move_is_open_to_its_roles_only(action, role):
    topic, by = a_topic(next(iter(LEGAL[action][1]))), member(role)

    if role in ALLOWED[action]:
        perform(topic=topic, action=action, by=by, at=NOW, comment="Because.")

        assert Event.objects.count() == 1
    else:
        label = TRANSITIONS[action].label.lower()
        assert refusal(topic=topic, action=action, by=by) == f"You have no right to this: {label}."
        assert not Event.objects.exists()


@pytest.mark.parametrize("action", [Action.SEND_BACK, Action.RETURN, Action.HOLD, Action.RETIRE])
@pytest.mark.parametrize("comment", ["", "  \n"])
def test_move_that_stops_work_says_why(action, comment):
    topic, by = a_topic("in review"), member(Role.EDITOR)

    assert refusal(topic=topic, action=action, by=by, comment=comment) == "Say why in the comment."
    assert Topic.objects.get().state == "in review"


@pytest.mark.parametrize("action", [Action.PUBLISH, Action.PUBLISH_MINOR, Action.WITHDRAW])
def test_publishing_goes_another_way(action, publisher):
    assert "has a page of its own" in refusal(topic=a_topic("approved"), action=action, by=publisher)


@pytest.mark.parametrize("action", [Action.HAND_IN, Action.SUBMIT])
def test_page_without_text_goes_nowhere(action, publisher):
    topic = TopicFactory(state="drafting" if action == Action.HAND_IN else "editing")

    assert refusal(topic=topic, action=action, by=publisher) == "The page has no text yet."


@pytest.mark.parametrize("state", ACTIVE)
def test_work_goes_on_where_it_was_before_the_hold(state, publisher):
    topic = a_topic(state)

    perform(topic=topic, action=Action.HOLD, by=publisher, at=NOW, comment="Waiting for a trial.")
    resumed = perform(topic=topic, action=Action.RESUME, by=publisher, at=NOW + HOUR)

    assert resumed.state == state


@pytest.mark.parametrize("starts", [NOW - HOUR, NOW + HOUR])
def test_topic_with_a_page_is_withdrawn_before_it_is_retired(starts, publisher):
    topic = a_topic()
    EditionFactory(topic=topic, go_live_at=starts)

    reason = refusal(topic=topic, action=Action.RETIRE, by=publisher, comment="Given up.")
    publishing.withdraw(topic=topic, by=publisher, at=NOW, note="Given up.")

    assert reason == "Its page is public: withdraw it first."
    assert perform(topic=topic, action=Action.RETIRE, by=publisher, at=NOW, comment="x").state == "retired"


def test_actions_are_those_that_would_succeed():
    topic = a_topic("in review", risk="medicine")
    people = {role: member(role) for role in Role}

    assert {
        role: [str(action) for action in workflow.actions_for(user, topic, at=NOW)]
        for role, user in people.items()
    } == {
        Role.WRITER: [],
        Role.EDITOR: ["sign off editorial", "send back", "return to writer", "put on hold", "retire"],
        Role.REVIEWER: ["sign off scientific", "send back"],
        Role.PUBLISHER: ["send back"],
        Role.CURATOR: [],
    }


def test_publisher_is_offered_what_can_go_out():
    topic, by = a_topic(), member(Role.PUBLISHER)
    publish_signed(topic=topic, by=by, at=NOW)

    assert workflow.actions_for(by, topic, at=NOW) == [Action.PUBLISH_MINOR, Action.WITHDRAW]


def test_events_and_sign_offs_never_change(publisher):
    topic = a_topic("in review")
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=publisher, at=NOW)

    for row in (Event.objects.get(), SignOff.objects.get()):
        with pytest.raises(ValidationError):
            row.save()


# Sign-offs


@pytest.mark.parametrize("risk", Topic.Risk)
def test_risk_class_decides_who_signs(risk):
    topic = a_topic("in review", risk=risk)
    editorial = perform(topic=topic, action=Action.SIGN_EDITORIAL, by=member(Role.EDITOR), at=NOW)
    state_then = editorial.state
    perform(topic=topic, action=Action.SIGN_SCIENTIFIC, by=member(Role.REVIEWER), at=NOW)

    assert state_then == ("approved" if risk == Topic.Risk.GENERAL else "in review")
    assert Topic.objects.get().state == "approved"
    assert missing_sign_offs(topic, digest_of(topic)) == set()


def test_sign_off_stores_the_digest_it_saw():
    topic, editor = a_topic("in review"), member(Role.EDITOR)

    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW, comment=" Clear. ")

    sign_off = SignOff.objects.get()
    assert (sign_off.topic, sign_off.kind, sign_off.digest) == (topic, "editorial", digest_of(topic))
    assert (sign_off.by, sign_off.at, sign_off.note) == (editor, NOW, "Clear.")
    assert Checkpoint.objects.get().content == freezing.freeze(Topic.objects.get())


def test_text_that_changed_while_it_was_read_is_not_signed():
    topic = a_topic("in review")
    seen = digest_of(topic)
    RichTextFactory(parent=topic, text="<p>It cures.</p>")

    reason = refusal(topic=topic, action=Action.SIGN_EDITORIAL, by=member(Role.EDITOR), seen=seen)

    assert reason == "The text changed while you were reading it. Look at it again, then decide."
    assert not SignOff.objects.exists()


def test_an_edit_after_the_sign_off_makes_it_void():
    topic, editor = a_topic("in review"), member(Role.EDITOR)
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW)
    signed = digest_of(topic)

    RichTextFactory(parent=topic, text="<p>One word more.</p>")

    assert missing_sign_offs(topic, signed) == set()
    assert missing_sign_offs(topic, digest_of(topic)) == {SignOff.Kind.EDITORIAL}
    standing = workflow.standings(topic, digest_of(topic))
    assert [(entry.kind, entry.given, entry.void) for entry in standing] == [
        ("editorial", (), SignOff.objects.get())
    ]


def test_text_that_is_changed_back_is_signed_again():
    topic = a_topic("in review")
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=member(Role.EDITOR), at=NOW)
    more = RichTextFactory(parent=topic)

    more.delete()

    assert missing_sign_offs(topic, digest_of(topic)) == set()


def test_sign_offs_for_an_earlier_edition_are_not_called_void(publisher):
    topic = a_topic()
    publish_signed(topic=topic, by=publisher, at=NOW)
    RichTextFactory(parent=topic)

    assert [entry.void for entry in workflow.standings(topic, digest_of(topic))] == [None]


OWN = "Nobody signs off own text, and you own this topic or changed it since its last full edition."


def test_owner_does_not_sign():
    editor = member(Role.EDITOR)
    topic = a_topic("in review", owner=editor)

    assert refusal(topic=topic, action=Action.SIGN_EDITORIAL, by=editor) == OWN
    assert not SignOff.objects.exists()


def test_whoever_saved_a_change_does_not_sign():
    topic, writing, other = a_topic("in review"), member(Role.EDITOR), member(Role.EDITOR)
    checkpoints.keep(topic=topic, by=writing, at=NOW - HOUR)

    assert refusal(topic=topic, action=Action.SIGN_EDITORIAL, by=writing) == OWN
    assert perform(topic=topic, action=Action.SIGN_EDITORIAL, by=other, at=NOW).state == "approved"


def test_whoever_wrote_an_earlier_edition_may_sign_the_next(publisher):
    topic, editor = a_topic(), member(Role.EDITOR)
    checkpoints.keep(topic=topic, by=editor, at=NOW - HOUR)
    publish_signed(topic=topic, by=publisher, at=NOW)
    put(topic, "in review")

    assert not workflow.wrote(editor, topic)
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW + HOUR)


def test_a_minor_change_does_not_wash_the_hands_of_its_writer(publisher):
    topic, editor = a_topic(), member(Role.EDITOR)
    publish_signed(topic=topic, by=publisher, at=NOW)
    RichTextFactory(parent=topic)
    checkpoints.keep(topic=topic, by=editor, at=NOW + HOUR)
    publishing.publish(
        topic=topic, by=publisher, at=NOW + 2 * HOUR, is_minor=True, minor_reason="A paragraph."
    )

    assert workflow.wrote(editor, topic)


def test_signing_is_not_writing():
    topic, editor = a_topic("in review"), member(Role.EDITOR)

    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW)

    assert not workflow.wrote(editor, topic)


def test_two_sign_offs_are_given_by_two_people(publisher):
    topic = a_topic("in review", risk="children")
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=publisher, at=NOW)

    reason = refusal(topic=topic, action=Action.SIGN_SCIENTIFIC, by=publisher)

    assert reason == "The two sign-offs are given by two people, and you gave the other one."


def test_same_text_is_signed_once_by_each(publisher):
    topic = a_topic("in review", risk="children")
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=publisher, at=NOW)

    reason = refusal(topic=topic, action=Action.SIGN_EDITORIAL, by=publisher)

    assert reason == "You signed off exactly this text already."


def test_text_that_comes_back_unchanged_is_confirmed_by_its_signer(publisher):
    topic, editor = a_topic("in review"), member(Role.EDITOR)
    perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW)
    perform(topic=topic, action=Action.SEND_BACK, by=publisher, at=NOW, comment="Is this so?")
    perform(topic=topic, action=Action.SUBMIT, by=editor, at=NOW, comment="It is.")

    again = perform(topic=topic, action=Action.SIGN_EDITORIAL, by=editor, at=NOW + HOUR)

    assert (again.state, SignOff.objects.count()) == ("approved", 2)
    assert Event.objects.newest_first().first().at == NOW + HOUR


def test_a_change_of_risk_is_written_down(publisher):
    topic = a_topic("approved", risk="general")
    topic.risk = "medicine"
    topic.save()

    workflow.note_risk(topic=topic, before=Topic.Risk.GENERAL, by=publisher, at=NOW)

    event = Event.objects.get()
    assert (event.action, event.comment) == (
        "change risk class",
        "From General lifestyle to Medicines and interactions.",
    )


class TestWorkflow(HypothesisTestCase):
    """Whatever people do in whatever order, no full edition goes out without its sign-offs."""

    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.sampled_from(["general", "medicine"]),
        st.lists(
            st.tuples(
                st.integers(0, 2), st.sampled_from([*MOVES, "edit", "publish", "minor", "raise the risk"])
            ),
            max_size=14,
        ),
    )
    def test_nothing_goes_out_unsigned(self, risk, steps):
        people = [UserFactory(is_superuser=True) for _ in range(3)]
        topic = a_topic("in review", risk=risk)
        n_moves = 0
        for number, (who, step) in enumerate(steps):
            by, at = people[who], NOW + number * HOUR
            try:
                if step == "edit":
                    RichTextFactory(parent=topic, text=f"<p>Step {number}.</p>")
                    checkpoints.keep(topic=topic, by=by, at=at)
                elif step == "raise the risk":
                    Topic.objects.filter(pk=topic.pk).update(risk="medicine")
                elif step == "publish":
                    publishing.publish(topic=topic, by=by, at=at, change_note="New.")
                elif step == "minor":
                    publishing.publish(topic=topic, by=by, at=at, is_minor=True, minor_reason="Comma.")
                else:
                    perform(topic=topic, action=step, by=by, at=at, comment="So.")
                    n_moves += 1
            except (NotAllowed, publishing.NotPublishable):
                continue
        for edition in Edition.objects.filter(is_minor=False):
            signed = SignOff.objects.filter(digest=edition.digest, at__lte=edition.published_at)
            wrote = Checkpoint.objects.filter(at__lte=edition.published_at).values_list("by", flat=True)
            earlier = Edition.objects.filter(number__lt=edition.number, is_minor=False)
            assert "editorial" in signed.values_list("kind", flat=True)
            if risk == "medicine":
                assert set(signed.values_list("kind", flat=True)) == {"editorial", "scientific"}
                assert len(set(signed.values_list("by", flat=True))) >= 2
            if not earlier.exists():
                assert not set(signed.values_list("by", flat=True)) & (set(wrote) - {None})
        editions = Edition.objects.order_by("number")
        assert [edition.is_minor for edition in editions[:1]] in ([], [False])
        assert Event.objects.exclude(action__startswith="publish").count() == n_moves


def test_sign_off_of_another_topic_counts_nothing():
    topic = a_topic("approved")
    SignOffFactory(digest=digest_of(topic))

    assert missing_sign_offs(topic, digest_of(topic)) == {SignOff.Kind.EDITORIAL}
