"""Files of the studies that are filtered, and the codebook that says what stands in them."""

import tempfile

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exporting
from ..browsing import Vocabulary
from ..feeds import StudyFeed
from ..forms import StudyFilterForm
from .answering import attached, misunderstood, refused

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def study_csv(request):
    """One row for each result."""
    return _file(request, exporting.result_lines, "studies.csv", CSV)


@require_safe
def study_rows_csv(request):
    """One row for each study."""
    return _file(request, exporting.study_lines, "study-rows.csv", CSV)


@require_safe
def study_json(request):
    return _file(request, exporting.json_lines, "studies.json", "application/json")


@require_safe
def study_ris(request):
    return _file(
        request, exporting.ris_records, "studies.ris", "application/x-research-info-systems; charset=utf-8"
    )


@require_safe
def study_bibtex(request):
    return _file(request, exporting.bibtex_entries, "studies.bib", "application/x-bibtex; charset=utf-8")


@require_safe
def study_xlsx(request):
    form = _form(request)
    if not form.is_valid():
        return misunderstood(form)
    chosen = form.filter()
    try:
        exporting.check_size(chosen)
    except exporting.TooLarge as error:
        return refused(f"{error}\n")
    # The answer closes it, and with that it is gone.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        exporting.write_workbook(chosen, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename="studies.xlsx", content_type=XLSX)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def study_feed(request):
    form = _form(request)
    return StudyFeed(form.filter())(request) if form.is_valid() else misunderstood(form)


@require_safe
def codebook(request):
    return render(
        request,
        "evidence/codebook.html",
        {
            "crumbs": [("Home", "/"), ("Studies", reverse("evidence:study_list")), ("Codebook", None)],
            "sections": exporting.SECTIONS,
        },
    )


@require_safe
def codebook_csv(request):
    return HttpResponse(
        "".join(exporting.codebook_lines()), content_type=CSV, headers=attached("codebook.csv")
    )


def _file(request, pieces_of, name, content_type):
    """The list that the same address shows as a page, all pages of it, as a file."""
    form = _form(request)
    if not form.is_valid():
        return misunderstood(form)
    return StreamingHttpResponse(pieces_of(form.filter()), content_type=content_type, headers=attached(name))


def _form(request):
    return StudyFilterForm(request.GET, vocabulary=Vocabulary.load())
