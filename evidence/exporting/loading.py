"""Studies for a file: read in pieces, each with what the file says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from ..browsing import Filter
from ..models import Appraisal, Report, Study

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
    reports = Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order")
    yield from chosen.in_order().prefetch_related(reports).iterator(chunk_size=CHUNK)


def with_results(chosen: Filter) -> Iterator[Loaded]:
    """The same with the results that satisfy the filter, and what was judged of the study as a whole."""
    results = (
        chosen.results()
        .for_display()
        .select_related("sample__parent")
        .prefetch_related(
            "arm__interventions", "sample__shares__population", "sample__parent__shares__population"
        )
        .in_order()
    )
    whole = Appraisal.objects.filter(result=None).select_related("tool").order_by("tool__name", "pk")
    studies = chosen.in_order().prefetch_related(
        Prefetch("results", results, to_attr="matching_results"),
        Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order"),
        Prefetch("appraisals", whole, to_attr="appraisals_of_whole"),
    )
    yield from studies.iterator(chunk_size=CHUNK)
