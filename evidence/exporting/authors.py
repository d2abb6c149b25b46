"""Names of authors: from the one text that a report holds to the parts that reference managers sort by."""

from __future__ import annotations

import re
from dataclasses import dataclass

# As PubMed writes people: “van der Berg JF”, “Smith-Jones A Jr”. Anything else may be a group.
_PERSON = re.compile(
    r"(?P<family>\S.*?)\s+(?P<initials>[^\W\d_a-z]{1,4})(?:\s+(?P<suffix>Jr|Sr|2nd|3rd|4th|II|III|IV)\.?)?"
)


@dataclass(frozen=True)
class Author:
    """A person with family name, initials and suffix, or a group with its name as `family` alone."""

    family: str
    initials: str = ""
    suffix: str = ""

    @property
    def is_person(self) -> bool:
        return bool(self.initials)

    @property
    def dotted(self) -> str:
        """The initials as names are abbreviated: “J. F.”."""
        return " ".join(f"{letter}." for letter in self.initials)


def author(text: str) -> Author:
    """The author behind a text such as “Miller JF”."""
    words = " ".join(text.split())
    found = _PERSON.fullmatch(words)
    # Only small letters tell a family name from the initials of a group.
    if found is None or not any(letter.islower() for letter in found["family"]) or "," in words:
        return Author(words)
    return Author(found["family"], found["initials"], found["suffix"] or "")
