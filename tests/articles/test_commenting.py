import datetime
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from articles import checkpoints, commenting, freezing, restoring
from articles.commenting import LONGEST_QUOTE, LONGEST_TEXT, NotCommentable, mentions
from articles.models import Comment, Notice, Topic
from tests import factories

DAY = datetime.timedelta(days=1)


def staff(username, *rights, **fields):
    user = factories.UserFactory(username=username, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights or ["view_topic"]))
    return user


@pytest.fixture
def ada(db):
    return staff("ada")


@pytest.fixture
def ben(db):
    return staff("ben")


@pytest.fixture
def topic(db):
    return factories.TopicFactory(title="Zinc and colds", standfirst="Zinc may shorten a cold.")


def said(topic, by, now, text="Is this so?", **about):
    return commenting.comment(topic=topic, by=by, at=now, text=text, **about)


def threads(topic):
    return commenting.threads(topic, freezing.freeze(Topic.objects.get(pk=topic.pk)))


def places(topic):
    return [thread.place.label for thread in threads(topic)]


def lost(topic):
    return [thread.lost for thread in threads(topic)]


# Keeping


def test_comment_is_kept_with_what_it_is_about(topic, ada, now):
    block = factories.RichTextFactory(parent=topic, text="<p>It may help.</p>")

    comment = said(
        topic, ada, now, " Which trial?\r\nAnd when? ", block_uid=block.uid, field="text", quote="may  help"
    )

    kept = Comment.objects.get()
    assert kept == comment
    assert (kept.topic, kept.by, kept.at, kept.thread) == (topic, ada, now, None)
    assert (kept.block_uid, kept.field, kept.quote) == (block.uid, "text", "may help")
    assert kept.text == "Which trial?\nAnd when?"


def test_comment_changes_neither_the_topic_nor_its_digest(topic, ada, now):
    before, digest = topic.changed_at, freezing.digest(freezing.freeze(topic))

    said(topic, ada, now, field="title")

    topic.refresh_from_db()
    assert topic.changed_at == before
    assert freezing.digest(freezing.freeze(topic)) == digest


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"text": " \n"}, "Write something."),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "Write at most 4000 characters; these are 4001."),
        ({"quote": "x" * (LONGEST_QUOTE + 1)}, "Quote at most 500 characters."),
        ({"field": "owner"}, "There is no such field."),
        ({"block_uid": uuid.UUID(int=1)}, "This block does not exist any more."),
    ],
)
def test_comment_that_cannot_be_kept_says_why(about, why, topic, ada, now):
    with pytest.raises(NotCommentable, match=why):
        said(topic, ada, now, **about)

    assert not Comment.objects.exists()


def test_block_of_another_topic_is_no_block_of_this_one(topic, ada, now):
    block = factories.RichTextFactory()

    with pytest.raises(NotCommentable, match="This block does not exist"):
        said(topic, ada, now, block_uid=block.uid)


def test_block_has_its_own_fields_only(topic, ada, now):
    block = factories.RichTextFactory(parent=topic)

    for field in ("title", "region", "ordering", "uid"):
        with pytest.raises(NotCommentable, match="There is no such field"):
            said(topic, ada, now, block_uid=block.uid, field=field)


def test_longest_text_counts_a_line_break_once(topic, ada, now):
    comment = said(topic, ada, now, "x" * (LONGEST_TEXT - 2) + "\r\n" + "y")

    assert len(comment.text) == LONGEST_TEXT


# Answers


def test_answers_stand_under_their_thread_in_the_order_of_time(topic, ada, ben, now):
    thread = said(topic, ada, now)
    second = commenting.answer(thread=thread, by=ada, at=now + 2 * DAY, text="Thanks.")
    first = commenting.answer(thread=thread, by=ben, at=now + DAY, text="Yes.")

    (found,) = threads(topic)

    assert (found.comment, found.answers) == (thread, (first, second))


