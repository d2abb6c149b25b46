"""Somebody on the staff, with and without a second factor, where second factors are demanded."""

import time

import pytest
from django.urls import reverse

from tests import factories
from tests.one_time_codes import code

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _second_factors_are_demanded(_settings_of_tests, settings):
    settings.STAFF_MFA = True


@pytest.fixture
def clock(monkeypatch):
    """Time that stands still until the test moves it on, so that no code runs out under it."""

    class Clock:
        now = time.time() // 30 * 30 + 1.0

    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


@pytest.fixture
def person(db):
    """Somebody on the staff with a password, without a second factor."""
    person = factories.UserFactory(
        username="vera", email="vera@example.org", is_staff=True, is_superuser=True
    )
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def app(person):
    """The authenticator app of the person."""
    return factories.AuthenticatorFactory(user=person)


@pytest.fixture
def log_in(client):
    """A function that sends name and password, and answers what the site answers."""

    def log_in(username="vera", password=PASSWORD, next_url=None, **headers):
        data = {"login": username, "password": password}
        if next_url is not None:
            data["next"] = next_url
        return client.post(reverse("account_login"), data, **headers)

    return log_in


@pytest.fixture
def send_code(client):
    """A function that sends a code in the second step: that of the app `app` now, or the one given."""

    def send_code(given, **headers):
        number = given if isinstance(given, str) else code(given.data["secret"])
        return client.post(reverse("mfa_authenticate"), {"code": number}, **headers)

    return send_code
