"""Results and studies as they are frozen."""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from django.db.models import Max, Model

from evidence.coverage import Coverage, coverage, effective_shares
from evidence.models import Population, Report, Result, Sample, Study
from evidence.models.result import ResultQuerySet
from evidence.models.study import Design
from evidence.trees import Branch, Tree

from ..models import Topic

Content = dict[str, Any]
"""JSON values only. Numbers of results are texts, so that no database can round them differently."""


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


class Groups:
    """The groups that readers of a topic may ask about, in their order. One query, and one for coverage."""

    def __init__(self, topic: Topic) -> None:
        self.populations: list[Population] = [
            lens.population
            for lens in topic.lenses.select_related("population").order_by("position", "population__name")
        ]

    @cached_property
    def _branches(self) -> list[tuple[Population, Branch]]:
        tree = Tree.of(Population) if self.populations else Tree({})
        return [(group, tree.branch([group.pk])) for group in self.populations]

    def coverage(self, results: Iterable[Result]) -> dict[str, str]:
        """For each group how these results cover it; see `coverage_of`."""
        return coverage_of(results, self._branches)


def history_ids(model: type[Model], keys: Iterable[int]) -> dict[int, int]:
    """The newest row in the history of each of these rows, by primary key. One query."""
    history: Any = model.history  # type: ignore[attr-defined]
    newest = history.filter(id__in=list(keys)).order_by().values_list("id").annotate(Max("history_id"))
    return dict(newest)


def studies_by_slug(slugs: Collection[str]) -> dict[str, Content]:
    """What is frozen of the published ones of these studies, with the citation of their main report.

    Three queries.
    """
    studies = {study.slug: study for study in Study.objects.published().filter(slug__in=slugs)}
    keys = [study.pk for study in studies.values()]
    reports: dict[int, Report] = {}
    for report in Report.objects.filter(study__in=keys).primary_first():
        reports.setdefault(report.study_id, report)
    history = history_ids(Study, keys)
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
