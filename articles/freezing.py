"""Freezing: everything that a topic page says, as one canonical, self-contained value."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from html import unescape
from typing import Any

from content_editor.contents import contents_for_item
from django.db.models import Max
from django.utils.html import strip_tags

from evidence.coverage import Coverage, coverage, effective_shares
from evidence.models import Intervention, Outcome, Population, Report, Result, Sample, Study
from evidence.models.result import ResultQuerySet
from evidence.models.study import Design
from evidence.trees import Branch, Tree

from . import images, links, richtext
from .models import (
    BLOCK_MODELS,
    Block,
    Callout,
    Edition,
    EvidenceTable,
    Figure,
    Heading,
    KeyVariables,
    RichText,
    Term,
    Topic,
)

SCHEMA = 1
_BLOCK_END = re.compile(r"</(?:p|li|ul|ol|h\d|blockquote)>|<br ?/?>")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Content = dict[str, Any]
"""JSON values only. Numbers of results are texts, so that no database can round them differently."""


def canonical(content: Content) -> str:
    """The one written form of a content: sorted keys, no spare space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: Content) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def freeze(topic: Topic, *, together_with: Collection[Topic] = ()) -> Content:
    """What the page of this topic would say if it were published now.

    Topics that go out at the same moment count as public when links to them are drawn. The same working copy
    on the same evidence gives the same content, hence the same digest. The number of queries depends on the
    kinds of blocks, not on how many there are.
    """
    blocks = contents_for_item(topic, plugins=BLOCK_MODELS)["main"]
    tables = Tables(topic, [block for block in blocks if isinstance(block, EvidenceTable)])
    frozen_blocks = [{"uid": str(block.uid), **_FREEZERS[type(block)](block, tables)} for block in blocks]

    key_points = richtext.clean(topic.key_points, kind="short")
    not_known = richtext.clean(topic.not_known, kind="short")
    slugs: dict[str, list[str]] = {"study": [], "term": [], "topic": []}
    for text in texts({"key_points": key_points, "blocks": frozen_blocks, "not_known": not_known}):
        for scheme, target in links.targets(text):
            if target not in slugs[scheme]:
                slugs[scheme].append(target)
    for block in frozen_blocks:
        for row in block.get("rows", []) if block["kind"] == "evidence table" else []:
            if row["study"] not in slugs["study"]:
                slugs["study"].append(row["study"])
    studies = studies_by_slug(slugs["study"])

    return {
        "schema": SCHEMA,
        "topic": {
            "uid": str(topic.uid),
            "path": topic.path,
            "category": {"name": topic.category.name, "slug": topic.category.slug},
            "title": topic.title,
            "subtitle": topic.subtitle,
            "short_title": topic.short_title,
            "standfirst": topic.standfirst,
            "teaser": topic.teaser,
            "description": topic.description,
            "tags": sorted(topic.tags.names()),
            "search_words": topic.search_words,
            "intervention": topic.intervention.slug if topic.intervention else None,
            "research_to": topic.research_to.isoformat() if topic.research_to else None,
            "next_review": topic.next_review.isoformat() if topic.next_review else None,
            **_shared_image(topic),
        },
        "key_points": key_points,
        "not_known": not_known,
        "populations": [
            {"slug": group.slug, "name": group.name, "label": group.label} for group in tables.groups
        ],
        "blocks": frozen_blocks,
        "studies": studies,
        "references": [slug for slug in slugs["study"] if slug in studies],
        "terms": {
            term.slug: {"name": term.name, "definition": term.definition}
            for term in Term.objects.filter(slug__in=slugs["term"]).order_by("slug")
        },
        "topics": _topic_paths(slugs["topic"], together_with),
    }


def texts(content: Content) -> Iterator[str]:
    """The rich texts of a content in reading order."""
    yield content["key_points"]
    for block in content["blocks"]:
        if block["kind"] in ("text", "callout"):
            yield block["text"]
        elif block["kind"] == "evidence table":
            yield block["introduction"]
    yield content["not_known"]


