import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Edition, Heading, KeyVariables, RichText, Term, Topic
from tests import factories
from tests.evidence.admin.forms import errors, filled, said
from tests.signing import publish_signed

LIST = reverse("admin:articles_topic_changelist")
ADD = reverse("admin:articles_topic_add")


def page(topic, name="change"):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk])


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights")
    factories.HeadingFactory(parent=topic, text="What they are", anchor="what")
    factories.RichTextFactory(parent=topic, text="<p>They add load.</p>")
    return topic


# List


def test_list_is_the_tree_with_the_state_of_each_page(editor):
    broad = factories.TopicFactory(short_title="Broad")
    factories.TopicFactory(short_title="Narrow", parent=broad)
    factories.TopicFactory(short_title="Gone")
    factories.EditionFactory(topic=broad, number=1)
    factories.EditionFactory(topic=broad, number=2)
    gone = Topic.objects.get(short_title="Gone")
    factories.EditionFactory(topic=gone, withdrawn_at=timezone.now(), withdrawal_note="Wrong.")

    rows = editor.get(LIST).context["cl"].result_list

    assert [(row.short_title, row.tree_depth, row.live_number, row.last_number) for row in rows] == [
        ("Broad", 0, 2, 2),
        ("Narrow", 1, None, None),
        ("Gone", 0, None, 1),
    ]


@pytest.mark.parametrize(
    ("state", "found"),
    [("live", ["Live"]), ("withdrawn", ["Gone"]), ("never", ["New"]), ("x", ["Live", "Gone", "New"])],
)
def test_list_is_filtered_by_state(state, found, editor):
    factories.EditionFactory(topic__short_title="Live")
    factories.EditionFactory(topic__short_title="Gone", withdrawn_at=timezone.now(), withdrawal_note="Wrong.")
    factories.TopicFactory(short_title="New")

    rows = editor.get(LIST, {"page": state}).context["cl"].result_list

    assert [row.short_title for row in rows] == found


def test_list_shows_what_is_due_for_review(editor):
    today = timezone.localdate()
    factories.TopicFactory(short_title="Due", next_review=today)
    factories.TopicFactory(short_title="Later", next_review=today + datetime.timedelta(days=1))
    factories.TopicFactory(short_title="Open")

    def found(value):
        return [row.short_title for row in editor.get(LIST, {"review": value}).context["cl"].result_list]

    assert (found("due"), found("none")) == (["Due"], ["Open"])


def test_topic_does_not_move_below_one_of_another_category(editor):
    one, other = factories.TopicFactory.create_batch(2)

    answer = editor.post(
        f"{LIST}move-node/", {"move": one.pk, "position": "first-child", "relative_to": other.pk}
    )

    assert answer.content == b"error"
    assert "A subtopic stands in the category of its broader topic." in said(editor.get(LIST))
    assert Topic.objects.get(pk=one.pk).parent is None


def test_moving_needs_the_right_to_change(releaser):
    one = factories.TopicFactory()
    other = factories.TopicFactory(category=one.category)

    answer = releaser.post(
        f"{LIST}move-node/", {"move": one.pk, "position": "first-child", "relative_to": other.pk}
    )

    assert answer.status_code == 403
    assert Topic.objects.get(pk=one.pk).parent is None


# Form


def test_topic_is_added_with_blocks(writer):
    category = factories.CategoryFactory()
    data = filled(
        writer.get(ADD),
        category=category.pk,
        title="Ankle weights: benefits and limits",
        short_title="Ankle weights",
        slug="ankle-weights",
        standfirst="What they do.",
        teaser="What they do.",
        search_words="leg weights\nwrist weights",
        tags="strength, gait",
        **{
            "articles_heading_set-TOTAL_FORMS": "1",
            "articles_heading_set-0-text": "What they are",
            "articles_heading_set-0-anchor": "what",
            "articles_heading_set-0-region": "main",
            "articles_heading_set-0-ordering": "10",
            "articles_richtext_set-TOTAL_FORMS": "1",
            "articles_richtext_set-0-text": "<p>They <script>alert(1)</script>add <strong>load</strong>.</p>",
            "articles_richtext_set-0-region": "main",
            "articles_richtext_set-0-ordering": "20",
        },
    )
    response = writer.post(ADD, data)

    assert response.status_code == 302
    topic = Topic.objects.get()
    assert topic.search_words == ["leg weights", "wrist weights"]
    assert sorted(topic.tags.names()) == ["gait", "strength"]
    assert Heading.objects.get(parent=topic).anchor == "what"
    assert RichText.objects.get(parent=topic).text == "<p>They add <strong>load</strong>.</p>"


def test_saving_publishes_nothing(editor, topic):
    response = editor.post(page(topic), filled(editor.get(page(topic)), title="A new title"))

    assert response.status_code == 302
    assert Topic.objects.get().title == "A new title"
    assert not Edition.objects.exists()


def test_saving_leaves_what_is_live_as_it_is(editor, topic):
    edition = publish_signed(topic=topic, by=None, at=timezone.now())

    editor.post(page(topic), filled(editor.get(page(topic)), title="A new title"))

    assert Edition.objects.get().digest == edition.digest


