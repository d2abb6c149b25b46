from django.urls import reverse

from articles.models import Message
from tests import factories
from tests.evidence.admin.forms import said

from .conftest import signed_in

LIST = reverse("admin:articles_message_changelist")


def answer(client, *messages):
    chosen = [message.pk for message in messages]
    return client.post(LIST, {"action": "mark_answered", "_selected_action": chosen}, follow=True)


def test_messages_are_marked_as_answered(editor, now):
    waiting = factories.MessageFactory.create_batch(2)
    done = factories.MessageFactory(answered_at=now)

    response = answer(editor, *waiting, done)

    assert said(response) == ["2 messages marked as answered."]
    assert not Message.objects.unanswered().exists()
    assert Message.objects.get(pk=done.pk).answered_at == now


def test_text_of_a_reader_is_never_changed(editor):
    message = factories.MessageFactory(text="I have a question.", email="ada@example.org")
    change = reverse("admin:articles_message_change", args=[message.pk])

    content = editor.get(change).content.decode()

    assert "I have a question." in content
    assert 'href="mailto:ada@example.org"' in content
    assert editor.post(change, {"text": "x"}).status_code == 403


def test_text_of_a_reader_is_only_text(editor):
    message = factories.MessageFactory(
        text="<script>alert(1)</script>", name="<b>", email='"<i>"@example.org'
    )

    for page in (LIST, reverse("admin:articles_message_change", args=[message.pk])):
        content = editor.get(page).content.decode()
        assert "<script>alert(1)" not in content
        assert '"<i>"' not in content


def test_answering_needs_its_right(db):
    message = factories.MessageFactory()

    answer(signed_in("view_message"), message)
    assert Message.objects.unanswered().count() == 1

    answer(signed_in("change_message"), message)
    assert Message.objects.unanswered().count() == 0


def test_list_shows_who_is_waiting(editor, now):
    waiting = factories.MessageFactory()
    done = factories.MessageFactory(answered_at=now)

    def found(value):
        return list(editor.get(LIST, {"answered": value}).context["cl"].result_list)

    assert (found("no"), found("yes")) == ([waiting], [done])
