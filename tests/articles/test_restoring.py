"""Restoring: what a topic said comes back as it was, and what cannot is told."""

import datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import checkpoints, comparing, freezing, restoring
from articles.models import (
    Callout,
    Checkpoint,
    EvidenceTable,
    Figure,
    Heading,
    RichText,
    Topic,
    TopicPopulation,
)
from tests.articles.test_publishing import full_topic
from tests.factories import (
    CalloutFactory,
    EvidenceTableFactory,
    FigureFactory,
    HeadingFactory,
    InterventionFactory,
    KeyVariablesFactory,
    OutcomeFactory,
    PopulationFactory,
    RichTextFactory,
    TopicFactory,
    TopicPopulationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def frozen(topic):
    return freezing.freeze(Topic.objects.select_related("category").get(pk=topic.pk))


def rewrite(topic):
    """Change, delete and add something of each kind."""
    topic.title, topic.subtitle, topic.standfirst = "Another title", "Another subtitle", "Other words."
    topic.meta_description, topic.search_words = "Another description.", ["others"]
    topic.key_points, topic.not_known = "<p>Other points.</p>", "<p>Other questions.</p>"
    topic.save()
    topic.tags.set(["other"])
    topic.lenses.all().delete()
    TopicPopulationFactory(topic=topic)
    Heading.objects.filter(parent=topic).update(text="Another heading", ordering=900)
    RichText.objects.filter(parent=topic).delete()
    RichTextFactory(parent=topic)
    EvidenceTable.objects.filter(parent=topic).update(title="Another table")
    Figure.objects.filter(parent=topic).delete()
    KeyVariablesFactory(parent=topic)


@pytest.fixture
def topic():
    topic = full_topic(
        subtitle="What the research shows",
        meta_description="For search engines.",
        key_points="<ul><li><p>It may help.</p></li></ul>",
        not_known="<p>How long it lasts.</p>",
        search_words=["leg weights"],
    )
    topic.tags.set(["walking", "ankle"])
    return topic


def test_restore_brings_everything_back(topic, now):
    content = frozen(topic)
    uids = [block["uid"] for block in content["blocks"]]
    rewrite(topic)
    assert freezing.digest(frozen(topic)) != freezing.digest(content)

    reports = restoring.restore(topic=topic, content=content, by=UserFactory(), at=now, note="Restored")

    assert reports == []
    assert frozen(topic) == content
    assert freezing.digest(frozen(topic)) == freezing.digest(content)
    assert [block["uid"] for block in frozen(topic)["blocks"]] == uids


def test_restore_leaves_address_place_and_work_alone(topic, now):
    content = frozen(topic)
    owner = UserFactory()
    Topic.objects.filter(pk=topic.pk).update(
        slug="elsewhere", state=Topic.State.ON_HOLD, owner=owner, risk=Topic.Risk.CHILDREN
    )
    before = Topic.objects.values("slug", "category", "parent", "state", "owner", "risk", "position").get(
        pk=topic.pk
    )

    restoring.restore(topic=topic, content=content, by=None, at=now)

    assert (
        Topic.objects.values("slug", "category", "parent", "state", "owner", "risk", "position").get(
            pk=topic.pk
        )
        == before
    )


def test_restore_keeps_a_checkpoint_before_and_after(topic, now):
    content = frozen(topic)
    rewrite(topic)
    rewritten = frozen(topic)
    user = UserFactory()

    restoring.restore(topic=topic, content=content, by=user, at=now, note="Restored: Edition 1")

    after, before = Checkpoint.objects.newest_first()
    assert (before.content, before.by, before.note) == (rewritten, None, restoring.AS_IT_WAS)
    assert (after.content, after.by, after.at, after.note) == (content, user, now, "Restored: Edition 1")


def test_restore_of_what_is_there_changes_nothing(topic, now):
    content = frozen(topic)
    checkpoints.keep(topic=topic, by=None, at=now)
    keys = set(RichText.objects.values_list("pk", flat=True))

    restoring.restore(topic=topic, content=content, by=UserFactory(), at=now, note="Restored")

    assert Checkpoint.objects.count() == 1
    assert set(RichText.objects.values_list("pk", flat=True)) == keys


def test_restore_touches_no_other_topic(topic, now):
    other = full_topic()
    before = frozen(other)
    content = frozen(topic)
    rewrite(topic)

    restoring.restore(topic=topic, content=content, by=None, at=now)

    assert frozen(other) == before


def test_evidence_of_today_stands_in_a_restored_table(topic, now):
    content = frozen(topic)
    result = topic.intervention.arms.get().results.get()
    result.estimate, result.ci_low, result.ci_high = 2.0, 1.0, 3.0
    result.derive()
    result.save()

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    comparison = comparing.compare(content, frozen(topic))
    assert reports == []
    assert [row.change for block in comparison.blocks for row in block.rows] == ["changed"]
    assert comparison.fields == ()


# What cannot come back


def test_table_without_its_outcome_becomes_a_callout_that_says_so(now):
    topic = TopicFactory()
    HeadingFactory(parent=topic, ordering=10)
    table = EvidenceTableFactory(
        parent=topic,
        ordering=20,
        title="Walking <fast>",
        outcome__name="Gait & speed",
        outcome__slug="gait",
    )
    RichTextFactory(parent=topic, ordering=30)
    content = frozen(topic)
    outcome = table.outcome
    table.delete()
    outcome.delete()

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert reports == [
        "Evidence table “Walking <fast>”: its outcome “Gait & speed” does not exist any more. "
        "A callout stands in its place."
    ]
    blocks = frozen(topic)["blocks"]
    assert [block["kind"] for block in blocks] == ["heading", "callout", "text"]
    assert blocks[1] == {
        "uid": str(table.uid),
        "kind": "callout",
        "callout": "note",
        "title": "Evidence removed",
        "text": "<p>The evidence table “Walking &lt;fast&gt;” stood here. "
        "Its outcome, Gait &amp; speed, does not exist any more.</p>",
    }

    # Once the outcome is back, so is the table, and the callout goes.
    OutcomeFactory(name="Gait & speed", slug="gait")
    assert restoring.restore(topic=topic, content=content, by=None, at=now) == []
    assert frozen(topic) == content
    assert not Callout.objects.exists()


def test_figure_without_its_image_is_left_out(topic, now):
    content = frozen(topic)
    figure = Figure.objects.get()
    figure.delete()
    figure.image.delete()

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert reports == ["Figure “A leg as a lever” was left out: its image is not in the library any more."]
    assert not Figure.objects.exists()
    assert [block["kind"] for block in frozen(topic)["blocks"]] == [
        block["kind"] for block in content["blocks"] if block["kind"] != "figure"
    ]


def test_group_that_is_gone_is_left_out(now):
    topic = TopicFactory()
    gone, stays = TopicPopulationFactory(topic=topic), TopicPopulationFactory(topic=topic, position=1)
    content = frozen(topic)
    label = gone.population.label
    TopicPopulation.objects.all().delete()
    gone.population.delete()

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert reports == [f"The population “{label}” does not exist any more, and was left out."]
    assert [lens.population for lens in topic.lenses.all()] == [stays.population]


def test_intervention_that_is_gone_leaves_the_one_of_today(now):
    topic = TopicFactory(intervention=InterventionFactory(slug="old"))
    content = frozen(topic)
    old, today = topic.intervention, InterventionFactory()
    topic.intervention = today
    topic.save()
    old.delete()

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert reports == ["The intervention “old” does not exist any more. The topic keeps the one that it has."]
    topic.refresh_from_db()
    assert topic.intervention == today


def test_block_that_is_not_valid_any_more_is_left_out(topic, now):
    content = frozen(topic)
    heading = next(block for block in content["blocks"] if block["kind"] == "heading")
    heading["anchor"] = "not an anchor"

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert len(reports) == 1
    assert reports[0].startswith("Heading “What they are” was left out: Anchor: Enter a valid “slug”")
    assert not Heading.objects.exists()


def test_block_of_another_topic_is_never_taken(topic, now):
    theirs = RichTextFactory(text="<p>Theirs.</p>")
    content = frozen(topic)
    block = next(block for block in content["blocks"] if block["kind"] == "text")
    block["uid"] = str(theirs.uid)

    reports = restoring.restore(topic=topic, content=content, by=None, at=now)

    assert reports == ["Text was left out: Uid: Text with this Uid already exists."]
    theirs.refresh_from_db()
    assert (theirs.text, theirs.parent == topic) == ("<p>Theirs.</p>", False)


# Refusals


def refused(topic, content, now):
    before = frozen(topic)
    with pytest.raises(restoring.NotRestorable) as caught:
        restoring.restore(topic=topic, content=content, by=None, at=now)
    assert frozen(topic) == before
    assert not Checkpoint.objects.exists()
    return caught.value.problems


def test_content_of_another_topic_is_refused(topic, now):
    assert refused(topic, frozen(full_topic()), now) == ["This version belongs to another topic."]


@pytest.mark.parametrize("content", [{}, {"schema": 999}])
def test_content_of_an_unknown_form_is_refused(content, topic, now):
    assert refused(topic, content, now) == ["This version is written in a form that cannot be read any more."]


def test_title_that_is_not_valid_is_refused(topic, now):
    content = frozen(topic)
    content["topic"] = {**content["topic"], "title": "x" * 121, "short_title": ""}

    assert refused(topic, content, now) == [
        "Title: Ensure this value has at most 120 characters (it has 121).",
        "Short title: This field cannot be blank.",
    ]


# The law: what was frozen, restored and frozen again has the same digest.

prose = st.sampled_from(
    [
        "<p>It may help.</p>",
        "<p>It <strong>may</strong> help &amp; more.</p>",
        "<ul><li><p>One</p></li><li><p>Two</p></li></ul>",
        '<p><a href="https://example.org/?a=1&amp;b=2">Elsewhere</a></p>',
    ]
)
line = st.text("abc é<>&", min_size=1, max_size=30).map(str.strip).filter(bool)
MAKERS = {
    "heading": lambda topic, data: HeadingFactory(
        parent=topic, text=data.draw(line), short_text=data.draw(st.just("") | line)
    ),
    "text": lambda topic, data: RichTextFactory(parent=topic, text=data.draw(prose)),
    "callout": lambda topic, data: CalloutFactory(
        parent=topic, text=data.draw(prose), kind=data.draw(st.sampled_from(Callout.Kind.values))
    ),
    "key variables": lambda topic, data: KeyVariablesFactory(
        parent=topic, rows=[{"variable": data.draw(line), "why": data.draw(line), "evidence": ""}]
    ),
    "evidence table": lambda topic, data: EvidenceTableFactory(
        parent=topic, introduction=data.draw(st.just("") | prose)
    ),
    "figure": lambda topic, data: FigureFactory(parent=topic, caption=data.draw(st.just("") | line)),
}


def fill(topic, data):
    for kind in data.draw(st.lists(st.sampled_from(sorted(MAKERS)), max_size=5)):
        MAKERS[kind](topic, data)
    topic.title = data.draw(line)
    topic.meta_description = data.draw(st.just("") | line)
    topic.key_points = data.draw(st.just("") | prose)
    topic.save()
    topic.tags.set(data.draw(st.lists(st.sampled_from(["gait", "older adults", "Knee"]), unique=True)))
    topic.lenses.all().delete()
    for position in range(data.draw(st.integers(0, 3))):
        TopicPopulationFactory(topic=topic, position=position, population=PopulationFactory())


class RoundTrip(HypothesisTestCase):
    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_restoring_gives_back_the_digest(self, data):
        at = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
        topic = TopicFactory()
        fill(topic, data)
        content = frozen(topic)
        for kind in data.draw(st.sets(st.sampled_from([Heading, RichText, Figure, EvidenceTable]))):
            kind.objects.filter(parent=topic).delete()
        fill(topic, data)

        reports = restoring.restore(topic=topic, content=content, by=None, at=at)

        assert reports == []
        assert freezing.digest(frozen(topic)) == freezing.digest(content)
