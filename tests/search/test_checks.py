"""System checks of text indexes."""

import pytest

from search.checks import check_text_indexes
from search.index import TextIndex, registry


def test_checks_accept_the_declared_indexes():
    assert check_text_indexes(None) == []


@pytest.mark.parametrize(
    ("table", "columns", "ids"),
    [
        ("nowhere", {"title": "A"}, ["search.E001"]),
        ("django_session", {"session_data": "A"}, ["search.E002"]),
        ("django_content_type", {"model": "A", "colour": "B"}, ["search.E003"]),
    ],
)
def test_checks_name_a_declaration_that_no_table_satisfies(monkeypatch, table, columns, ids):
    monkeypatch.setitem(registry, "wrong", TextIndex(name="wrong", table=table, columns=columns))

    errors = check_text_indexes(None)

    assert [error.id for error in errors] == ids
    assert "'wrong'" in errors[0].msg
