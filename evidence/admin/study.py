"""Admin of studies: what was done, and everything that belongs to it within one click."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.text import capfirst

from ..countries import COUNTRIES
from ..identifiers import DOIField, NCTField, PMIDField, normalise_doi, normalise_nct, normalise_pmid
from ..impact import Watch
from ..models import Result, Study
from .history import HistoryAdmin
from .impact import ImpactMixin
from .lines import LinesMixin
from .of_study import by_key
from .study_filters import DesignFilter, InterventionFilter, OutcomeFilter, PopulationFilter, RiskOfBiasFilter
from .study_inlines import (
    AppraisalInline,
    ArmInline,
    ReadOnlyInline,
    ReportInline,
    ResultInline,
    SampleInline,
)


def is_country(code):
    """Refuse what is not the code of a country."""
    if code not in COUNTRIES:
        raise ValidationError(f"“{code}” is not the code of a country; one is NL.")


def in_normal_form(text):
    """A pasted identifier as it is stored; other words as they are."""
    for normalise, field in (
        (normalise_doi, DOIField),
        (normalise_pmid, PMIDField),
        (normalise_nct, NCTField),
    ):
        if field.pattern.fullmatch(found := normalise(text)):
            return found
    return text


def _studies(count):
    return f"{count} {'study' if count == 1 else 'studies'}"


@admin.register(Study)
class StudyAdmin(ImpactMixin, LinesMixin, HistoryAdmin):
    list_display = (
        "label",
        "short_name",
        "design",
        "year",
        "people",
        "state",
        "concern",
        "number_of_results",
    )
    list_filter = (
        "state",
        DesignFilter,
        PopulationFilter,
        OutcomeFilter,
        InterventionFilter,
        RiskOfBiasFilter,
        "integrity",
        "numbers",
    )
    list_select_related = ()
    list_per_page = 50
    ordering = ("label", "pk")
    search_fields = ("label", "title", "slug", "reports__doi", "reports__pmid", "reports__nct")
    search_help_text = "Searches label, title, DOI, PubMed ID and ClinicalTrials.gov number."
    prepopulated_fields = {"slug": ("label",)}
    inlines = (ReportInline, SampleInline, ArmInline, ResultInline, AppraisalInline)
    actions = ("publish", "retire", "back_to_draft")
    readonly_fields = ("added_at", "changed_at")
    save_on_top = True
    lines = {
        "countries": "Two-letter codes, one a line, for example NL.",
        "caveats": "What is uncertain about this record, one sentence a line. Shown to readers.",
        "sources": "Addresses of the pages where the numbers were read, one a line.",
    }
    line_validators = {
        "countries": (is_country,),
        "sources": (
            RegexValidator(r"\Ahttps?://\S+\Z", "An address starts with https:// and has no spaces."),
        ),
    }
    fieldsets = (
        (None, {"fields": ("label", "title", "slug", "design", "design_note", ("state", "integrity"))}),
        (
            "Who and where",
            {"fields": (("year", "n_enrolled", "n_analysed", "n_studies"), "setting", "countries")},
        ),
        ("What readers are told", {"fields": ("summary", "numbers", "caveats", "sources")}),
        (
            "Funding and interests",
            {
                "fields": ("funding", "interests_declared", "interests", "is_preregistered"),
                "classes": ("collapse",),
            },
        ),
        ("Dates", {"fields": ("added_at", "changed_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request):
        counted = Result.objects.filter(study=OuterRef("pk")).order_by().values("study")
        counted = counted.annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).with_people().annotate(n_results=Coalesce(Subquery(counted), 0))

    def watch(self, request, object_id):
        study = by_key(Study, None if object_id is None else unquote(object_id))
        return None if study is None else Watch(studies=[study.pk])

    def watch_deletion(self, rows):
        return Watch(studies=[study.pk for study in rows])

    def get_inlines(self, request, obj):
        # What has a page of its own can only be added to a study that is there.
        return [
            inline for inline in self.inlines if obj is not None or not issubclass(inline, ReadOnlyInline)
        ]

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, in_normal_form(search_term))

    def view_on_site(self, study):
        return study.get_absolute_url() if study.is_published else None

    # Columns

    @admin.display(description="title", ordering="title")
    def short_name(self, study):
        if not study.title:
            return format_html('<span class="quiet">{}</span>', "No title seen")
        return study.title if len(study.title) <= 90 else f"{study.title[:88].rstrip()}…"

    @admin.display(description="people", ordering="people")
    def people(self, study):
        return study.people

    @admin.display(description="integrity", ordering="integrity")
    def concern(self, study):
        return "" if study.integrity == Study.Integrity.OK else study.get_integrity_display()

    @admin.display(description="results", ordering="n_results")
    def number_of_results(self, study):
        return study.n_results

    # Actions

    @admin.action(description="Publish the selected studies", permissions=["change"])
    def publish(self, request, queryset):
        return self.move_to(Study.State.PUBLISHED, "published", request, queryset)

    @admin.action(description="Retire the selected studies", permissions=["change"])
    def retire(self, request, queryset):
        return self.move_to(Study.State.RETIRED, "retired", request, queryset)

    @admin.action(description="Set the selected studies back to draft", permissions=["change"])
    def back_to_draft(self, request, queryset):
        return self.move_to(Study.State.DRAFT, "set back to draft", request, queryset)

    def move_to(self, state, done, request, queryset):
        """Change the state of each study, once it is known what that touches."""
        return self.watched(
            request,
            lambda: self._move_to(state, done, request, queryset),
            lambda: Watch(studies=list(queryset.values_list("pk", flat=True))),
        )

    def _move_to(self, state, done, request, queryset):
        """Change the state of each study, with its history, and say how many there were."""
        with transaction.atomic():
            chosen = list(
                Study.objects.select_for_update().filter(pk__in=queryset.values("pk")).order_by("pk")
            )
            changed = [study for study in chosen if study.state != state]
            for study in changed:
                study.state = state
                study._history_user = request.user
                study.save(update_fields=["state", "changed_at"])
                self.log_change(request, study, f"{capfirst(done)}.")
        unchanged = len(chosen) - len(changed)
        text = f"{_studies(len(changed))} {done}."
        if unchanged:
            text += f" {_studies(unchanged)} {'was' if unchanged == 1 else 'were'} so already."
        self.message_user(request, text, messages.SUCCESS if changed else messages.WARNING)
