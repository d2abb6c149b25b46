"""Drawing findings: one conclusion each, for everyone and for the group that a reader chose."""

import re
from collections.abc import Callable, Collection
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

from evidence.certainty import Certainty
from evidence.coverage import Coverage
from evidence.plots import picture

from ..freezing import Content

_HEDGES = re.compile(r"(?<!\w)(?:very uncertain|probably|may|might|could|unclear|not known)(?!\w)")


def hedged(sentence: str) -> SafeString:
    """A sentence with its hedges in bold, as the certainty is carried by the sentence itself."""
    return mark_safe(_HEDGES.sub(lambda found: f"<strong>{found.group()}</strong>", escape(sentence)))  # noqa: S308


def draw(block: Content, *, note: Content | None, rich_text: Callable[[str], SafeString]) -> dict[str, Any]:
    """What the template of a finding is drawn with; `note` is that for the chosen group, if there is one."""
    assessment = block["assessment"]
    return {
        "statement": hedged(block["statement"]),
        "text": rich_text(block["text"]),
        "studies_query": studies_query(block["conclusion"], assessment),
        "certainty": None if assessment is None else Certainty(assessment["certainty"]).label.lower(),
        "picture": picture(
            block["rows"],
            None if assessment is None else assessment["pool"],
            you=() if note is None else note["studies"],
        ),
        "note": note,
    }


def glance(block: Content, *, note: Content | None) -> dict[str, Any]:
    """The row of a finding at the top of the page."""
    assessment = block["assessment"]
    return {
        "name": block["name"],
        "anchor": block["anchor"],
        "sentence": hedged(block["glance"]),
        "level": None if assessment is None else assessment["level"],
        "note": note,
    }


def not_known(block: Content, *, note: Content | None) -> dict[str, str]:
    """What a finding leaves open, for everyone and for the chosen group."""
    assessment = block["assessment"]
    return {
        "name": block["name"],
        "everyone": "" if assessment is None else assessment["not_known"],
        "you": "" if note is None else note["not_known"],
    }


def tagged(body: str, anchors: Collection[str]) -> SafeString:
    """A stored body with a tag beside the names of these findings: what moved since could change them."""
    names = "|".join(re.escape(anchor) for anchor in anchors)
    heading = re.compile(rf'<h3 id="(?:{names})-h">[^<]*</h3>')
    return mark_safe(heading.sub(rf"\g<0>{_TAG}", body) if anchors else body)  # noqa: S308


def studies_query(conclusion: Content | None, assessment: Content | None) -> str:
    """The address of the studies browser for exactly the studies that were looked at."""
    if conclusion is None or assessment is None:
        return ""
    return urlencode({"conclusion": conclusion["slug"], "assessment": assessment["number"]})


_TAG = '<p><a class="tag new" href="#since">New evidence could change this</a></p>'

_WORDS = {
    Coverage.OTHER: "The studies were in other people, so this finding may or may not carry over.",
    Coverage.NONE: "Nobody has studied this. That does not mean that it is harmful or useless.",
    Coverage.NOT_ASSESSED: "Whether the studies included this group has not been read yet for all of them.",
}


def note_for(block: Content, lens: Content) -> dict[str, Any]:
    """What a finding says of one group: coverage, certainty, what was seen, what is not known."""
    said = block["lenses"][lens["slug"]]
    assessment = said["assessment"]
    state = Coverage(said["state"])
    return {
        "label": lens["label"],
        "state": state.value,
        "level": None if assessment is None else assessment["level"],
        "is_rated": assessment is not None,
        "how_many": _how_many(block, said) if assessment is not None else _WORDS.get(state, ""),
        "sentence": hedged(assessment["sentence"]) if assessment is not None else "",
        "seen": "" if assessment is None else assessment["seen"],
        "not_known": "" if assessment is None else assessment["not_known"],
        "differs": assessment is not None and assessment["differs"],
        "differs_reason": "" if assessment is None else assessment["differs_reason"],
        "studies": said["studies"],
        "studies_query": studies_query(said["conclusion"], assessment),
    }


def _how_many(block: Content, said: Content) -> str:
    """How many of the studies are about the group."""
    n, of = len(said["studies"]), block["n_studies"]
    about = "included this group" if said["state"] == Coverage.DIRECT else "included some of this group"
    if n == of:
        return f"All {of} studies {about}." if of > 1 else f"The one study {about}."
    return f"{n} of {of} studies {about}."
