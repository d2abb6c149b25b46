"""The forest view of a filter, with its plots and files."""

from dataclasses import replace
from urllib.parse import urlencode

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..assessing import in_numbers
from ..browsing.index import current
from ..changes import asked_at
from ..forest import (
    COLUMNS,
    MOST_COLUMNS,
    MOST_RESULTS,
    ORDERS,
    TooManyResults,
    body_of,
    cells,
    determine,
    fragility,
    kinds_by,
    kinds_of,
)
from ..forms import ForestForm
from ..models import Study
from ..stating import said_in_picture
from ..weighing import effect_of
from . import pool
from .answering import misunderstood, refused

NAME = "studies"
"""The first word of the names of files."""


@require_safe
def study_forest(request):
    form = ForestForm(request.GET, vocabulary=current(asked_at(request)).vocabulary)
    status = 200 if form.is_valid() else 400
    view = form.view()
    determined = determine(view)
    context = {
        "crumbs": [
            ("Home", "/"),
            ("Studies", reverse("evidence:study_list")),
            ("Forest plot", None),
        ],
        "form": form,
        "view": view,
        "chosen": view.chosen,
        "chips": _chips(view),
        "determined": determined,
        # Not "query": that is what stands in the search box of the site.
        "list_query": view.chosen.as_query(),
        "forest_query": view.as_query(),
        "most_results": MOST_RESULTS,
    }
    if determined.is_done:
        context |= _drawn(view, determined)
    return TemplateResponse(request, "evidence/study_forest.html", context, status=status)


def _drawn(view, determined):
    """What the page shows once an outcome and a measure are determined."""
    outcome, measure = determined.outcome, determined.measure
    try:
        body = body_of(view, outcome, measure)
    except TooManyResults:
        return {"is_too_large": True}
    pooled = body.summary.pool
    relaxed, n_more = fragility(view, outcome, measure)
    axes = kinds_by(view.chosen.vocabulary)
    there = {study.slug for study in body.studies}
    absent = view.left - there
    return {
        **pool.parts(body),
        "picture": _picture(body),
        "outcome": outcome,
        "measure": measure,
        "kinds": kinds_of(body, pooled) if view.by and pooled is not None else None,
        "axes": [(key, axis.label) for key, axis in axes.items()],
        "columns": [COLUMNS[key][0] for key in view.columns],
        "all_columns": [(key, label, key in view.columns) for key, (label, _) in COLUMNS.items()],
        "most_columns": MOST_COLUMNS,
        "orders": ORDERS.items(),
        "left": _named(view, view.left & there),
        "absent": _named(view, absent),
        "back_query": replace(view, left=frozenset()).as_query(),
        "relaxed": relaxed,
        "n_more_relaxed": n_more,
        "pooled": pooled,
        "hidden": [pair for pair in view.parameters() if pair[0] not in ("by", "col", "order")],
    }


@require_safe
def study_forest_svg(request):
    return _file(request, lambda body: pool.forest_svg(body, _picture(body), name=NAME, **_heading(body)))


@require_safe
def study_directions_svg(request):
    nothing = "No result satisfies this filter, so there is nothing to draw."
    return _file(
        request,
        lambda body: pool.directions_svg(body, _picture(body), name=NAME, nothing=nothing, **_heading(body)),
    )


@require_safe
def study_funnel_svg(request):
    return _file(request, lambda body: pool.funnel_svg(body, name=NAME, **_heading(body)))


@require_safe
def study_forest_csv(request):
    return _file(request, lambda body: pool.results_csv(body, name=NAME))


@require_safe
def study_forest_zip(request):
    return _file(request, lambda body: pool.reproduce_zip(body, name=NAME))


def _file(request, written):
    """The file that belongs to the page at the same query, or in words why there is none."""
    form = ForestForm(request.GET, vocabulary=current(asked_at(request)).vocabulary)
    if not form.is_valid():
        return misunderstood(form)
    view = form.view()
    determined = determine(view)
    if not determined.is_done:
        param = "outcome" if determined.outcome is None else "measure"
        return refused(f"{param}: Choose one, so that there is one pool.\n")
    try:
        body = body_of(view, determined.outcome, determined.measure)
    except TooManyResults:
        return refused(f"More than {MOST_RESULTS} results satisfy this filter. Choose more filters.\n")
    return written(body)


def _picture(body):
    """The picture of the view: studies in its order, each with its columns and the way to leave it out."""
    view = body.view

    def said(result):
        return {
            **said_in_picture(result),
            "columns": cells(result, body, view.columns),
            "toggle": view.leaving(result.study.slug).as_query(),
        }

    return pool.picture(body, in_numbers(body.summary), said=said, order=_order(body))


def _order(body):
    """What studies are sorted by, for pairs of a key and a result; None as they are, by year."""
    order = body.view.order
    if order == "name":
        return lambda pair: (pair[1].study.label.casefold(), pair[0])
    if order == "effect":
        return lambda pair: (pair[1].yi is None, pair[1].yi or 0.0, pair[0])
    if order == "people":
        people = {key: effect_of(result).people for key, result in body.effects.items()}
        return lambda pair: (-(people[pair[0]] or 0), pair[0])
    if order == "weight":
        weights = (
            {}
            if body.summary.pool is None
            else {
                key: weight.random
                for weight in body.summary.pool.weights
                for key in weight.effect.key.split("+")
            }
        )
        return lambda pair: (-weights.get(pair[0], 0.0), pair[0])
    return None


def _named(view, slugs):
    """The studies of these slugs, each with the query that brings it back. One query where there are any."""
    if not slugs:
        return []
    studies = Study.objects.published().filter(slug__in=slugs).order_by("label", "pk")
    return [(study, view.leaving(study.slug).as_query()) for study in studies]


def _chips(view):
    """The chosen filters, each with the forest view without it."""
    own = urlencode(view.own_parameters())
    return [
        (chip.label, "&".join(part for part in (chip.query, own) if part)) for chip in view.chosen.chips()
    ]


def _heading(body):
    """Title and description of a plot that stands alone."""
    measure = "" if body.measure is None else f" ({body.measure.label.lower()})"
    n = body.n_studies
    left = f" Left out by choice: {len(body.view.left)}." if body.view.left else ""
    return {
        "title": f"{body.outcome.label}{measure}",
        "description": f"{body.words}. {n} {'study' if n == 1 else 'studies'}, "
        f"as of {timezone.localdate():%Y-%m-%d}.{left}",
    }
