import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from articles.models import Edition, Topic
from tests import factories
from tests.evidence.admin.forms import filled, said
from tests.signing import publish_signed, sign


def page(topic, name):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk])


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights", title="Ankle weights: benefits and limits")
    factories.HeadingFactory(parent=topic)
    return topic


def published(topic):
    return publish_signed(topic=topic, by=None, at=timezone.now())


def publish(client, topic, **answers):
    """Fill in the page as it is now and send it off."""
    seen = client.get(page(topic, "publish")).context["seen"]
    return client.post(page(topic, "publish"), {"seen": seen, **answers}, follow=True)


# Publish


def test_confirmation_says_what_goes_out(editor, topic):
    edition = published(topic)

    content = editor.get(page(topic, "publish")).content.decode()

    assert f'<a href="{edition.get_absolute_url()}">Edition 1</a>' in content
    assert "Publish edition 2" in content
    assert "Nothing has changed since the live edition" in content
    assert Edition.objects.count() == 1


def test_confirmation_says_which_readers_will_be_led_where(releaser, topic):
    Topic.objects.filter(pk=topic.pk).update(slug="first")
    topic.refresh_from_db()
    old = published(topic).get_absolute_url()
    Topic.objects.filter(pk=topic.pk).update(slug="second")
    topic.refresh_from_db()

    content = releaser.get(page(topic, "publish")).content.decode()

    assert f"the page moves there from {old}" in content
    assert f"<li>Readers of {old} will be led to /{topic.path}/</li>" in content


def test_confirmation_names_the_topic_that_an_address_belonged_to(releaser, topic):
    factories.EditionFactory(path=topic.path, short_title="Ginger")

    response = releaser.get(page(topic, "publish"))

    content = response.content.decode()
    assert f"The address /{topic.path}/ belonged to “Ginger”; its editions stay there." in content
    assert "will be led to" not in content
    assert f"The address /{topic.path}/ belonged to “Ginger”" in response.context["full"][0]


def test_publishing_makes_an_edition_with_its_note(releaser, topic):
    sign(topic, at=timezone.now())

    response = publish(releaser, topic, change_note=" First edition. ")

    edition = Edition.objects.get()
    assert (edition.topic, edition.number, edition.published_by, edition.change_note) == (
        topic,
        1,
        releaser.user,
        "First edition.",
    )
    assert said(response) == [
        f'Edition 1 of “Ankle weights” is live. <a href="{edition.get_absolute_url()}">See the page</a>.'
    ]
    assert LogEntry.objects.get().get_change_message() == "Published edition 1."


def test_publishing_without_a_change_says_so(editor, topic):
    published(topic)

    response = publish(editor, topic, kind="full")

    assert said(response) == ["Nothing has changed since edition 1: it stays live."]
    assert Edition.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_topic_that_cannot_go_out_says_why(editor):
    empty = factories.TopicFactory()

    response = publish(editor, empty, change_note="My note")

    assert response.status_code == 200
    assert "The page has no text yet." in response.content.decode()
    assert "My note" in response.content.decode()
    assert not Edition.objects.exists()


def test_text_without_its_sign_offs_does_not_go_out(releaser, topic):
    response = publish(releaser, topic)

    assert response.context["problems"] == [
        "The topic is drafting; “Publish” is for topics that are approved.",
    ]
    assert response.context["full"] == response.context["problems"]
    assert response.context["sign_offs"] == ["Editorial sign-off: missing"]
    assert not Edition.objects.exists()


def test_an_edit_after_the_sign_off_is_shown_and_stops_publishing(releaser, topic):
    at = timezone.now()
    sign(topic, at=at)
    sign_off = topic.sign_offs.get()
    factories.RichTextFactory(parent=topic, text="<p>One word more.</p>")

    response = publish(releaser, topic)

    assert response.context["problems"] == ["Missing on exactly this text: the editorial sign-off."]
    assert response.context["sign_offs"] == [
        f"Editorial sign-off: void, the text changed since {sign_off.by.username}, "
        f"{at:%d %b %Y, %H:%M}, on text {sign_off.digest[:8]}"
    ]
    assert not Edition.objects.exists()


def test_text_that_changed_while_it_was_read_does_not_go_out(releaser, topic):
    published(topic)
    seen = releaser.get(page(topic, "publish")).context["seen"]
    factories.RichTextFactory(parent=topic, text="<p>Something slipped in.</p>")

    response = releaser.post(
        page(topic, "publish"), {"kind": "minor", "minor_reason": "A comma.", "seen": seen}
    )

    assert response.context["problems"] == [
        "The text changed while you were reading it. Look at it again, then publish."
    ]
    assert Edition.objects.count() == 1


def test_minor_change_goes_out_with_its_reason(releaser, topic):
    published(topic)
    factories.RichTextFactory(parent=topic, text="<p>A comma, here.</p>")

    publish(releaser, topic, kind="minor", minor_reason="A comma.")

    edition = Edition.objects.get(number=2)
    assert (edition.is_minor, edition.minor_reason, edition.change_note) == (True, "A comma.", "")