def test_an_answer_is_not_answered_itself(topic, ada, now):
    answer = commenting.answer(thread=said(topic, ada, now), by=ada, at=now, text="Yes.")

    for does in (
        lambda: commenting.answer(thread=answer, by=ada, at=now, text="No."),
        lambda: commenting.resolve(thread=answer, by=ada, at=now),
        lambda: commenting.reopen(thread=answer),
    ):
        with pytest.raises(NotCommentable, match="This is an answer"):
            does()


def test_answer_to_a_comment_that_was_removed_meanwhile_is_refused(topic, ada, now):
    thread = said(topic, ada, now)
    Comment.objects.all().delete()
    thread.pk = 1

    with pytest.raises(NotCommentable, match="This comment was removed"):
        commenting.answer(thread=thread, by=ada, at=now, text="Yes.")


# Resolving


def test_resolved_thread_keeps_who_resolved_it_first(topic, ada, ben, now):
    thread = said(topic, ada, now)

    commenting.resolve(thread=thread, by=ben, at=now + DAY)
    commenting.resolve(thread=thread, by=ada, at=now + 2 * DAY)

    thread.refresh_from_db()
    assert (thread.resolved_by, thread.resolved_at) == (ben, now + DAY)
    assert [found.is_open for found in threads(topic)] == [False]
    assert not commenting.open_threads().exists()


def test_reopened_thread_is_open(topic, ada, now):
    thread = commenting.resolve(thread=said(topic, ada, now), by=ada, at=now)

    commenting.reopen(thread=thread)

    thread.refresh_from_db()
    assert (thread.resolved_by, thread.resolved_at) == (None, None)


def test_an_answer_opens_a_resolved_thread_again(topic, ada, ben, now):
    thread = commenting.resolve(thread=said(topic, ada, now), by=ada, at=now)

    commenting.answer(thread=thread, by=ben, at=now + DAY, text="Not yet.")

    assert list(commenting.open_threads()) == [thread]


def test_open_threads_are_counted_by_topic(topic, ada, now):
    said(topic, ada, now)
    done = factories.TopicFactory()
    commenting.resolve(thread=said(done, ada, now), by=ada, at=now)
    factories.TopicFactory()

    assert list(Topic.objects.filter(commenting.with_open_threads())) == [topic]


# One's own


def test_own_comment_is_changed(topic, ada, now):
    comment = said(topic, ada, now)

    commenting.change(comment=comment, by=ada, at=now + DAY, text="Is that so?")

    comment.refresh_from_db()
    assert (comment.text, comment.at, comment.changed_at) == ("Is that so?", now, now + DAY)


def test_comment_saved_with_the_same_words_is_not_changed(topic, ada, now):
    comment = said(topic, ada, now, "One\nTwo")

    commenting.change(comment=comment, by=ada, at=now + DAY, text="One\r\nTwo ")

    comment.refresh_from_db()
    assert comment.changed_at is None


def test_comment_of_somebody_else_is_neither_changed_nor_removed(topic, ada, now):
    comment = said(topic, ada, now)
    chief = factories.UserFactory(is_staff=True, is_superuser=True)

    with pytest.raises(PermissionDenied):
        commenting.change(comment=comment, by=chief, at=now, text="Mine.")
    with pytest.raises(PermissionDenied):
        commenting.remove(comment=comment, by=chief)

    comment.refresh_from_db()
    assert comment.text == "Is this so?"


def test_comment_is_removed_until_somebody_answers(topic, ada, ben, now):
    comment = said(topic, ada, now)
    answer = commenting.answer(thread=comment, by=ben, at=now, text="Yes.")

    with pytest.raises(NotCommentable, match="Somebody answered this comment"):
        commenting.remove(comment=comment, by=ada)
    commenting.remove(comment=answer, by=ben)
    commenting.remove(comment=comment, by=ada)

    assert not Comment.objects.exists()


# Mentions


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada", ["ada"]),
        ("Ask @ada, then @ben.smith.", ["ada", "ben.smith.", "ben.smith"]),
        ("(@ada) “@ben”", ["ada", "ben"]),
        ("@ada and @ada", ["ada"]),
        ("ada@example.org", []),
        ("@", []),
        ("@@ada", ["@ada"]),
        ("@zoë_1+x", ["zoë_1+x"]),
    ],
)
def test_names_after_an_at_sign_are_mentions(text, names):
    assert mentions(text) == names


