"""Drift: what the evidence says today of the studies that a live page names, minus what the page says.

The history of the evidence tells which pages are worth a look; what counts is a difference in what is
frozen. An appraisal, a note of the curators or a record saved again unchanged is none: no page shows it.
Studies that a page does not name yet are not looked for.
"""

import datetime
import enum
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max

from evidence.models import (
    Arm,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
)
from evidence.stating import said
from evidence.trees import Branch, Tree

from . import checks, freezing
from .freezing import Content
from .models import Edition

OVERLAP = datetime.timedelta(minutes=10)
"""How long before a page was published somebody may have begun a change that the page did not see yet."""

MOST_IN_SHORT = 3
MOST_ASKED_FOR = 1_000
"""How many studies are asked for by their keys; more are sorted out afterwards."""

# What follows from the rest, and how it is worded, says nothing of its own.
_NOT_COMPARED = frozenset({"history_id", "display", "measure_label", "measure_short"})


class Gravity(enum.IntEnum):
    """What kind of change it is, the gravest first."""

    INTEGRITY = 0
    NOT_PUBLISHED = 1
    RESULTS = 2
    PEOPLE = 3
    RECORD = 4


@dataclass(frozen=True)
class Change:
    """One thing that the evidence says otherwise than the page, in words: “Graves 1988 was retracted”."""

    gravity: Gravity
    says: str


@dataclass(frozen=True)
class Drifted:
    """A live edition with what changed under it, the gravest first; never without a change."""

    edition: Edition
    changes: tuple[Change, ...]

    @property
    def says(self) -> str:
        return "; ".join(change.says for change in self.changes)

    @property
    def says_in_short(self) -> str:
        """The gravest changes, and how many there are beside them."""
        first = "; ".join(change.says for change in self.changes[:MOST_IN_SHORT])
        more = len(self.changes) - MOST_IN_SHORT
        return f"{first}; and {more} more" if more > 0 else first


def changed_under_live_pages(*, at: datetime.datetime) -> list[Drifted]:
    """The editions live at `at` of whose studies the evidence says something else today, gravest first.

    As many queries for one page as for all.
    """
    suspects = _suspects(at)
    if not suspects:
        return []
    editions = list(
        Edition.objects.filter(pk__in=suspects)
        .defer("body_html", "references_html", "text", "page")
        .order_by("pk")
    )
    today = _Today(editions, {slug for slugs in suspects.values() for slug in slugs})
    found = []
    for edition in editions:
        changes = sorted(
            _changes(edition.content, suspects[edition.pk], today), key=lambda change: change.gravity
        )
        if changes:
            found.append(Drifted(edition, tuple(changes)))
    return sorted(
        found,
        key=lambda drifted: (drifted.changes[0].gravity, drifted.edition.published_at, drifted.edition.pk),
    )


# Who is worth a look


def _suspects(at: datetime.datetime) -> dict[int, set[str]]:
    """The live editions by key, with the studies (their slugs) whose history is newer than the edition."""
    found: dict[int, set[str]] = defaultdict(set)
    live = Edition.objects.live(at).order_by()
    since = {pk: moment - OVERLAP for pk, moment in live.values_list("pk", "published_at")}
    if not since:
        return found
    first = min(since.values())
    newest = _newest(first)
    if newest:
        named = Edition.studies.through.objects.filter(edition__in=live.values("pk")).order_by()
        if len(newest) <= MOST_ASKED_FOR:
            named = named.filter(study__in=newest)
        for edition, study, slug in named.values_list("edition_id", "study_id", "study__slug"):
            if study in newest and edition in since and newest[study] > since[edition]:
                found[edition].add(slug)

    # A study that was deleted is named by no edition any more but in its content.
    gone = Study.history.filter(history_type="-", history_date__gt=first).order_by()
    deleted = set(gone.values_list("slug", flat=True))
    if deleted:
        naming = live.filter(content__studies__has_any_keys=sorted(deleted))
        for edition, studies in naming.values_list("pk", "content__studies"):
            found[edition] |= deleted & set(studies)
    return found


