"""The list of studies, and one study."""

from django.core.paginator import EmptyPage, Paginator
from django.db.models import Case, F, Prefetch, When
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exporting
from ..browsing import SORTS, count, facets, study_rows
from ..browsing.drawings import drawings
from ..browsing.index import current
from ..forms import StudyFilterForm, sorts_for
from ..models import Appraisal, Arm, DomainJudgement, PopulationShare, Report, Result, Sample, Study
from ..models.population import Population

PAGE_SIZE = 25


@require_safe
def study_list(request):
    index = current()
    form = StudyFilterForm(request.GET, vocabulary=index.vocabulary)
    status = 200 if form.is_valid() else 400
    # Of an address that is not understood, the rest is shown all the same.
    chosen = form.filter()
    counts = count(chosen, index=index)
    paginator = Paginator(chosen.in_order(), PAGE_SIZE)
    number = form.cleaned_data.get("page") or 1
    try:
        page = paginator.page(number)
    except EmptyPage:
        page = None
        status = 404 if status == 200 else status
    # Where nothing is left: what each filter hides.
    loosened = [(chosen.words(key), n, chosen.without(key).as_query()) for key, n in counts.without.items()]
    query = chosen.as_query()
    return TemplateResponse(
        request,
        "evidence/study_list.html",
        {
            "crumbs": [("Home", "/"), ("Studies", None)],
            "form": form,
            "typed": form.typed(),
            "chosen": chosen,
            "counts": counts,
            "facets": facets(chosen, counts),
            "chips": chosen.chips(),
            "loosened": loosened if counts.total == 0 else [],
            "sorts": sorts_for(chosen),
            "sort_words": SORTS[chosen.order],
            "page_obj": page,
            "n_pages": paginator.num_pages,
            "number": number,
            "rows": study_rows(page.object_list, chosen) if page is not None else [],
            # Not "query": that is what stands in the search box of the site.
            "page_query": f"{query}&" if query else "",
            "file_query": f"?{query}" if query else "",
            "canonical_query": chosen.as_query(with_sort=False),
            "is_indexed": status == 200 and chosen.is_empty and number == 1,
        },
        status=status,
    )


@require_safe
def study_detail(request, slug):
    shares = PopulationShare.objects.select_related("population").order_by(
        Case(*[When(population__axis=axis, then=place) for place, axis in enumerate(Population.Axis)]),
        "population__position",
        "pk",
    )
    judgements = DomainJudgement.objects.select_related("domain").order_by("domain__position", "pk")
    study = get_object_or_404(
        Study.objects.published().prefetch_related(
            Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order"),
            Prefetch(
                "samples",
                # The whole sample first.
                Sample.objects.order_by(F("parent").asc(nulls_first=True), "pk").prefetch_related(
                    Prefetch("shares", shares, to_attr="shares_in_order")
                ),
                to_attr="samples_in_order",
            ),
            Prefetch(
                "arms", Arm.objects.order_by("pk").prefetch_related("interventions"), to_attr="arms_in_order"
            ),
            Prefetch("results", Result.objects.for_display().in_order(), to_attr="results_in_order"),
            Prefetch(
                "appraisals",
                Appraisal.objects.select_related("tool", "result__outcome")
                .prefetch_related(Prefetch("domain_judgements", judgements, to_attr="judgements_in_order"))
                .order_by("result", "tool__name", "pk"),
                to_attr="appraisals_in_order",
            ),
        ),
        slug=slug,
    )
    samples = study.samples_in_order
    conditions = {
        share.population.name: None
        for sample in samples
        for share in sample.shares_in_order
        if share.population.axis == Population.Axis.CONDITION and share.share in PopulationShare.INCLUDED
    }
    places = drawings(study.results_in_order)
    return render(
        request,
        "evidence/study_detail.html",
        {
            "crumbs": [("Home", "/"), ("Studies", reverse("evidence:study_list")), (study.label, None)],
            "study": study,
            "main_report": study.reports_in_order[0] if study.reports_in_order else None,
            "samples": samples,
            "results": [(result, places.get(result.pk)) for result in study.results_in_order],
            "appraisals": study.appraisals_in_order,
            "json_ld": exporting.json_ld(study, study.reports_in_order, list(conditions)),
        },
    )
