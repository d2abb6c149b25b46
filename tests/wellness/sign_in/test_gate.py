"""No second factor, no admin: not one address of it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.urls import resolve, reverse

from tests import factories
from tests.admin_addresses import address, views

ADDRESSES = sorted({address(route) for _, route in views()})
OPEN = {"/admin/login/", "/admin/logout/"}


def test_walk_of_the_admin_finds_what_there_is():
    assert {"/admin/", "/admin/articles/topic/", "/admin/reports/minor-changes/"} <= {
        *ADDRESSES,
        address("/admin/reports/<slug>/", slug="minor-changes"),
    }
    assert len(ADDRESSES) > 100
    assert all(resolve(path).app_names == ["admin"] for path in ADDRESSES)


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_of_the_admin_leads_to_the_set_up(method, client, person):
    client.force_login(person)

    answers = {path: getattr(client, method)(path) for path in ADDRESSES if path not in OPEN}

    assert {(answer.status_code, answer.headers.get("Location")) for answer in answers.values()} == {
        (302, reverse("mfa_index"))
    }
    assert {answer.content for answer in answers.values()} == {b""}


def test_log_in_page_of_the_admin_shows_nothing_to_who_has_no_factor(client, person):
    client.force_login(person)

    answer = client.get("/admin/login/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/?next=/admin/")


def test_set_up_page_says_why_and_lists_nothing_of_the_admin(client, person):
    client.force_login(person)

    page = client.get(reverse("mfa_index"))

    assert page.status_code == 200
    assert "Everybody on the staff needs a second step" in page.content.decode()
    assert "/admin/articles/" not in page.content.decode()


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_one_factor_opens_the_admin(kind, client, person):
    factories.AuthenticatorFactory(user=person, type=kind)
    client.force_login(person)

    assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_factor(client, person):
    factories.AuthenticatorFactory(user=person, type=Authenticator.Type.RECOVERY_CODES)
    client.force_login(person)

    assert client.get("/admin/").headers["Location"] == reverse("mfa_index")


def test_factor_of_somebody_else_opens_nothing(client, person):
    factories.AuthenticatorFactory()
    client.force_login(person)

    assert client.get("/admin/").headers["Location"] == reverse("mfa_index")


def test_gate_shuts_again_once_the_factor_is_gone(client, person, app):
    client.force_login(person)
    assert client.get("/admin/").status_code == 200

    call_command("remove_second_factors", "vera", verbosity=0)

    assert client.get("/admin/").headers["Location"] == reverse("mfa_index")


def test_demo_demands_no_factor(client, person, settings):
    settings.STAFF_MFA = False
    client.force_login(person)

    assert client.get("/admin/").status_code == 200


def test_gate_takes_one_query(client, person, app, settings, django_assert_num_queries):
    client.force_login(person)
    client.get("/admin/jsi18n/")

    with django_assert_num_queries(3) as with_gate:
        client.get("/admin/jsi18n/")
    settings.STAFF_MFA = False
    with django_assert_num_queries(len(with_gate.captured_queries) - 1):
        client.get("/admin/jsi18n/")


def test_public_pages_know_no_gate(client, person, django_assert_num_queries):
    client.force_login(person)

    answer = client.get("/about/")

    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/", "/about/", "/studies/", "/contact/", "/no/such/page/", "/feeds/"])
def test_public_pages_set_no_cookie_and_vary_on_none(path, client, person):
    client.force_login(person)

    for answer in (client.get(path), type(client)().get(path)):
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