def _newest(since: datetime.datetime) -> dict[int, datetime.datetime]:
    """When each study, or anything of it, was last written after `since`, by its primary key.

    Each history is looked through once: asking for each study of each page takes minutes on a large site.
    """
    found: dict[int, datetime.datetime] = {}
    histories: list[tuple[Any, str]] = [
        (Study, "id"),
        *((model, "study_id") for model in (Report, Sample, Arm, Result)),
        (PopulationShare, "sample__study_id"),
    ]
    for model, study in histories:
        rows = model.history.filter(history_date__gt=since).order_by().values_list(study)
        for key, moment in rows.annotate(newest=Max("history_date")):
            if key is not None:
                found[key] = max(moment, found.get(key, moment))
    return found


# What the evidence says today


class _Today:
    """The evidence behind some editions as it would be frozen now, read together."""

    def __init__(self, editions: Collection[Edition], suspects: Collection[str]) -> None:
        contents = [edition.content for edition in editions if "blocks" in edition.content]
        tables = [table for content in contents for table in _tables(content)]
        listed = {row["study"] for table in tables for row in table["rows"]} | set(suspects)
        self.studies = freezing.studies_by_slug(suspects)
        self.states: dict[str, str] = dict(
            Study.objects.filter(slug__in=suspects).order_by().values_list("slug", "state")
        )
        self.integrity = checks.integrity(suspects)
        self.results = list(freezing.listed_results().filter(study__slug__in=listed))
        self._received: dict[int, set[int]] = defaultdict(set)
        received = Arm.interventions.through.objects.filter(arm__study__slug__in=listed).order_by()
        for arm, intervention in received.values_list("arm_id", "intervention_id"):
            self._received[arm].add(intervention)
        self._outcomes = _Branches(Outcome, {table["outcome"]["slug"] for table in tables})
        self._interventions = _Branches(
            Intervention, {content["topic"]["intervention"] for content in contents} - {None}
        )
        self._groups = _Branches(
            Population, {group["slug"] for content in contents for group in content["populations"]}
        )

    def rows(self, content: Content, table: Content) -> list[Result] | None:
        """What the table would list now of the studies that the page names; None if that cannot be told."""
        outcomes = self._outcomes.of(table["outcome"]["slug"])
        interventions = self._interventions.of(content["topic"]["intervention"])
        if outcomes is None or interventions is None:
            return None
        return [
            result
            for result in self.results
            if result.study.slug in content["studies"]
            and result.outcome_id in outcomes
            and not interventions.isdisjoint(self._received[result.arm_id])
        ]

    def coverage(self, content: Content, results: list[Result]) -> dict[str, str]:
        groups = []
        for group in content["populations"]:
            node, branch = self._groups.nodes.get(group["slug"]), self._groups.of(group["slug"])
            if node is not None and branch is not None:
                groups.append((node, branch))
        return freezing.coverage_of(results, groups)


class _Branches:
    """Branches of one tree by the slug of their top."""

    def __init__(self, model: Any, slugs: Collection[str]) -> None:
        self.model = model
        self.nodes: dict[str, Any] = (
            {node.slug: node for node in model.objects.filter(slug__in=slugs).order_by()} if slugs else {}
        )

    @cached_property
    def _tree(self) -> Tree:
        return Tree.of(self.model)

    def of(self, slug: str | None) -> Branch | None:
        """None if there is no such node any more."""
        node = self.nodes.get(slug or "")
        return None if node is None else self._tree.branch([node.pk])


# What differs


