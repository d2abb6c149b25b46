from hypothesis import assume, given, settings
from hypothesis import strategies as st

from articles.comparing.order import moved

things = st.lists(st.integers(0, 20), unique=True)


def test_nothing_moved_in_the_same_order():
    assert moved([1, 2, 3], [1, 2, 3]) == frozenset()


def test_what_came_and_went_did_not_move():
    assert moved([1, 2, 3], [4, 1, 3]) == frozenset()


@settings(deadline=None)
@given(st.integers(2, 30), st.data())
def test_moving_one_thing_marks_exactly_one(count, data):
    before = list(range(count))
    start, end = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    assume(start != end)
    after = before.copy()
    after.insert(end, after.pop(start))

    found = moved(before, after)

    assert len(found) == 1
    # Of two neighbours that changed places either may be the one.
    assert abs(start - end) == 1 or found == {start}


@settings(deadline=None)
@given(things, things)
def test_what_stays_has_the_same_order_in_both(before, after):
    found = moved(before, after)

    common = set(before) & set(after)
    assert found <= common
    assert [one for one in before if one in common - found] == [one for one in after if one in common - found]


@settings(deadline=None)
@given(things, things)
def test_as_many_move_there_as_back(before, after):
    assert len(moved(before, after)) == len(moved(after, before))
