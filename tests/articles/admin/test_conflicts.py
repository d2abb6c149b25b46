"""Two people have the same topic open, and both save it: what each typed is kept, or asked about."""

import pytest
from django.urls import reverse

from articles.models import Callout, EvidenceTable, Figure, Heading, RichText, Topic
from tests import factories
from tests.articles.admin.conftest import signed_in
from tests.evidence.admin.forms import errors, filled, said

HEADINGS, TEXTS = "articles_heading_set", "articles_richtext_set"
FIGURES = "articles_figure_set"


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(title="Ankle weights", teaser="What they do.", search_words=["cuff"])
    factories.HeadingFactory(parent=topic, text="What they are", anchor="what", ordering=10)
    factories.RichTextFactory(parent=topic, text="<p>They add load.</p>", ordering=20)
    factories.RichTextFactory(parent=topic, text="<p>They may help.</p>", ordering=30)
    topic.tags.add("strength", "gait")
    return topic


@pytest.fixture
def ana(db):
    client = signed_in("view_topic", "add_topic", "change_topic")
    client.user.first_name, client.user.last_name = "Ana", "Ruiz"
    client.user.save()
    return client


@pytest.fixture
def ben(db):
    return signed_in("view_topic", "add_topic", "change_topic")


def page(topic):
    return reverse("admin:articles_topic_change", args=[topic.pk])


def opened(client, topic):
    """What the browser of somebody who opens the form would post."""
    response = client.get(page(topic))
    assert response.status_code == 200
    return filled(response)


def save(client, topic, data, **changes):
    return client.post(page(topic), {**data, **changes}, follow=True)


def answer(client, topic, asked, **choices):
    """Post the page about a conflict as it is, with choices by the key of the part."""
    posted = {}
    for name, value in asked.context["typed"]:
        posted.setdefault(name, []).append(value)
    for question in asked.context["questions"]:
        if question.is_choice and question.chosen:
            posted[f"_take-{question.key}"] = question.chosen
    posted["_seen"] = asked.context["seen"]
    posted |= {f"_take-{key}": value for key, value in choices.items()}
    return client.post(page(topic), posted, follow=True)


def asks(response):
    """What the page asks: label -> whether an answer is needed."""
    assert response.templates[0].name == "admin/articles/topic/conflict.html"
    return {question.label: question.is_asked for question in response.context["questions"]}


def rows(data, prefix):
    """Primary key -> prefix of the row in the form."""
    return {
        int(data[f"{prefix}-{index}-id"]): f"{prefix}-{index}"
        for index in range(int(data[f"{prefix}-TOTAL_FORMS"]))
    }


def added(data, prefix, **values):
    """The same post with one more row."""
    index = int(data[f"{prefix}-TOTAL_FORMS"])
    new = {f"{prefix}-{index}-{name}": value for name, value in values.items()}
    return {**data, **new, f"{prefix}-TOTAL_FORMS": str(index + 1)}


def texts(topic):
    return [block.text for block in RichText.objects.filter(parent=topic).order_by("ordering")]


KEPT = "Ana Ruiz saved this topic while you had it open. Both what you and what they changed is kept."


# Without a conflict


def test_saving_alone_again_and_again_asks_nothing(ana, topic):
    for title in ("One", "Two"):
        response = save(ana, topic, opened(ana, topic), title=title, teaser="A\r\nB")
        assert response.redirect_chain
        assert len(said(response)) == 1

    assert Topic.objects.get().title == "Two"


def test_form_that_is_shown_again_with_an_error_can_be_saved(ana, topic):
    data = opened(ana, topic)
    refused = save(ana, topic, data, title="")
    assert errors(refused) == {"title": ["This field is required."]}

    response = save(ana, topic, {**data, "_opened_on": refused.context["opened_on"]}, title="Right")

    assert response.redirect_chain
    assert Topic.objects.get().title == "Right"


# Merged without asking


def test_different_fields_and_blocks_are_put_together(ana, ben, topic):
    first, second = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)
    where = rows(his, TEXTS)

    save(ana, topic, hers, title="Hers", **{f"{where[first.pk]}-text": "<p>Hers.</p>"})
    response = save(ben, topic, his, teaser="His", **{f"{where[second.pk]}-text": "<p>His.</p>"})

    assert said(response)[0] == KEPT
    stored = Topic.objects.get()
    assert (stored.title, stored.teaser) == ("Hers", "His")
    assert texts(topic) == ["<p>Hers.</p>", "<p>His.</p>"]
    assert sorted(stored.tags.names()) == ["gait", "strength"]
    assert stored.search_words == ["cuff"]


