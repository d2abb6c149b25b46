"""The list of conclusions, one conclusion with its plots and files, and one of its assessments."""

from itertools import groupby
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import conclusions, plots, reproducing, weighing
from ..assessing import in_numbers
from ..certainty import LOWERING, RAISING
from ..drift import drifts
from ..models import Appraisal, Assessment, Conclusion
from ..plots import svg
from ..stating import said_in_picture
from ..synthesis import FEWEST_FOR_EGGER, NotPoolable, funnel

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
    numbers = in_numbers(body.summary)
    picture = _picture(body, numbers)
    return render(
        request,
        "evidence/conclusion_detail.html",
        {
            "crumbs": _crumbs(conclusion),
            "conclusion": conclusion,
            "body": body,
            "assessment": in_force,
            "judged": None if in_force is None else _judged(in_force),
            "n_assessed_studies": 0 if in_force is None else conclusions.n_studies(in_force),
            "assessed_query": "" if in_force is None else _query(conclusion, in_force),
            "today_query": _query(conclusion),
            "history": history,
            "drift": drift,
            "moved": moved,
            "picture": picture,
            # Where all are left out for one reason, the refusal says it once.
            "are_reasons_mixed": len({row.said["why_not_pooled"] for row in picture.rows}) > 1,
            "facts": conclusions.facts(numbers["pooled"], body.summary.pool) if numbers["pooled"] else [],
            "rule": numbers["rule"],
            "combined": [
                (combined.effect.label, len(combined.parts)) for combined in body.summary.selection.combined
            ],
            "funnel": _funnel(body),
            "egger": _egger_words(body),
            "sensitivity": conclusions.sensitivity(body.summary, body.settings),
            "traffic_lights": _traffic_lights(body),
            "exclusions": reproducing.public_exclusions(conclusion),
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
    picture = _picture(body, in_numbers(body.summary))
    if picture.kind != "forest":
        return _no_file("Nothing is pooled here, so there is no forest plot.", body)
    return _svg(svg.forest_file(picture, **_heading(conclusion, body)), conclusion, "forest")


@require_safe
def conclusion_directions(request, slug):
    conclusion, body = _body(slug)
    if not body.results:
        return _no_file("No published result answers this yet, so there is nothing to draw.", body)
    picture = _picture(body, in_numbers(body.summary))
    rows = [*picture.rows, *picture.others]
    return _svg(svg.directions_file(rows, **_heading(conclusion, body)), conclusion, "directions")


@require_safe
def conclusion_funnel(request, slug):
    conclusion, body = _body(slug)
    drawn = _funnel(body)
    if drawn is None:
        return _no_file(f"A funnel plot needs {FEWEST_FOR_EGGER} pooled studies at least.", body)
    measure = body.summary.pool.measure.label
    text = svg.funnel_file(drawn, measure=measure, **_heading(conclusion, body))
    return _svg(text, conclusion, "funnel")


@require_safe
def conclusion_csv(request, slug):
    conclusion, body = _body(slug)
    text = reproducing.csv_text(body)
    return _file(text, "text/csv; charset=utf-8", f"{conclusion.slug}-results.csv")


@require_safe
def conclusion_reproduce(request, slug):
    conclusion, body = _body(slug)
    return _file(reproducing.archive(body), "application/zip", f"{conclusion.slug}-reproduce.zip")


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


def _picture(body, numbers):
    why = {entry["key"]: entry["why"] for entry in numbers["dropped"]}
    said = [
        {**said_in_picture(result), "why_not_pooled": why.get(key, "")}
        for key, result in body.effects.items()
    ]
    return plots.picture(said, numbers)


def _funnel(body):
    pool = body.summary.pool
    if pool is None or pool.k < FEWEST_FOR_EGGER:
        return None
    try:
        return plots.funnel(pool.measure, funnel(body.summary.selection.kept))
    except NotPoolable:
        return None


def _egger_words(body):
    found = conclusions.asymmetry(body.summary)
    if found is None:
        return ""
    low, high = map(conclusions.amount, found.interval)
    return (
        f"Egger’s test: slope {conclusions.amount(found.slope)} ({low} to {high}) for each unit of standard "
        f"error; t = {conclusions.amount(found.t)} with {found.df} degrees of freedom, "
        f"p {conclusions.p_with_sign(found.p)}."
    )


def _traffic_lights(body):
    appraisals = (
        Appraisal.objects.filter(study__in={result.study_id for result in body.results})
        .select_related("tool", "result__outcome")
        .prefetch_related("domain_judgements__domain")
        .order_by()
    )
    return plots.traffic_lights(body.results, appraisals)


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


def _svg(text, conclusion, name):
    return _file(text, "image/svg+xml; charset=utf-8", f"{conclusion.slug}-{name}.svg", is_shown=True)


def _file(content, content_type, name, *, is_shown=False):
    how = "inline" if is_shown else "attachment"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'{how}; filename="{name}"', "X-Robots-Tag": "noindex"},
    )


def _no_file(words, body):
    """Why there is no such file, in words, and where the rest is."""
    refusal = body.summary.refusal
    reason = f" {refusal}" if body.results and refusal is not None else ""
    text = (
        f"{words}{reason}\nThe results: results.csv, directions.svg and reproduce.zip beside this address.\n"
    )
    return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
