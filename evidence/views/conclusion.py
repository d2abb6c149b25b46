"""The list of conclusions, one conclusion with its plots and files, and one of its assessments."""

from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import conclusions, plots, reproducing, weighing
from ..certainty import LOWERING, RAISING
from ..drift import drifts
from ..models import Assessment, Conclusion
from . import pool

PAGE_SIZE = 100


@require_safe
def conclusion_list(request):
    paginator = Paginator(Conclusion.objects.for_display().in_order(), PAGE_SIZE)
    number = request.GET.get("page", "1")
    try:
        page = paginator.page(int(number) if number.isascii() and number.isdigit() else 0)
    except EmptyPage as error:
        raise Http404("There is no such page of conclusions.") from error
    shown = list(page.object_list)
    in_force = {
        assessment.conclusion_id: assessment
        for assessment in Assessment.objects.in_force().filter(conclusion__in=shown)
    }
    return render(
        request,
        "evidence/conclusion_list.html",
        {
            "crumbs": [("Home", "/"), ("Studies", reverse("evidence:study_list")), ("Conclusions", None)],
            "groups": [
                (intervention, [(entry, in_force.get(entry.pk)) for entry in entries])
                for intervention, entries in groupby(shown, key=lambda entry: entry.intervention)
            ],
            "n_conclusions": paginator.count,
            "page_obj": page,
        },
    )


@require_safe
def conclusion_detail(request, slug):
    conclusion = _conclusion(slug)
    body = weighing.body(conclusion)
    history = list(conclusion.assessments.signed().select_related("by").newest_first())
    in_force = history[0] if history else None
    drift = None
    moved = []
    if in_force is not None:
        drift = drifts([in_force], on=timezone.localdate(), bodies={conclusion.pk: body.members})[in_force.pk]
        gone = conclusions.looked_at(in_force, only=drift.gone) if drift.gone else []
        moved = conclusions.moved(drift, body.results, [entry.name for entry in gone])
    return render(
        request,
        "evidence/conclusion_detail.html",
        {
            "crumbs": _crumbs(conclusion),
            "conclusion": conclusion,
            **pool.parts(body),
            "assessment": in_force,
            "judged": None if in_force is None else _judged(in_force),
            "n_assessed_studies": 0 if in_force is None else conclusions.n_studies(in_force),
            "assessed_query": "" if in_force is None else _query(conclusion, in_force),
            "today_query": _query(conclusion),
            "history": history,
            "drift": drift,
            "moved": moved,
            "exclusions": body.exclusions,
        },
    )


@require_safe
def assessment_detail(request, slug, number):
    conclusion = _conclusion(slug)
    assessment = get_object_or_404(conclusion.assessments.signed().select_related("by"), number=number)
    newest = Assessment.objects.signed().filter(conclusion=conclusion).newest_first().only("number").first()
    seen = conclusions.looked_at(assessment)
    pooled = (assessment.pool or {}).get("pooled")
    said = conclusions.as_signed(assessment)
    return render(
        request,
        "evidence/assessment_detail.html",
        {
            "crumbs": [
                *_crumbs(conclusion)[:-1],
                (str(conclusion), conclusion.get_absolute_url()),
                (f"Assessment {number}", None),
            ],
            "conclusion": conclusion,
            "assessment": assessment,
            "judged": _judged(assessment),
            "newest": newest,
            "assessed_query": _query(conclusion, assessment),
            "n_assessed_studies": conclusions.n_studies(assessment),
            "looked_at": seen,
            "picture": None if said is None else plots.picture(said, assessment.pool),
            "pooled": pooled,
            "facts": conclusions.facts(pooled) if pooled else [],
            "refusal": conclusions.refusal_then(assessment.pool, seen),
            "rule": (assessment.pool or {}).get("rule", ""),
        },
    )


@require_safe
def conclusion_forest(request, slug):
    conclusion, body = _body(slug)
    return pool.forest_svg(body, pool.picture(body), name=conclusion.slug, **_heading(conclusion, body))


@require_safe
def conclusion_directions(request, slug):
    conclusion, body = _body(slug)
    nothing = "No published result answers this yet, so there is nothing to draw."
    return pool.directions_svg(
        body, pool.picture(body), name=conclusion.slug, nothing=nothing, **_heading(conclusion, body)
    )


@require_safe
def conclusion_funnel(request, slug):
    conclusion, body = _body(slug)
    return pool.funnel_svg(body, name=conclusion.slug, **_heading(conclusion, body))


@require_safe
def conclusion_csv(request, slug):
    conclusion, body = _body(slug)
    return pool.results_csv(body, name=conclusion.slug)


@require_safe
def conclusion_reproduce(request, slug):
    conclusion, body = _body(slug)
    return pool.reproduce_zip(body, name=conclusion.slug)


@require_safe
def conclusion_json(request, slug):
    conclusion, body = _body(slug)
    assessment = Assessment.objects.in_force().filter(conclusion=conclusion).first()
    data = {
        "address": f"{settings.SITE_URL}{conclusion.get_absolute_url()}",
        "assessment": None if assessment is None else conclusions.as_data(assessment),
        **reproducing.results(body),
    }
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False}, headers={"X-Robots-Tag": "noindex"})


def _conclusion(slug):
    return get_object_or_404(Conclusion.objects.for_display(), slug=slug)


def _body(slug):
    conclusion = _conclusion(slug)
    return conclusion, weighing.body(conclusion)


def _crumbs(conclusion):
    return [
        ("Home", "/"),
        ("Studies", reverse("evidence:study_list")),
        ("Conclusions", reverse("evidence:conclusion_list")),
        (str(conclusion), None),
    ]


def _query(conclusion, assessment=None):
    """The studies browser with exactly the studies of a conclusion, today or as they were assessed."""
    number = {} if assessment is None else {"assessment": assessment.number}
    return urlencode({"conclusion": conclusion.slug, **number})


def _judged(assessment):
    """The judgements that move certainty, in words."""
    allowed = {**LOWERING, **RAISING}
    return [(reason.label, allowed[reason][steps], why) for reason, steps, why in assessment.reasons]


def _heading(conclusion, body):
    """Title and description of a plot that stands alone."""
    whom = "Everybody" if conclusion.population is None else conclusion.population.label
    versus = conclusion.versus or conclusion.get_comparator_display().lower()
    n = body.n_studies
    return {
        "title": str(conclusion),
        "description": f"{whom}. Compared with: {versus}. "
        f"{n} {'study' if n == 1 else 'studies'}, as of {timezone.localdate():%Y-%m-%d}. "
        f"{conclusion.outcome.label}: {conclusion.outcome.get_better_display().lower()}.",
    }