def test_same_change_by_both_is_no_conflict(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)

    save(ana, topic, hers, title="The same")
    response = save(ben, topic, his, title="The same")

    assert response.redirect_chain
    assert Topic.objects.get().title == "The same"


def test_blocks_that_both_added_stand_where_each_put_them(ana, ben, topic):
    hers = added(opened(ana, topic), TEXTS, id="", text="<p>Hers.</p>", region="main", ordering="15")
    his = added(opened(ben, topic), HEADINGS, id="", text="His", anchor="his", region="main", ordering="25")

    save(ana, topic, hers)
    response = save(ben, topic, his)

    assert KEPT in said(response)
    in_order = sorted(
        [*Heading.objects.filter(parent=topic), *RichText.objects.filter(parent=topic)],
        key=lambda block: block.ordering,
    )
    assert [block.text for block in in_order] == [
        "What they are",
        "<p>Hers.</p>",
        "<p>They add load.</p>",
        "His",
        "<p>They may help.</p>",
    ]


def test_block_that_somebody_else_deleted_is_gone_without_an_error(ana, ben, topic):
    first, _ = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)

    save(ana, topic, hers, **{f"{rows(hers, TEXTS)[first.pk]}-DELETE": "on"})
    response = save(ben, topic, his, title="His")

    assert KEPT in said(response)
    assert texts(topic) == ["<p>They may help.</p>"]
    assert Topic.objects.get().title == "His"


def test_block_that_only_this_person_deleted_goes(ana, ben, topic):
    first, _ = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)

    save(ana, topic, hers, title="Hers")
    save(ben, topic, his, **{f"{rows(his, TEXTS)[first.pk]}-DELETE": "on"})

    assert texts(topic) == ["<p>They may help.</p>"]
    assert Topic.objects.get().title == "Hers"


def test_new_order_of_one_and_new_words_of_the_other_are_put_together(ana, ben, topic):
    first, second = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)
    where = rows(his, TEXTS)

    save(ana, topic, hers, **{f"{where[first.pk]}-ordering": "30", f"{where[second.pk]}-ordering": "20"})
    save(ben, topic, his, **{f"{where[first.pk]}-text": "<p>His.</p>"})

    assert texts(topic) == ["<p>They may help.</p>", "<p>His.</p>"]


def test_populations_that_both_added_are_all_there(ana, ben, topic):
    one, other = factories.PopulationFactory.create_batch(2)
    hers = added(opened(ana, topic), "lenses", id="", population=one.pk, position="0")
    his = added(opened(ben, topic), "lenses", id="", population=other.pk, position="1")

    save(ana, topic, hers)
    save(ben, topic, his)

    assert [lens.population for lens in topic.lenses.order_by("position")] == [one, other]


def test_added_figure_survives_the_merge(ana, ben, topic):
    hers = opened(ana, topic)
    picture = factories.ImageFactory()
    his = added(
        opened(ben, topic),
        FIGURES,
        id="",
        image=picture.pk,
        alt="A leg",
        region="main",
        ordering="40",
    )

    save(ana, topic, hers, title="Hers")
    response = save(ben, topic, his)

    assert KEPT in said(response)
    assert Figure.objects.get().image == picture
    assert Topic.objects.get().title == "Hers"


def test_every_kind_of_block_comes_through_a_merge_unchanged(ana, ben, topic):
    factories.KeyVariablesFactory(parent=topic, ordering=40)
    factories.CalloutFactory(parent=topic, ordering=50)
    factories.EvidenceTableFactory(parent=topic, introduction="<p>Small studies.</p>", ordering=60)
    factories.FigureFactory(parent=topic, ordering=70)
    kinds = (Heading, RichText, Callout, EvidenceTable, Figure)
    before = [list(kind.objects.filter(parent=topic).order_by("pk").values()) for kind in kinds]
    hers, his = opened(ana, topic), opened(ben, topic)

    save(ana, topic, hers, title="Hers")
    response = save(ben, topic, his, teaser="His")

    assert KEPT in said(response)
    assert [list(kind.objects.filter(parent=topic).order_by("pk").values()) for kind in kinds] == before


# Asked