def words(content: Content) -> str:
    """What the page says in plain words, for search: without mark-up and without its standing parts."""
    said = [content["topic"]["standfirst"], *texts(content)]
    for block in content["blocks"]:
        if block["kind"] == "heading":
            said.append(block["text"])
        elif block["kind"] == "key variables":
            said += [part for row in block["rows"] for part in (row["variable"], row["why"], row["evidence"])]
        elif block["kind"] == "evidence table":
            said += [block["title"], *(row["finding"] for row in block["rows"])]
        elif block["kind"] == "figure":
            said += [block["alt"], block["caption"]]
    plain = (unescape(strip_tags(_BLOCK_END.sub(" ", part))) for part in said)
    return " ".join(" ".join(plain).split())


def image_files(content: Content) -> set[str]:
    """The images that the page shows, each by the name of its own file."""
    shown = {block["image"] for block in content["blocks"] if block["kind"] == "figure"}
    shared = content["topic"].get("image")
    return shown | {shared["of"]} if shared else shown


def is_empty(content: Content) -> bool:
    """Whether there is nothing to read under the standfirst."""
    return not words({**content, "topic": {"standfirst": ""}})


def number(value: float | None) -> str | None:
    """A number as text with 12 digits: more than any study has, fewer than machines disagree about."""
    return None if value is None else format(value, ".12g")


class Tables:
    """The results behind all evidence tables of a topic, read together."""

    def __init__(self, topic: Topic, blocks: list[EvidenceTable]) -> None:
        self.groups: list[Population] = [
            lens.population
            for lens in topic.lenses.select_related("population").order_by("position", "population__name")
        ]
        self._branches: dict[int, frozenset[int]] = {}
        self._rows: list[Result] = []
        self._outcomes = Tree.of(Outcome) if blocks else Tree({})
        if not blocks or topic.intervention_id is None:
            return
        populations = Tree.of(Population) if self.groups else Tree({})
        self._branches = {group.pk: populations.branch([group.pk]) for group in self.groups}
        interventions = Tree.of(Intervention).branch([topic.intervention_id])
        outcomes = self._outcomes.branch(block.outcome_id for block in blocks)
        self._rows = sorted(
            listed_results().of_intervention(interventions).measuring(outcomes),
            key=_reading_order,
        )
        self._history = dict(
            Result.history.filter(id__in=[row.pk for row in self._rows])
            .order_by()
            .values_list("id")
            .annotate(Max("history_id"))
        )

    def results(self, block: EvidenceTable) -> list[Result]:
        branch = self._outcomes.branch([block.outcome_id])
        return [row for row in self._rows if row.outcome_id in branch]

    def history_id(self, result: Result) -> int | None:
        return self._history.get(result.pk)

    def coverage(self, results: Iterable[Result]) -> dict[str, str]:
        """For each group of the topic how these results cover it."""
        return coverage_of(
            results, [(group, self._branches.get(group.pk, frozenset())) for group in self.groups]
        )


def listed_results() -> ResultQuerySet:
    """The results that evidence tables may list, with all that is frozen of them and of their people."""
    return (
        Result.objects.published()
        .for_display()
        .select_related("sample__parent")
        .prefetch_related("sample__shares__population", "sample__parent__shares__population")
        .order_by()
    )


def coverage_of(results: Iterable[Result], groups: Iterable[tuple[Population, Branch]]) -> dict[str, str]:
    """By slug of each group, given with its branch, how these results cover it.

    Only reported results cover anybody. A group that was measured, or is to be, without a result that we
    know is not yet assessed.
    """
    reported: dict[int, Sample] = {}
    pending: dict[int, Sample] = {}
    for result in results:
        samples = reported if result.state == Result.State.REPORTED else pending
        samples[result.sample_id] = result.sample
    known = [effective_shares(sample) for sample in reported.values()]
    awaited = [effective_shares(sample) for sample in pending.values()]
    states = {}
    for group, branch in groups:
        state = coverage(group=branch, axis=group.axis, samples=known)
        if state in (Coverage.OTHER, Coverage.NONE):
            to_come = coverage(group=branch, axis=group.axis, samples=awaited)
            if to_come in (Coverage.DIRECT, Coverage.PART):
                state = Coverage.NOT_ASSESSED
        states[group.slug] = state.value
    return states


def _reading_order(result: Result) -> tuple[Any, ...]:
    """Oldest study first, the main outcome first. Sorted here, since databases place NULL and case apart."""
    study = result.study
    return (
        study.year is None,
        study.year or 0,
        study.label.casefold(),
        study.slug,
        not result.is_primary,
        result.position,
        result.key,
    )


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
        "rows": [freeze_result(result, tables.history_id(result)) for result in results],
        "coverage": tables.coverage(results),
    }


