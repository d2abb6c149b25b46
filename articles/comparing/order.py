"""Which of several things in an order were moved."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence


def moved(before: Sequence[Hashable], after: Sequence[Hashable]) -> frozenset[Hashable]:
    """The fewest of the things in both lists that have to be moved to get from one order to the other.

    What stays is a longest increasing subsequence of the old places, read in the new order.
    """
    places = {thing: place for place, thing in enumerate(before)}
    common = [thing for thing in after if thing in places]
    ends: list[int] = []  # the lowest old place at which a run of each length can end
    last: list[int] = []  # and the index in `common` of it
    previous: list[int | None] = []
    for index, thing in enumerate(common):
        length = bisect_left(ends, places[thing])
        previous.append(last[length - 1] if length else None)
        ends[length : length + 1] = [places[thing]]
        last[length : length + 1] = [index]
    stay = set()
    at = last[-1] if last else None
    while at is not None:
        stay.add(common[at])
        at = previous[at]
    return frozenset(thing for thing in common if thing not in stay)
