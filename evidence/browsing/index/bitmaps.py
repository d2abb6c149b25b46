"""Between bitmaps and arrays of numbers, in one step either way."""

from array import array

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

Slots = npt.NDArray[np.uint32]
"""Places in the columns of the index, ascending."""


def bitmap(slots: npt.NDArray[np.integer]) -> BitMap:
    """The set of these slots."""
    # From a buffer: one by one would take fifty times as long.
    buffer = array("I")
    buffer.frombytes(np.ascontiguousarray(slots, dtype=np.uint32).tobytes())
    return BitMap(buffer)


def slots(found: BitMap) -> Slots:
    """The members of a set in their order."""
    return np.frombuffer(found.to_array(), dtype=np.uint32)
