"""Setting up factors, taking them away, and helping who is locked out."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests import factories
from tests.one_time_codes import code
from tests.wellness.sign_in.conftest import PASSWORD

CHANGES = [
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_add_webauthn",
]
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def confirm(client):
    """Show once more who it is."""
    return client.post(
        reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("mfa_index")}
    )


@pytest.fixture
def inside(client, person):
    client.force_login(person)
    confirm(client)
    return client


def set_up_app(client):
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'<code class="key">(\w+)</code>', page).group(1)
    return client.post(reverse("mfa_activate_totp"), {"code": code(secret)})


@pytest.mark.django_db(transaction=True)
def test_app_is_set_up_with_its_first_code_and_brings_recovery_codes(inside, person, clock):
    answer = set_up_app(inside)

    assert answer.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert sorted(Authenticator.objects.values_list("user", "type")) == [
        (person.pk, "recovery_codes"),
        (person.pk, "totp"),
    ]
    page = inside.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code></li>", page)) == 10
    assert inside.get("/admin/").status_code == 200
    assert [message.subject for message in mail.outbox] == ["[Wellness] An authenticator app was set up"]


def test_page_of_the_app_shows_the_code_as_a_drawing_inside_the_page(inside, clock):
    page = inside.get(reverse("mfa_activate_totp")).content.decode()

    assert '<div class="qr" role="img" aria-label="QR code' in page
    assert "<svg" in page
    assert " style=" not in page


def test_app_is_not_set_up_with_a_wrong_code(inside, clock):
    inside.get(reverse("mfa_activate_totp"))

    answer = inside.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", CHANGES)
def test_factors_are_not_touched_before_the_person_shows_who_it_is(name, method, client, person):
    if name != "mfa_activate_totp":
        factories.AuthenticatorFactory(user=person)
    RecoveryCodes.activate(person)
    before = list(Authenticator.objects.order_by("pk").values())
    client.force_login(person)

    answer = getattr(client, method)(reverse(name), {"code": "1"})

    if method == "post" and name == "mfa_view_recovery_codes":
        assert answer.status_code == 405
        return
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/reauthenticate/?next=")
    assert list(Authenticator.objects.order_by("pk").values()) == before


def test_showing_who_it_is_takes_the_right_password_and_not_many_wrong_ones(client, person):
    client.force_login(person)
    address = reverse("account_reauthenticate")

    answers = [client.post(address, {"password": "wrong"}).content.decode() for _ in range(6)]

    assert ["incorrect" in answer.lower() or "not correct" in answer.lower() for answer in answers[:5]] == [
        True
    ] * 5
    assert "Too many attempts." in answers[5]
    assert client.get(reverse("mfa_activate_totp")).status_code == 302


def test_pages_of_factors_are_for_those_who_are_logged_in(client, db):
    names = [*CHANGES, "mfa_index", "mfa_list_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"]

    answers = [client.get(reverse(name)) for name in names]

    assert {
        (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) for answer in answers
    } <= {(302, reverse("account_login")), (403, ""), (404, "")}


def test_passkey_of_somebody_else_cannot_be_touched(inside, db):
    other = factories.AuthenticatorFactory(
        type=Authenticator.Type.WEBAUTHN, data={"name": "Zinc and the common cold", "credential": {}}
    )

    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        address = reverse(name, args=[other.pk])
        for answer in (inside.get(address), inside.post(address, {"name": "mine"})):
            assert answer.status_code == 404
            assert "Zinc" not in answer.content.decode()
    assert Authenticator.objects.filter(pk=other.pk).exists()


CREDENTIALS = [
    "",
    "x",
    "[]",
    "1",
    '"x"',
    "null",
    "{}",
    '{"id": 1}',
    json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {}, "clientExtensionResults": {}}),
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "AAAA",
                "attestationObject": "AAAA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
            },
            "clientExtensionResults": {},
        }
    ),
]


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_passkey_that_makes_no_sense_adds_nothing(credential, inside):
    inside.get(reverse("mfa_add_webauthn"))

    answer = inside.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": credential})

    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_passkey_that_makes_no_sense_lets_nobody_in(credential, client, person):
    options = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["userVerification"] == "required"

    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_removing_the_last_factor_takes_the_recovery_codes_and_shuts_the_gate(inside, person, app):
    RecoveryCodes.activate(person)

    inside.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert inside.get("/admin/").headers["Location"] == reverse("mfa_index")


# Help for who is locked out


def test_command_takes_every_factor_and_says_so_in_the_history_of_the_account(person, app, capsys, caplog):
    RecoveryCodes.activate(person)
    other = factories.AuthenticatorFactory()

    with caplog.at_level("WARNING"):
        call_command("remove_second_factors", "vera")

    assert list(Authenticator.objects.all()) == [other]
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (
        str(person.pk),
        "Second factors removed on the command line.",
    )
    assert "vera logs in with the password alone" in capsys.readouterr().out
    assert f"of account {person.pk} were removed" in caplog.text


@pytest.mark.parametrize(
    ("name", "reason"), [("nobody", "There is no account 'nobody'."), ("vera", "vera has no second factor.")]
)
def test_command_says_why_it_did_nothing(name, reason, person):
    with pytest.raises(CommandError, match=re.escape(reason)):
        call_command("remove_second_factors", name)

    assert not LogEntry.objects.exists()


def test_superuser_removes_a_lost_factor_in_the_admin(client, person, app):
    locked_out = factories.AuthenticatorFactory().user
    RecoveryCodes.activate(locked_out)
    factor = Authenticator.objects.get(user=locked_out, type="totp")
    client.force_login(person)

    page = client.get(reverse("admin:mfa_authenticator_change", args=[factor.pk])).content.decode()
    client.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})

    assert SECRET not in page
    assert not Authenticator.objects.filter(user=locked_out).exists()
    assert Authenticator.objects.filter(user=person).exists()
    assert LogEntry.objects.get().user == person


def test_superuser_removes_several_in_the_list(client, person, app):
    passkeys = [
        factories.AuthenticatorFactory(type="webauthn", data={"name": "Passkey", "credential": {}})
        for _ in "ab"
    ]
    RecoveryCodes.activate(passkeys[0].user)
    client.force_login(person)

    client.post(
        reverse("admin:mfa_authenticator_changelist"),
        {"action": "delete_selected", "_selected_action": [key.pk for key in passkeys], "post": "yes"},
    )

    assert list(Authenticator.objects.all()) == [app]


@pytest.mark.parametrize("page", ["changelist", "add", "change", "delete", "history"])
def test_others_on_the_staff_see_no_factors_even_with_the_permission(page, client, person, app):
    from django.contrib.auth.models import Permission

    other = factories.UserFactory(is_staff=True)
    other.user_permissions.set(Permission.objects.filter(content_type__app_label="mfa"))
    factories.AuthenticatorFactory(user=other)
    client.force_login(other)
    arguments = [app.pk] if page in ("change", "delete", "history") else []

    answer = client.get(reverse(f"admin:mfa_authenticator_{page}", args=arguments))

    assert answer.status_code == 403
    assert "vera" not in answer.content.decode()
