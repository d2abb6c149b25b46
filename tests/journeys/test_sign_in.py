"""How the staff gets in: with an app, a passkey, a recovery code."""

import re

import pytest
from playwright.sync_api import expect

from tests.one_time_codes import code

from .admin import log_in


@pytest.fixture
def account(site, open_page):
    """A function that opens a browser of one's own, logged in by password as somebody of the demo.

    Passkeys need the name of a host, so these journeys go to localhost.
    """
    address = site.address.replace("127.0.0.1", "localhost")

    def account(name):
        page = open_page(base_url=address)
        page.goto("/admin/")
        log_in(page, name, site.logins[name])
        return page

    return account


def add_factor(page, name, word):
    """Go from the Security page to a factor, by way of the question who it is."""
    page.get_by_role("link", name="Security").click()
    page.get_by_role("link", name=name).click()
    page.get_by_label("Password").fill(word)
    page.get_by_role("button", name="Continue").click()


def log_out(page):
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()


def test_app_is_set_up_and_asked_for_then_a_recovery_code_stands_in_for_it(site, account):
    page = account("curator")
    add_factor(page, "Set up an authenticator app", site.logins["curator"])
    secret = page.locator("code.key").inner_text()
    page.get_by_label("Authenticator code").fill(code(secret))
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.wait_for_load_state()
    recovery = page.locator(".codes code").all_inner_texts()
    assert [bool(re.fullmatch(r"\d{8}", number)) for number in recovery] == [True] * 10

    log_out(page)
    log_in(page, "curator", site.logins["curator"])
    page.get_by_role("heading", name="Second step").wait_for()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="What would you like to work on?").wait_for()

    log_out(page)
    log_in(page, "curator", site.logins["curator"])
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="What would you like to work on?").wait_for()
    page.get_by_role("link", name="Security").click()

    expect(page.get_by_text("9 left.", exact=False)).to_be_visible()


def test_passkey_lets_in_alone_and_as_the_second_step(site, account):
    page = account("admin")
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    add_factor(page, "Add a passkey", site.logins["admin"])
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()

    log_out(page)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_role("heading", name="What would you like to work on?").wait_for()

    log_out(page)
    log_in(page, "admin", site.logins["admin"])
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="What would you like to work on?").wait_for()

    page.get_by_role("link", name="Security").click()
    page.get_by_role("link", name="See your passkeys").click()
    expect(page.get_by_role("heading", name="My laptop")).to_be_visible()
    page.get_by_role("link", name="Remove My laptop").click()
    page.get_by_label("Password").fill(site.logins["admin"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("You have no passkey.").wait_for()
