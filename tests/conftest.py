"""What every test may ask for."""

import datetime

import pytest
from django.core.cache import cache

from evidence import immutability
from tests import factories


@pytest.fixture(autouse=True)
def _settings_of_tests(settings, tmp_path):
    """Uploads go to a folder of their own, static files need not be collected, logins are quick, no network.

    Staff needs no second factor, but where that is what is tested (tests/wellness/sign_in).
    """
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CHECK_OUTSIDE_LINKS = False
    settings.STAFF_MFA = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture(autouse=True)
def _editions_go_with_the_test(request):
    """A test that commits is followed by a flush, which deletes what otherwise nothing may delete."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" not in request.fixturenames and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    immutability.lift(using="default")  # the end of the flush makes them again


@pytest.fixture
def now():
    """A fixed moment: time is passed in, never asked for."""
    return datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def publisher(db):
    return factories.UserFactory(username="publisher", is_staff=True, is_superuser=True)


def pytest_collection_modifyitems(items):
    """Mark what touches the database, so that it can be run again on the other one."""
    for item in items:
        uses_fixture = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
        if uses_fixture or item.get_closest_marker("django_db"):
            item.add_marker("database")
