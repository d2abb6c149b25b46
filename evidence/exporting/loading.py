"""Studies for a file: read in pieces, each with what the file says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..browsing import Filter
from ..models import Appraisal, Arm, DomainJudgement, PopulationShare, Report, Result, Sample, Study

CHUNK = 200
"""Studies held in memory at a time."""

# What is loaded for a file stands in attributes that the model does not declare.
Loaded = Any


def address(study: Study) -> str:
    """The full address of the page of a study."""
    return f"{settings.SITE_URL}{study.get_absolute_url()}"


def main_report(study: Loaded) -> Report | None:
    """The report that a study is cited by."""
    return study.reports_in_order[0] if study.reports_in_order else None


def with_reports(chosen: Filter) -> Iterator[Loaded]:
    """What is filtered, in the order chosen, each study with its reports."""
    yield from chosen.in_order().prefetch_related(_reports()).iterator(chunk_size=CHUNK)


def with_results(chosen: Filter) -> Iterator[Loaded]:
    """The same with the results that satisfy the filter, and what was judged of the study as a whole."""
    yield from _with_results(chosen).iterator(chunk_size=CHUNK)


def with_rows(chosen: Filter) -> Iterator[Loaded]:
    """The same with what a row about the study says: its whole sample, and how many results it has."""
    whole = Sample.objects.filter(parent=None).prefetch_related("shares__population")
    studies = _counting_results(_with_results(chosen)).prefetch_related(
        Prefetch("samples", whole, to_attr="whole_samples")
    )
    yield from studies.iterator(chunk_size=CHUNK)


def with_all(chosen: Filter) -> Iterator[Loaded]:
    """The same with everything that belongs to the study; of its results those that satisfy the filter."""
    shares = PopulationShare.objects.select_related("population").order_by("population__slug")
    judgements = DomainJudgement.objects.select_related("domain").order_by("domain__position", "pk")
    studies = _counting_results(chosen.in_order()).prefetch_related(
        _reports(),
        Prefetch(
            "samples",
            # The whole sample first.
            Sample.objects.order_by(F("parent").asc(nulls_first=True), "pk")
            .select_related("parent")
            .prefetch_related(Prefetch("shares", shares, to_attr="shares_in_order")),
            to_attr="samples_in_order",
        ),
        Prefetch(
            "arms", Arm.objects.order_by("pk").prefetch_related("interventions"), to_attr="arms_in_order"
        ),
        Prefetch(
            "results",
            chosen.results().select_related("sample", "arm", "comparator", "outcome").in_order(),
            to_attr="matching_results",
        ),
        Prefetch(
            "appraisals",
            Appraisal.objects.select_related("tool", "result")
            .prefetch_related(Prefetch("domain_judgements", judgements, to_attr="judgements_in_order"))
            .order_by(F("result").asc(nulls_first=True), "tool__slug", "pk"),
            to_attr="appraisals_in_order",
        ),
    )
    yield from studies.iterator(chunk_size=CHUNK)


def _reports() -> Prefetch:
    return Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order")


def _with_results(chosen: Filter) -> QuerySet[Study]:
    results = (
        chosen.results()
        .select_related("sample__parent", "arm", "comparator", "outcome")
        .prefetch_related(
            "arm__interventions", "sample__shares__population", "sample__parent__shares__population"
        )
        .in_order()
    )
    whole = Appraisal.objects.filter(result=None).select_related("tool").order_by("tool__name", "pk")
    return chosen.in_order().prefetch_related(
        Prefetch("results", results, to_attr="matching_results"),
        _reports(),
        Prefetch("appraisals", whole, to_attr="appraisals_of_whole"),
    )


def _counting_results(studies: QuerySet[Study]) -> QuerySet[Study]:
    own = Result.objects.filter(study=OuterRef("pk")).order_by().values("study")
    counted = own.annotate(n=Count("pk")).values("n")
    return studies.annotate(n_results=Coalesce(Subquery(counted), 0))
