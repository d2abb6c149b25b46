"""The list of studies, and one study."""

from functools import cache
from urllib.parse import urlencode

from django.db.models import Case, F, Prefetch, When
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exporting
from ..browsing import (
    SORTS,
    Matches,
    bars,
    facets,
    loosely,
    page,
    said,
    shown,
    study_rows,
    study_rows_then,
    suggestion,
)
from ..browsing.drawings import drawings
from ..browsing.filters import UNITS
from ..browsing.index import current
from ..changes import asked_at
from ..forms import StudyListForm, sorts_for
from ..keyset import BadCursor
from ..models import Appraisal, Arm, DomainJudgement, PopulationShare, Report, Result, Sample, Study
from ..models.population import Population
from ..registering import compared


@require_safe
def study_list(request):
    index = current(asked_at(request))
    form = StudyListForm(request.GET, vocabulary=index.vocabulary)
    # Of an address that is not understood, the rest is shown all the same.
    chosen = form.filter()
    matches = Matches(chosen, index=index)
    try:
        found = page(chosen, form.cleaned_data.get("cursor") or None, matches=matches)
    except BadCursor as error:
        form.refuse_cursor(str(error))
        found = page(chosen, matches=matches)
    options = shown(chosen, opened=form.opened, looked_for=form.looked_for)
    counts = matches.counts(options)
    query = chosen.as_query()
    page_query = f"{query}&" if query else ""
    chips = chosen.chips()
    typed = form.typed()
    is_understood = form.is_valid()
    is_first = found.previous is None
    return TemplateResponse(
        request,
        "evidence/study_list.html",
        {
            "crumbs": [("Home", "/"), ("Studies", None)],
            "form": form,
            "problems": form.problems,
            "typed": typed,
            "chosen": chosen,
            "said": said(chosen),
            "counts": counts,
            "facets": facets(
                chosen,
                counts,
                options=options,
                opened=form.opened,
                looked_for=form.looked_for,
                typed=typed,
            ),
            "bars": bars(chosen, matches.by_year()),
            "units": UNITS,
            "chips": chips,
            "chosen_words": ", ".join(chip.label for chip in chips),
            "loosened": [] if counts.total else _loosened(chosen, counts),
            "loosely": loosely(chosen, matches),
            "suggestion": suggestion(matches),
            "sorts": sorts_for(chosen),
            "sort_words": SORTS[chosen.order],
            "found": found,
            "first": found.n_before + 1,
            "last": found.n_before + len(found.keys),
            "rows": study_rows(found.keys, matches)
            if matches.past is None
            else study_rows_then(found.keys, matches),
            "past": matches.past,
            "today_query": chosen.today().as_query(with_sort=False),
            # Not "query": that is what stands in the search box of the site.
            "page_query": page_query,
            # To which an option to open is added.
            "more": page_query + "".join(f"{urlencode([pair])}&" for pair in form.open_parameters),
            **_places(),
            "file_query": f"?{query}" if query else "",
            "canonical_query": chosen.as_query(with_sort=False),
            "is_indexed": is_understood and chosen.is_empty and is_first,
        },
        status=200 if is_understood else 400,
    )


def _loosened(chosen, counts):
    """Where nothing is left: what each filter hides."""
    return [(chosen.words(key), n, chosen.without(key).as_query()) for key, n in counts.without.items()]


@cache
def _places():
    """Where the list is, and where it can be taken away, and as what."""
    words = {
        "study_csv": "CSV, one row for each result",
        "study_rows_csv": "CSV, one row for each study",
        "study_xlsx": "XLSX with both",
        "study_json": "JSON",
        "study_ris": "RIS",
        "study_bibtex": "BibTeX for reference managers",
    }
    return {
        "studies_url": reverse("evidence:study_list"),
        "feed_url": reverse("evidence:study_feed"),
        "files": [(reverse(f"evidence:{name}"), said) for name, said in words.items()],
    }


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
            "compared": compared(study.results_in_order),
            "appraisals": study.appraisals_in_order,
            "json_ld": exporting.json_ld(study, study.reports_in_order, list(conditions)),
        },
    )
