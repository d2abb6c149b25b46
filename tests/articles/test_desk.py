import datetime

import pytest
from django.contrib.auth.models import Permission

from articles.desk import LATEST, LINES, desk, drafts_of, due_by, waiting_for
from articles.models import Edition, Message, SignOff, Topic
from evidence.models import Report, Study
from tests import factories
from tests.articles.findings import topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import touched, triaged
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
State, Risk = Topic.State, Topic.Risk


def person(*rights, **fields):
    user = factories.UserFactory(is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def names(which):
    return sorted(Topic.objects.filter(which).values_list("short_title", flat=True))


def pile(found, title):
    return next(pile for pile in (*found.piles, *found.counts, *found.latest) if pile.title == title)


def titles(pile):
    return [line.title for line in pile.lines]


def topic(name, **fields):
    return factories.TopicFactory(short_title=name, **fields)


def saved(topic, *, by=None, at, digest="a" * 64):
    return factories.CheckpointFactory(topic=topic, by=by, at=at, digest=digest)


# Waiting for me


def one_topic_in_each_state():
    for state in State:
        topic(state.label, state=state)


@pytest.mark.parametrize(
    ("right", "waiting"),
    [
        ("view_topic", []),
        ("change_topic", []),
        ("edit_topic", ["Editing", "In review"]),
        ("review_topic", []),
        ("publish_topic", ["Approved"]),
    ],
)
def test_topics_wait_for_those_who_make_the_next_step(right, waiting):
    one_topic_in_each_state()

    assert names(waiting_for(person(right))) == waiting


def test_scientists_are_asked_only_where_the_risk_needs_their_word():
    topic("Lifestyle", state=State.IN_REVIEW, risk=Risk.GENERAL)
    topic("Drug", state=State.IN_REVIEW, risk=Risk.MEDICINE)

    assert names(waiting_for(person("review_topic"))) == ["Drug"]


def test_what_one_scientist_is_asked_for_waits_for_no_other():
    asked, other = person("review_topic"), person("review_topic")
    topic("Drug", state=State.IN_REVIEW, risk=Risk.MEDICINE, reviewer=asked)

    assert (names(waiting_for(asked)), names(waiting_for(other))) == (["Drug"], [])


def test_the_reviewer_of_a_topic_is_asked_whatever_its_risk():
    asked = person("view_topic")
    topic("Asked", state=State.IN_REVIEW, reviewer=asked)
    topic("Not yet", state=State.EDITING, reviewer=asked)

    assert names(waiting_for(asked)) == ["Asked"]


def test_nobody_is_asked_to_sign_off_own_text(now):
    editor = person("edit_topic", "review_topic")
    topic("Owned", state=State.IN_REVIEW, risk=Risk.MEDICINE, owner=editor)
    saved(topic("Changed", state=State.IN_REVIEW, risk=Risk.MEDICINE), by=editor, at=now)
    published = topic("Published since", state=State.IN_REVIEW)
    saved(published, by=editor, at=now)
    factories.EditionFactory(topic=published, published_at=now + DAY)
    only_minor = topic("Minor since", state=State.IN_REVIEW)
    saved(only_minor, by=editor, at=now)
    factories.EditionFactory(topic=only_minor, published_at=now + DAY, is_minor=True, minor_reason="Typo.")

    assert names(waiting_for(editor)) == ["Published since"]


def test_a_sign_off_on_the_saved_text_ends_the_waiting(now):
    editor, scientist = person("edit_topic"), person("review_topic")
    drug = topic("Drug", state=State.IN_REVIEW, risk=Risk.MEDICINE)
    saved(drug, at=now)
    factories.SignOffFactory(topic=drug, by=editor, digest="a" * 64)

    assert (names(waiting_for(editor)), names(waiting_for(scientist))) == ([], ["Drug"])


def test_a_later_change_makes_a_topic_wait_again(now):
    editor = person("edit_topic")
    drug = topic("Drug", state=State.IN_REVIEW, risk=Risk.MEDICINE)
    saved(drug, at=now)
    factories.SignOffFactory(topic=drug, by=editor, digest="a" * 64)
    saved(drug, at=now + DAY, digest="b" * 64)

    assert names(waiting_for(editor)) == ["Drug"]


def test_a_signed_text_that_is_still_in_review_waits_for_its_readers(now):
    editor, scientist = person("edit_topic"), person("review_topic")
    drug = topic("Drug", state=State.IN_REVIEW, risk=Risk.MEDICINE)
    saved(drug, at=now)
    for kind in SignOff.Kind:
        factories.SignOffFactory(topic=drug, kind=kind, digest="a" * 64)

    assert (names(waiting_for(editor)), names(waiting_for(scientist))) == (["Drug"], ["Drug"])


def test_what_waits_stands_by_priority_then_by_day(now):
    editor = person("edit_topic", "view_topic")
    today = now.date()
    topic("Any day", state=State.EDITING)
    topic("Today", state=State.EDITING, review_due_on=today)
    topic("Yesterday", state=State.EDITING, review_due_on=today - DAY)
    topic("Later", state=State.EDITING, priority=Topic.Priority.LOW, review_due_on=today - DAY)
    topic("Now", state=State.EDITING, priority=Topic.Priority.HIGH)

    waiting = pile(desk(user=editor, at=now), "Waiting for me")

    assert [(line.title, line.about, line.is_late) for line in waiting.lines] == [
        ("Now", "Editing, high priority", False),
        ("Yesterday", "Editing", True),
        ("Today", "Editing", False),
        ("Any day", "Editing", False),
        ("Later", "Editing, low priority", True),
    ]


# Drafts, reviews, editions


def test_drafts_are_those_that_i_own_and_still_write():
    writer = person("change_topic")
    for state in State:
        topic(state.label, state=state, owner=writer)
    topic("Of somebody else", owner=person("change_topic"))

    assert names(drafts_of(writer)) == ["Drafting", "Editing"]


def test_topics_are_due_on_their_day_unless_they_were_given_up(now):
    today = now.date()
    topic("Yesterday", next_review=today - DAY)
    topic("Today", next_review=today)
    topic("Tomorrow", next_review=today + DAY)
    topic("Given up", next_review=today, state=State.RETIRED)
    topic("No date")

    assert names(due_by(today)) == ["Today", "Yesterday"]


def test_live_pages_are_due_first_and_those_past_their_day_are_marked(now):
    today = now.date()
    topic("Draft", next_review=today - 9 * DAY)
    factories.EditionFactory(topic=topic("Last day", next_review=today + 60 * DAY))
    factories.EditionFactory(topic=topic("Late", next_review=today - DAY))
    factories.EditionFactory(topic=topic("Far", next_review=today + 61 * DAY))
    gone = topic("Gone", next_review=today)
    factories.EditionFactory(topic=gone, withdrawn_at=now, withdrawal_note="Wrong.")

    due = pile(desk(user=person("view_topic"), at=now), "Due for review in 60 days")

    assert due.count == 4
    assert [(line.title, line.about, line.is_late) for line in due.lines] == [
        ("Late", "Live", True),
        ("Last day", "Live", False),
        ("Draft", "Not live", True),
        ("Gone", "Not live", False),
    ]


def test_scheduled_editions_go_live_within_seven_days(now):
    def edition(name, go_live_at, **fields):
        factories.EditionFactory(topic__short_title=name, published_at=now, go_live_at=go_live_at, **fields)

    edition("Live", now)
    edition("Friday", now + 7 * DAY)
    edition("Tomorrow", now + DAY)
    edition("Next month", now + 8 * DAY)
    edition("Called off", now + DAY, withdrawn_at=now, withdrawal_note="Wrong.")

    scheduled = pile(desk(user=person("view_topic", "view_edition"), at=now), "Scheduled this week")

    assert (scheduled.count, titles(scheduled)) == (2, ["Tomorrow", "Friday"])


def test_scheduled_editions_go_off_within_seven_days_as_well(now):
    def edition(name, **fields):
        return factories.EditionFactory(topic__short_title=name, published_at=now - DAY, **fields)

    edition("Soon off", expires_at=now + 2 * DAY)
    edition("Off in a month", expires_at=now + 30 * DAY)
    edition("Off already", expires_at=now)
    edition("Comes and goes", go_live_at=now + DAY, expires_at=now + 30 * DAY)
    replaced = edition("Replaced before", expires_at=now + 3 * DAY)
    factories.EditionFactory(topic=replaced.topic, number=2, published_at=now)

    scheduled = pile(desk(user=person("view_topic", "view_edition"), at=now), "Scheduled this week")

    off = now + 30 * DAY
    assert scheduled.count == 2
    assert [(line.title, line.about, line.on) for line in scheduled.lines] == [
        ("Comes and goes", f"Edition 1 goes live, until {off:%-d %b %Y}", now + DAY),
        ("Soon off", "Edition 1 goes off", now + 2 * DAY),
    ]


def test_latest_editions_say_what_they_are(now):
    topic = factories.TopicFactory(short_title="Zinc")
    for number, more in enumerate(
        [{}, {"is_minor": True, "minor_reason": "Typo."}, {"is_correction": True, "change_note": "Wrong."}], 1
    ):
        factories.EditionFactory(topic=topic, number=number, published_at=now + number * DAY, **more)

    latest = pile(desk(user=person("view_topic", "view_edition"), at=now), "Latest editions")

    assert [(line.title, line.about) for line in latest.lines] == [
        ("Zinc", "Edition 3, correction"),
        ("Zinc", "Edition 2, minor change"),
        ("Zinc", "Edition 1"),
    ]


def test_long_piles_show_their_first_rows_and_count_all(now):
    for n in range(LINES + 3):
        topic(f"Topic {n}", state=State.EDITING)
    for n in range(LATEST + 3):
        factories.EditionFactory(topic__short_title=f"Page {n}")

    found = desk(user=person("edit_topic", "view_edition"), at=now)

    waiting, latest = pile(found, "Waiting for me"), pile(found, "Latest editions")
    assert (waiting.count, len(waiting.lines)) == (LINES + 3, LINES)
    assert (latest.count, len(latest.lines)) == (LATEST + 3, LATEST)


# Who sees what


def everything(now):
    for state in State:
        drug = factories.TopicFactory(state=state, risk=Risk.MEDICINE, next_review=now.date())
        factories.EditionFactory(topic=drug, published_at=now, go_live_at=now + DAY)
    factories.MessageFactory()
    factories.ReportFactory(study__state=Study.State.DRAFT)


def seen(user, now):
    found = desk(user=user, at=now)
    return [pile.title for pile in (*found.piles, *found.counts, *found.latest)], found.has_reports


TOPICS = [
    "Waiting for me",
    "My drafts",
    "Due for review in 60 days",
    "Evidence changed under a live page",
]
EDITIONS = ["Scheduled this week", "Latest editions"]


@pytest.mark.parametrize(
    ("rights", "parts", "has_reports"),
    [
        ([], [], False),
        (["view_edition"], [], False),
        (["view_topic"], TOPICS, True),
        (["publish_topic", "view_edition"], TOPICS + EDITIONS, True),
        (["view_message"], ["Messages without an answer"], False),
        (["change_message"], ["Messages without an answer"], False),
        (["view_study", "view_report"], [], False),
        (["change_study"], ["Studies in draft"], False),
        (["change_report"], ["Reports never checked for retraction"], False),
    ],
)
def test_people_find_what_they_may_see(rights, parts, has_reports, now):
    everything(now)

    assert seen(person(*rights), now) == (parts, has_reports)


def test_those_who_sign_ratings_find_what_is_out_of_date(now):
    today = now.date()
    signed = factories.SignedAssessmentFactory
    late = signed(next_due=today - DAY)
    renewed = signed(next_due=today - 2 * DAY)
    signed(conclusion=renewed.conclusion, number=2, next_due=today)
    moved = signed(next_due=today)
    result = factories.ResultFactory(outcome=moved.conclusion.outcome)
    result.arm.interventions.add(moved.conclusion.intervention)

    found = desk(user=person("sign_assessment", "view_conclusion", "view_topic"), at=now)
    again, overdue = pile(found, "Conclusions to assess again"), pile(found, "Assessments overdue")

    assert [(line.pk, line.about) for line in again.lines] == [(moved.conclusion_id, "1 new; not assessed")]
    assert [(line.pk, line.on, line.is_late) for line in overdue.lines] == [
        (late.conclusion_id, today - DAY, True)
    ]
    assert (again.count, overdue.count) == (1, 1)
    assert (again.report, again.page, overdue.filters) == ("assess-again", "change", {"due": "overdue"})
    assert seen(person("sign_assessment"), now) == ([], False)
    assert seen(person("sign_assessment", "view_conclusion"), now) == (["Assessments overdue"], False)


def test_what_was_put_aside_leaves_the_desk_until_its_day(now):
    topic, block, _ = topic_with_finding(in_group=0)
    curator = person("sign_assessment", "add_triage", "view_conclusion", "view_topic", username="carol")
    edition = publish_signed(topic=topic, by=curator, at=now)
    result_of(block.conclusion)
    touched(block.conclusion, by=curator, at=now)

    def lines(at=now):
        again = pile(desk(user=curator, at=at), "Conclusions to assess again")
        return [(line.about, line.on, line.is_late) for line in again.lines], again.page

    about = f"1 new, carol on 22 Nov 2026; not assessed; on {edition.short_title}"
    assert lines() == ([(about, None, False)], "triage")
    triaged(block.conclusion, verdict="unlikely to change", at=now, assess_by=now.date() + DAY)
    assert lines()[0] == []
    assert [late for _, _, late in lines(now + 2 * DAY)[0]] == [True]
    triaged(block.conclusion, verdict="could change", at=now, assess_by=now.date() + DAY)
    assert lines()[0] == [(about.replace("not assessed", "could change"), now.date() + DAY, False)]


def test_open_comments_are_counted_by_topic_for_its_owner(now):
    user = person("view_topic")
    asked = topic("Asked", owner=user)
    factories.CommentFactory.create_batch(2, topic=asked)
    answered = topic("Answered", owner=user)
    factories.CommentFactory(topic=answered, resolved_at=now, resolved_by=user)
    factories.CommentFactory()

    mine = pile(desk(user=user, at=now), "My topics with open comments")

    assert (mine.model, mine.count, mine.filters) == (Topic, 1, {"mine": "owner", "comments": "open"})


def test_nothing_open_is_no_number(now, publisher):
    factories.MessageFactory(answered_at=now)
    factories.StudyFactory()
    factories.ReportFactory(retraction_checked_on=now.date())

    assert desk(user=publisher, at=now).counts == ()


def test_numbers_for_curators_count_what_is_open(now, publisher):
    factories.MessageFactory()
    factories.MessageFactory(answered_at=now)
    factories.ReportFactory(study__state=Study.State.DRAFT)
    factories.ReportFactory(retraction_checked_on=now.date())

    counts = desk(user=publisher, at=now).counts

    assert [(pile.model, pile.count) for pile in counts] == [(Message, 1), (Study, 1), (Report, 1)]


def test_desk_takes_as_many_queries_for_many_rows_as_for_few(now, django_assert_num_queries):
    everything(now)
    rights = ["edit_topic", "review_topic", "publish_topic", "view_edition", "view_message"]
    user = person(*rights, "change_study", "change_report")
    desk(user=user, at=now)

    with django_assert_num_queries(16):
        few = desk(user=user, at=now)
    for _ in range(9):
        everything(now)
    with django_assert_num_queries(16):
        many = desk(user=user, at=now)

    assert [pile.count * 10 for pile in few.piles] == [pile.count for pile in many.piles]
    assert [len(pile.lines) for pile in many.latest] == [LATEST]
    assert Edition.objects.count() == 60
