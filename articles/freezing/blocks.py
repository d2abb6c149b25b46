"""Freezing the blocks of a page, one function for each kind."""

from collections.abc import Callable
from typing import Any

from evidence.models import Intervention, Outcome, Result
from evidence.stating import said
from evidence.trees import Tree
from evidence.weighing import reading_order

from .. import images, richtext
from ..models import Block, Callout, EvidenceTable, Figure, Heading, KeyVariables, RichText, Topic
from .results import Content, Groups, history_ids, listed_results


class Tables:
    """The results behind all evidence tables of a topic, read together."""

    def __init__(self, topic: Topic, blocks: list[EvidenceTable], groups: Groups) -> None:
        self.groups = groups
        self._rows: list[Result] = []
        self._outcomes = Tree.of(Outcome) if blocks else Tree({})
        if not blocks or topic.intervention_id is None:
            return
        interventions = Tree.of(Intervention).branch([topic.intervention_id])
        outcomes = self._outcomes.branch(block.outcome_id for block in blocks)
        self._rows = sorted(
            listed_results().of_intervention(interventions).measuring(outcomes),
            key=reading_order,
        )
        self._history = history_ids(Result, (row.pk for row in self._rows))

    def results(self, block: EvidenceTable) -> list[Result]:
        branch = self._outcomes.branch([block.outcome_id])
        return [row for row in self._rows if row.outcome_id in branch]

    def history_id(self, result: Result) -> int | None:
        return self._history.get(result.pk)


def _freeze_heading(block: Heading, tables: Tables) -> Content:
    return {
        "kind": "heading",
        "text": block.text,
        "short_text": block.short_text or block.text,
        "anchor": block.anchor,
    }


def _freeze_text(block: RichText, tables: Tables) -> Content:
    return {"kind": "text", "text": richtext.clean(block.text)}


def _freeze_key_variables(block: KeyVariables, tables: Tables) -> Content:
    return {
        "kind": "key variables",
        "caption": block.caption,
        "rows": [
            {"variable": row["variable"], "why": row["why"], "evidence": row.get("evidence") or ""}
            for row in block.rows
        ],
    }


def _freeze_callout(block: Callout, tables: Tables) -> Content:
    return {
        "kind": "callout",
        "callout": block.kind,
        "title": block.title,
        "text": richtext.clean(block.text, kind="short"),
    }


def _freeze_figure(block: Figure, tables: Tables) -> Content:
    image = block.image
    sizes = [
        {"file": size.file.name, "type": size.type, "width": size.width} for size in images.on_pages(image)
    ]
    return {
        "kind": "figure",
        "image": image.file.name,
        "width": image.width,
        "height": image.height,
        "alt": block.text_alternative,
        "is_decorative": block.is_decorative,
        "caption": block.caption or image.caption,
        "credit": block.credit or image.credit,
        # Only where there are any, as for the topic's image: what was signed before there were stays signed.
        **({"sizes": sizes} if sizes else {}),
    }


def _freeze_evidence_table(block: EvidenceTable, tables: Tables) -> Content:
    results = tables.results(block)
    return {
        "kind": "evidence table",
        "title": block.title,
        "outcome": {"slug": block.outcome.slug, "name": block.outcome.name},
        "introduction": richtext.clean(block.introduction, kind="short"),
        "rows": [said(result, tables.history_id(result)) for result in results],
        "coverage": tables.groups.coverage(results),
    }


FREEZERS: dict[type[Block], Callable[[Any, Tables], Content]] = {
    Heading: _freeze_heading,
    RichText: _freeze_text,
    KeyVariables: _freeze_key_variables,
    EvidenceTable: _freeze_evidence_table,
    Callout: _freeze_callout,
    Figure: _freeze_figure,
}
