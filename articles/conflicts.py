"""Conflicts: what becomes of a topic that somebody else saved while its form was open."""

import binascii
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from django.core import signing

Take = Literal["same", "mine", "theirs", "ask"]
"""Whose part is kept: both say the same, one of them changed it, or both did and a person has to say."""

Said = tuple[str]
"""What a row says: a digest of its fields."""

_signer = signing.Signer(salt="articles.conflicts")


@dataclass(frozen=True)
class Version:
    """What a form says, part by part: enough to see later which parts changed, not what they said.

    `fields` and `rows` map the name of each field and the key of each row to what it says; None is a row
    that is to be deleted. `order` has the keys of the blocks as they stand on the page.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Said | None] = field(default_factory=dict)
    order: Sequence[str] = ()

    def token(self, topic: int) -> str:
        """This version of the topic with that key as a text for a form; nobody else can make one."""
        value = {
            "topic": topic,
            "fields": dict(self.fields),
            "rows": {key: list(said) for key, said in self.rows.items() if said is not None},
            "order": list(self.order),
        }
        return _signer.sign_object(value, compress=True)

    @classmethod
    def read(cls, token: str, topic: int) -> "Version | None":
        """The version behind a token of this topic, or None for any other text."""
        try:
            value = _signer.unsign_object(token)
        except (signing.BadSignature, ValueError, binascii.Error, zlib.error):
            return None
        if value["topic"] != topic:
            return None
        rows = {key: tuple(said) for key, said in value["rows"].items()}
        return cls(fields=value["fields"], rows=rows, order=value["order"])


@dataclass(frozen=True)
class Merge:
    """Whose fields, whose rows and whose order of the blocks are kept."""

    fields: Mapping[str, Take]
    rows: Mapping[str, Take]
    order: Take

    @property
    def is_settled(self) -> bool:
        return "ask" not in (*self.fields.values(), *self.rows.values(), self.order)

    @property
    def takes_theirs(self) -> bool:
        return "theirs" in (*self.fields.values(), *self.rows.values(), self.order)

    def settled(self, choices: Mapping[str, str]) -> "Merge":
        """The same with what a person chose, by the name of the field, the key of the row or “order”.

        Chosen may be whatever the other person changed; what only this person changed stays theirs.
        """

        def choose(key: str, take: Take) -> Take:
            if take not in ("ask", "theirs"):
                return take
            chosen = choices.get(key)
            return "mine" if chosen == "mine" else "theirs" if chosen == "theirs" else take

        return replace(
            self,
            fields={name: choose(name, take) for name, take in self.fields.items()},
            rows={key: choose(key, take) for key, take in self.rows.items()},
            order=choose("order", self.order),
        )


def merge(*, base: Version | None, mine: Version, theirs: Version) -> Merge:
    """Whose part to keep where `base` became `mine` in a form and `theirs` in the database meanwhile.

    Without `base` nobody can tell who changed what: whatever differs is asked. A row that a form does not
    mention stays.
    """
    fields = {
        name: _take(base.fields.get(name) if base else None, said, theirs.fields.get(name), base is not None)
        for name, said in mine.fields.items()
    }
    rows: dict[str, Take] = {}
    for key in dict.fromkeys((*theirs.rows, *mine.rows)):
        before = base.rows.get(key) if base else None
        now = theirs.rows.get(key)
        said = mine.rows.get(key, now if base is None else before)
        rows[key] = _take(before, said, now, base is not None)
    return Merge(fields=fields, rows=rows, order=_order(base, mine, theirs))


def arrange(*, first: Sequence[str], second: Sequence[str], keep: Collection[str]) -> list[str]:
    """The keys `keep` in the order of `first`; what only `second` has stands after what it follows there."""
    arranged = [key for key in first if key in keep]
    place = 0
    for key in second:
        if key not in keep:
            continue
        if key in arranged:
            place = arranged.index(key) + 1
        else:
            arranged.insert(place, key)
            place += 1
    return arranged


def _take(before: object, mine: object, theirs: object, base_is_known: bool) -> Take:
    if mine == theirs:
        return "same"
    if base_is_known and theirs == before:
        return "mine"
    if base_is_known and mine == before:
        return "theirs"
    return "ask"


def _order(base: Version | None, mine: Version, theirs: Version) -> Take:
    common = set(mine.order) & set(theirs.order)
    if base is not None:
        common &= set(base.order)
    before, my_order, their_order = (
        [key for key in version.order if key in common] if version else None
        for version in (base, mine, theirs)
    )
    return _take(before, my_order, their_order, base is not None)