def freeze_result(result: Result, history_id: int | None) -> Content:
    """What a row of an evidence table says. Takes no query for one of `listed_results`."""
    sample = result.sample
    whole = sample.parent or sample
    effect = result.shown_effect()
    interval = effect.interval()
    return {
        "study": result.study.slug,
        "key": result.key,
        "history_id": history_id,
        "outcome": result.outcome.name,
        "better": result.outcome.better,
        "instrument": result.instrument,
        "who": sample.description or sample.label,
        "whole_who": whole.description or whole.label,
        "people": sample.n if sample.n is not None or sample.is_subgroup else result.study.n_people,
        "arm": result.arm.label,
        "comparator": result.comparator.label if result.comparator else None,
        "weeks": number(result.weeks),
        "state": result.state,
        "finding": result.finding,
        "direction": result.direction,
        "measure": effect.measure.code,
        "measure_label": effect.measure.label,
        "measure_short": effect.measure.short,
        "derivation": effect.derivation,
        "unit": result.unit,
        "display": result.display,
        "estimate": number(effect.estimate),
        "low": number(interval[0]) if interval else None,
        "high": number(interval[1]) if interval else None,
    }


_FREEZERS: dict[type[Block], Callable[[Any, Tables], Content]] = {
    Heading: _freeze_heading,
    RichText: _freeze_text,
    KeyVariables: _freeze_key_variables,
    EvidenceTable: _freeze_evidence_table,
    Callout: _freeze_callout,
    Figure: _freeze_figure,
}


def studies_by_slug(slugs: Collection[str]) -> dict[str, Content]:
    """What is frozen of the published ones of these studies, with the citation of their main report.

    Three queries.
    """
    studies = {study.slug: study for study in Study.objects.published().filter(slug__in=slugs)}
    keys = [study.pk for study in studies.values()]
    reports: dict[int, Report] = {}
    for report in Report.objects.filter(study__in=keys).primary_first():
        reports.setdefault(report.study_id, report)
    history = dict(Study.history.filter(id__in=keys).order_by().values_list("id").annotate(Max("history_id")))
    return {
        slug: {
            "label": study.label,
            "name": study.name,
            "design": study.get_design_display(),
            "is_synthesis": Design(study.design).is_synthesis,
            "is_protocol": study.design == Design.PROTOCOL,
            "year": study.year,
            "people": study.n_people,
            "funding": study.get_funding_display() if study.funding != Study.Funding.NOT_REPORTED else "",
            "integrity": study.integrity,
            "numbers": study.numbers,
            "history_id": history.get(study.pk),
            "report": _freeze_report(reports[study.pk]) if study.pk in reports else None,
        }
        for slug, study in sorted(studies.items())
    }


def _freeze_report(report: Report) -> Content:
    return {
        "kind": report.kind,
        "authors": report.authors,
        "title": report.title,
        "language": report.language,
        "year": report.year,
        "journal": report.journal,
        "volume": report.volume,
        "issue": report.issue,
        "pages": report.pages,
        "doi": report.doi,
        "pmid": report.pmid,
        "link": report.link,
        "bibliography": report.bibliography,
        "retraction": report.retraction,
    }


def _shared_image(topic: Topic) -> Content:
    """The crop of the topic's image for shared links, if it has one."""
    crop = images.shared(topic.image) if topic.image is not None else None
    if topic.image is None or crop is None:
        return {}
    return {
        "image": {
            "name": topic.image.title,
            "of": topic.image.file.name,
            "file": crop.file.name,
            "width": crop.width,
            "height": crop.height,
            "alt": topic.image.alt,
        }
    }


def _topic_paths(uids: list[str], together_with: Collection[Topic]) -> dict[str, str]:
    """Where the pages of these topics are, for those that were published and not withdrawn."""
    well_formed = [uid for uid in uids if _UUID.fullmatch(uid)]
    pages = (
        Edition.objects.filter(topic__uid__in=well_formed, withdrawn_at=None)
        .order_by("number")
        .values_list("topic__uid", "path")
    )
    paths = {str(uid): path for uid, path in pages}
    return paths | {str(topic.uid): topic.path for topic in together_with if str(topic.uid) in uids}
