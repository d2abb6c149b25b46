"""Changing a password, and a new one by mail."""

import re
import smtplib

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse

from tests.wellness.sign_in.conftest import PASSWORD

NEW = "a quite different long phrase"


def ask(client, address):
    return client.post(reverse("account_reset_password"), {"email": address})


def link():
    return re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[-1].body).group(1)


def test_link_that_is_mailed_gives_a_new_password_once(client, person, log_in):
    ask(client, "vera@example.org")
    address = link()

    form = client.get(address, follow=True)
    assert form.status_code == 200
    there = form.redirect_chain[-1][0]
    answer = client.post(there, {"password1": NEW, "password2": NEW})

    assert answer.headers["Location"] == reverse("account_reset_password_from_key_done")
    assert get_user_model().objects.get().check_password(NEW)
    assert "_auth_user_id" not in client.session
    assert "has been used" in client.get(address, follow=True).content.decode()
    assert [message.subject for message in mail.outbox] == [
        "[Wellness] A new password",
        "[Wellness] Your password was changed",
    ]


def test_new_password_does_not_stand_in_for_the_second_step(client, person, app, log_in):
    ask(client, "vera@example.org")
    there = client.get(link(), follow=True).redirect_chain[-1][0]
    client.post(there, {"password1": NEW, "password2": NEW})

    assert log_in(password=NEW).headers["Location"] == reverse("mfa_authenticate")


def test_unknown_address_is_answered_like_a_known_one_and_gets_no_mail(client, person):
    known, unknown = ask(client, "vera@example.org"), ask(client, "nobody@example.org")

    assert (known.status_code, known.headers["Location"], known.content) == (
        unknown.status_code,
        unknown.headers["Location"],
        unknown.content,
    )
    assert [message.to for message in mail.outbox] == [["vera@example.org"]]


def test_closed_account_gets_no_link(client, person):
    get_user_model().objects.update(is_active=False)

    ask(client, "vera@example.org")

    assert mail.outbox == []


def test_mail_that_cannot_be_sent_tells_nothing(client, person, settings, caplog):
    settings.EMAIL_BACKEND = "tests.wellness.sign_in.test_passwords.Broken"

    answer = ask(client, "vera@example.org")

    assert answer.headers["Location"] == reverse("account_reset_password_done")
    assert "could not be sent" in caplog.text


class Broken:
    """A mail server that is away."""

    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise smtplib.SMTPConnectError(421, "away")


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzzzzzzzzzzz-x", "0-set-password", "1-%00"])
def test_link_that_was_made_up_is_refused(key, client, person):
    answer = client.get(f"/account/password/reset/key/{key}/")

    assert answer.status_code == 200
    assert "has been used, or is too old" in answer.content.decode()


def test_many_requests_for_one_address_are_too_many(client, person):
    answers = [ask(client, "vera@example.org") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]


def test_password_is_changed_with_the_old_one_and_the_person_is_told(client, person):
    client.force_login(person)
    address = reverse("account_change_password")
    wrong = client.post(address, {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert wrong.status_code == 200

    answer = client.post(address, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert answer.headers["Location"] == reverse("mfa_index")
    assert get_user_model().objects.get().check_password(NEW)
    assert "_auth_user_id" in client.session
    assert [message.subject for message in mail.outbox] == ["[Wellness] Your password was changed"]


def test_change_of_password_in_the_admin_leads_to_the_one_page(client, person, app):
    client.force_login(person)

    assert client.get("/admin/password_change/").headers["Location"] == reverse("account_change_password")


def test_short_password_is_refused(client, person):
    client.force_login(person)

    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "short", "password2": "short"},
    )

    assert "at least 12 characters" in answer.content.decode()
    assert get_user_model().objects.get().check_password(PASSWORD)


def test_pages_of_accounts_are_kept_by_no_cache(client, person):
    public = ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive"]
    private = ["mfa_index", "account_change_password", "mfa_list_webauthn"]

    answers = [client.get(reverse(name)) for name in public]
    client.force_login(person)
    answers += [client.get(reverse(name)) for name in private]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Cache-Control"] for answer in answers} == {
        "max-age=0, no-cache, no-store, must-revalidate, private"
    }
