"""Studies, and what they hold, found by the filter of the studies browser."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Prefetch
from django.shortcuts import get_object_or_404
from ninja import Router

from ..browsing import Matches, studies_then
from ..browsing.index import current
from ..browsing.paging import BadCursor, Page, page
from ..changes import asked_at
from ..forms import StudyFilterForm
from ..models import Appraisal, Arm, DomainJudgement, Report, Result, Sample, Study
from ..prepared import Prepared
from .answers import (
    AppraisalData,
    ArmData,
    ListedStudy,
    ReportData,
    ResultData,
    ResultList,
    SampleData,
    SampleList,
    StudyData,
    StudyList,
)
from .asking import FilteredPageAsked, Nothing, StudyPageAsked, asked, page_of
from .facets import counted
from .reading import around, bad_cursor, data_address, page_address, reads, slug_in_path, study_addresses

router = Router(tags=["Studies"])

# What is loaded here stands in attributes that the models do not declare.
Loaded = Any

# What a line of a list shows, so that nothing else is read.
LISTED = (
    *("slug", "label", "title", "design", "year"),
    *("n_enrolled", "n_analysed", "integrity", "numbers", "summary"),
)
_listed = Prepared(lambda keys: Study.objects.filter(pk__in=keys).only(*LISTED).order_by(), keys=list)


@reads(
    router,
    "/studies",
    form=StudyPageAsked,
    answer=StudyList,
    example="/api/studies?population=older-adults&design=randomised-trials&facet=year&size=10",
)
def study_list(request):
    """Studies that satisfy a filter.

    The same studies in the same order as the page of studies shows for the same words. What is chosen about
    results must hold for one and the same result. With “facet” the numbers beside it come along.
    """
    form, matches, found = _asked_page(request, StudyPageAsked)
    addresses = study_addresses()
    day = matches.chosen.as_of
    if day is None:
        studies = _in_order(found, _listed(keys=found.keys))
        items = [ListedStudy.of(study, **addresses(study.slug)) for study in studies]
    else:
        items = [
            ListedStudy.of(study, integrity_today=study.integrity_today, **addresses(study.slug))
            for study in studies_then(found.keys, day)
        ]
    return StudyList.model_construct(
        count=len(matches.studies),
        withdrawn=matches.n_withdrawn,
        items=items,
        facets=counted(matches, form.facets)[1] if form.facets else None,
        **around(request, "study_list", found),
    )


@reads(
    router,
    "/studies/{slug:slug}",
    form=Nothing,
    answer=StudyData,
    example="/api/studies/aw-duclos-2014",
    can_be=(404,),
)
def study_detail(request, slug: str = slug_in_path("The short name of the study.")):
    """One study with its reports, samples, arms, results and appraisals."""
    asked(Nothing(request.GET))
    arms = Arm.objects.order_by("pk").prefetch_related("interventions")
    appraisals = Appraisal.objects.select_related("tool", "result").order_by("pk")
    judgements = DomainJudgement.objects.select_related("domain")
    study: Loaded = get_object_or_404(
        Study.objects.published().prefetch_related(
            Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order"),
            Prefetch("samples", _samples(), to_attr="samples_in_order"),
            Prefetch("arms", arms, to_attr="arms_in_order"),
            Prefetch("results", _displayed(Result.objects.all()), to_attr="results_in_order"),
            Prefetch(
                "appraisals",
                appraisals.prefetch_related("tool__domains", Prefetch("domain_judgements", judgements)),
                to_attr="appraisals_in_order",
            ),
        ),
        slug=slug,
    )
    same = (
        "design_note",
        "countries",
        "setting",
        "n_enrolled",
        "n_analysed",
        "n_studies",
        "funding",
        "interests_declared",
        "interests",
        "is_preregistered",
        "caveats",
        "sources",
    )
    return StudyData.of(
        study,
        address=page_address(study),
        data=data_address("study_detail", study.slug),
        reports=[ReportData.of(report) for report in study.reports_in_order],
        samples=[SampleData.of(sample, study) for sample in study.samples_in_order],
        arms=[ArmData.of(arm) for arm in study.arms_in_order],
        results=[ResultData.of(result) for result in study.results_in_order],
        appraisals=[AppraisalData.of(appraisal) for appraisal in study.appraisals_in_order],
        **{name: getattr(study, name) for name in same},
    )


@reads(
    router,
    "/results",
    form=FilteredPageAsked,
    answer=ResultList,
    example="/api/results?outcome=gait-and-mobility&direction=favours-intervention",
)
def result_list(request):
    """Results that satisfy a filter.

    A page holds the results of “size” studies, in the order of the list of studies; it may be empty where
    those have no result, and still have a next one.
    """
    _, matches, found = _asked_page(request)
    results = Prefetch("results", _displayed(matches.chosen.results()), to_attr="matching_results")
    return ResultList(
        count=_n_results(matches),
        items=[
            ResultData.of(result)
            for study in _in_order(found, _studies(found).prefetch_related(results))
            for result in study.matching_results
        ],
        **around(request, "result_list", found),
    )


@reads(
    router,
    "/samples",
    form=FilteredPageAsked,
    answer=SampleList,
    example="/api/samples?intervention=ankle-weights",
)
def sample_list(request):
    """Who took part in the studies that satisfy a filter.

    A page holds the samples of “size” studies, in the order of the list of studies.
    """
    _, _, found = _asked_page(request)
    samples = Prefetch("samples", _samples(), to_attr="samples_in_order")
    return SampleList(
        items=[
            SampleData.of(sample, study)
            for study in _in_order(found, _studies(found).prefetch_related(samples))
            for sample in study.samples_in_order
        ],
        **around(request, "sample_list", found),
    )


def _asked_page(
    request: Any, form_class: type[StudyFilterForm] = FilteredPageAsked
) -> tuple[Any, Matches, Page]:
    index = current(asked_at(request))
    form = asked(form_class(request.GET, vocabulary=index.vocabulary))
    chosen = form.filter()
    matches = Matches(chosen, index=index)
    try:
        return form, matches, page(chosen, **page_of(form), matches=matches)
    except BadCursor as error:
        raise bad_cursor(error) from error


def _n_results(matches: Matches) -> int:
    chosen = matches.chosen
    if chosen.loosely:
        # The index counts all results of these studies then, and those listed are what was chosen.
        return chosen.results().filter(study__in=chosen.apply().values("pk")).count()
    return matches.n_results


def _studies(found: Page) -> Any:
    return Study.objects.filter(pk__in=found.keys).order_by()


def _in_order(found: Page, studies: Iterable[Loaded]) -> list[Loaded]:
    by_key = {study.pk: study for study in studies}
    return [by_key[key] for key in found.keys if key in by_key]


def _displayed(results: Any) -> Any:
    return results.for_display().prefetch_related("arm__interventions").in_order()


def _samples() -> Any:
    return Sample.objects.order_by(F("parent").asc(nulls_first=True), "pk").prefetch_related(
        "shares__population"
    )
