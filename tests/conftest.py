"""What every test may ask for."""

import datetime

import pytest

from tests import factories


@pytest.fixture(autouse=True)
def _files_of_tests(settings, tmp_path):
    """Uploads and mail of tests go to a folder of their own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


@pytest.fixture
def now():
    """A fixed moment: time is passed in, never asked for."""
    return datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def publisher(db):
    return factories.UserFactory(username="publisher", is_staff=True, is_superuser=True)
