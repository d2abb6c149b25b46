"""Sets of members are told apart, also where their hashes are not."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.browsing.index import sets as module
from evidence.browsing.index.sets import EMPTY, Lookup, Sets

WHO_HOLDS_WHAT = st.lists(st.sets(st.integers(0, 5)), max_size=8)


def _held(sets, numbers):
    """Of each set of these numbers what it holds, told by asking for each member."""
    holds = {each: sets.holding([each], numbers) for each in (EMPTY, *range(6))}
    return [{each for each, says in holds.items() if says[place]} for place in range(len(numbers))]


def _add(sets, wanted):
    pairs = [(owner, member) for owner, members in enumerate(wanted) for member in members]
    owners, members = (np.array([pair[part] for pair in reversed(pairs)], dtype=np.int64) for part in (0, 1))
    return sets.of_pairs(owners, members, len(wanted))


@pytest.mark.parametrize("all_alike", [False, True], ids=["hashes differ", "all hashes are alike"])
@given(parts=st.lists(WHO_HOLDS_WHAT, max_size=3))
def test_a_set_holds_its_members_and_no_others(all_alike, parts):
    with pytest.MonkeyPatch.context() as patch:
        if all_alike:
            patch.setattr(module, "_mixed", lambda values: np.zeros(len(values), dtype=np.uint64))
        sets = Sets()
        numbers = [_add(sets, wanted) for wanted in parts]

    for found, wanted in zip(numbers, parts, strict=True):
        assert _held(sets, found) == [members or {EMPTY} for members in wanted]


@pytest.mark.parametrize("few", [0, 2_000])
@given(wanted=st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=60), chance=st.randoms())
def test_bits_of_some_are_those_of_all(few, wanted, chance):
    sets = Sets()
    numbers = _add(sets, wanted)
    bits = {member: 1 << member for member in range(0, 10, 2)}
    lookup = Lookup(sets, bits, unsaid=[([0, 1, 2], 1 << 60)])
    some = np.array(chance.choices(numbers.tolist(), k=chance.randrange(max(1, sets.n // 4))), dtype=np.int64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW", few)
        found = lookup.of(some).tolist()

    held = dict(zip(numbers.tolist(), wanted, strict=True))
    assert found == [
        sum(bits.get(member, 0) for member in held[number]) + (0 if held[number] & {0, 1, 2} else 1 << 60)
        for number in some.tolist()
    ]
    assert found == lookup.of_all()[some].tolist()


def test_equal_sets_share_a_number_whenever_they_come():
    sets = Sets()

    first = _add(sets, [{1, 2}, set(), {2, 1}, {2}])
    later = _add(sets, [{3}, {2}, {1, 2}])

    assert first[0] == first[2]
    assert [later[1], later[2]] == [first[3], first[0]]
    assert sets.n == len({*first.tolist(), *later.tolist()}) == 4


def test_who_holds_what_comes_back_in_pairs():
    sets = Sets()
    wanted = [{4, 0}, set(), {0}]

    owners, places, members = sets.pairs(np.arange(3), _add(sets, wanted))

    held = {(owner, members[place]) for owner, place in zip(owners.tolist(), places.tolist(), strict=True)}
    assert held == {(0, 4), (0, 0), (1, EMPTY), (2, 0)}
    assert all(pair in held for pair in product([0], wanted[0]))