def test_correction_goes_out_signed_and_with_its_note(releaser, topic):
    published(topic)
    factories.RichTextFactory(parent=topic, text="<p>Forty people, not fifty.</p>")
    sign(topic, at=timezone.now())

    publish(releaser, topic, kind="correction", change_note="We wrote fifty people; it was forty.")

    edition = Edition.objects.get(number=2)
    assert (edition.is_correction, edition.is_minor) == (True, False)
    assert edition.change_note == "We wrote fifty people; it was forty."


def test_each_publish_after_the_first_says_what_kind_it_is(releaser, topic):
    published(topic)

    response = publish(releaser, topic, change_note="New.")

    assert response.context["form"].errors == {"kind": ["This field is required."]}


@pytest.mark.parametrize("answers", [{"kind": "huge"}, {"kind": "minor\x00"}, {"kind": "minor", "seen": ""}])
def test_nonsense_is_refused(answers, releaser, topic):
    published(topic)

    response = publish(releaser, topic, **answers)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Edition.objects.count() == 1


def test_note_that_is_too_long_is_refused(editor, topic):
    response = publish(editor, topic, change_note="x" * 301)

    assert response.context["form"].errors == {
        "change_note": ["Ensure this value has at most 300 characters (it has 301)."]
    }
    assert not Edition.objects.exists()


def test_saving_can_lead_to_publishing(editor, topic):
    change = page(topic, "change")

    response = editor.post(change, filled(editor.get(change), title="New title", _publish="1"))

    assert response.headers["Location"] == page(topic, "publish")
    assert Topic.objects.get().title == "New title"
    assert not Edition.objects.exists()


# Withdraw


def test_withdrawing_takes_the_page_out_with_its_note(releaser, topic):
    edition = published(topic)

    response = releaser.post(page(topic, "withdraw"), {"note": "A number was wrong."}, follow=True)

    edition.refresh_from_db()
    assert edition.withdrawn_at is not None
    assert (edition.withdrawal_note, edition.withdrawn_by) == ("A number was wrong.", releaser.user)
    assert said(response) == ["“Ankle weights” is withdrawn: readers see your note where the page was."]
    assert LogEntry.objects.get().get_change_message() == "Withdrawn."


@pytest.mark.parametrize("note", ["", "   ", "x" * 301, "a\x00b"])
def test_withdrawing_needs_a_note(note, editor, topic):
    edition = published(topic)

    response = editor.post(page(topic, "withdraw"), {"note": note})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["note"]
    edition.refresh_from_db()
    assert edition.withdrawn_at is None


def test_topic_without_a_live_page_has_nothing_to_withdraw(editor, topic):
    response = editor.get(page(topic, "withdraw"), follow=True)

    assert said(response) == ["“Ankle weights” has no live page that could be withdrawn."]


# Buttons and rights


def buttons(client, topic):
    content = client.get(page(topic, "change")).content.decode()
    return [
        name for name in ("publish", "withdraw") if f'href="{page(topic, name)}"' in content
    ], "_publish" in content


def test_buttons_stand_where_they_can_be_used(editor, topic):
    assert buttons(editor, topic) == (["publish"], True)

    published(topic)

    assert buttons(editor, topic) == (["publish", "withdraw"], True)


def test_writers_see_no_buttons(writer, topic):
    published(topic)

    assert buttons(writer, topic) == ([], False)


@pytest.mark.parametrize("name", ["publish", "withdraw"])
@pytest.mark.parametrize("who", ["writer", "stranger"])
def test_addresses_are_shut_to_those_who_may_not_publish(who, name, topic, request):
    client = request.getfixturevalue(who)
    edition = published(topic)
    factories.RichTextFactory(parent=topic)

    answers = [
        client.get(page(topic, name)),
        client.post(page(topic, name), {"note": "x", "change_note": "x"}),
        client.get(reverse(f"admin:articles_topic_{name}", args=[987654])),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not any(topic.title in answer.content.decode() for answer in answers)
    assert list(Edition.objects.values_list("pk", "withdrawn_at")) == [(edition.pk, None)]


def test_saving_on_to_publish_is_just_saving_for_writers(writer, topic):
    change = page(topic, "change")

    response = writer.post(change, filled(writer.get(change), _publish="1"))

    assert response.headers["Location"] == reverse("admin:articles_topic_changelist")


@pytest.mark.parametrize("name", ["publish", "withdraw"])
@pytest.mark.parametrize("key", ["987654", "x", "9" * 40, "²"])
def test_topic_that_is_not_there_is_not_found(key, name, editor):
    assert editor.get(f"/admin/articles/topic/{key}/{name}/").status_code == 404


def test_publishing_needs_the_token_of_the_form(publisher, topic):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(publisher)

    assert client.post(page(topic, "publish"), {}).status_code == 403
    assert not Edition.objects.exists()
