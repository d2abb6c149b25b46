import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import checkpoints, presence
from articles.models import Checkpoint, Presence, Topic
from tests import factories
from tests.evidence.admin.forms import filled

from .conftest import signed_in

SECOND = datetime.timedelta(seconds=1)


def page(topic, name="change"):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk])


def ping(client, topic, **data):
    return client.post(page(topic, "presence"), data)


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights", title="Secret plans")
    factories.HeadingFactory(parent=topic)
    return topic


@pytest.fixture
def eva(topic):
    """Somebody who has the form open for a moment, and typed something."""
    user = factories.UserFactory(first_name="Eva", last_name="Editor")
    at = timezone.now().replace(microsecond=0) - 5 * SECOND
    presence.here(topic=topic, user=user, at=at, has_changes=True)
    return user


def line(topic):
    since = timezone.localtime(Presence.objects.get(user__first_name="Eva").opened_at)
    return f"Eva Editor has this page open since {since:%H:%M} and has unsaved changes."


def test_form_is_drawn_with_who_has_it_open(writer, topic, eva):
    content = writer.get(page(topic)).content.decode()

    assert line(topic) in content
    assert 'role="status"' in content
    assert Presence.objects.count() == 1


def test_people_are_told_of_each_other(writer, editor, topic):
    alone = ping(writer, topic, has_changes="on").content.decode()

    told = ping(editor, topic).content.decode()

    assert alone.strip() == ""
    assert writer.user.username in told
    assert "and has unsaved changes" in told
    assert set(Presence.objects.values_list("user", "has_changes")) == {
        (writer.user.pk, True),
        (editor.user.pk, False),
    }


def test_names_are_text_not_markup(writer, topic):
    user = factories.UserFactory(first_name="<script>alert(1)</script>")
    presence.here(topic=topic, user=user, at=timezone.now(), has_changes=False)

    assert "<script" not in ping(writer, topic).content.decode()


def test_reviewers_see_who_edits_and_do_not_count_themselves(topic, eva, editor):
    reviewer = signed_in("review_topic")

    told = ping(reviewer, topic, has_changes="on").content.decode()

    assert line(topic) in told
    assert line(topic) in reviewer.get(page(topic)).content.decode()
    assert "When you save" not in told
    assert Presence.objects.count() == 1


def test_leaving_the_form_is_noted(writer, topic):
    ping(writer, topic)

    response = ping(writer, topic, left="on")

    assert (response.status_code, response.content) == (204, b"")
    assert not Presence.objects.exists()


def test_newer_checkpoint_is_told_with_a_link_to_what_changed(writer, topic, eva):
    old = checkpoints.keep(topic=topic, by=None, at=timezone.now())
    opened = writer.get(page(topic)).context["presence"]["opened"]
    before = ping(writer, topic, _checkpoint=opened).content.decode()
    factories.RichTextFactory(parent=topic)
    at = timezone.now()
    new = checkpoints.keep(topic=topic, by=eva, at=at)

    told = ping(writer, topic, _checkpoint=opened).content.decode()

    assert opened == old.pk
    assert "is older" not in before
    assert f"Saved by Eva Editor at {timezone.localtime(at):%H:%M}: your copy is older." in told
    link = f"{page(topic, 'compare')}?from=c{old.pk}&to=c{new.pk}"
    assert link.replace("&", "&amp;") in told
    assert writer.get(link).status_code == 200
    assert writer.get(page(topic)).context["presence"]["newer"] is None


def test_first_checkpoint_is_news_for_a_form_that_was_opened_before(writer, topic):
    opened = writer.get(page(topic)).context["presence"]["opened"]
    checkpoints.keep(topic=topic, by=writer.user, at=timezone.now())

    told = ping(writer, topic, _checkpoint=opened).content.decode()

    assert opened == 0
    assert "Saved by you, in another window," in told
    assert f'href="{page(topic, "history")}"' in told


def test_form_that_comes_back_with_errors_is_still_the_one_that_was_opened(writer, topic):
    checkpoints.keep(topic=topic, by=None, at=timezone.now())
    form = writer.get(page(topic))
    opened = form.context["presence"]["opened"]
    factories.RichTextFactory(parent=topic)
    checkpoints.keep(topic=topic, by=writer.user, at=timezone.now())

    response = writer.post(page(topic), filled(form, title="", _checkpoint=opened))

    assert response.status_code == 200
    assert response.context["presence"]["opened"] == str(opened)
    assert response.context["presence"]["newer"] is not None
    assert "data-presence-unsaved" in response.content.decode()


@pytest.mark.parametrize("opened", ["", "x", "-1", "9" * 40, "1; DROP TABLE", "²", "\x00"])
def test_nonsense_for_a_checkpoint_counts_as_none(opened, writer, topic):
    assert ping(writer, topic, _checkpoint=opened).status_code == 200


def test_saying_that_one_is_here_changes_neither_topic_nor_history(writer, topic):
    before = Topic.objects.values().get()

    ping(writer, topic, has_changes="on")

    assert Topic.objects.values().get() == before
    assert not Checkpoint.objects.exists()


def test_address_is_shut_to_those_who_may_not_look(topic, eva, stranger):
    answers = [ping(stranger, topic), ping(Client(), topic)]

    assert [answer.status_code for answer in answers] == [403, 302]
    assert not any(b"Eva" in answer.content for answer in answers)
    assert Presence.objects.count() == 1


def test_address_takes_posts_with_the_token_of_the_form_only(writer, topic):
    client = Client(enforce_csrf_checks=True)
    client.force_login(writer.user)

    assert writer.get(page(topic, "presence")).status_code == 405
    assert ping(client, topic).status_code == 403
    assert not Presence.objects.exists()


@pytest.mark.parametrize("key", ["987654", "x", "9" * 40])
def test_topic_that_is_not_there_is_not_found(key, writer):
    assert writer.post(f"/admin/articles/topic/{key}/presence/").status_code == 404


def test_asking_costs_few_queries_for_any_number_of_people(writer, topic, django_assert_max_num_queries):
    ping(writer, topic)
    for _ in range(20):
        presence.here(topic=topic, user=factories.UserFactory(), at=timezone.now(), has_changes=False)

    with django_assert_max_num_queries(12):
        ping(writer, topic)
