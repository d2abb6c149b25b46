"""Whatever a file holds, the import answers in its own words and adds up."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.importing import UnreadableFile, import_studies, read_studies

from .records import full_record

RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**31, 2**63, 99999])
    | st.floats()
    | st.text()
    | st.sampled_from(["\x00", "\ud800", "a" * 600, "10.1234/x", "rob-2", "low", "2026-02-30", "؟", "１２"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _paths(value, path=()):
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, entry in entries:
        yield from _paths(entry, (*path, step))


def _answer(data):
    """The records, or the words of the refusal."""
    try:
        return read_studies(data)
    except UnreadableFile as error:
        return str(error)


PATHS = [path for path in _paths(full_record()) if path]


@RELAXED
@given(data=st.binary())
def test_any_bytes_are_read_or_refused(data):
    assert isinstance(_answer(data), (list, str))


@RELAXED
@given(
    root=VALUES
    | st.fixed_dictionaries({"format": st.just("wellness-evidence"), "version": VALUES, "studies": VALUES})
)
def test_any_json_is_read_or_refused(root):
    assert isinstance(_answer(json.dumps(root).encode()), (list, str))


@pytest.mark.django_db
@RELAXED
@given(records=st.lists(VALUES, max_size=3))
def test_any_records_are_counted(vocabulary, now, records):
    summary = import_studies(records=records, at=now, skip_invalid=True)

    assert summary.records == len(records)
    for rejection in summary.rejections:
        assert all(place.startswith(rejection.place) and message for place, message in rejection.reasons)
        assert rejection.reasons


@pytest.mark.django_db
@settings(RELAXED, max_examples=300)
@given(path=st.sampled_from(PATHS), value=VALUES, dry_run=st.booleans())
def test_any_value_in_any_place_is_imported_or_rejected(vocabulary, now, path, value, dry_run):
    record = copy.deepcopy(full_record())
    holder = record
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value

    summary = import_studies(records=[record], at=now, dry_run=dry_run)

    assert summary.records == 1
    assert summary.written == (not dry_run and not summary.rejections)
    if summary.written:
        again = import_studies(records=[record], at=now)
        assert (again.unchanged, again.rejected) == (1, 0)
