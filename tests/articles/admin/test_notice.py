"""Notices in the admin: one's own and nobody else's, and how one wants to hear of things."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import notices
from articles.models import Notice, NoticeChoice, Topic
from articles.permissions import Role
from tests import factories
from tests.evidence.admin.forms import filled, said

pytestmark = pytest.mark.django_db

LIST = reverse("admin:notices")
CHOICES = reverse("admin:notice_choices")
READ_ALL = reverse("admin:notices_read")
SECRET = "Zinc and the common cold"
DAY = datetime.timedelta(days=1)
Delivery = NoticeChoice.Delivery


def as_role(role, **fields):
    user = factories.UserFactory(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def writer(db):
    return as_role(Role.WRITER)


def opened(notice):
    return reverse("admin:notice_open", args=[notice.pk])


def read_one(notice):
    return reverse("admin:notice_read", args=[notice.pk])


# The list


def test_notices_stand_newest_first_with_what_was_said(writer):
    now = timezone.now()
    event = factories.EventFactory(comment="Which <b>forty</b>?")
    factories.NoticeFactory(to=writer.user, text="Older.", at=now - DAY, read_at=now)
    factories.NoticeFactory(to=writer.user, text="Newer.", at=now, event=event, topic=event.topic)

    response = writer.get(LIST)

    content = response.content.decode()
    assert [notice.text for notice in response.context["page"]] == ["Newer.", "Older."]
    assert "Which &lt;b&gt;forty&lt;/b&gt;?" in content
    assert content.count('<strong class="state">Unread</strong>') == 1


def test_list_without_notices_says_so(writer):
    content = writer.get(LIST).content.decode()

    assert "There is nothing that you should hear of." in content
    assert "as read" not in content


def test_list_is_turned_page_by_page_and_takes_the_same_queries(writer, django_assert_num_queries):
    factories.NoticeFactory(to=writer.user, event=factories.EventFactory())
    writer.get(LIST)
    with django_assert_num_queries(7):
        writer.get(LIST)
    for _ in range(50):
        factories.NoticeFactory(
            to=writer.user, event=factories.EventFactory(), comment=factories.CommentFactory()
        )

    with django_assert_num_queries(7):
        first = writer.get(LIST)
    second = writer.get(LIST, {"page": "2"})

    assert (len(first.context["page"]), len(second.context["page"])) == (50, 1)
    assert len(writer.get(LIST, {"page": "x"}).context["page"]) == 50


def test_unread_notices_are_counted_on_every_page(writer):
    for _ in range(3):
        factories.NoticeFactory(to=writer.user)
    factories.NoticeFactory(to=writer.user, read_at=timezone.now())
    factories.NoticeFactory()

    content = writer.get(reverse("admin:index")).content.decode()

    assert f'<a href="{LIST}">Notices <span class="number">3<span' in content


def test_page_without_unread_notices_shows_no_number(writer):
    assert f'<a href="{LIST}">Notices</a>' in writer.get(reverse("admin:index")).content.decode()


# Reading


def test_notice_opens_its_topic_and_is_read(writer):
    notice = factories.NoticeFactory(to=writer.user)

    response = writer.get(opened(notice))
    at = Notice.objects.get().read_at
    writer.get(opened(notice))

    assert response.headers["Location"] == reverse("admin:articles_topic_change", args=[notice.topic_id])
    assert at is not None
    assert Notice.objects.get().read_at == at


@pytest.mark.parametrize("is_answer", [False, True])
def test_notice_of_a_comment_opens_the_conversation(is_answer, writer):
    thread = factories.CommentFactory()
    answer = factories.CommentFactory(topic=thread.topic, thread=thread)
    notice = factories.NoticeFactory(
        to=writer.user, topic=thread.topic, comment=answer if is_answer else thread, kind=Notice.Kind.COMMENT
    )

    response = writer.get(opened(notice), follow=True)

    at = reverse("admin:articles_topic_comments", args=[thread.topic_id])
    assert response.redirect_chain == [(f"{at}#comment-{thread.pk}", 302)]
    assert f'id="comment-{thread.pk}"' in response.content.decode()


def test_one_notice_or_all_are_marked_as_read(writer):
    first, *_ = (factories.NoticeFactory(to=writer.user) for _ in range(3))
    other = factories.NoticeFactory()

    writer.post(read_one(first))
    after_one = notices.unread_count(writer.user)
    response = writer.post(READ_ALL, follow=True)

    assert (after_one, notices.unread_count(writer.user)) == (2, 0)
    assert said(response) == ["2 notices marked as read."]
    assert said(writer.post(READ_ALL, follow=True)) == []
    assert Notice.objects.get(pk=other.pk).read_at is None


# Nobody else's


def test_nobody_sees_or_reads_the_notices_of_others(writer):
    other = factories.NoticeFactory(text=SECRET, topic__short_title=SECRET)
    administrator = Client()
    administrator.force_login(factories.UserFactory(is_staff=True, is_superuser=True))

    for client in (writer, administrator):
        answers = [client.get(opened(other)), client.post(read_one(other)), client.get(LIST)]

        assert [answer.status_code for answer in answers] == [404, 404, 200]
        assert not any(SECRET in answer.content.decode() for answer in answers)
    assert Notice.objects.get().read_at is None


def test_who_may_not_see_topics_is_refused(stranger):
    notice = factories.NoticeFactory(to=stranger.user, text=SECRET)

    answers = [
        stranger.get(LIST),
        stranger.get(opened(notice)),
        stranger.post(read_one(notice)),
        stranger.post(READ_ALL),
        stranger.get(CHOICES),
        stranger.post(CHOICES, {}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert not any(SECRET in answer.content.decode() for answer in answers)
    assert LIST not in stranger.get(reverse("admin:index")).content.decode()
    assert Notice.objects.get().read_at is None


def test_public_is_sent_to_sign_in(client):
    notice = factories.NoticeFactory(text=SECRET)

    for url in (LIST, CHOICES, opened(notice)):
        assert client.get(url).status_code == 302
    assert client.post(READ_ALL).status_code == 302


@pytest.mark.parametrize("url", [READ_ALL, "/admin/notices/1/read/"])
def test_marking_needs_a_form(url, writer):
    assert writer.get(url).status_code == 405


# How I hear of things


def choice(**changes):
    return {kind.name.lower(): Delivery.AT_ONCE.value for kind in Notice.Kind} | changes


def test_choices_start_at_once_and_are_kept(writer):
    other = factories.UserFactory()
    page = writer.get(CHOICES)

    response = writer.post(CHOICES, choice(move="daily", mention="admin only"), follow=True)

    assert writer.user.email in page.content.decode()
    assert {field.initial for field in page.context["form"].fields.values()} == {"at once"}
    assert said(response) == ["Your choices are saved."]
    assert notices.choices_of(writer.user) == {
        **dict.fromkeys(Notice.Kind, Delivery.AT_ONCE),
        Notice.Kind.MOVE: Delivery.DAILY,
        Notice.Kind.MENTION: Delivery.ADMIN_ONLY,
    }
    assert response.context["form"].fields["move"].initial == "daily"
    assert set(notices.choices_of(other).values()) == {Delivery.AT_ONCE}


@pytest.mark.parametrize("posted", [{}, choice(move="never"), choice(move="\x00")])
def test_wrong_choice_is_refused(posted, writer):
    response = writer.post(CHOICES, posted)

    assert response.status_code == 400
    assert "Please correct what is marked below." in response.content.decode()
    assert not NoticeChoice.objects.exists()


def test_person_without_an_address_is_told_so():
    content = as_role(Role.WRITER, email="").get(CHOICES).content.decode()

    assert "Your account has no e-mail address" in content


# The form of a topic


def topic_form(client, topic, **changes):
    url = reverse("admin:articles_topic_change", args=[topic.pk])
    return filled(client.get(url), **changes)


def test_reviewer_who_is_chosen_in_the_form_hears_of_it():
    editor, reviewer, other = (as_role(role) for role in (Role.EDITOR, Role.REVIEWER, Role.REVIEWER))
    topic = factories.TopicFactory(short_title="Walking")
    url = reverse("admin:articles_topic_change", args=[topic.pk])

    editor.post(url, topic_form(editor, topic, reviewer=reviewer.user.pk, review_due_on="2026-12-01"))
    editor.post(url, topic_form(editor, topic, title="A better title"))
    editor.post(url, topic_form(editor, topic, reviewer=other.user.pk))
    editor.post(url, topic_form(editor, topic, reviewer=""))

    asked = f"{editor.user.username} asks you to review “Walking” by 1 December 2026."
    assert Topic.objects.get().reviewer is None
    assert [(notice.to, notice.kind, notice.text) for notice in Notice.objects.order_by("pk")] == [
        (reviewer.user, "assigned", asked),
        (other.user, "assigned", asked),
    ]


def test_live_preview_tells_nobody():
    editor, reviewer = as_role(Role.EDITOR), as_role(Role.REVIEWER)
    topic = factories.RichTextFactory().parent
    url = reverse("admin:articles_topic_preview_typed", args=[topic.pk])

    response = editor.post(url, topic_form(editor, topic, reviewer=reviewer.user.pk))

    assert response.status_code == 200
    assert not Notice.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_deputy_is_chosen_among_those_who_may_see_topics():
    editor, writer = as_role(Role.EDITOR), as_role(Role.WRITER)
    factories.UserFactory(is_staff=True)
    topic = factories.TopicFactory()
    url = reverse("admin:articles_topic_change", args=[topic.pk])

    form = editor.get(url).context["adminform"].form
    editor.post(url, topic_form(editor, topic, deputy=writer.user.pk))

    assert set(form.fields["deputy"].queryset) == {editor.user, writer.user}
    assert Topic.objects.get().deputy == writer.user