@given(st.text())
def test_any_text_has_names_that_stand_in_it(text):
    assert [name for name in mentions(text) if not name or f"@{name}" not in text] == []


def test_only_staff_who_may_look_are_mentioned(topic, ada, ben, now):
    staff("blind", "view_term")
    staff("gone", is_active=False)
    factories.UserFactory(username="public")

    comment = said(topic, ada, now, "@ben, @blind, @gone, @public, @nobody: look.")

    assert list(comment.mentioned.all()) == [ben]
    assert [(notice.to, notice.kind) for notice in Notice.objects.filter(comment=comment)] == [
        (ben, Notice.Kind.MENTION)
    ]


def test_change_tells_who_is_newly_mentioned_and_nobody_twice(topic, ada, ben, now):
    cem = staff("cem")
    comment = said(topic, ada, now, "@ben: look.")

    commenting.change(comment=comment, by=ada, at=now + DAY, text="@ben, @cem: look.")

    assert sorted(comment.mentioned.values_list("username", flat=True)) == ["ben", "cem"]
    assert sorted(Notice.objects.values_list("to__username", flat=True)) == ["ben", "cem"]
    commenting.change(comment=comment, by=ada, at=now + DAY, text="@cem: look.")
    assert list(comment.mentioned.all()) == [cem]
    assert Notice.objects.count() == 2


def test_answer_tells_those_of_the_thread_and_never_its_writer(topic, ada, ben, now):
    thread = said(topic, ada, now)

    answer = commenting.answer(thread=thread, by=ben, at=now, text="Yes.")

    assert [(notice.to, notice.kind) for notice in Notice.objects.filter(comment=answer)] == [
        (ada, Notice.Kind.COMMENT)
    ]


# What threads are about


def test_threads_stand_in_the_order_of_the_page(topic, ada, now):
    text = factories.RichTextFactory(
        parent=topic, text="<p>Ankle weights may help older adults to walk safely.</p>"
    )
    heading = factories.HeadingFactory(parent=topic, text="What it is", ordering=0)
    text.ordering = 10
    text.save()
    said(topic, ada, now, block_uid=text.uid, field="text")
    said(topic, ada, now + DAY, block_uid=heading.uid)
    said(topic, ada, now, field="not_known")
    said(topic, ada, now, field="title")
    said(topic, ada, now + DAY)
    said(topic, ada, now, text="First.")

    assert places(topic) == [
        "Whole page",
        "Whole page",
        "Title",
        "What is not known",
        "Heading “What it is”",
        "Text “Ankle weights may help older adults to…”, field text",
    ]
    assert [thread.comment.text for thread in threads(topic)][:2] == ["First.", "Is this so?"]


def test_thread_of_a_removed_block_is_shown_last(topic, ada, now):
    block = factories.RichTextFactory(parent=topic)
    said(topic, ada, now, block_uid=block.uid, quote="may help")
    said(topic, ada, now + DAY, field="title")
    block.delete()

    assert places(topic) == ["Title", "A block that was removed"]
    assert lost(topic) == ["", "Its block is not on the page any more."]


def test_restored_block_has_its_threads_again(topic, ada, now):
    block = factories.RichTextFactory(parent=topic)
    said(topic, ada, now, block_uid=block.uid, quote="may help")
    content = freezing.freeze(topic)
    block.delete()
    checkpoints.keep(topic=topic, by=ada, at=now)

    restoring.restore(topic=topic, content=content, by=ada, at=now + DAY)

    assert places(topic) == ["Text “It may help.”"]
    assert lost(topic) == [""]


