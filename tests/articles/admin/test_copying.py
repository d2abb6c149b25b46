import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from articles.models import Topic
from tests import factories
from tests.evidence.admin.forms import said

from .conftest import signed_in


def page(topic, name="copy"):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk])


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(title="Ankle weights: secrets", short_title="Ankle weights", slug="ankle")
    factories.HeadingFactory(parent=topic)
    return topic


def test_page_suggests_names_and_says_what_is_copied(writer, topic):
    content = writer.get(page(topic)).content.decode()

    assert 'value="Copy of Ankle weights"' in content
    assert 'value="ankle-copy"' in content
    assert "Nothing changes in this topic." in content
    assert Topic.objects.count() == 1


def test_copy_is_made_and_opened(writer, topic):
    response = writer.post(
        page(topic),
        {"title": "Wrist weights", "short_title": "Wrist weights", "slug": "wrist"},
        follow=True,
    )

    new = Topic.objects.get(slug="wrist")
    assert response.redirect_chain == [(page(new, "change"), 302)]
    assert said(response) == ["“Wrist weights” is a copy of “Ankle weights”. It is yours, and a draft."]
    assert (new.owner, new.articles_heading_set.count()) == (
        writer.user,
        1,
    )
    assert LogEntry.objects.get(object_id=str(new.pk)).get_change_message() == "Copied from “Ankle weights”."


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"slug": "ankle"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "a\x00b"}, "slug"),
        ({"title": ""}, "title"),
        ({"short_title": "x" * 61}, "short_title"),
    ],
)
def test_names_are_validated_like_those_of_any_topic(posted, field, writer, topic):
    response = writer.post(page(topic), {"title": "New", "short_title": "New", "slug": "new", **posted})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Topic.objects.count() == 1


def test_original_that_is_not_valid_any_more_is_named(writer, topic):
    Topic.objects.filter(pk=topic.pk).update(parent=factories.TopicFactory())

    response = writer.post(page(topic), {"title": "New", "short_title": "New", "slug": "new"})

    assert response.context["form"].non_field_errors() == [
        "Category: A subtopic stands in the category of its broader topic."
    ]
    assert not Topic.objects.filter(slug="new").exists()


def test_copying_needs_the_rights_to_add_and_to_look(topic):
    posted = {"title": "New", "short_title": "New", "slug": "new"}
    for rights in ((), ("view_topic",), ("add_topic",), ("change_topic",), ("publish_topic",)):
        client = signed_in(*rights)
        answers = [client.get(page(topic)), client.post(page(topic), posted)]
        assert [answer.status_code for answer in answers] == [403, 403], rights
        assert not any("secrets" in answer.content.decode() for answer in answers)
    assert Topic.objects.count() == 1


def test_button_stands_where_it_can_be_used(writer, releaser, topic):
    link = f'href="{page(topic)}"'

    assert link in writer.get(page(topic, "change")).content.decode()
    assert link not in releaser.get(page(topic, "change")).content.decode()


@pytest.mark.parametrize("key", ["987654", "x", "9" * 40])
def test_topic_that_is_not_there_is_not_found(key, writer):
    assert writer.get(f"/admin/articles/topic/{key}/copy/").status_code == 404
