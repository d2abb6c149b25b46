"""The server reads what it keeps before it forks."""

import pytest
from django.db import connection

from evidence.browsing import index
from tests.factories import StudyFactory


@pytest.mark.django_db(transaction=True)
def test_what_is_read_ahead_is_there_for_the_first_reader(django_assert_num_queries):
    # Importing makes the application, which looks for static files: those of a test.
    from wellness.wsgi import read_ahead

    index.forget()
    StudyFactory()

    read_ahead()

    assert connection.connection is None or connection.vendor == "sqlite"
    connection.ensure_connection()
    with django_assert_num_queries(1):
        assert len(index.current().alive) == 1
    index.forget()