def test_quote_stands_as_long_as_its_words_do(topic, ada, now):
    block = factories.RichTextFactory(parent=topic, text="<p>It <strong>may</strong> help.</p><p>Or not.</p>")
    said(topic, ada, now, block_uid=block.uid, field="text", quote="may help. Or")
    assert lost(topic) == [""]

    block.text = "<p>It helps.</p>"
    block.save()

    assert lost(topic) == ["These words do not stand there any more."]
    assert [thread.comment.quote for thread in threads(topic)] == ["may help. Or"]


@pytest.mark.parametrize(
    ("field", "quote", "stands"),
    [
        ("title", "and colds", True),
        ("title", "shorten", False),
        ("standfirst", "may SHORTEN", True),
        ("", "shorten a cold", True),
        ("", "It may help", True),
        ("", "cures", False),
        ("subtitle", "anything", False),
        ("research_to", "2026", False),
        ("slug", "topic", True),
    ],
)
def test_quote_of_the_page_is_looked_for_where_it_was_read(field, quote, stands, topic, ada, now):
    factories.RichTextFactory(parent=topic)
    said(topic, ada, now, field=field, quote=quote)

    assert lost(topic) == ["" if stands else "These words do not stand there any more."]


@pytest.mark.parametrize(
    ("factory", "fields", "quote", "field"),
    [
        (factories.HeadingFactory, {"text": "What it is"}, "it is", "text"),
        (factories.KeyVariablesFactory, {}, "It may matter.", "rows"),
        (factories.CalloutFactory, {"title": "Ask first"}, "Ask", "title"),
        (factories.CalloutFactory, {"kind": "care"}, "care", "kind"),
        (factories.FigureFactory, {"alt": "A leg as a lever"}, "as a lever", "alt"),
        (
            factories.EvidenceTableFactory,
            {"introduction": "<p>Little is known.</p>"},
            "Little",
            "introduction",
        ),
    ],
)
def test_every_kind_of_block_has_words_to_quote(factory, fields, quote, field, topic, ada, now):
    block = factory(parent=topic, **fields)
    said(topic, ada, now, block_uid=block.uid, field=field, quote=quote)
    said(topic, ada, now, block_uid=block.uid, quote=quote)
    said(topic, ada, now, block_uid=block.uid, quote="not a word of it")

    assert sorted(lost(topic)) == ["", "", "These words do not stand there any more."]


def test_words_of_a_drawn_table_may_be_quoted(topic, ada, now):
    result = factories.ResultFactory(finding="Walked no faster.", study__label="Kim 2020")
    topic.intervention = factories.InterventionFactory()
    topic.save()
    result.arm.interventions.add(topic.intervention)
    block = factories.EvidenceTableFactory(parent=topic, outcome=result.outcome)
    said(topic, ada, now, block_uid=block.uid, quote="Kim 2020")
    said(topic, ada, now, block_uid=block.uid, quote="Walked no faster.")

    assert lost(topic) == ["", ""]


def test_threads_take_one_query_however_many_there_are(topic, ada, ben, now, django_assert_num_queries):
    block = factories.RichTextFactory(parent=topic)
    for n in range(10):
        thread = said(topic, ada, now, block_uid=block.uid if n % 2 else None)
        commenting.answer(thread=thread, by=ben, at=now, text="Yes.")
        if n % 3 == 0:
            commenting.resolve(thread=thread, by=ben, at=now)
    said(factories.TopicFactory(), ada, now, "Of another topic")
    content = freezing.freeze(topic)

    with django_assert_num_queries(1):
        found = commenting.threads(topic, content)
        assert [str(thread.comment.by) for thread in found] == ["ada"] * 10
        assert {str(thread.comment.resolved_by) for thread in found} == {"ben", "None"}
        assert [len(thread.answers) for thread in found] == [1] * 10


def test_places_are_the_page_and_its_blocks_with_their_fields(topic):
    block = factories.RichTextFactory(parent=topic)

    groups = commenting.places(freezing.freeze(topic))

    assert [name for name, _ in groups] == ["Page", "Text “It may help.”"]
    assert [place.key for place in groups[0][1]][:3] == ["page", "page:title", "page:subtitle"]
    assert [place.key for place in groups[1][1]] == [str(block.uid), f"{block.uid}:text"]
