"""What the pages of pools share, of a conclusion or of a filter: their parts and their files."""

from django.http import HttpResponse

from .. import conclusions, plots, reproducing
from ..assessing import in_numbers
from ..models import Appraisal
from ..plots import svg
from ..stating import said_in_picture
from ..synthesis import FEWEST_FOR_EGGER, NotPoolable, Reason, funnel


def parts(body):
    """What the fragments `evidence/_found.html` and `evidence/_pool.html` show of a body."""
    numbers = in_numbers(body.summary)
    drawn = picture(body, numbers)
    pooled = numbers["pooled"]
    return {
        "body": body,
        "picture": drawn,
        # Where all are left out for one reason, the refusal says it once.
        "are_reasons_mixed": len({row.said["why_not_pooled"] for row in drawn.rows}) > 1,
        "facts": conclusions.facts(pooled, body.summary.pool) if pooled else [],
        "rule": numbers["rule"],
        "combined": [
            (combined.effect.label, len(combined.parts)) for combined in body.summary.selection.combined
        ],
        "funnel": drawn_funnel(body),
        "egger": _egger_words(body),
        "sensitivity": conclusions.sensitivity(body.summary, body.settings),
        "traffic_lights": _traffic_lights(body),
    }


def picture(body, numbers=None, *, said=said_in_picture, order=None):
    """The forest plot of a body, or where its results point."""
    numbers = in_numbers(body.summary) if numbers is None else numbers
    why = {entry["key"]: entry["why"] for entry in numbers["dropped"]}
    results = list(body.effects.items())
    if order is not None:
        results.sort(key=order)
    return plots.picture(
        [{**said(result), "why_not_pooled": why.get(key, "")} for key, result in results],
        numbers,
        left={
            dropped.effect.key
            for dropped in body.summary.selection.dropped
            if dropped.reason is Reason.LEFT_OUT
        },
    )


def drawn_funnel(body):
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


# Files


def forest_svg(body, drawn, *, name, **heading):
    if drawn.kind != "forest":
        return no_file("Nothing is pooled here, so there is no forest plot.", body)
    return _svg(svg.forest_file(drawn, **heading), f"{name}-forest.svg")


def directions_svg(body, drawn, *, name, nothing, **heading):
    if not body.results:
        return no_file(nothing, body)
    return _svg(svg.directions_file([*drawn.rows, *drawn.others], **heading), f"{name}-directions.svg")


def funnel_svg(body, *, name, **heading):
    drawn = drawn_funnel(body)
    if drawn is None:
        return no_file(f"A funnel plot needs {FEWEST_FOR_EGGER} pooled studies at least.", body)
    text = svg.funnel_file(drawn, measure=body.summary.pool.measure.label, **heading)
    return _svg(text, f"{name}-funnel.svg")


def results_csv(body, *, name):
    return _file(reproducing.csv_text(body), "text/csv; charset=utf-8", f"{name}-results.csv")


def reproduce_zip(body, *, name):
    return _file(reproducing.archive(body), "application/zip", f"{name}-reproduce.zip")


def no_file(words, body):
    """Why there is no such file, in words, and where the rest is."""
    refusal = body.summary.refusal
    reason = f" {refusal}" if body.results and refusal is not None else ""
    text = (
        f"{words}{reason}\nThe results: results.csv, directions.svg and reproduce.zip beside this address.\n"
    )
    return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")


def _svg(text, name):
    return _file(text, "image/svg+xml; charset=utf-8", name, is_shown=True)


def _file(content, content_type, name, *, is_shown=False):
    how = "inline" if is_shown else "attachment"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'{how}; filename="{name}"', "X-Robots-Tag": "noindex"},
    )
