"""What happened to the findings on the way from one content of a topic to another."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.coverage import Coverage

from ..freezing import Content
from . import words
from .words import Piece


@dataclass(frozen=True)
class Moved:
    """Something that was one thing and is another, for everyone or for one group; empty is none at all."""

    whom: str
    was: str
    now: str


@dataclass(frozen=True)
class FindingChange:
    """One finding that is not as it was. Studies are (slug, label); `sentence` is empty if it stayed."""

    name: str
    change: str  # added, removed, changed
    was_name: str = ""  # if it has another one now
    sentence: tuple[Piece, ...] = ()
    ratings: tuple[Moved, ...] = ()
    coverage: tuple[Moved, ...] = ()
    studies_added: tuple[tuple[str, str], ...] = ()
    studies_dropped: tuple[tuple[str, str], ...] = ()


def compare_findings(before: Content, after: Content) -> tuple[FindingChange, ...]:
    """The findings that differ, in the new order, those that went at the end. Pure.

    A finding is the same one if its block is. Of one that came or went, all that it says is told.
    """
    old, new = _findings(before), _findings(after)
    pairs = [(old.get(uid, {}), block) for uid, block in new.items()]
    pairs += [(block, {}) for uid, block in old.items() if uid not in new]
    changes = (_change(was, now, before, after) for was, now in pairs)
    return tuple(change for change in changes if change is not None)


def moved_ratings(before: Content, after: Content) -> list[dict[str, str]]:
    """The certainties that were rated before and are rated otherwise now, as JSON values."""
    return [
        {"name": change.name, "whom": moved.whom, "was": moved.was, "now": moved.now}
        for change in compare_findings(before, after)
        for moved in change.ratings
        if moved.was and moved.now
    ]


def _findings(content: Content) -> dict[str, Content]:
    return {block["uid"]: block for block in content.get("blocks", ()) if block["kind"] == "finding"}


def _change(was: Content, now: Content, before: Content, after: Content) -> FindingChange | None:
    studies_were, studies_are = _studies(was, before), _studies(now, after)
    groups = _groups(before) | _groups(after)
    said = (was.get("statement", ""), now.get("statement", ""))
    found = FindingChange(
        name=(now or was)["name"],
        change="added" if not was else "removed" if not now else "changed",
        was_name=was["name"] if was and now and was["name"] != now["name"] else "",
        sentence=words.mark(*said) if said[0] != said[1] else (),
        ratings=tuple(_moved({"": "Everyone"} | groups, _ratings(was), _ratings(now))),
        coverage=tuple(_moved(groups, _coverage(was), _coverage(now))),
        studies_added=tuple((slug, label) for slug, label in studies_are.items() if slug not in studies_were),
        studies_dropped=tuple(
            (slug, label) for slug, label in studies_were.items() if slug not in studies_are
        ),
    )
    is_same = found == FindingChange(name=found.name, change="changed")
    return None if is_same else found


def _moved(labels: dict[str, str], was: dict[str, str], now: dict[str, str]) -> Iterator[Moved]:
    for slug, label in labels.items():
        if was.get(slug, "") != now.get(slug, ""):
            yield Moved(label, was.get(slug, ""), now.get(slug, ""))


def _groups(content: Content) -> dict[str, str]:
    return {group["slug"]: group["label"] for group in content["populations"]}


def _ratings(block: Content) -> dict[str, str]:
    """How certain it is, for everyone (an empty slug) and for each group that is rated."""
    said = {"": block, **block.get("lenses", {})} if block else {}
    return {
        slug: entry["assessment"]["certainty"]
        for slug, entry in said.items()
        if entry["assessment"] is not None
    }


def _coverage(block: Content) -> dict[str, str]:
    return {slug: Coverage(state).words.lower() for slug, state in block.get("coverage", {}).items()}


def _studies(block: Content, content: Content) -> dict[str, str]:
    """The studies behind it, for everyone or for a group, by slug with their names."""
    if not block:
        return {}
    labels = {row["study"]: row["label"] for row in block["rows"]}
    labels |= {slug: study["label"] for slug, study in content["studies"].items()}
    slugs = [*block["studies"], *(slug for said in block["lenses"].values() for slug in said["studies"])]
    return {slug: labels.get(slug, slug) for slug in slugs}