@pytest.mark.parametrize(("choice", "kept"), [("mine", "His"), ("theirs", "Hers")])
def test_field_that_both_changed_is_asked(choice, kept, ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers", standfirst="Her standfirst.")

    asked = save(ben, topic, his, title="His", teaser="His teaser.")

    assert asks(asked) == {"Title": True, "Standfirst": False}
    assert "Ana Ruiz saved" in asked.content.decode()
    assert Topic.objects.get().title == "Hers"
    response = answer(ben, topic, asked, title=choice)
    assert response.redirect_chain
    stored = Topic.objects.get()
    assert (stored.title, stored.teaser, stored.standfirst) == (kept, "His teaser.", "Her standfirst.")


@pytest.mark.parametrize(("choice", "kept"), [("mine", "<p>His.</p>"), ("theirs", "<p>Hers.</p>")])
def test_block_that_both_changed_is_asked(choice, kept, ana, ben, topic):
    first, _ = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)
    name = f"{rows(his, TEXTS)[first.pk]}-text"
    save(ana, topic, hers, **{name: "<p>Hers.</p>"})

    asked = save(ben, topic, his, **{name: "<p>His.</p>"})

    assert asks(asked) == {"Text: Hers.": True}
    assert texts(topic)[0] == "<p>Hers.</p>"
    answer(ben, topic, asked, **{f"{TEXTS}-{first.pk}": choice})
    assert texts(topic) == [kept, "<p>They may help.</p>"]
    assert RichText.objects.filter(uid=first.uid).exists()


def test_other_persons_change_can_be_overwritten_knowingly(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers", teaser="Her teaser.")

    asked = save(ben, topic, his, title="His")
    answer(ben, topic, asked, title="mine", teaser="mine")

    stored = Topic.objects.get()
    assert (stored.title, stored.teaser) == ("His", "What they do.")


def test_mine_for_all_is_one_button(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers", teaser="Hers", standfirst="Hers")

    asked = save(ben, topic, his, title="His", teaser="His")
    posted = dict(asked.context["typed"]) | {"_seen": asked.context["seen"], "_take_all": "mine"}
    ben.post(page(topic), posted)

    stored = Topic.objects.get()
    assert (stored.title, stored.teaser, stored.standfirst) == ("His", "His", "Hers")


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", ["<p>They may help.</p>", "<p>His.</p>"]), ("theirs", ["<p>They may help.</p>"])],
)
def test_block_that_somebody_else_deleted_can_be_kept(choice, kept, ana, ben, topic):
    first, _ = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)
    where = rows(his, TEXTS)[first.pk]
    save(ana, topic, hers, **{f"{where}-DELETE": "on"})

    asked = save(ben, topic, his, **{f"{where}-text": "<p>His.</p>"})

    assert asks(asked) == {"Text: His.": True}
    answer(ben, topic, asked, **{f"{TEXTS}-{first.pk}": choice})
    assert sorted(texts(topic), reverse=True) == kept


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", ["<p>They may help.</p>"]), ("theirs", ["<p>Hers.</p>", "<p>They may help.</p>"])],
)
def test_block_that_was_changed_while_this_person_deleted_it_is_asked(choice, kept, ana, ben, topic):
    first, _ = RichText.objects.order_by("ordering")
    hers, his = opened(ana, topic), opened(ben, topic)
    where = rows(his, TEXTS)[first.pk]
    save(ana, topic, hers, **{f"{where}-text": "<p>Hers.</p>"})

    asked = save(ben, topic, his, **{f"{where}-DELETE": "on"})

    assert asks(asked) == {"Text: Hers.": True}
    answer(ben, topic, asked, **{f"{TEXTS}-{first.pk}": choice})
    assert texts(topic) == kept


def test_figure_that_somebody_else_deleted_is_kept_with_its_image(ana, ben, topic):
    figure = factories.FigureFactory(parent=topic, ordering=40)
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, **{f"{FIGURES}-0-DELETE": "on"})

    asked = save(ben, topic, his, **{f"{FIGURES}-0-caption": "His caption"})
    response = answer(ben, topic, asked, **{f"{FIGURES}-{figure.pk}": "mine"})

    assert response.redirect_chain
    kept = Figure.objects.get()
    assert (kept.caption, kept.image) == ("His caption", figure.image)


