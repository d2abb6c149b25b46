"""Pages and files of the reports: addresses, choices, and how a value is shown."""

import csv
import datetime

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from evidence.exporting import BYTE_ORDER_MARK, safe_cell

from .. import permissions, reports
from ..models import Event, MissedSearch

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


class OutsideLinksForm(forms.Form):
    status = forms.ChoiceField(label="State", choices=list(reports.LINK_STATES.items()), required=False)


class AssessAgainForm(forms.Form):
    which = forms.ChoiceField(choices=list(reports.WHICH.items()), required=False)


class MissedSearchesForm(forms.Form):
    place = forms.ChoiceField(
        label="Searched in", choices=[("", "Anywhere"), *MissedSearch.Place.choices], required=False
    )


FORMS = {
    reports.AGEING.slug: AgeingForm,
    reports.ASSESS_AGAIN.slug: AssessAgainForm,
    reports.HISTORY.slug: HistoryForm,
    reports.OUTSIDE_LINKS.slug: OutsideLinksForm,
    reports.MISSED_SEARCHES.slug: MissedSearchesForm,
}


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
        "lines": [[shown(value) for value in report.line(row, at=at)] for row in page or []],
        "list_url": _list_of(report, site, request),
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
    rows = report.rows(at=at, **form.cleaned_data)
    for row in rows.iterator(chunk_size=500) if isinstance(rows, QuerySet) else rows:
        writer.writerow([safe_cell(written(value)) for value in report.line(row, at=at)])
    return response


def _report(request, slug):
    """The report and its filled form. The right was asked for before, so a name tells nobody anything."""
    if slug not in reports.REPORTS:
        raise Http404("There is no such report.")
    return reports.REPORTS[slug], FORMS.get(slug, NoChoices)(request.GET, label_suffix="")


def _list_of(report, site, request):
    """The address of the list where rows of the report can be removed, for those who may; else empty."""
    if report.kept_in is None or not site.get_model_admin(report.kept_in).has_delete_permission(request):
        return ""
    opts = report.kept_in._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")


def shown(value):
    """A value as people read it; zero is a number, nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, reports.Topics):
        links = ((reverse("admin:articles_topic_change", args=[pk]), title) for pk, title in value.titles)
        return format_html_join(", ", '<a href="{}">{}</a>', links)
    if isinstance(value, reports.OfConclusion):
        url = reverse("admin:evidence_conclusion_change", args=[value.pk])
        return format_html('<a href="{}">{}</a>', url, value.title)
    if isinstance(value, reports.Address):
        # Some addresses are stored as somebody else sent them: only the web is led to.
        if not value.url.lower().startswith(("http://", "https://")):
            return value.url
        return format_html('<a class="address" href="{0}" rel="noopener noreferrer">{0}</a>', value.url)
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
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, (reports.Topics, reports.Address, reports.OfConclusion)) else value
