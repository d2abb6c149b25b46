"""Copies of topics: the same words under another name, and nothing else of the original."""

import pytest
from django.core.exceptions import ValidationError

from articles import comparing, copying, freezing
from articles.models import BLOCK_MODELS, Checkpoint, Comment, Edition, Event, SignOff, Topic
from tests.articles.test_publishing import full_topic
from tests.factories import (
    FigureFactory,
    HeadingFactory,
    PreviewGrantFactory,
    RichTextFactory,
    TopicFactory,
    UserFactory,
)
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db


def copied(topic, now, **names):
    names = {"title": "Wrist weights: benefits", "short_title": "Wrist weights", "slug": "wrist", **names}
    return copying.copy(topic=topic, by=UserFactory(username="eva"), at=now, **names)


def content(topic):
    return freezing.freeze(Topic.objects.select_related("category", "intervention").get(pk=topic.pk))


def blocks(topic):
    return [
        block
        for model in BLOCK_MODELS
        for block in model._default_manager.filter(parent=topic).order_by("pk")
    ]


@pytest.fixture
def topic(publisher, now):
    """A topic with everything that a copy takes along, and everything that it leaves."""
    topic = full_topic(
        parent=None,
        title="Ankle weights: benefits and limits",
        short_title="Ankle weights",
        subtitle="For walking",
        meta_description="What they do.",
        key_points="<ul><li>They may help.</li></ul>",
        not_known="<ul><li>Whether it lasts.</li></ul>",
        search_words=["leg weights"],
        research_to=now.date(),
        next_review=now.date(),
        risk=Topic.Risk.PREGNANCY,
        priority=Topic.Priority.HIGH,
        owner=UserFactory(),
        reviewer=UserFactory(),
        review_due_on=now.date(),
        takes_outside_sign_off=True,
    )
    topic.tags.set(["gait", "strength"])
    publish_signed(topic=topic, by=publisher, at=now)
    TopicFactory(parent=topic)
    PreviewGrantFactory(topic=topic)
    Comment.objects.create(topic=topic, by=publisher, at=now, text="Is that so?")
    Topic.objects.filter(pk=topic.pk).update(state=Topic.State.IN_REVIEW)
    topic.refresh_from_db()
    return topic


def test_copy_says_the_same_under_another_name(topic, now):
    new = copied(topic, now)

    was, says = content(topic), content(new)
    for name in ("path", "title", "short_title", "uid"):
        assert was["topic"].pop(name) != says["topic"].pop(name)
    for block in (*was["blocks"], *says["blocks"]):
        del block["uid"]
    assert says == was


def test_blocks_of_the_copy_are_others_in_the_same_order(topic, now):
    for ordering in (7, 3, 5):
        RichTextFactory(parent=topic, ordering=ordering, text=f"<p>Place {ordering}.</p>")
        HeadingFactory(parent=topic, ordering=ordering + 1, text=f"Heading {ordering}")
    before = [(block.pk, block.uid, block.ordering) for block in blocks(topic)]

    new = copied(topic, now)

    pairs = list(zip(blocks(topic), blocks(new), strict=True))
    assert [(block.pk, block.uid, block.ordering) for block in blocks(topic)] == before
    assert not {block.uid for block, _ in pairs} & {block.uid for _, block in pairs}
    assert [block["kind"] for block in content(new)["blocks"]] == [
        block["kind"] for block in content(topic)["blocks"]
    ]
    assert content(new)["blocks"][0]["text"] == "<p>Place 3.</p>"


def test_copy_is_a_draft_of_whoever_made_it_with_nothing_of_the_past(topic, now):
    new = copied(topic, now)

    new.refresh_from_db()
    assert (new.owner.username, new.state, new.priority) == ("eva", "drafting", "normal")
    assert (new.reviewer, new.review_due_on, new.reviewed_on, new.takes_outside_sign_off) == (
        None,
        None,
        None,
        False,
    )
    assert (new.risk, new.category, new.parent) == (topic.risk, topic.category, topic.parent)
    for model in (Edition, SignOff, Comment):
        assert model.objects.filter(topic=topic).exists()
        assert not model.objects.filter(topic=new).exists()
    assert not new.children.exists()
    assert not new.preview_grants.exists()
    event, checkpoint = Event.objects.get(topic=new), Checkpoint.objects.get(topic=new)
    assert (event.action, event.to_state, event.comment) == (
        "copy",
        "drafting",
        "Copied from “Ankle weights”.",
    )
    assert (checkpoint.note, checkpoint.by, checkpoint.digest) == (
        event.comment,
        new.owner,
        freezing.digest(content(new)),
    )


def test_nothing_changes_in_the_original(topic, now):
    before = (
        content(topic),
        Topic.objects.values().get(pk=topic.pk),
        Event.objects.filter(topic=topic).count(),
    )

    new = copied(topic, now)
    new.tags.clear()
    new.lenses.all().delete()

    assert (
        content(topic),
        Topic.objects.values().get(pk=topic.pk),
        Event.objects.filter(topic=topic).count(),
    ) == before


def test_copy_shows_the_same_figure(now):
    figure = FigureFactory(alt="A leg as a lever")

    new = copied(figure.parent, now)

    assert new.articles_figure_set.get().image == figure.image
    assert content(new)["blocks"][0]["image"] == content(figure.parent)["blocks"][0]["image"]


def test_two_copies_can_be_compared_with_the_original(topic, now):
    new = copied(topic, now)

    assert comparing.compare(content(topic), content(new)).summary


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({"slug": "ankle"}, "slug"),
        ({"slug": "no address"}, "slug"),
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"short_title": "x" * 61}, "short_title"),
    ],
)
def test_names_that_a_topic_cannot_have_are_refused_and_nothing_is_written(names, field, now):
    topic = TopicFactory(slug="ankle")

    with pytest.raises(ValidationError) as refusal:
        copied(topic, now, **names)

    assert list(refusal.value.message_dict) == [field]
    assert Topic.objects.count() == 1
    assert not Event.objects.exists()


def test_suggested_address_is_free():
    topic = TopicFactory(title="Ankle weights", short_title="Weights", slug="ankle")
    first = copying.suggestion(topic)
    for slug in ("ankle-copy", "ankle-copy-2"):
        TopicFactory(slug=slug)

    assert first == {"title": "Copy of Ankle weights", "short_title": "Copy of Weights", "slug": "ankle-copy"}
    assert copying.suggestion(topic)["slug"] == "ankle-copy-3"


def test_suggestions_fit_where_they_go(now):
    topic = TopicFactory(title="x" * 120, short_title="y" * 60, slug="z" * 80)

    new = copied(topic, now, **copying.suggestion(topic))

    assert (len(new.title), len(new.short_title), new.slug.endswith("-copy")) == (120, 60, True)
