"""What one formula gives for the numbers of a result."""

from collections.abc import Callable
from dataclasses import dataclass

from .numbers import Given


@dataclass(frozen=True)
class Derived:
    """What a formula gives, before it is known whether a reported estimate has to help out.

    As in `Effect`, `derivation` is a key of DERIVATIONS and `vi` is None or above zero.
    """

    yi: float | None
    vi: float | None
    derivation: str


NOT_ESTIMABLE = Derived(None, None, "not_estimable")

# Takes the numbers that are given and whether the same people were measured under both conditions;
# returns None where the numbers do not suffice.
Formula = Callable[[Given, bool], Derived | None]
