"""What changed between two contents of a topic."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from ..freezing import Content
from . import rich_text, words
from .order import moved
from .rich_text import NameOf
from .words import Piece

# What is said only if nothing that can be read explains a difference.
_UNREADABLE = "Changed in a way that cannot be read on the page."

_TOPIC = {
    "title": "Title",
    "subtitle": "Subtitle",
    "short_title": "Short title",
    "standfirst": "Standfirst",
    "teaser": "Teaser",
    "description": "Description for search engines",
    "tags": "Tags",
    "search_words": "Search words",
    "intervention": "Intervention",
    "research_to": "Research to",
    "next_review": "Next review",
    "category": "Category",
    "path": "Address",
    "image": "Image for shared links",
}
_BLOCK = {
    "text": "Text",
    "short_text": "In the contents",
    "anchor": "Anchor",
    "title": "Title",
    "callout": "Kind",
    "caption": "Caption",
    "image": "Image file",
    "alt": "Text alternative",
    "is_decorative": "Decorative",
    "credit": "Credit",
    "outcome": "Outcome",
    "sentence": "Sentence of the assessment",
    "introduction": "Introduction",
    "name": "Name",
    "statement": "Statement",
    "glance": "At a glance",
    "conclusion": "Conclusion",
    "certainty": "Certainty",
    "reasons": "Why",
    "seen": "What was seen",
    "left open": "Not known",
    "pooled": "Pooled",
    "assessed": "Assessed",
}
_RESULT = {
    "finding": "Finding",
    "display": "Result",
    "measure_label": "Measure",
    "who": "Who",
    "people": "People",
    "arm": "Arm",
    "comparator": "Compared with",
    "weeks": "Weeks",
    "instrument": "Instrument",
    "outcome": "Outcome",
}
_LENS = {
    "certainty": "Certainty",
    "sentence": "Sentence",
    "seen": "What was seen",
    "left open": "Not known",
    "results": "Results behind it",
}
_VARIABLE = {"why": "Why it matters", "evidence": "What this rests on"}
_STUDY = {"label": "Study", "name": "Title", "integrity": "Integrity", "people": "People"}
_TERM = {"name": "Word", "definition": "Definition"}
_POPULATION = {"name": "Name", "label": "Label"}

# Read as a whole, not word by word.
_WHOLE = frozenset({"anchor", "display", "image", "next_review", "path", "research_to"})

# The result as it is displayed holds these numbers already.
_IN_DISPLAY = frozenset({"estimate", "low", "high"})


@dataclass(frozen=True)
class FieldChange:
    """One field: its words with what happened to them, and in sentences what its words do not show."""

    label: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowChange:
    """One row of something: a result, a variable, a study, a word, a group."""

    change: str  # added, removed, changed, moved
    title: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class BlockChange:
    """One block, also one that stayed as it was: then only `text` says what it says."""

    uid: str
    kind: str
    title: str
    text: str
    change: str  # added, removed, changed, same
    is_moved: bool = False
    before: int | None = None  # its place on the page, counted from 1
    after: int | None = None
    fields: tuple[FieldChange, ...] = ()
    rows: tuple[RowChange, ...] = ()

    @property
    def is_same(self) -> bool:
        return self.change == "same" and not self.is_moved

    @property
    def words(self) -> str:
        """What happened to it, for its heading."""
        said = [] if self.change == "same" else [self.change]
        if self.is_moved:
            said.append("moved")
        return " and ".join(said) or "not changed"


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two contents; all blocks, in reading order, for their context."""

    fields: tuple[FieldChange, ...] = ()
    populations: tuple[RowChange, ...] = ()
    blocks: tuple[BlockChange, ...] = ()
    studies: tuple[RowChange, ...] = ()
    terms: tuple[RowChange, ...] = ()
    others: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        parts = (self.fields, self.populations, self.studies, self.terms, self.others)
        return not any(parts) and all(block.is_same for block in self.blocks)

    @property
    def summary(self) -> str:
        """In a line how much changed, for example “2 blocks changed, 1 block moved”."""
        counts = Counter(block.change for block in self.blocks if block.change != "same")
        counts["moved"] = sum(block.is_moved for block in self.blocks)
        said = [_counted(counts[word], "block", word) for word in ("added", "removed", "changed", "moved")]
        said.append(_counted(len(self.fields), "field of the topic", "changed", "fields of the topic"))
        said.append(_counted(len(self.populations), "population", "changed"))
        said.append(_counted(len(self.studies), "study", "changed", "studies"))
        said.append(_counted(len(self.terms), "word of the glossary", "changed", "words of the glossary"))
        if self.others:
            said.append("other differences")
        return ", ".join(filter(None, said)) or "nothing changed"


