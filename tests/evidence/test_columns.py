"""Columns of the index hold what was put into them, in as few bytes as it needs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.browsing.index.columns import Column, places_among

numbers = st.integers(-(2**62), 2**62) | st.integers(-200, 200) | st.integers(0, 70_000)


@given(st.lists(st.lists(numbers, max_size=5), max_size=5))
def test_column_holds_what_it_was_given(parts):
    column = Column()
    for part in parts:
        column.extend(np.array(part, dtype=np.int64))

    assert column.values.tolist() == [number for part in parts for number in part]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (np.int8, [-1, 127], np.int8),
        (np.int8, [0, 128], np.int16),
        (np.int8, [-1, 2026], np.int16),
        (np.int8, [1, 1_000_000], np.int32),
        (np.int8, [-129, 0], np.int16),
        (np.int8, [2**31], np.int64),
        (np.uint8, [0, 255], np.uint8),
        (np.uint8, [0, 300_000], np.uint32),
    ],
)
def test_column_takes_no_more_bytes_than_it_needs(dtype, values, expected):
    column = Column(dtype)
    column.extend(np.array(values[:1]))
    column.extend(np.array(values[1:]))

    assert column.values.dtype == expected


def test_a_key_that_does_not_fit_among_the_others_is_not_one_of_them():
    keys = np.array([1, 2, 7], dtype=np.int8)
    places, is_there = places_among(keys, np.array([258, 7, -254, 3]))
    assert is_there.tolist() == [False, True, False, False]
    assert places[1] == 2
