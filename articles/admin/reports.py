"""Pages and files of the reports: addresses, choices, and how a value is shown."""

import csv
import datetime

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format

from evidence.exporting import BYTE_ORDER_MARK, safe_cell

from .. import permissions, reports
from ..models import Event

PER_PAGE = 50


class NoChoices(forms.Form):
    """For a report that is always shown whole."""


class AgeingForm(forms.Form):
    order = forms.ChoiceField(choices=list(reports.ORDERS.items()), required=False)

    def clean_order(self):
        return self.cleaned_data["order"] or "age"


def _actions():
    known = Event.objects.order_by("action").values_list("action", flat=True).distinct()
    return [("", "Any action"), *((action, action.capitalize()) for action in known)]


class HistoryForm(forms.Form):
    topic = forms.CharField(label="Topic (a part of its title or address)", max_length=120, required=False)
    action = forms.ChoiceField(choices=_actions, required=False)


FORMS = {reports.AGEING.slug: AgeingForm, reports.HISTORY.slug: HistoryForm}


def urls(site):
    """The addresses of the reports in the admin `site`."""

    def page(request, slug):
        return report_page(request, slug, site=site)

    return [
        path("reports/<slug:slug>/", site.admin_view(page), name="report"),
        path("reports/<slug:slug>.csv", site.admin_view(report_csv), name="report_csv"),
    ]


def report_page(request, slug, *, site):
    permissions.require(request.user, "view")
    report, form = _report(request, slug)
    at = timezone.now()
    page = None
    if form.is_valid():
        rows = report.rows(at=at, **form.cleaned_data)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": report.title,
        "report": report,
        "others": [other for other in reports.REPORTS.values() if other is not report],
        "form": form,
        "page": page,
        "lines": [(row.topic_id, [shown(value) for value in report.line(row, at=at)]) for row in page or []],
    }
    return TemplateResponse(
        request, "admin/reports/report.html", context, status=400 if page is None else 200
    )


def report_csv(request, slug):
    permissions.require(request.user, "view")
    report, form = _report(request, slug)
    if not form.is_valid():
        said = "\n".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items())
        return HttpResponse(f"{said}\n", status=400, content_type="text/plain; charset=utf-8")
    at = timezone.now()
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{timezone.localdate(at)}.csv"'
    writer = csv.writer(response)
    writer.writerow([column.label for column in report.columns])
    for row in report.rows(at=at, **form.cleaned_data).iterator():
        writer.writerow([safe_cell(written(value)) for value in report.line(row, at=at)])
    return response


def _report(request, slug):
    """The report and its filled form. The right was asked for before, so a name tells nobody anything."""
    if slug not in reports.REPORTS:
        raise Http404("There is no such report.")
    return reports.REPORTS[slug], FORMS.get(slug, NoChoices)(request.GET, label_suffix="")


def shown(value):
    """A value as people read it; zero is a number, nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime.datetime):
        return _unbroken(date_format(timezone.localtime(value), "j M Y, H:i"))
    if isinstance(value, datetime.date):
        return _unbroken(date_format(value, "j M Y"))
    return str(value)


def _unbroken(text):
    """Kept on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def written(value):
    """A value as a spreadsheet sorts it."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, datetime.date) else value
