"""The API in words: what its page shows, read from the schema that machines read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evidence.api.asking import SHARED

Schema = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A parameter or a field: its name, its type in words, and what it means."""

    name: str
    kind: str
    words: str
    is_required: bool = True


@dataclass(frozen=True)
class Answer:
    """A kind of answer with its fields, known by its name."""

    name: str
    words: str
    fields: list[Entry]


@dataclass(frozen=True)
class Operation:
    """One address that can be read."""

    name: str
    path: str
    title: str
    words: str
    example: str
    takes_filter: bool
    parameters: list[Entry]
    answer: str
    answer_name: str


@dataclass(frozen=True)
class Described:
    """The whole API: addresses by subject, the filter that several take, the answers that several give."""

    subjects: list[tuple[str, list[Operation]]]
    filter: list[Entry]
    answers: list[Answer]


def describe(schema: Schema) -> Described:
    """The schema in the order in which people read."""
    answers = [_answer(name, found) for name, found in sorted(schema["components"]["schemas"].items())]
    subjects: dict[str, list[Operation]] = {}
    shared: dict[str, Entry] = {}
    for path, methods in schema["paths"].items():
        found = methods["get"]
        filtered = [entry for entry in found["parameters"] if entry.get("x-group") == SHARED]
        shared |= {entry["name"]: _parameter(entry) for entry in filtered}
        body = found["responses"]["200"]["content"]["application/json"]["schema"]
        operation = Operation(
            name=found["operationId"],
            path=path,
            title=found["summary"],
            words=found["description"],
            example=found.get("x-example", ""),
            takes_filter=bool(filtered),
            parameters=[_parameter(entry) for entry in found["parameters"] if entry not in filtered],
            answer=_kind(body),
            answer_name=_kind(body.get("items", body)),
        )
        subjects.setdefault(found["tags"][0], []).append(operation)
    return Described(list(subjects.items()), list(shared.values()), answers)


def _answer(name: str, schema: Schema) -> Answer:
    required = set(schema.get("required", ()))
    fields = [
        Entry(field, _kind(found), found.get("description", ""), field in required)
        for field, found in schema.get("properties", {}).items()
    ]
    return Answer(name, schema.get("description", ""), fields)


def _parameter(entry: Schema) -> Entry:
    return Entry(entry["name"], _kind(entry["schema"]), entry.get("description", ""), entry["required"])


def _kind(schema: Schema) -> str:
    return " or ".join(dict.fromkeys(_kinds(schema)))


def _kinds(schema: Schema) -> Iterator[str]:
    """The types of a schema in words."""
    if "$ref" in schema:
        yield schema["$ref"].rsplit("/", 1)[-1]
    elif "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from _kinds(part)
    elif "enum" in schema:
        yield ", ".join(schema["enum"])
    elif schema.get("type") == "array":
        yield f"list of {_kind(schema['items'])}"
    else:
        kind = str(schema.get("type", "anything"))
        yield {"date-time": "moment", "date": "date", "uuid": "UUID"}.get(schema.get("format", ""), kind)
