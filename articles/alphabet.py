"""Things in the order of the alphabet, under the letter that readers look for them."""

import string
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")
OTHERS = "0 to 9"


def by_letter(things: Iterable[Thing], name: Callable[[Thing], str]) -> dict[str, list[Thing]]:
    """The letters that have something, then `OTHERS` for what begins with none; accents do not count."""
    letters: dict[str, list[Thing]] = {letter: [] for letter in [*string.ascii_uppercase, OTHERS]}
    for thing in things:
        first = unicodedata.normalize("NFKD", name(thing).strip())[:1].upper()
        letters[first if first in letters else OTHERS].append(thing)
    return {letter: found for letter, found in letters.items() if found}
