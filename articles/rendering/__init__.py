"""Drawing a content as HTML: once, when it is published."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from evidence import effects
from evidence.intervals import Axis, Places, Span

from .. import links
from ..freezing import Content
from ..freezing.findings import shown
from . import findings

# Anchors of the standing parts of a page, of references, words and tables, and of the signs of the site.
RESERVED_ANCHORS = frozenset(
    {
        *("about", "changes", "glance", "lens", "main", "refs"),
        *("since", "site-search", "subtopics", "unknown", "who", "words"),
    }
)
RESERVED_ANCHOR = re.compile(r"(ref|term|table|cov|rob)-.*|.*-h")


def is_reserved(anchor: str) -> bool:
    """Whether an anchor belongs to a part that every page has, so that no heading may take it."""
    return anchor in RESERVED_ANCHORS or RESERVED_ANCHOR.fullmatch(anchor) is not None


@dataclass(frozen=True)
class Drawn:
    """What is stored of a page: two parts, between which stand parts of today, and what its frame needs."""

    body: str
    references: str
    page: dict[str, Any]


def render(content: Content, *, marked: bool = False, lens: str = "") -> Drawn:
    """The content as HTML. Pure: it asks the database nothing.

    With the slug of one of its groups as `lens` it carries the notes for that group. Only what is drawn for
    the staff is `marked`: each block then says which one it is, for comments.
    """
    context = Drawing(content, marked=marked, lens=lens).context()
    return Drawn(
        body=render_to_string("articles/edition/body.html", context),
        references=render_to_string("articles/edition/references.html", context),
        page=context["page"],
    )


def lenses(content: Content) -> dict[str, str]:
    """The body of the page for each of its groups, by slug; none where nothing is said of groups."""
    slugs = [group["slug"] for group in page(content)["lenses"]]
    return {
        slug: render_to_string("articles/edition/body.html", Drawing(content, lens=slug).context())
        for slug in slugs
    }


def page(content: Content) -> dict[str, Any]:
    """What the frame of the page and lists of pages need, without the content itself."""
    topic = content["topic"]
    tables = [block for block in content["blocks"] if block["kind"] in ("evidence table", "finding")]
    has_findings = any(block["kind"] == "finding" for block in content["blocks"])
    studies = [study for study in content["studies"].values() if not study["is_protocol"]]
    return {
        "subtitle": topic["subtitle"],
        "standfirst": topic["standfirst"],
        "description": topic["description"],
        "category": topic["category"],
        "tags": topic["tags"],
        "intervention": topic["intervention"],
        "research_to": topic["research_to"],
        "next_review": topic["next_review"],
        "image": _shared_image(topic.get("image")),
        "contents": [
            {"anchor": block["anchor"], "label": block["short_text"]}
            for block in content["blocks"]
            if block["kind"] == "heading"
        ],
        "has_key_points": bool(content["key_points"]) or has_findings,
        "has_coverage": bool(tables and content["populations"]),
        "has_not_known": bool(content["not_known"]) or any(_leaves_open(block) for block in tables),
        "has_references": bool(content["references"]),
        "n_studies": len(studies),
        "n_protocols": len(content["studies"]) - len(studies),
        "n_reviews": sum(study["is_synthesis"] for study in studies),
        # A review counts the people of its studies again.
        "n_people": sum(study["people"] or 0 for study in studies if not study["is_synthesis"]),
        "groups": content["populations"] if tables else [],
        "lenses": content["populations"] if has_findings else [],
        "rests_on": [
            {
                "name": block["name"],
                "anchor": block["anchor"],
                "conclusion": conclusion["slug"],
                "assessment": assessment["number"],
            }
            for block in tables
            if block["kind"] == "finding"
            for conclusion, assessment in shown(block)
        ],
        "coverage": [
            {
                "title": block["name"] if block["kind"] == "finding" else block["title"],
                "anchor": block["anchor"] if block["kind"] == "finding" else table_anchor(block),
                "states": _states(content, block),
            }
            for block in tables
        ],
        "citations": [
            {"name": study["name"], "doi": (study["report"] or {}).get("doi"), "year": study["year"]}
            for study in (content["studies"][slug] for slug in content["references"])
        ],
    }


def _leaves_open(block: Content) -> bool:
    return block["kind"] == "finding" and any(assessment["not_known"] for _, assessment in shown(block))


def _shared_image(image: Content | None) -> Content | None:
    """The image for shared links with its address, if there is one."""
    if image is None:
        return None
    return {
        "url": default_storage.url(image["file"]),
        "width": image["width"],
        "height": image["height"],
        "alt": image["alt"],
    }


def table_anchor(block: Content) -> str:
    """A name for an evidence table that stays when the page around it changes."""
    return f"table-{block['uid'][:8]}"


def place_in_preview(block: Content) -> str:
    """The anchor of a block where it is drawn with its mark."""
    if block["kind"] == "heading":
        return f"{block['anchor']}-h"
    if block["kind"] == "finding":
        return str(block["anchor"])
    return table_anchor(block) if block["kind"] == "evidence table" else f"block-{block['uid']}"


def _states(content: Content, block: Content) -> list[str]:
    return [block["coverage"].get(group["slug"], "none") for group in content["populations"]]


class Drawing:
    """One content on its way to HTML: it knows the numbers of references and where links lead."""

    def __init__(self, content: Content, *, marked: bool = False, lens: str = "") -> None:
        self.content = content
        self.lens: Content | None = next(
            (
                {**group, "place": place}
                for place, group in enumerate(content["populations"], start=1)
                if group["slug"] == lens
            ),
            None,
        )
        self.marked = marked
        self.numbers = {slug: place for place, slug in enumerate(content["references"], start=1)}
        figures = (block["uid"] for block in content["blocks"] if block["kind"] == "figure")
        self.first_figure: str | None = next(figures, None)

    def context(self) -> dict[str, Any]:
        """What the templates of an edition are drawn with."""
        content = self.content
        return {
            "topic": content["topic"],
            "page": page(content),
            "key_points": self.rich_text(content["key_points"]),
            "not_known": self.rich_text(content["not_known"]),
            "lens": self.lens,
            "findings": [
                findings.glance(block, note=self.notes.get(block["uid"])) for block in self.findings
            ],
            "left_open": [
                findings.not_known(block, note=self.notes.get(block["uid"])) for block in self.findings
            ],
            "sections": self.sections(),
            "references": [
                {
                    "number": number,
                    "slug": slug,
                    "stop": "" if content["studies"][slug]["name"].endswith((".", "?", "!")) else ".",
                    **content["studies"][slug],
                }
                for slug, number in self.numbers.items()
            ],
            "terms": [{"slug": slug, **term} for slug, term in content["terms"].items()],
        }

    @property
    def findings(self) -> list[Content]:
        return [block for block in self.content["blocks"] if block["kind"] == "finding"]

    @cached_property
    def notes(self) -> dict[str, Content]:
        """The note of each finding for the chosen group, by uid; none for everyone."""
        if self.lens is None:
            return {}
        return {block["uid"]: findings.note_for(block, self.lens) for block in self.findings}

    def sections(self) -> list[dict[str, Any]]:
        """The blocks under their headings; what stands before the first heading has none."""
        sections: list[dict[str, Any]] = []
        for block in self.content["blocks"]:
            if block["kind"] == "heading":
                sections.append({"heading": {**block, "mark": self.mark(block)}, "blocks": []})
                continue
            if not sections:
                sections.append({"heading": None, "blocks": []})
            sections[-1]["blocks"].append(self.block(block))
        return sections

    def block(self, block: Content) -> dict[str, Any]:
        """A block with the name of its template and with its texts ready to print."""
        kind = block["kind"]
        drawn: dict[str, Any] = {
            **block,
            "template": f"articles/edition/{kind.replace(' ', '_')}.html",
            "mark": self.mark(block),
        }
        if kind in ("text", "callout"):
            drawn["text"] = self.rich_text(block["text"])
        elif kind == "finding":
            note = self.notes.get(block["uid"])
            drawn |= findings.draw(block, note=note, rich_text=self.rich_text)
        elif kind == "figure":
            drawn["url"] = default_storage.url(block["image"])
            drawn |= _srcsets(block)
            # The first may be in sight at once; the others wait until they are near.
            drawn["is_lazy"] = block["uid"] != self.first_figure
        elif kind == "evidence table":
            drawn["anchor"] = table_anchor(block)
            drawn["introduction"] = self.rich_text(block["introduction"])
            drawn["studies"] = self.table(block)
            drawn["n_studies"] = len(drawn["studies"])
        return drawn

    def mark(self, block: Content) -> SafeString:
        """Attributes for the element of a block; nothing where readers will see it."""
        if not self.marked:
            return SafeString()
        if block["kind"] in ("heading", "evidence table", "finding"):  # these have an anchor already
            return format_html(' data-block="{}"', block["uid"])
        return format_html(' id="{}" data-block="{}"', place_in_preview(block), block["uid"])

    def table(self, block: Content) -> list[dict[str, Any]]:
        """The rows of an evidence table under their studies, each with the place of its drawing."""
        axes: dict[tuple[str, str, str], list[Content]] = defaultdict(list)
        for row in block["rows"]:
            if row["estimate"] is not None and row["low"] is not None:
                axes[row["measure"], row["unit"], row["outcome"]].append(row)
        places: dict[tuple[str, str], Places] = {}
        for (code, _, _), rows in axes.items():
            axis = Axis(effects.measure(code), [_span(row) for row in rows])
            places |= {(row["study"], row["key"]): axis.places(_span(row)) for row in rows}

        studies: dict[str, dict[str, Any]] = {}
        for row in block["rows"]:
            study = studies.setdefault(
                row["study"],
                {
                    "slug": row["study"],
                    "number": self.numbers.get(row["study"]),
                    **self.content["studies"][row["study"]],
                    "who": row["whole_who"],
                    "rows": [],
                },
            )
            study["rows"].append({**row, "places": places.get((row["study"], row["key"]))})
        return list(studies.values())

    def rich_text(self, html: str) -> SafeString:
        """Cleaned rich text with its own links given addresses. Safe: nh3 cleaned it when it was frozen."""
        return mark_safe(links.resolve(html, self.link))  # noqa: S308

    def link(self, scheme: str, target: str, inner: str) -> str:
        """The mark-up of a link to one of our own things; just its words where there is nothing."""
        if scheme == "study" and target in self.numbers:
            number = self.numbers[target]
            return f'{inner}<a class="ref" href="#ref-{number}" aria-label="Reference {number}">{number}</a>'
        if scheme == "term" and target in self.content["terms"]:
            return f'<a class="term" href="#term-{escape(target)}">{inner}</a>'
        if scheme == "topic" and target in self.content["topics"]:
            return f'<a href="/{escape(self.content["topics"][target])}/">{inner}</a>'
        return inner


LARGEST_ON_PAGE = 1600
"""Pixels: the measure of a page is 672, and screens show up to three for each."""


def _srcsets(block: Content) -> dict[str, str]:
    """The sizes of a figure as a browser chooses among them: those in WebP, and those in its own format."""
    in_webp: list[str] = []
    others: list[str] = []
    for size in sorted(block.get("sizes", ()), key=lambda size: size["width"]):
        candidate = f"{default_storage.url(size['file'])} {size['width']}w"
        (in_webp if size["type"] == "image/webp" else others).append(candidate)
    is_webp = block["image"].endswith(".webp")
    own = in_webp if is_webp else others
    if own and block["width"] <= LARGEST_ON_PAGE:
        own.append(f"{default_storage.url(block['image'])} {block['width']}w")
    return {
        "srcset": ", ".join(own),
        "webp_srcset": "" if is_webp else ", ".join(in_webp),
    }


def _span(row: Content) -> Span:
    return Span(
        estimate=float(row["estimate"]),
        low=None if row["low"] is None else float(row["low"]),
        high=None if row["high"] is None else float(row["high"]),
    )
