"""Admin of reports."""

from django.contrib import admin
from django.db import models

from ..models import Report
from .history import HistoryAdmin
from .lines import LinesMixin
from .of_study import OfStudyAdmin

REPORT_LINES = {"authors": "One author a line, family name first, for example Miller JF"}
REPORT_OVERRIDES = {models.URLField: {"assume_scheme": "https"}}
REPORT_FIELDSETS = (
    (None, {"fields": (("kind", "is_primary"), "title", "authors", ("year", "language"))}),
    ("Identifiers", {"fields": (("doi", "pmid"), ("pmcid", "nct"), "url")}),
    ("Where it appeared", {"fields": ("journal", ("volume", "issue", "pages"), "licence", "bibliography")}),
    (
        "Retraction",
        {
            "fields": (
                "retraction",
                ("retracted_on", "retraction_checked_on"),
                "retraction_notice_doi",
            ),
        },
    ),
)


@admin.register(Report)
class ReportAdmin(LinesMixin, OfStudyAdmin, HistoryAdmin):
    list_display = ("name", "study", "kind", "year", "doi", "pmid", "bibliography", "retraction")
    list_filter = ("kind", "bibliography", "retraction", "retraction_checked_on", "is_primary")
    list_select_related = ("study",)
    list_per_page = 50
    ordering = ("title", "pk")
    search_fields = ("title", "journal", "doi", "pmid", "pmcid", "nct", "study__label")
    search_help_text = "Searches title, journal, identifiers and the label of the study."
    lines = REPORT_LINES
    formfield_overrides = REPORT_OVERRIDES

    def get_fieldsets(self, request, obj=None):
        return ((None, {"fields": ("study",)}), *REPORT_FIELDSETS)

    @admin.display(description="report", ordering="title")
    def name(self, report):
        text = str(report)
        return text if len(text) <= 90 else f"{text[:88].rstrip()}…"