def test_live_page_is_linked(editor, topic):
    assert "View on site" not in editor.get(page(topic)).content.decode()

    edition = publish_signed(topic=topic, by=None, at=timezone.now())

    assert f'href="{edition.get_absolute_url()}"' in editor.get(page(topic)).content.decode()


def test_readers_of_the_working_copy_see_no_fields(releaser, topic):
    response = releaser.get(page(topic))

    assert response.status_code == 200
    assert 'name="title"' not in response.content.decode()
    assert releaser.post(page(topic), {"title": "x"}).status_code == 403


def test_impossible_subtopic_is_refused_at_its_field(editor, topic):
    other = factories.TopicFactory()

    response = editor.post(page(topic), filled(editor.get(page(topic)), parent=other.pk))

    assert errors(response) == {"category": ["A subtopic stands in the category of its broader topic."]}


def test_form_takes_as_many_queries_for_twenty_blocks_as_for_two(
    editor, topic, django_assert_num_queries, django_assert_max_num_queries
):
    editor.get(page(topic))
    with django_assert_max_num_queries(39) as two:
        editor.get(page(topic))
    factories.HeadingFactory.create_batch(9, parent=topic)
    factories.RichTextFactory.create_batch(9, parent=topic)
    with django_assert_num_queries(len(two.captured_queries)):
        editor.get(page(topic))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('[{"variable": "Age", "why": ""}]', "Row 1: “Why it matters” is empty."),
        ('[{"variable": "Age", "why": "x"}, {"variable": "", "why": "x"}]', "Row 2: “Variable” is empty."),
        (f'[{{"variable": "{"x" * 81}", "why": "x"}}]', "Row 1: “Variable” is longer than 80 characters."),
        ("[]", "This field is required."),
        ("{", "Enter a valid JSON."),
        ('"x"', "data must be array"),
        ('[{"variable": "Age"}]', "data[0] must contain ['why'] properties"),
    ],
)
def test_table_that_is_not_filled_in_says_which_row(rows, message, editor, topic):
    block = factories.KeyVariablesFactory(parent=topic)
    name = "articles_keyvariables_set-0-rows"

    response = editor.post(page(topic), filled(editor.get(page(topic)), **{name: rows}))

    assert errors(response) == {name: [message]}
    assert KeyVariables.objects.get().rows == block.rows


# Copies of blocks


def clone(client, topic, *blocks, **more):
    data = filled(client.get(page(topic)))
    data |= {"_clone": list(blocks), "_clone_region": "main", "_clone_ordering": "90", **more}
    return client.post(page(topic), data, follow=True)


def test_block_of_the_topic_is_copied_with_an_identity_of_its_own(editor, topic):
    heading = Heading.objects.get()

    clone(editor, topic, f"articles.heading:{heading.pk}")

    copy = Heading.objects.exclude(pk=heading.pk).get()
    assert (copy.parent, copy.text, copy.ordering) == (topic, heading.text, 90)
    assert copy.uid != heading.uid


def test_block_of_another_topic_is_not_copied_anywhere(editor, topic):
    secret = factories.RichTextFactory(text="<p>Zinc and the common cold</p>")

    response = clone(editor, topic, f"articles.richtext:{secret.pk}")

    assert "Nothing was copied: only blocks of this topic can be copied." in said(response)
    assert RichText.objects.filter(text=secret.text).count() == 1
    assert "Zinc" not in response.content.decode()


def test_one_foreign_block_among_own_ones_stops_all(editor, topic):
    heading = Heading.objects.get()
    secret = factories.HeadingFactory(text="Zinc and the common cold")

    clone(editor, topic, f"articles.heading:{heading.pk}", f"articles.heading:{secret.pk}")

    assert Heading.objects.count() == 2


@pytest.mark.parametrize(
    "entry",
    [
        "articles.term:1",
        "auth.user:1",
        "nothing.here:1",
        "articles.heading",
        "articles.heading:",
        "articles.heading:x",
        "articles.heading:999999",
        f"articles.heading:{'9' * 40}",
        "articles.heading:²",
        "",
        "articles.heading:1\x00",
    ],
)
def test_anything_else_is_not_copied(entry, editor, topic):
    factories.TermFactory()
    before = (Heading.objects.count(), Term.objects.count())

    response = clone(editor, topic, entry)

    assert response.status_code == 200
    assert "Nothing was copied: only blocks of this topic can be copied." in said(response)
    assert (Heading.objects.count(), Term.objects.count()) == before


@pytest.mark.parametrize(
    "more",
    [
        {"_clone_region": "sidebar"},
        {"_clone_ordering": "x"},
        {"_clone_ordering": "9" * 40},
        {"_clone_ordering": ""},
    ],
)
def test_copies_have_a_place(more, editor, topic):
    response = clone(editor, topic, f"articles.heading:{Heading.objects.get().pk}", **more)

    assert response.status_code == 200
    assert said(response)[0].startswith("Nothing was copied")
    assert Heading.objects.count() == 1
