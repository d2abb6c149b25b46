import datetime
import threading
import time

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from articles import missed_searches
from articles.models import MissedSearch
from tests import factories

SITE, STUDIES = MissedSearch.Place
TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)


def note(words, *, place=SITE, on=TODAY, **more):
    return missed_searches.note(words=words, place=place, on=on, **more)


def rows():
    return list(MissedSearch.objects.most_wanted_first().values_list("place", "words", "count"))


# Which words


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("  Ankle\tWEIGHTS \n", "ankle weights"),
        ("ﬁsh oil", "fish oil"),
        ("Ménisque", "ménisque"),
        ("tai\N{ZERO WIDTH SPACE}chi", "taichi"),
        ("a\x00b", "a b"),
        ("B12", "b12"),
        ("vitamin d 2000 iu", "vitamin d 2000 iu"),
        ("x" * 300, "x" * 100),
        (f"{'x' * 99} y", "x" * 99),
        ("", ""),
        ("???", ""),
        ("12", ""),
        ("ada@example.org", ""),
        ("ada at example dot org", ""),
        ("write to Ada＠Example.org please", ""),
        ("ada\N{ZERO WIDTH SPACE}@example.org", ""),
        ("https://example.org/ada", ""),
        ("www.example.org", ""),
        ("call 0171 234 567", ""),
        ("call +44 (171) 23-45-67", ""),
        ("call ٠١٧١٢٣٤٥٦٧", ""),
        ("born 12.03.1968", ""),
        ("NHS number 943 476 5919", ""),
        (f"{'x' * 95} 0171 234 567", ""),
    ],
)
def test_words_are_kept_in_one_form_and_without_persons(words, kept):
    assert missed_searches.normalised(words) == kept


@given(st.text(max_size=200))
def test_the_form_of_words_is_the_form_of_itself(words):
    kept = missed_searches.normalised(words)

    assert len(kept) <= 100
    assert missed_searches.normalised(kept) == kept


# Counting


@pytest.mark.django_db
def test_a_search_is_counted_by_its_words_and_place():
    for words in ("Zinc", " zinc ", "ZINC", "Iron"):
        note(words)
    note("zinc", place=STUDIES)

    assert rows() == [("site", "zinc", 3), ("site", "iron", 1), ("studies", "zinc", 1)]


@pytest.mark.django_db
def test_a_search_knows_its_first_and_last_day_only():
    note("zinc")
    note("zinc", on=TODAY + 2 * DAY)

    assert list(MissedSearch.objects.values_list("first_on", "last_on")) == [(TODAY, TODAY + 2 * DAY)]
    assert {field.name for field in MissedSearch._meta.get_fields()} == {
        "id",
        "place",
        "words",
        "count",
        "first_on",
        "last_on",
    }


@pytest.mark.django_db
def test_what_is_not_kept_is_not_counted():
    assert [note("ada@example.org"), note("")] == [False, False]
    assert rows() == []


@pytest.mark.django_db
def test_a_flood_of_words_leaves_the_most_wanted():
    for n in range(9):
        factories.MissedSearchFactory(words=f"wanted {n}", count=n + 2, last_on=TODAY - 300 * DAY)

    for n in range(40):
        assert note(f"flood {chr(97 + n % 26) * (1 + n // 26)}", most=10)

    assert MissedSearch.objects.count() == 10
    assert MissedSearch.objects.filter(words__startswith="wanted").count() == 9


@pytest.mark.django_db
def test_a_full_table_of_wanted_words_gives_one_place_to_new_ones():
    for n in range(3):
        factories.MissedSearchFactory(words=f"wanted {n}", count=n + 2)

    note("new", most=3)
    note("newer", most=3)

    assert [words for _, words, _ in rows()] == ["wanted 2", "wanted 1", "newer"]


@pytest.mark.django_db
def test_of_the_least_wanted_the_one_of_longest_ago_goes():
    factories.MissedSearchFactory(words="old", last_on=TODAY - DAY)
    factories.MissedSearchFactory(words="older", last_on=TODAY - 2 * DAY)

    note("new", most=2)

    assert [words for _, words, _ in rows()] == ["new", "old"]


# Nobody waits


@pytest.fixture
def a_writer(transactional_db):
    """Somebody else who has begun to write the same row and does not end it before the test does."""
    begun, end = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                MissedSearch.objects.update(count=7)
                begun.set()
                end.wait(20)
        finally:
            connection.close()

    factories.MissedSearchFactory(words="zinc")
    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(20)
    yield
    end.set()
    thread.join()


def test_a_note_is_dropped_where_somebody_else_is_writing(a_writer):
    started = time.monotonic()

    assert note("zinc") is False

    assert time.monotonic() - started < 2


def test_waiting_is_as_it_was_after_a_note(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("Of SQLite.")

    def usual():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            return cursor.fetchone()[0]

    before = usual()
    with missed_searches._without_waiting():
        meanwhile = usual()
    note("zinc")

    assert (before, meanwhile, usual()) == (20000, 0, 20000)


def test_settings_of_a_note_end_with_it_on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("Of PostgreSQL.")

    def usual():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            return cursor.fetchone()

    before = usual()
    note("zinc")

    assert usual() == before
