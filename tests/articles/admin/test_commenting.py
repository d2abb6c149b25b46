import re
import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import freezing, publishing, rendering
from articles.models import Checkpoint, Comment, SignOff
from tests import factories
from tests.evidence.admin.forms import filled, said

from .conftest import signed_in

SECRET = "Zinc does not cure the cold"
PART = {"headers": {"X-Requested-With": "fetch"}}
RIGHTS = ["view_topic", "change_topic", "edit_topic", "review_topic", "publish_topic"]
ONE = ["answer", "change", "remove", "resolve", "reopen"]


def page(topic, name="comments", *args):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk, *args])


def one(comment, what, topic=None):
    return page(topic or comment.topic, f"comment_{what}", comment.pk)


def typed(about="page", quote="", text="Which trial?"):
    return {"about": str(about), "quote": quote, "text": text}


@pytest.fixture
def topic(db):
    return factories.TopicFactory(short_title="Zinc", title="Zinc and colds")


@pytest.fixture
def block(topic):
    return factories.RichTextFactory(parent=topic, text="<p>It may help.</p>")


@pytest.fixture
def reviewer(db):
    """Somebody who may look and not change."""
    return signed_in("view_topic")


def kept():
    return [(comment.text, comment.by, comment.thread) for comment in Comment.objects.order_by("pk")]


# A new comment


def test_whoever_may_look_comments(reviewer, topic, block):
    response = reviewer.post(page(topic), typed(f"{block.uid}:text", "may help", "Which trial?"), follow=True)

    comment = Comment.objects.get()
    assert (comment.topic, comment.by, comment.text) == (topic, reviewer.user, "Which trial?")
    assert (comment.block_uid, comment.field, comment.quote) == (block.uid, "text", "may help")
    assert said(response) == ["The comment is kept."]
    assert response.redirect_chain == [(page(topic), 302)]
    html = response.content.decode()
    assert "Which trial?" in html
    assert "Text “It may help.”, field text</a>" in html
    assert "<blockquote>may help</blockquote>" in html


def test_comment_leaves_the_topic_its_checkpoints_and_its_sign_offs_alone(reviewer, topic, block):
    digest = freezing.digest(freezing.freeze(topic))
    SignOff.objects.create(
        topic=topic, kind="editorial", digest=digest, by=factories.UserFactory(), at=timezone.now()
    )
    before = topic.changed_at

    reviewer.post(page(topic), typed(block.uid))

    topic.refresh_from_db()
    assert topic.changed_at == before
    assert list(SignOff.objects.on(freezing.digest(freezing.freeze(topic)))) == list(SignOff.objects.all())
    assert not Checkpoint.objects.exists()
    assert not LogEntry.objects.exists()


def test_comment_between_loading_and_saving_the_form_is_no_conflict(writer, reviewer, topic, block):
    form = filled(writer.get(page(topic, "change")))
    reviewer.post(page(topic), typed(block.uid))

    response = writer.post(page(topic, "change"), form | {"title": "Zinc and the common cold"})

    topic.refresh_from_db()
    assert response.status_code == 302
    assert topic.title == "Zinc and the common cold"


