"""The ledger of a page: every finding with what it rests on, as its edition says, and what moved since.

All of it comes from the frozen content but two things: who signed an assessment, which the signed record
says, and what the evidence says today, which `since` says.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_date

from evidence.coverage import Coverage
from evidence.models import Assessment
from evidence.stance import Stance, counted, has_direction, stance

from .freezing import Content
from .freezing.findings import shown
from .models import Edition
from .since import Moved, News, Since

SCHEMA = 1
"""Version of the form of `data`: it grows when something that was there is named or meant otherwise."""

Signers = Mapping[tuple[str, int], str]
"""Who signed: (slug of the conclusion, number of the assessment) -> a name."""


@dataclass(frozen=True)
class Entry:
    """One result behind one conclusion: what it says (`row`, as it was frozen), and how it stands to it."""

    row: Content
    stance: Stance
    is_direct: bool
    is_pooled: bool
    why_not_pooled: str

    @property
    def key(self) -> tuple[str, str]:
        return self.row["study"], self.row["key"]


@dataclass(frozen=True)
class Account:
    """What one finding says to everyone, or to one group (`group`), and the results that this rests on.

    `coverage` is None for everyone. `is_kept` is false where the edition is from before the results behind
    the words for a group were frozen one by one: then only `studies` are known.
    """

    group: Content | None
    coverage: Coverage | None
    conclusion: Content | None
    assessment: Content | None
    studies: tuple[str, ...]
    entries: tuple[Entry, ...]
    is_kept: bool
    by: str
    is_overdue: bool

    @property
    def label(self) -> str:
        return "Everyone" if self.group is None else str(self.group["label"])

    @property
    def signed_on(self) -> datetime.date | None:
        return None if self.assessment is None else parse_date(self.assessment["signed_on"] or "")

    @property
    def next_due(self) -> datetime.date | None:
        return None if self.assessment is None else parse_date(self.assessment["next_due"])

    @property
    def stances(self) -> str:
        return counted(entry.stance for entry in self.entries)

    def words_for(self, entry: Entry) -> str:
        """How a result stands to this account, and what is apart about it."""
        pool = None if self.assessment is None else self.assessment["pool"]
        is_left_out = pool is not None and pool["pooled"] is not None and not entry.is_pooled
        apart = [
            "not in the pool" if is_left_out else "",
            "" if entry.is_direct else "people of this kind only in part",
        ]
        return ", ".join(filter(None, [entry.stance.words, *apart]))

    @property
    def has_direction(self) -> bool:
        if self.conclusion is None or self.assessment is None:
            return False
        return has_direction(self.assessment["direction"], better=self.conclusion["better"])


@dataclass(frozen=True)
class Line:
    """One finding of a page with its accounts, that for everyone first, and what moved since under it.

    `moved` is what editors say of that, None where nothing moved.
    """

    name: str
    anchor: str
    statement: str
    accounts: tuple[Account, ...]
    news: tuple[News, ...] = ()
    moved: Moved | None = None

    @property
    def everyone(self) -> Account:
        return self.accounts[0]

    @property
    def results(self) -> list[tuple[Content, list[tuple[str, str]]]]:
        """Each result once, in reading order, with how it stands to the finding: (words, for whom)."""
        rows: dict[tuple[str, str], Content] = {}
        uses: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for account in self.accounts:
            for entry in account.entries:
                rows.setdefault(entry.key, entry.row)
                uses[entry.key][account.words_for(entry)].append(account.label)
        return [
            (row, [(words, ", ".join(labels)) for words, labels in uses[key].items()])
            for key, row in rows.items()
        ]


def ledger(content: Content, *, since: Since, signers: Signers, on: datetime.date) -> list[Line]:
    """The findings of a content, in its order. Pure."""
    return [
        Line(
            name=block["name"],
            anchor=block["anchor"],
            statement=block["statement"],
            accounts=tuple(_accounts(block, content["populations"], signers, on)),
            news=tuple(
                news
                for news in since.news
                if block["anchor"] in {finding.anchor for finding in news.findings}
            ),
            moved=next((found for found in since.findings if found.anchor == block["anchor"]), None),
        )
        for block in _findings(content)
    ]


def signers(content: Content) -> Signers:
    """Who signed the assessments that a content shows, where they may be named. One query.

    A judgement made for demonstration is nobody's word.
    """
    wanted = Q(pk__in=())
    for block in _findings(content):
        for conclusion, assessment in shown(block):
            wanted |= Q(conclusion__slug=conclusion["slug"], number=assessment["number"])
    signed = Assessment.objects.filter(wanted, is_demonstration=False).select_related("by", "conclusion")
    return {
        (assessment.conclusion.slug, assessment.number): assessment.by.get_full_name()
        for assessment in signed.order_by()
        if assessment.number is not None
    }


def _findings(content: Content) -> Iterator[Content]:
    return (block for block in content.get("blocks", ()) if block["kind"] == "finding")


def _accounts(
    block: Content, groups: Collection[Content], signers: Signers, on: datetime.date
) -> Iterator[Account]:
    rows = {(row["study"], row["key"]): row for row in block["rows"]}
    yield _account(block, None, list(rows.values()), signers, on)
    for group in groups:
        said = block["lenses"].get(group["slug"])
        if said is not None:
            kept = [
                {**rows.get((result["study"], result["key"]), {}), **result}
                for result in said.get("results", ())
            ]
            yield _account(said, group, kept, signers, on)


def _account(
    said: Content, group: Content | None, rows: list[Content], signers: Signers, on: datetime.date
) -> Account:
    conclusion, assessment = said["conclusion"], said["assessment"]
    is_rated = conclusion is not None and assessment is not None
    return Account(
        group=group,
        coverage=None if group is None else Coverage(said["state"]),
        conclusion=conclusion,
        assessment=assessment,
        studies=tuple(said["studies"]),
        entries=tuple(_entry(row, conclusion, assessment) for row in rows) if is_rated else (),
        is_kept=group is None or not is_rated or "results" in said,
        by=signers.get((conclusion["slug"], assessment["number"]), "") if is_rated else "",
        is_overdue=is_rated and datetime.date.fromisoformat(assessment["next_due"]) < on,
    )


def _entry(row: Content, conclusion: Content, assessment: Content) -> Entry:
    return Entry(
        row=row,
        stance=stance(row["direction"], direction=assessment["direction"], better=conclusion["better"]),
        is_direct=row.get("is_direct", True),
        is_pooled=row["is_pooled"],
        why_not_pooled=row["why_not_pooled"],
    )


# For machines


def data(edition: Edition, lines: list[Line], *, since: Since, on: datetime.date) -> dict[str, Any]:
    """The ledger as JSON values, with the version of its form. Numbers of results are texts, as frozen."""
    address = f"{settings.SITE_URL}{edition.get_absolute_url()}"
    return {
        "schema": SCHEMA,
        "address": f"{address}evidence/",
        "page": {"title": edition.title, "address": address},
        "edition": {
            "number": edition.number,
            "address": f"{settings.SITE_URL}{edition.get_lasting_url()}",
            "digest": edition.digest,
            "published": edition.go_live_at.date().isoformat(),
            "research_to": edition.page["research_to"],
            "next_review": edition.page["next_review"],
        },
        "as_of": on.isoformat(),
        "drift": since.level,
        "findings": [
            {
                "name": line.name,
                "address": f"{address}#{line.anchor}",
                "statement": line.statement,
                "conclusions": [_account_data(account) for account in line.accounts],
                "since": [
                    {"how": news.how, "study": news.study.label, "address": _study_address(news.study.slug)}
                    for news in line.news
                ],
                "triage": None if line.moved is None else _triage_data(line.moved),
            }
            for line in lines
        ],
    }


def _triage_data(moved: Moved) -> dict[str, Any]:
    return {
        "outlook": moved.outlook.value,
        "reason": moved.reason or None,
        "assess_by": None if moved.assess_by is None else moved.assess_by.isoformat(),
        "overdue_since": None if moved.overdue_since is None else moved.overdue_since.isoformat(),
        "is_assessed_again": moved.is_renewed,
    }


def _account_data(account: Account) -> dict[str, Any]:
    conclusion, assessment = account.conclusion, account.assessment
    return {
        "for": None if account.group is None else account.group["slug"],
        "label": account.label,
        "coverage": None if account.coverage is None else account.coverage.value,
        "conclusion": None if conclusion is None else {**conclusion, "address": _address(conclusion)},
        "assessment": None
        if conclusion is None or assessment is None
        else {
            "number": assessment["number"],
            "address": _address(conclusion, assessment),
            "certainty": assessment["certainty"],
            "start": assessment["start"],
            "reasons": assessment["reasons"],
            "size": assessment["size"],
            "direction": assessment["direction"],
            "sentence": assessment["sentence"],
            "not_known": assessment["not_known"],
            "pooled": ((assessment["pool"] or {}).get("pooled") or {}).get("display"),
            "signed_on": assessment["signed_on"],
            "by": account.by or None,
            "is_demonstration": assessment["is_demonstration"],
            "next_due": assessment["next_due"],
            "is_overdue": account.is_overdue,
        },
        "studies": [_study_address(slug) for slug in account.studies],
        "results": [_entry_data(entry) for entry in account.entries] if account.is_kept else None,
    }


_SAID = (
    *("study", "key", "label", "outcome", "instrument", "who", "people", "arm", "comparator", "weeks"),
    *("finding", "display", "measure", "unit", "estimate", "low", "high", "direction"),
)


def _entry_data(entry: Entry) -> dict[str, Any]:
    return {
        **{name: entry.row[name] for name in _SAID},
        "address": _study_address(entry.row["study"]),
        "stance": entry.stance.value,
        "is_direct": entry.is_direct,
        "is_pooled": entry.is_pooled,
        "why_not_pooled": entry.why_not_pooled or None,
        "is_retracted": entry.row["is_retracted"],
    }


def _study_address(slug: str) -> str:
    return f"{settings.SITE_URL}{reverse('evidence:study_detail', args=[slug])}"


def _address(conclusion: Content, assessment: Content | None = None) -> str:
    if assessment is None:
        path = reverse("evidence:conclusion_detail", args=[conclusion["slug"]])
    else:
        path = reverse("evidence:assessment_detail", args=[conclusion["slug"], assessment["number"]])
    return f"{settings.SITE_URL}{path}"
