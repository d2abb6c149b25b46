"""Sign-offs of people without an account: for one text, by one link, beside those that are required."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import freezing, previewing, publishing, reports, workflow
from articles.models import Checkpoint, Event, Notice, SignOff, Topic
from articles.permissions import Role
from tests.factories import PreviewGrantFactory, RichTextFactory, SignOffFactory, TopicFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
State = Topic.State
NAME = "Dr Ada Byron, physiotherapist"


def digest(topic):
    stored = Topic.objects.select_related("category", "intervention").get(pk=topic.pk)
    return freezing.digest(freezing.freeze(stored))


def a_topic(**fields):
    fields = {"state": State.IN_REVIEW, "takes_outside_sign_off": True, "risk": Topic.Risk.GENERAL, **fields}
    topic = TopicFactory(**fields)
    RichTextFactory(parent=topic)
    return topic


def link(topic, now, **fields):
    return PreviewGrantFactory(topic=topic, made_at=now - DAY, **{"may_sign": True, **fields})


def sign(grant, now, **more):
    more = {"name": NAME, "note": "", "seen": digest(grant.topic), **more}
    return workflow.sign_from_outside(grant=grant, at=now, **more)


def test_outside_sign_off_is_for_one_text_by_one_link_and_is_written_down(now):
    owner = UserFactory(is_staff=True, is_superuser=True)
    topic = a_topic(owner=owner)
    grant = link(topic, now)

    sign_off = sign(grant, now, name=f"  {NAME} ", note=" One typo. ")

    assert (sign_off.kind, sign_off.by, sign_off.grant, sign_off.name, sign_off.note, sign_off.digest) == (
        "outside",
        None,
        grant,
        NAME,
        "One typo.",
        digest(topic),
    )
    event = Event.objects.get()
    assert (event.action, event.by, event.from_state, event.to_state, event.digest, event.comment) == (
        "sign off outside",
        None,
        "in review",
        "in review",
        sign_off.digest,
        f"By {NAME}. One typo.",
    )
    assert Checkpoint.objects.get().digest == sign_off.digest
    assert [notice.to for notice in Notice.objects.all()] == [owner]
    assert str(sign_off) == f"Outside sign-off by {NAME}"


def test_outside_sign_off_replaces_none_that_is_required(now, publisher):
    topic = a_topic()

    sign(link(topic, now), now)

    assert workflow.missing_sign_offs(topic, digest(topic)) == {SignOff.Kind.EDITORIAL}
    topic.refresh_from_db()
    assert topic.state == State.IN_REVIEW
    Topic.objects.filter(pk=topic.pk).update(state=State.APPROVED)
    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish(topic=topic, by=publisher, at=now)
    assert refusal.value.problems == ["Missing on exactly this text: the editorial sign-off."]


def test_outside_sign_off_makes_nobody_a_writer_and_stops_no_other_one(now):
    editor = UserFactory(is_superuser=True)
    topic = a_topic()
    sign(link(topic, now), now)

    assert not workflow.wrote(editor, topic)
    moved = workflow.perform(topic=topic, action=workflow.Action.SIGN_EDITORIAL, by=editor, at=now)

    assert moved.state == State.APPROVED


def test_outside_sign_off_is_void_once_the_text_changes(now):
    topic = a_topic()
    sign_off = sign(link(topic, now), now)
    outside = [found for found in workflow.standings(topic, digest(topic)) if found.kind == "outside"]
    assert [(found.is_required, found.given, found.void) for found in outside] == [(False, (sign_off,), None)]

    RichTextFactory(parent=topic)

    outside = [found for found in workflow.standings(topic, digest(topic)) if found.kind == "outside"]
    assert [(found.is_required, found.given, found.void) for found in outside] == [(False, (), sign_off)]


def test_several_links_sign_one_text(now):
    topic = a_topic()

    for _ in range(2):
        sign(link(topic, now), now)

    assert SignOff.objects.on(digest(topic)).count() == 2


def test_report_of_sign_offs_names_who_signed_from_outside(now):
    sign(link(a_topic(short_title="Zinc"), now), now, note="Fine.")

    rows = [reports.SIGN_OFFS.line(row, at=now) for row in reports.SIGN_OFFS.rows(at=now)]

    assert [row[1:] for row in rows] == [["Outside", NAME, now, None, False, "Fine."]]


# Refusals


def refused(grant, now, **more):
    before = (SignOff.objects.count(), Event.objects.count(), Checkpoint.objects.count())
    with pytest.raises(workflow.NotAllowed) as refusal:
        sign(grant, now, **more)
    assert (SignOff.objects.count(), Event.objects.count(), Checkpoint.objects.count()) == before
    return str(refusal.value)


def test_link_that_is_over_signs_nothing(now):
    topic = a_topic()
    over = [link(topic, now, expires_at=now), link(topic, now, revoked_at=now - DAY)]

    assert {refused(grant, now) for grant in over} == {"This link does not work any more."}


def test_link_that_was_revoked_after_the_page_was_drawn_signs_nothing(now):
    grant = link(a_topic(), now)
    previewing.revoke(topic=grant.topic, grant=grant.pk, at=now)

    assert refused(grant, now) == "This link does not work any more."


def test_link_signs_only_if_both_it_and_the_topic_say_so(now):
    for grant in (
        link(a_topic(), now, may_sign=False),
        link(a_topic(takes_outside_sign_off=False), now),
    ):
        assert refused(grant, now) == "This link is for reading: it takes no sign-off."


@pytest.mark.parametrize("state", [state for state in State if state not in ("in review", "approved")])
def test_text_that_is_not_in_review_is_not_signed(state, now):
    grant = link(a_topic(state=state), now)

    assert refused(grant, now) == (
        "The text is not in review at the moment. It can be signed off while it is."
    )


def test_text_that_changed_meanwhile_is_not_signed(now):
    grant = link(a_topic(), now)
    seen = digest(grant.topic)
    RichTextFactory(parent=grant.topic)

    assert refused(grant, now, seen=seen) == (
        "The text changed while you were reading it. Look at it again, then decide."
    )


def test_text_of_another_topic_is_not_signed(now):
    assert refused(link(a_topic(), now), now, seen=digest(a_topic())).startswith("The text changed")


def test_same_text_is_signed_once_by_a_link(now):
    grant = link(a_topic(), now)
    sign(grant, now)

    assert refused(grant, now) == "Exactly this text was signed off by this link already."


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Say who you are."),
        ("  ", "Say who you are."),
        ("x" * 161, "Say who you are in 160 characters at most."),
    ],
)
def test_whoever_signs_says_who_they_are(name, why, now):
    assert refused(link(a_topic(), now), now, name=name) == why


@pytest.mark.parametrize(
    "fields",
    [
        {"by": None},
        {"by": None, "name": "Ada"},
        {"name": "Ada"},
        {"kind": "editorial", "by": None, "name": "Ada", "grant": True},
        {"kind": "outside", "name": "Ada", "grant": True},
    ],
)
def test_database_takes_either_an_account_or_a_link_with_a_name(fields, now):
    topic = a_topic()
    if fields.get("grant"):
        fields = {**fields, "grant": link(topic, now)}

    with pytest.raises(IntegrityError), transaction.atomic():
        SignOffFactory(topic=topic, **fields)


def test_link_is_shared_for_a_sign_off_only_if_the_topic_takes_one(now):
    by = UserFactory()
    asked = {"by": by, "at": now, "for_whom": "Ada", "days": 7, "may_sign": True}

    assert previewing.share(topic=a_topic(), **asked).may_sign
    with pytest.raises(previewing.NotShared):
        previewing.share(topic=a_topic(takes_outside_sign_off=False), **asked)


# What a page sealed


def test_seal_holds_for_its_own_link_only(now):
    one, other = link(a_topic(), now), link(a_topic(), now)

    sealed = previewing.seal(one, "a" * 64)

    assert previewing.sealed(sealed, one) == "a" * 64
    assert previewing.sealed(sealed, other) is None
    assert previewing.sealed("a" * 64, one) is None


class TestSeal(HypothesisTestCase):
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=80), st.integers(min_value=0, max_value=200))
    def test_text_that_was_changed_is_no_seal(self, typed, place):
        grant = PreviewGrantFactory()
        sealed = previewing.seal(grant, "a" * 64)
        place %= len(sealed)
        forged = sealed[:place] + typed + sealed[place + 1 :]

        assert previewing.sealed(forged, grant) == ("a" * 64 if forged == sealed else None)
        assert previewing.sealed(typed, grant) is None


def test_role_of_those_who_are_told_is_that_of_editors():
    assert workflow._SIGN_OUTSIDE.told == (workflow.Told.OWNER, Role.EDITOR)
