"""The studies as a map: two axes crossed, on a page and to take away."""

import csv
import io

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import evidence_map
from ..browsing import Matches
from ..browsing.filters import UNITS
from ..browsing.index import current
from ..changes import asked_at
from ..exporting.cells import safe_cell
from ..forms import StudyMapForm
from ..plots.svg import map_file
from .answering import attached, misunderstood


@require_safe
def study_map(request):
    form, drawn = _drawn(request)
    chosen = form.filter()
    query = chosen.as_query()
    return TemplateResponse(
        request,
        "evidence/study_map.html",
        {
            "crumbs": [
                ("Home", "/"),
                ("Studies", reverse("evidence:study_list")),
                ("Evidence map", None),
            ],
            "form": form,
            "chosen": chosen,
            "map": drawn,
            "axes": evidence_map.axes(chosen),
            "units": UNITS,
            "levels": (4, 3, 2, 1),
            "chips": chosen.chips(),
            "list_query": query,
            "axes_query": form.axes_query,
            "map_query": "&".join(part for part in (query, form.axes_query) if part),
        },
        status=200 if form.is_valid() else 400,
    )


@require_safe
def study_map_csv(request):
    form, drawn = _drawn(request)
    if not form.is_valid():
        return misunderstood(form)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([drawn.down.key, drawn.across.key, form.filter().unit, "certainty", "gap"])
    for row in drawn.rows:
        for column, cell in zip(drawn.columns, row.cells, strict=True):
            levels = " ".join(str(level) for level in cell.levels)
            writer.writerow(
                [
                    safe_cell(row.option.slug),
                    safe_cell(column.slug),
                    cell.n,
                    levels,
                    cell.gap.value if cell.gap else "",
                ]
            )
    return _file(out.getvalue(), "evidence-map.csv", "text/csv; charset=utf-8")


@require_safe
def study_map_svg(request):
    form, drawn = _drawn(request)
    if not form.is_valid():
        return misunderstood(form)
    words = "; ".join(chip.label for chip in form.filter().chips()) or "All published studies"
    text = map_file(drawn, unit=form.filter().unit, description=words)
    return _file(text, "evidence-map.svg", "image/svg+xml")


def _drawn(request):
    index = current(asked_at(request))
    form = StudyMapForm(request.GET, vocabulary=index.vocabulary)
    # Of an address that is not understood, the rest is drawn all the same.
    chosen = form.filter()
    return form, evidence_map.draw(Matches(chosen, index=index), down=form.rows, across=form.columns)


def _file(text, name, content_type):
    return HttpResponse(text, content_type=content_type, headers=attached(name))