def _counted(count: int, noun: str, change: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'} {change}" if count else ""


def compare(before: Content, after: Content) -> Comparison:
    """What happened on the way from one frozen content of a topic to another.

    Blocks are the same if kind and uid are; moved are the fewest that explain the new order. Both contents
    have the form that `freezing.SCHEMA` names. Pure: it asks the database nothing. The comparison is empty
    exactly if the contents are equal.
    """
    name_of = _names(before, after)
    texts = [
        _rich("At a glance", before["key_points"], after["key_points"], name_of),
        _rich("What is not known", before["not_known"], after["not_known"], name_of),
    ]
    return Comparison(
        fields=(*_fields(before["topic"], after["topic"], _TOPIC), *filter(None, texts)),
        populations=_rows(
            before["populations"],
            after["populations"],
            key=lambda group: group["slug"],
            title=lambda group: group["label"],
            labels=_POPULATION,
        ),
        blocks=_blocks(before, after, name_of),
        studies=_rows(
            _studies(before),
            _studies(after),
            key=lambda study: study["slug"],
            title=lambda study: study["label"],
            labels=_STUDY,
        ),
        terms=_rows(
            _by_slug(before["terms"]),
            _by_slug(after["terms"]),
            key=lambda term: term["slug"],
            title=lambda term: term["name"],
            labels=_TERM,
        ),
        others=_others(before, after),
    )


def _others(before: Content, after: Content) -> tuple[FieldChange, ...]:
    """What follows from elsewhere: where linked topics are, and the order of the references."""
    uids = sorted(before["topics"].keys() | after["topics"].keys())
    pages = dict.fromkeys(uids, "Address of a linked page")
    found = list(_fields(before["topics"], after["topics"], pages))
    # A study that came or went changes the list as well, and stands among the studies already.
    is_told = before["studies"].keys() != after["studies"].keys()
    if not is_told or moved(before["references"], after["references"]):
        was, now = (
            [content["studies"][slug]["label"] for slug in content["references"]]
            for content in (before, after)
        )
        if before["references"] != after["references"]:
            label = "Order of the references"
            found.append(_field(label, was, now) or FieldChange(label, (), (_UNREADABLE,)))
    return tuple(found)


# Blocks


def _blocks(before: Content, after: Content, name_of: NameOf) -> tuple[BlockChange, ...]:
    """All blocks in the new order, those that went where they stood."""
    old = {(block["kind"], block["uid"]): block for block in before["blocks"]}
    new = {(block["kind"], block["uid"]): block for block in after["blocks"]}
    old_places = {key: place for place, key in enumerate(old, start=1)}
    new_places = {key: place for place, key in enumerate(new, start=1)}
    have_moved = moved(list(old), list(new))
    # After which of the blocks that stayed each lost one stood; None is the top of the page.
    lost: dict[Any, list[Any]] = {}
    above = None
    for key in old:
        if key in new and key not in have_moved:
            above = key
        elif key not in new:
            lost.setdefault(above, []).append(key)
    order = list(lost.get(None, []))
    for key in new:
        order += [key, *lost.get(key, [])]

    changes = []
    for key in order:
        was, now = old.get(key), new.get(key)
        block = now or was or {}
        fields, rows = _inside(was or {}, now or {}, before, after, name_of)
        if was is None:
            change = "added"
        elif now is None:
            change = "removed"
        else:
            change = "same" if was == now else "changed"
        changes.append(
            BlockChange(
                uid=key[1],
                kind=key[0],
                title=_title(block),
                text=_said(block, before if now is None else after),
                change=change,
                is_moved=key in have_moved,
                before=old_places.get(key),
                after=new_places.get(key),
                fields=fields,
                rows=rows,
            )
        )
    return tuple(changes)


def _inside(
    was: Content, now: Content, before: Content, after: Content, name_of: NameOf
) -> tuple[tuple[FieldChange, ...], tuple[RowChange, ...]]:
    """The fields and the rows of a block that differ; of one that came or went, all that say something."""
    kind = (now or was)["kind"]
    if was == now:
        return (), ()
    apart = {"uid", "kind", "rows", "coverage", "width", "height", "sizes"}
    is_rich = {
        "text": {"text"},
        "callout": {"text"},
        "finding": {"text"},
        "evidence table": {"introduction"},
    }.get(kind, set())
    if kind == "finding":
        lenses = _rows(
            _of_groups(was, before),
            _of_groups(now, after),
            key=lambda said: said["slug"],
            title=lambda said: said["label"],
            labels=_LENS,
        )
        was, now = _flat(was), _flat(now)
    found = [
        _rich(_BLOCK[name], was.get(name, ""), now.get(name, ""), name_of)
        for name in sorted(is_rich)
        if was.get(name) != now.get(name)
    ]
    old, new = _without_repeats(was, apart | is_rich), _without_repeats(now, apart | is_rich)
    if not was or not now:
        old, new = ({name: value for name, value in block.items() if _says(value)} for block in (old, new))
    fields = [*_fields(old, new, _BLOCK), *filter(None, found)]
    rows: tuple[RowChange, ...] = ()
    if kind == "key variables":
        rows = _rows(
            _numbered(was.get("rows", [])),
            _numbered(now.get("rows", [])),
            key=lambda row: (row["variable"], row["nth"]),
            title=lambda row: row["variable"],
            labels=_VARIABLE,
        )
    elif kind in ("evidence table", "finding"):
        rows = _rows(
            _labelled(was, before),
            _labelled(now, after),
            key=lambda row: (row["study"], row["key"]),
            title=lambda row: f"{row['label']}: {row['outcome']}",
            labels=_RESULT,
            telling=("display", "finding", "who", "people"),
        )
        fields += _coverage(was.get("coverage", {}), now.get("coverage", {}), before, after)
        if kind == "finding":
            rows = (*rows, *lenses)
    if was and now and not fields and not rows:
        fields = [FieldChange("Block", (), (_UNREADABLE,))]
    return tuple(fields), rows


def _without_repeats(block: Content, apart: Collection[str]) -> Content:
    """The fields that are not `apart`. A heading's short text that is its text says nothing of its own."""
    fields = {name: value for name, value in block.items() if name not in apart}
    if "short_text" in block and block["short_text"] == block["text"]:
        fields["short_text"] = ""
    return fields


def _coverage(was: Content, now: Content, before: Content, after: Content) -> Iterable[FieldChange]:
    """For which groups the evidence of a table says more or less than it did."""
    labels = {
        group["slug"]: f"Coverage: {group['label']}"
        for content in (before, after)
        for group in content["populations"]
    }
    return _fields(was, now, labels)


def _numbered(rows: Sequence[Content]) -> list[Content]:
    """Variables of the same name are told apart by their order."""
    seen: Counter[str] = Counter()
    numbered = []
    for row in rows:
        numbered.append({**row, "nth": seen[row["variable"]]})
        seen[row["variable"]] += 1
    return numbered


def _labelled(block: Content, content: Content) -> list[Content]:
    studies = content["studies"]
    return [
        {**row, "label": studies[row["study"]]["label"] if row["study"] in studies else row["study"]}
        for row in block.get("rows", [])
    ]


def _studies(content: Content) -> list[Content]:
    """The studies that the page names, with the fields of their main report among their own."""
    return [
        {
            **study,
            "report": study["report"] is not None,
            **{f"report_{name}": value for name, value in (study["report"] or {}).items()},
        }
        for study in _by_slug(content["studies"])
    ]


def _by_slug(things: Mapping[str, Content]) -> list[Content]:
    return [{"slug": slug, **thing} for slug, thing in sorted(things.items())]


def _title(block: Content) -> str:
    """The words by which an editor knows the block."""
    for name in ("title", "name", "caption", "alt"):
        if block.get(name):
            return str(block[name])
    if block["kind"] == "figure":
        return "decoration"
    return Truncator(" ".join(rich_text.plain(block["text"]).split())).words(8)


def _said(block: Content, content: Content) -> str:
    """What the block says, in plain words, a line for each paragraph or row."""
    kind = block["kind"]
    if kind == "heading":
        return str(block["text"])
    if kind in ("text", "callout"):
        return rich_text.plain(block["text"])
    if kind == "finding":
        return "\n".join(filter(None, [block["statement"], rich_text.plain(block["text"])]))
    if kind == "key variables":
        return "\n".join(f"{row['variable']}: {row['why']}" for row in block["rows"])
    if kind == "evidence table":
        rows = [f"{row['label']}: {row['display'] or row['finding']}" for row in _labelled(block, content)]
        return "\n".join(filter(None, [rich_text.plain(block["introduction"]), *rows]))
    return "\n".join(filter(None, [block["alt"], block["caption"], block["credit"]]))


# Findings


def _flat(block: Content) -> Content:
    """A finding with its assessment as fields of its own; an empty block stays empty."""
    if not block:
        return block
    kept = ("uid", "kind", "name", "anchor", "statement", "glance", "text", "rows", "coverage")
    conclusion, assessment = block["conclusion"], block["assessment"]
    return {
        **{name: block[name] for name in kept},
        "conclusion": "" if conclusion is None else conclusion["slug"],
        **_judged(assessment),
    }


def _judged(assessment: Content | None) -> Content:
    if assessment is None:
        return {}
    pooled = (assessment["pool"] or {}).get("pooled")
    return {
        "certainty": assessment["certainty"],
        "reasons": " ".join(f"{reason['reason']}: {reason['why']}" for reason in assessment["reasons"]),
        "sentence": assessment["sentence"],
        "seen": assessment["seen"],
        "left open": assessment["not_known"],
        "pooled": "" if pooled is None else pooled["display"],
        "assessed": f"Assessment {assessment['number']}",
    }


def _of_groups(block: Content, content: Content) -> list[Content]:
    """What a finding says to each group."""
    labels = {group["slug"]: group["label"] for group in content["populations"]}
    return [
        {
            "slug": slug,
            "label": labels.get(slug, slug),
            **_judged(said["assessment"]),
            "results": [f"{result['study']}/{result['key']}" for result in said.get("results", ())],
        }
        for slug, said in sorted(block.get("lenses", {}).items())
    ]


# Rows


def _rows(
    before: Sequence[Content],
    after: Sequence[Content],
    *,
    key: Callable[[Content], Any],
    title: Callable[[Content], str],
    labels: Mapping[str, str],
    telling: Collection[str] | None = None,
) -> tuple[RowChange, ...]:
    """The rows that came, went, changed or moved: in the new order, those that went at the end.

    Of a row that came or went, the fields `telling` say what it is; without them all that have a label do.
    """
    names = labels.keys() if telling is None else telling
    old, new = {key(row): row for row in before}, {key(row): row for row in after}
    have_moved = moved(list(old), list(new))
    changes = []
    for name, row in new.items():
        if name not in old:
            changes.append(RowChange("added", title(row), _fields({}, _telling(row, names), labels)))
        elif row != old[name]:
            changes.append(RowChange("changed", title(row), _row_fields(old[name], row, labels)))
        elif name in have_moved:
            changes.append(RowChange("moved", title(row)))
    for name, row in old.items():
        if name not in new:
            changes.append(RowChange("removed", title(row), _fields(_telling(row, names), {}, labels)))
    return tuple(changes)


def _telling(row: Content, names: Collection[str]) -> Content:
    return {name: row[name] for name in names if _says(row.get(name))}


def _says(value: Any) -> bool:
    """Whether a value is worth a line where there is nothing to compare it with. Zero is."""
    return value is not None and value is not False and value not in ("", [])


def _row_fields(was: Content, now: Content, labels: Mapping[str, str]) -> tuple[FieldChange, ...]:
    hidden = {"history_id"}
    if was.get("display") != now.get("display"):
        hidden |= _IN_DISPLAY
    old, new = ({name: value for name, value in row.items() if name not in hidden} for row in (was, now))
    found = _fields(old, new, labels)
    if found:
        return found
    return (FieldChange("Record", (), ("Saved again in the evidence, without a change that is shown.",)),)


# Fields


def _fields(before: Content, after: Content, labels: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """The fields that differ: those with a label first, in its order, then any other by its name."""
    names = [name for name in labels if name in before or name in after]
    names += sorted((before.keys() | after.keys()) - labels.keys())
    found = (
        _field(
            labels.get(name) or _spoken(name),
            before.get(name),
            after.get(name),
            mark=words.replace if name in _WHOLE else words.mark,
        )
        for name in names
    )
    return tuple(change for change in found if change is not None)


def _field(
    label: str, before: Any, after: Any, mark: Callable[[str, str], tuple[Piece, ...]] = words.mark
) -> FieldChange | None:
    if before == after:
        return None
    pieces = mark(_text(before), _text(after))
    is_shown = any(piece.how != "same" for piece in pieces)
    return FieldChange(label, pieces, () if is_shown else (_UNREADABLE,))


def _rich(label: str, before: str, after: str, name_of: NameOf) -> FieldChange | None:
    if before == after:
        return None
    pieces, notes = rich_text.mark(before, after, name_of)
    is_shown = bool(notes) or any(piece.how != "same" for piece in pieces)
    return FieldChange(label, pieces, notes if is_shown else (_UNREADABLE,))


def _spoken(name: str) -> str:
    spoken = name.replace("_", " ")
    return spoken[:1].upper() + spoken[1:]


def _text(value: Any) -> str:
    """A value of a content as it is read."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        name = value.get("name")
        return name if isinstance(name, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)


def _names(before: Content, after: Content) -> NameOf:
    """Says where a link leads: the study, the word or the page that it names, else its address."""
    studies = {**before["studies"], **after["studies"]}
    terms = {**before["terms"], **after["terms"]}
    topics = {**before["topics"], **after["topics"]}

    def name_of(href: str) -> str:
        scheme, _, target = href.partition(":")
        if scheme == "study" and target in studies:
            return f"the study {studies[target]['label']}"
        if scheme == "term" and target in terms:
            return f"the word “{terms[target]['name']}”"
        if scheme == "topic" and target in topics:
            return f"the page /{topics[target]}/"
        return href

    return name_of