def _changes(content: Content, suspects: Collection[str], today: _Today) -> Iterator[Change]:
    if "blocks" not in content:
        return
    tables = [(table, today.rows(content, table)) for table in _tables(content)]
    results = _Results(tables, today)
    for slug in sorted(
        suspects & content["studies"].keys(), key=lambda slug: content["studies"][slug]["label"]
    ):
        was, now = content["studies"][slug], today.studies.get(slug)
        label = was["label"]
        if slug in today.states:
            yield from _of_integrity(label, _frozen_integrity(was), today.integrity[slug])
        if now is None:
            yield Change(
                Gravity.NOT_PUBLISHED, f"{label} {_NOT_PUBLISHED.get(today.states.get(slug), _GONE)}"
            )
            continue
        yield from results.of_study(slug, label)
        if _record_differs(was, now):
            yield Change(Gravity.RECORD, f"the record of {label} changed")
    for table, rows in tables:
        is_suspect = any(row["study"] in suspects for row in table["rows"])
        if is_suspect and rows is not None and _differs(table["coverage"], today.coverage(content, rows)):
            yield Change(Gravity.PEOPLE, f"who was studied changed in “{table['title']}”")


_NOT_PUBLISHED: Mapping[str | None, str] = {
    Study.State.DRAFT.value: "was taken back to draft",
    Study.State.RETIRED.value: "was retired",
}
_GONE = "was deleted, or has another name"

_RANK = {Study.Integrity.OK.value: 0, Study.Integrity.CONCERN.value: 1, Study.Integrity.RETRACTED.value: 2}


def _frozen_integrity(study: Content) -> str:
    """The worst that the page knows of the study and of its main report."""
    report = study["report"] or {}
    retraction = report.get("retraction", Report.Retraction.NONE)
    known = [study["integrity"]]
    if retraction != Report.Retraction.NONE:
        known.append(retraction)
    return max(known, key=lambda state: _RANK[state])


def _of_integrity(label: str, was: str, now: str) -> Iterator[Change]:
    if _RANK[now] > _RANK[was]:
        says = f"{label} was retracted"
        if now == Study.Integrity.CONCERN:
            says = f"an expression of concern was published about {label}"
        yield Change(Gravity.INTEGRITY, says)
    elif _RANK[now] < _RANK[was]:
        mark = "retracted" if was == Study.Integrity.RETRACTED else "of concern"
        yield Change(Gravity.INTEGRITY, f"{label} is not marked as {mark} any more")


def _record_differs(was: Content, now: Content) -> bool:
    """Whether the study, or its main report, is described otherwise; how sound it is was told apart."""
    apart = {"integrity": "", "report": None}
    if _differs({**was, **apart}, {**now, **apart}):
        return True
    if was["report"] is None or now["report"] is None:
        return was["report"] is not now["report"]
    return _differs({**was["report"], "retraction": ""}, {**now["report"], "retraction": ""})


class _Results:
    """The results of one page, as it lists them and as it would list them today, by study and key."""

    def __init__(self, tables: list[tuple[Content, list[Result] | None]], today: _Today) -> None:
        self.was: dict[str, dict[str, Content]] = defaultdict(dict)
        self.now: dict[str, dict[str, Content]] = defaultdict(dict)
        known = {(result.study.slug, result.key): result for result in today.results}
        for table, rows in tables:
            for row in table["rows"]:
                self.was[row["study"]][row["key"]] = row
            if rows is None:
                # The table cannot be put together again: at least its rows can be compared.
                pairs = ((row["study"], row["key"]) for row in table["rows"])
                rows = [known[pair] for pair in pairs if pair in known]
            for result in rows:
                self.now[result.study.slug][result.key] = said(result)

    def of_study(self, slug: str, label: str) -> Iterator[Change]:
        was, now = self.was[slug], self.now[slug]
        n: Counter[str] = Counter()
        n["changed"] = sum(_differs(was[key], now[key]) for key in was.keys() & now.keys())
        n["came in"] = len(now.keys() - was.keys())
        n["went out"] = len(was.keys() - now.keys())
        for what, count in n.items():
            if count:
                results = "1 result" if count == 1 else f"{count} results"
                yield Change(Gravity.RESULTS, f"{results} of {label} {what}")


def _differs(was: Content, now: Content) -> bool:
    """Whether anything that both know differs."""
    return any(was[name] != now[name] for name in (was.keys() & now.keys()) - _NOT_COMPARED)


def _tables(content: Content) -> list[Content]:
    return [block for block in content["blocks"] if block["kind"] == "evidence table"]
