"""Places in a file of records, named so that a person finds them."""

import json
from typing import Any

Path = tuple[str | int, ...]

# What an entry of these lists is called by, besides its number.
NAMED_BY = {
    "studies": ("slug",),
    "reports": ("doi", "pmid", "pmcid", "nct", "title"),
    "samples": ("label",),
    "populations": ("population",),
    "arms": ("label",),
    "results": ("key",),
    "appraisals": ("tool",),
    "domains": ("domain", "code"),
    "nodes": ("slug",),
    "children": ("slug",),
    "tools": ("slug",),
    "judgements": ("code",),
}
LONGEST = 60


def place(path: Path, value: Any) -> str:
    """The words for `path` within `value`: `studies[3] (slug "duclos-2014") > results[0] > ci_low`.

    A path may name what `value` does not have. An empty path is the file as a whole.
    """
    words: list[str] = []
    holder: str | int = ""
    for step in path:
        value = _entry(value, step)
        if isinstance(step, int) and words:
            words[-1] += f"[{step}]{_name(value, holder)}"
        else:
            words.append(printable(str(step)))
        holder = step
    return " > ".join(words) or "the file"


def printable(text: str) -> str:
    """`text` without anything that a terminal or an encoding stumbles over, cut to a readable length."""
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in short)


def _entry(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def _name(value: Any, holder: str | int) -> str:
    if isinstance(value, dict):
        for key in NAMED_BY.get(str(holder), ()):
            name = value.get(key)
            if isinstance(name, str) and name:
                return f' ({key} "{printable(name)}")'
    return ""
