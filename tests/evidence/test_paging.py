"""Walking the list of studies page by page, on both engines."""

import random

import pytest

import search
from evidence.browsing import SORTS, Filter, Vocabulary
from evidence.browsing.counting import Matches
from evidence.browsing.index import current, ordering
from evidence.browsing.paging import BadCursor, page
from evidence.models.study import Design
from tests.factories import StudyFactory

pytestmark = pytest.mark.django_db

DESIGNS = [Design.PARALLEL, Design.META_ANALYSIS, Design.PROTOCOL]
SUMMARIES = ["Gait was faster.", "Gait and once more gait.", "Faster gait and longer sleep."]


def random_studies(chance, n=20):
    """Studies that tie on everything often: what is unknown, and the labels, too."""
    for _ in range(n):
        people = chance.choice([None, 5, 70_000])
        StudyFactory(
            label=chance.choice(["Abel", "abel", "Zoë", "Ångström"]),
            year=chance.choice([None, 1990, 2020]),
            n_enrolled=people,
            n_analysed=0 if people is None and chance.random() < 0.5 else None,
            design=chance.choice(DESIGNS),
            state=chance.choice(["published", "published", "published", "draft", "retired"]),
            summary=chance.choice(SUMMARIES),
        )


def forward(chosen, size):
    """All keys, walking from the first page; and the last page."""
    found = page(chosen, size=size)
    keys = list(found.keys)
    while found.next is not None:
        found = page(chosen, found.next, size)
        assert 1 <= len(found.keys) <= size
        keys += found.keys
    return keys, found


def backward(chosen, size, last):
    """All keys reversed, walking back from the last page."""
    keys = list(reversed(last.keys))
    found = last
    while found.previous is not None:
        found = page(chosen, found.previous, size)
        assert 1 <= len(found.keys) <= size
        keys += reversed(found.keys)
    return keys


@pytest.mark.parametrize("sort", SORTS)
def test_walk_gives_the_list_forward_and_its_reverse_backward(sort, django_assert_num_queries):
    chance = random.Random(sort)
    random_studies(chance)
    chosen = Filter(Vocabulary.load(), q="gait", sort=sort)
    in_order = list(chosen.in_order().values_list("pk", flat=True))
    assert len(in_order) > 9

    for size in (1, 3, len(in_order), 100):
        keys, last = forward(chosen, size)
        assert keys == in_order
        assert backward(chosen, size, last) == in_order[::-1]
    cursor = page(chosen, size=3).next
    index = current()
    # The words are looked for; where they rank studies, once more for how well each matches.
    with django_assert_num_queries(2 if sort == "match" else 1):
        found = page(chosen, cursor, 3, matches=Matches(chosen, index=index))
    assert found.n_before == 3


def test_many_studies_are_walked_year_by_year(monkeypatch):
    monkeypatch.setattr(ordering, "MANY", 1)
    random_studies(random.Random(2))
    for sort in ("newest", "oldest"):
        chosen = Filter(Vocabulary.load(), sort=sort)
        in_order = list(chosen.in_order().values_list("pk", flat=True))

        keys, last = forward(chosen, 3)

        assert keys == in_order
        assert backward(chosen, 3, last) == in_order[::-1]
        assert last.n_before + len(last.keys) == len(in_order)
        assert page(chosen, last.previous, 3).n_before == last.n_before - 3


def test_more_studies_than_can_be_ranked_come_newest_first(monkeypatch):
    monkeypatch.setattr(search, "MOST_RANKED", 2)
    random_studies(random.Random(3))
    chosen = Filter(Vocabulary.load(), q="gait")

    found = page(chosen, size=100)

    assert not found.is_ranked
    assert list(found.keys) == list(chosen.apply().newest_first().values_list("pk", flat=True))


def test_page_in_the_middle_leads_back_to_where_it_came_from():
    random_studies(random.Random(1))
    chosen = Filter(Vocabulary.load())

    first = page(chosen, size=4)
    second = page(chosen, first.next, 4)

    assert first.previous is None
    assert page(chosen, second.previous, 4) == first
    assert page(chosen, page(chosen, second.next, 4).previous, 4).keys == second.keys


def test_study_that_comes_in_meanwhile_moves_no_page():
    for year in (2020, 2010, 2000):
        StudyFactory(year=year)
    chosen = Filter(Vocabulary.load())
    first = page(chosen, size=2)
    rest = page(chosen, first.next, 2).keys

    StudyFactory(year=2024)

    assert page(chosen, first.next, 2).keys == rest


def test_nothing_is_a_page_without_ways_on():
    found = page(Filter(Vocabulary.load()))

    assert (found.keys, found.next, found.previous) == ((), None, None)


def test_page_beyond_what_is_left_is_empty():
    studies = StudyFactory.create_batch(2)
    chosen = Filter(Vocabulary.load())
    after = page(chosen, size=1).next
    studies[0].delete()

    assert page(chosen, after, 1).keys == ()


@pytest.mark.parametrize("broken", ["", ".", "x", "é", "WzEsZmFsc2UsW11d.x", "\0", "a" * 5000])
def test_what_is_no_cursor_is_refused(broken):
    with pytest.raises(BadCursor):
        page(Filter(Vocabulary.load()), broken)


def test_cursor_of_another_list_is_refused():
    StudyFactory.create_batch(2)
    vocabulary = Vocabulary.load()
    cursor = page(Filter(vocabulary), size=1).next
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    assert page(Filter(vocabulary, sort="newest"), cursor, 1).keys
    for chosen, foreign in (
        (Filter(vocabulary, sort="oldest"), cursor),
        (Filter(vocabulary, year_from=1990), cursor),
        (Filter(vocabulary), changed),
    ):
        with pytest.raises(BadCursor):
            page(chosen, foreign, 1)
