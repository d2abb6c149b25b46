"""Contact us: what readers write is kept and mailed; what programs write is not."""

import pytest
from django.core import mail

from articles.models import Message
from tests.worker import work

pytestmark = pytest.mark.django_db

FROM_HERE = {"HTTP_ORIGIN": "http://testserver"}
FILLED = {
    "subject": "mistake",
    "text": "Step length is wrong.",
    "email": "reader@example.org",
    "name": "",
    "page": "",
}


def test_message_is_stored_and_mailed(client, settings):
    settings.EDITORS_EMAIL = ["editors@example.org"]

    response = client.post("/contact/", FILLED, **FROM_HERE)

    assert (response.status_code, response.headers["Location"]) == (302, "/contact/?sent")
    assert Message.objects.get().text == "Step length is wrong."
    assert mail.outbox == []
    assert work() == []
    assert [(sent.to, sent.reply_to) for sent in mail.outbox] == [
        (["editors@example.org"], ["reader@example.org"])
    ]
    assert "Step length is wrong." in mail.outbox[0].body
    assert not response.cookies


def test_message_from_a_program_is_dropped_without_a_word(client):
    response = client.post("/contact/", {**FILLED, "website": "http://spam.example"}, **FROM_HERE)

    assert response.status_code == 302
    assert not Message.objects.exists()
    assert (work(), mail.outbox) == ([], [])


@pytest.mark.parametrize(
    "headers",
    [{}, {"HTTP_ORIGIN": "https://elsewhere.example"}, {"HTTP_ORIGIN": "null"}, {"HTTP_ORIGIN": "http://["}],
)
def test_message_from_another_site_is_refused(client, headers):
    assert client.post("/contact/", FILLED, **headers).status_code == 403
    assert not Message.objects.exists()


def test_incomplete_message_says_what_is_missing_and_keeps_what_was_typed(client):
    response = client.post("/contact/", {**FILLED, "text": "", "email": "no address"}, **FROM_HERE)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_text"' in page
    assert 'value="no address"' in page
    assert not Message.objects.exists()


def test_sixth_message_within_an_hour_is_refused(client):
    for _ in range(5):
        assert client.post("/contact/", FILLED, **FROM_HERE).status_code == 302

    response = client.post("/contact/", FILLED, **FROM_HERE)

    assert response.status_code == 429
    assert Message.objects.count() == 5


def test_a_header_cannot_be_smuggled_into_the_mail(client):
    client.post("/contact/", {**FILLED, "name": "A\r\nBcc: x@example.org"}, **FROM_HERE)

    assert work() == []
    assert len(mail.outbox) == 1
    assert all(sent.recipients() == ["editors@localhost"] for sent in mail.outbox)


def test_nul_is_refused_not_a_500(client):
    assert client.post("/contact/", {**FILLED, "text": "a\0b"}, **FROM_HERE).status_code == 422


def test_readers_behind_a_proxy_are_counted_apart(client, settings):
    settings.BEHIND_PROXY = True

    for reader in range(7):
        sent = client.post("/contact/", FILLED, **FROM_HERE, HTTP_X_FORWARDED_FOR=f"1.1.1.1, 10.0.0.{reader}")
        assert sent.status_code == 302

    assert Message.objects.count() == 7