@pytest.mark.parametrize(
    "posted",
    [
        {},
        typed(text=" "),
        typed(text="x" * 4001),
        typed(text="null\0"),
        typed(quote="x" * 501),
        typed("nowhere"),
        typed("page:owner"),
        typed(uuid.UUID(int=1)),
        typed("\0"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_what_was_typed(posted, reviewer, topic):
    response = reviewer.post(page(topic), posted)

    assert response.status_code == 422
    assert response.context["commenting"]["form"].errors
    assert not Comment.objects.exists()


def test_typed_words_stay_where_the_form_is_refused(reviewer, topic):
    content = reviewer.post(page(topic), typed("page:owner", "these words", SECRET)).content.decode()

    assert SECRET in content
    assert 'value="these words"' in content


def test_block_of_another_topic_is_refused(reviewer, topic):
    other = factories.RichTextFactory(text=f"<p>{SECRET}</p>")

    response = reviewer.post(page(topic), typed(other.uid))

    assert response.status_code == 422
    assert SECRET not in response.content.decode()
    assert not Comment.objects.exists()


def test_comments_are_text_not_markup(reviewer, topic):
    evil = '<script>alert("x")</script>'
    reviewer.post(page(topic), typed("page", evil, f"{evil}\nsecond line"))

    for address in (page(topic), page(topic, "change"), page(topic, "preview")):
        html = reviewer.get(address).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;\nsecond line" in html


# Answers, resolving, changing, removing


def test_answer_stands_in_the_thread(reviewer, writer, topic):
    thread = factories.CommentFactory(topic=topic, by=reviewer.user)

    response = writer.post(one(thread, "answer"), {"text": "The one of 2020."}, follow=True)

    assert kept() == [("Is this so?", reviewer.user, None), ("The one of 2020.", writer.user, thread)]
    assert said(response) == ["The answer is kept."]


def test_refused_answer_comes_back_in_its_thread(reviewer, topic):
    thread = factories.CommentFactory(topic=topic)

    response = reviewer.post(one(thread, "answer"), {"text": "x" * 4001})

    assert response.status_code == 422
    html = response.content.decode()
    assert "x" * 4001 in html
    assert "Write at most 4000 characters; these are 4001." in html
    assert reviewer.post(one(thread, "answer"), {}).status_code == 422
    assert reviewer.post(one(thread, "answer"), {"text": "a\0b"}).status_code == 422
    assert Comment.objects.count() == 1


def test_thread_is_resolved_and_reopened(reviewer, topic):
    thread = factories.CommentFactory(topic=topic)

    resolved = reviewer.post(one(thread, "resolve"), follow=True)
    thread.refresh_from_db()
    assert (thread.resolved_by, said(resolved)) == (reviewer.user, ["The comment is resolved."])

    reopened = reviewer.post(one(thread, "reopen"), follow=True)
    thread.refresh_from_db()
    assert (thread.resolved_by, said(reopened)) == (None, ["The comment is open again."])


def test_own_comment_is_changed_and_removed(reviewer, topic):
    own = factories.CommentFactory(topic=topic, by=reviewer.user)

    response = reviewer.post(one(own, "change"), {"text": "Is that so?"}, follow=True)
    assert said(response) == ["The comment is changed."]
    own.refresh_from_db()
    assert own.text == "Is that so?"
    assert own.changed_at is not None

    response = reviewer.post(one(own, "remove"), follow=True)
    assert said(response) == ["The comment is removed."]
    assert not Comment.objects.exists()


def test_answered_comment_is_not_removed(reviewer, topic):
    own = factories.CommentFactory(topic=topic, by=reviewer.user)
    factories.CommentFactory(topic=topic, thread=own)

    response = reviewer.post(one(own, "remove"), follow=True)

    assert said(response) == ["Somebody answered this comment. Resolve it instead."]
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("text", ["Mine.", "", "\0", "x" * 100_000])
def test_comment_of_somebody_else_is_refused_even_to_those_who_may_everything(text, editor, topic):
    comment = factories.CommentFactory(topic=topic, text=SECRET)

    changed = editor.post(one(comment, "change"), {"text": text})
    removed = editor.post(one(comment, "remove"))

    assert (changed.status_code, removed.status_code) == (403, 403)
    assert SECRET not in changed.content.decode() + removed.content.decode()
    assert Comment.objects.get().text == SECRET


def test_only_own_comments_offer_to_be_changed(reviewer, topic):
    own = factories.CommentFactory(topic=topic, by=reviewer.user)
    other = factories.CommentFactory(topic=topic)

    html = reviewer.get(page(topic)).content.decode()

    for what in ("change", "remove"):
        assert one(own, what) in html
        assert one(other, what) not in html


# Who may


@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_to_look_lets_comment(right, topic):
    somebody = signed_in(right)

    assert somebody.get(page(topic)).status_code == 200
    assert somebody.post(page(topic), typed()).status_code == 302
    assert Comment.objects.get().by == somebody.user


@pytest.mark.parametrize("right", ["view_term", "view_edition", "add_topic", "delete_topic"])
def test_others_are_refused_and_learn_nothing(right, topic):
    comment = factories.CommentFactory(topic=topic, text=SECRET)
    somebody = signed_in(right)

    answers = [somebody.get(page(topic)), somebody.post(page(topic), typed())]
    answers += [somebody.post(one(comment, what), {"text": "No."}) for what in ONE]

    assert {answer.status_code for answer in answers} == {403}
    assert [answer for answer in answers if SECRET in answer.content.decode()] == []
    assert kept() == [(SECRET, comment.by, None)]


def test_public_is_sent_to_the_log_in(client, topic):
    comment = factories.CommentFactory(topic=topic)

    for answer in (
        client.get(page(topic)),
        client.post(page(topic), typed()),
        client.post(one(comment, "resolve")),
    ):
        assert answer.status_code == 302
        assert "next=" in answer.headers["Location"]
    comment.refresh_from_db()
    assert comment.resolved_at is None
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("what", ONE)
def test_comment_of_another_topic_or_of_none_is_not_found(what, reviewer, topic):
    comment = factories.CommentFactory(text=SECRET, by=reviewer.user)

    for address in (
        one(comment, what, topic),
        page(topic, f"comment_{what}", 999),
        page(topic, f"comment_{what}", 2**70),
        reverse(f"admin:articles_topic_comment_{what}", args=[2**70, comment.pk]),
        reverse(f"admin:articles_topic_comment_{what}", args=["x", comment.pk]),
    ):
        response = reviewer.post(address, {"text": "Hello."})
        assert response.status_code == 404
        assert SECRET not in response.content.decode()
    comment.refresh_from_db()
    assert (comment.text, comment.resolved_at) == (SECRET, None)


@pytest.mark.parametrize("what", ["answer", "resolve", "reopen"])
def test_answer_is_no_thread(what, reviewer, topic):
    thread = factories.CommentFactory(topic=topic)
    answer = factories.CommentFactory(topic=topic, thread=thread)

    assert reviewer.post(one(answer, what), {"text": "Hello."}).status_code == 404


def test_looking_writes_nothing(reviewer, topic):
    comment = factories.CommentFactory(topic=topic, by=reviewer.user)

    assert {reviewer.get(one(comment, what)).status_code for what in ONE} == {405}
    assert reviewer.get(page(topic), typed()).status_code == 200
    comment.refresh_from_db()
    assert comment.resolved_at is None
    assert Comment.objects.count() == 1


def test_forged_forms_are_refused(publisher, topic):
    comment = factories.CommentFactory(topic=topic, by=publisher)
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(publisher)

    answers = [forged.post(page(topic), typed(), **PART)]
    answers += [forged.post(one(comment, what), {"text": "x"}, **PART) for what in ONE]

    assert {answer.status_code for answer in answers} == {403}
    assert kept() == [("Is this so?", publisher, None)]


# Beside the form and the preview


def test_script_gets_the_threads_alone(reviewer, topic, block):
    response = reviewer.post(page(topic) + "?beside=form", typed(block.uid), **PART)
    html = response.content.decode()

    assert response.status_code == 200
    assert html.lstrip().startswith('<div class="comments">')
    assert "The comment is kept." in html
    assert "<html" not in html
    assert f'href="{page(topic, "change")}#articles_richtext_set-0"' in html
    assert said(reviewer.get(page(topic))) == []


def test_script_gets_what_was_refused(reviewer, topic):
    response = reviewer.post(page(topic) + "?beside=form", typed(text=""), **PART)

    assert response.status_code == 422
    assert "This field is required." in response.content.decode()


def test_threads_beside_the_preview_lead_into_its_frame(reviewer, topic, block):
    heading = factories.HeadingFactory(parent=topic, anchor="what")
    table = factories.EvidenceTableFactory(parent=topic)
    for about in (block.uid, heading.uid, table.uid, "page:key_points"):
        reviewer.post(page(topic), typed(about))

    threads = reviewer.get(page(topic, "preview")).content.decode()
    framed = reviewer.get(page(topic, "preview_page")).content.decode()

    frame = page(topic, "preview_page")
    for anchor, uid in (
        (f"block-{block.uid}", block.uid),
        ("what-h", heading.uid),
        (f"table-{str(table.uid)[:8]}", table.uid),
    ):
        assert f'href="{frame}#{anchor}" target="preview-of-comments"' in threads
        assert f'id="{anchor}"' in framed
        assert f'data-block="{uid}"' in framed
    assert f'href="{frame}#glance"' in threads
    assert threads.count('name="preview-of-comments"') == 1


@pytest.mark.parametrize("right", ["view_topic", "change_topic"])
def test_form_shows_threads_and_takes_comments(right, topic, block):
    factories.CommentFactory(topic=topic, block_uid=block.uid, text="Is this so?")
    factories.CommentFactory(topic=topic, resolved_at=timezone.now(), resolved_by=factories.UserFactory())

    html = signed_in("view_topic", right).get(page(topic, "change")).content.decode()

    assert "Is this so?" in html
    assert "Comments: <span data-comments-count>1 open</span>" in html
    assert "Resolved: 1" in html
    assert f'<form method="post" action="{page(topic)}"' in html
    assert f'"{block.uid}": "articles_richtext_set-0"' in html
    # Apart from the form of the topic: forms do not nest.
    assert html.index("</form>", html.index('id="topic_form"')) < html.index('id="comments"')


def test_new_topic_has_no_comments_yet(editor):
    assert 'id="comments"' not in editor.get(reverse("admin:articles_topic_add")).content.decode()


def test_form_that_was_refused_still_knows_its_blocks(editor, topic, block):
    form = filled(editor.get(page(topic, "change")))

    response = editor.post(page(topic, "change"), form | {"title": ""})

    assert response.status_code == 200
    assert response.context["commented_blocks"] == {str(block.uid): "articles_richtext_set-0"}


def test_shared_preview_shows_neither_comments_nor_marks(client, topic, block):
    factories.CommentFactory(topic=topic, block_uid=block.uid, text=SECRET)
    grant = factories.PreviewGrantFactory(topic=topic, made_at=timezone.now())

    html = client.get(grant.get_absolute_url()).content.decode()

    assert "It may help." in html
    for part in (SECRET, str(block.uid), "data-block", "comments"):
        assert part not in html


def test_published_page_holds_no_marks(publisher, client, topic, block):
    topic.state = "approved"
    topic.save()
    heading = factories.HeadingFactory(parent=topic)
    for factory in (
        factories.KeyVariablesFactory,
        factories.CalloutFactory,
        factories.FigureFactory,
        factories.EvidenceTableFactory,
    ):
        factory(parent=topic)
    content = freezing.freeze(topic)

    plain, marked = rendering.render(content), rendering.render(content, marked=True)

    assert len(re.findall(r' data-block="[0-9a-f-]{36}"', marked.body)) == 6
    assert re.sub(r'( id="block-[0-9a-f-]{36}")? data-block="[0-9a-f-]{36}"', "", marked.body) == plain.body
    assert str(heading.uid) not in plain.body
    SignOff.objects.create(
        topic=topic,
        kind="editorial",
        digest=freezing.digest(content),
        by=factories.UserFactory(),
        at=timezone.now(),
    )
    edition = publishing.publish(topic=topic, by=publisher, at=timezone.now())
    assert edition.body_html == plain.body


# Lists and numbers


def test_list_is_filtered_by_open_comments(reviewer):
    asked = factories.CommentFactory(topic__short_title="Asked").topic
    factories.CommentFactory(topic=asked)
    factories.CommentFactory(
        topic__short_title="Answered", resolved_at=timezone.now(), resolved_by=reviewer.user
    )
    factories.TopicFactory(short_title="Silent")

    rows = (
        reviewer.get(reverse("admin:articles_topic_changelist"), {"comments": "open"}).context["cl"].queryset
    )

    assert [row.short_title for row in rows] == ["Asked"]


def full(topic, block, *, times):
    for n in range(times):
        thread = factories.CommentFactory(topic=topic, block_uid=block.uid if n % 2 else None)
        factories.CommentFactory(topic=topic, thread=thread)
        done = {"resolved_at": timezone.now(), "resolved_by": factories.UserFactory()}
        factories.CommentFactory(topic=topic, field="title", **done)


@pytest.mark.parametrize("name", ["comments", "change", "preview"])
def test_pages_take_as_many_queries_for_many_comments_as_for_few(
    name, reviewer, topic, block, django_assert_num_queries, django_assert_max_num_queries
):
    full(topic, block, times=2)
    reviewer.get(page(topic, name))

    with django_assert_max_num_queries(80) as few:
        reviewer.get(page(topic, name))
    full(topic, block, times=20)
    with django_assert_num_queries(len(few)):
        reviewer.get(page(topic, name))