@pytest.mark.parametrize(("choice", "kept"), [("mine", [1, 0, 2]), ("theirs", [0, 2, 1])])
def test_order_that_both_changed_is_asked(choice, kept, ana, ben, topic):
    factories.RichTextFactory(parent=topic, text="<p>Third.</p>", ordering=40)
    blocks = list(RichText.objects.order_by("ordering"))
    hers, his = opened(ana, topic), opened(ben, topic)
    where = [rows(his, TEXTS)[block.pk] for block in blocks]
    save(ana, topic, hers, **{f"{where[1]}-ordering": "40", f"{where[2]}-ordering": "30"})

    asked = save(ben, topic, his, **{f"{where[0]}-ordering": "30", f"{where[1]}-ordering": "20"})

    assert asks(asked) == {"Order of the blocks": True}
    answer(ben, topic, asked, order=choice)
    assert texts(topic) == [blocks[place].text for place in kept]


def test_missing_choice_is_asked_again_and_nothing_is_saved(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers")
    asked = save(ben, topic, his, title="His", teaser="His teaser.")

    again = answer(ben, topic, asked)

    assert asks(again) == {"Title": True}
    assert "Choose for each part that both of you changed." in again.content.decode()
    assert Topic.objects.get().title == "Hers"
    assert ("title", "His") in again.context["typed"]


def test_third_change_meanwhile_is_shown_before_anything_is_saved(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers")
    asked = save(ben, topic, his, title="His")
    save(ana, topic, opened(ana, topic), title="Hers again")

    again = answer(ben, topic, asked, title="mine")

    assert asks(again) == {"Title": True}
    assert "Hers again" in again.content.decode()
    assert Topic.objects.get().title == "Hers again"
    assert [question.chosen for question in again.context["questions"]] == ["mine"]
    answer(ben, topic, again, title="mine")
    assert Topic.objects.get().title == "His"


def test_choice_that_is_not_valid_comes_back_as_the_form(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers")
    asked = save(ben, topic, his, title="", teaser="His teaser.")

    form = answer(ben, topic, asked, title="mine")

    assert errors(form) == {"title": ["This field is required."]}
    assert form.context["adminform"].form["teaser"].value() == "His teaser."
    assert Topic.objects.get().title == "Hers"


@pytest.mark.parametrize("token", [None, "", "x", "eyJ0b3BpYyI6MX0:x", "\x00", "9" * 5000])
def test_form_without_a_version_is_asked_about_all_that_differs(token, ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers", teaser="Her teaser.")
    del his["_opened_on"]
    if token is not None:
        his["_opened_on"] = token

    asked = save(ben, topic, his, title="His")

    assert asks(asked) == {"Title": True, "Teaser": True}
    assert Topic.objects.get().title == "Hers"


def test_version_of_another_topic_is_none_of_this_one(ana, ben, topic):
    other = factories.TopicFactory()
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers")

    asked = save(ben, topic, his, title="His", _opened_on=opened(ben, other)["_opened_on"])

    assert asks(asked) == {"Title": True}


def test_own_other_window_is_named(ana, topic):
    first, second = opened(ana, topic), opened(ana, topic)
    save(ana, topic, first, title="First")

    asked = save(ana, topic, second, title="Second")

    assert "You yourself, in another window, saved" in asked.content.decode()


def test_page_about_a_conflict_escapes_what_people_typed(ana, ben, topic):
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="<script>alert(1)</script>")

    asked = save(ben, topic, his, title="<script>alert(2)</script>").content.decode()

    assert "<script>alert(" not in asked
    assert "&lt;" in asked


def test_who_may_not_change_a_topic_sees_no_conflict(ana, topic):
    reader = signed_in("view_topic")
    stranger = signed_in()
    topic.standfirst = "Secret standfirst."
    topic.save()

    for client in (reader, stranger):
        response = client.post(page(topic), {"title": "Mine", "_seen": "x", "_take_all": "mine"})
        assert response.status_code == 403
        assert "Secret standfirst." not in response.content.decode()

    assert Topic.objects.get().title == "Ankle weights"


def test_rows_of_another_topic_cannot_be_reached_by_a_merge(ana, ben, topic):
    secret = factories.RichTextFactory(text="<p>Zinc and the common cold</p>")
    hers, his = opened(ana, topic), opened(ben, topic)
    save(ana, topic, hers, title="Hers")
    first = RichText.objects.filter(parent=topic).order_by("ordering").first()

    response = save(
        ben, topic, his, **{f"{rows(his, TEXTS)[first.pk]}-id": str(secret.pk), "teaser": "His teaser."}
    )

    secret.refresh_from_db()
    assert (secret.text, secret.parent_id == topic.pk) == ("<p>Zinc and the common cold</p>", False)
    assert "Zinc" not in response.content.decode()
