"""Admin of conclusions: what is asked, what answers it today, and how the answer was rated."""

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst, slugify

from .. import drift, weighing
from ..certainty import Certainty
from ..models import AssessedResult, Assessment, Conclusion, Exclusion, Intervention, Result
from ..trees import branch
from .assessing import AssessingMixin
from .autocomplete import AutocompleteMixin
from .of_study import by_key
from .table import TableInline
from .triaging import TriagingMixin

MOST_TOUCHES = 20
QUESTION = ("population", "intervention", "comparator", "outcome")


class DriftFilter(admin.SimpleListFilter):
    title = "drift"
    parameter_name = "drift"

    def lookups(self, request, model_admin):
        return [("yes", "Drifted"), ("no", "As it was assessed")]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        found = drift.drifted(on=timezone.localdate())
        if self.value() == "yes":
            return queryset.filter(pk__in=found)
        return queryset.filter(level_in_force__isnull=False).exclude(pk__in=found)


class DueFilter(admin.SimpleListFilter):
    title = "next assessment"
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("overdue", "Overdue"), ("later", "Later")]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        if self.value() == "overdue":
            return queryset.filter(due__lt=today)
        return queryset.filter(due__gte=today) if self.value() == "later" else queryset


class CertaintyFilter(admin.SimpleListFilter):
    title = "certainty"
    parameter_name = "certainty"

    def lookups(self, request, model_admin):
        return [*((str(word.level), word.label) for word in Certainty), ("none", "Never assessed")]

    def queryset(self, request, queryset):
        if self.value() == "none":
            return queryset.filter(level_in_force=None)
        if self.value() in {str(word.level) for word in Certainty}:
            return queryset.filter(level_in_force=int(self.value()))
        return queryset


class InterventionFilter(admin.SimpleListFilter):
    title = "intervention"
    parameter_name = "intervention"

    def lookups(self, request, model_admin):
        roots = Intervention.objects.filter(parent=None).order_by("position")
        return [(str(node.pk), node.label) for node in roots]

    def queryset(self, request, queryset):
        node = by_key(Intervention, self.value())
        return queryset if node is None else queryset.filter(intervention__in=branch(node))


class ExclusionInline(AutocompleteMixin, TableInline):
    model = Exclusion
    autocomplete_fields = ("study", "result")
    fields = ("study", "result", "reason")
    extra = 0
    verbose_name_plural = "exclusions: what matches and is left out, with the reason for readers"

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("study", "result__study", "result__outcome")
        return rows.order_by("study__label", "pk")


class ConclusionForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields and self.instance.pk is None:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "In addresses and data files. Empty: made from the terms."

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk is None and not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = _free_slug(cleaned)
        return cleaned


def _free_slug(cleaned):
    nodes = [cleaned.get(name) for name in ("intervention", "outcome", "population")]
    base = (
        slugify(" ".join(node.slug for node in nodes if node is not None))[:110].rstrip("-") or "conclusion"
    )
    slug, number = base, 1
    while Conclusion.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


@admin.register(Conclusion)
class ConclusionAdmin(AssessingMixin, TriagingMixin, AutocompleteMixin, admin.ModelAdmin):
    form = ConclusionForm
    list_display = ("question", "whom", "against", "certainty_in_force", "drifted", "next_due")
    list_display_links = ("question",)
    list_filter = (DriftFilter, DueFilter, CertaintyFilter, InterventionFilter)
    list_select_related = ("population", "intervention", "outcome")
    list_per_page = 50
    ordering = ("intervention__name", "outcome__name", "comparator", "population__name", "pk")
    search_fields = ("intervention__name", "outcome__name", "population__name", "slug")
    search_help_text = "Searches intervention, outcome, population and slug."
    autocomplete_fields = ("population", "intervention", "outcome")
    inlines = (ExclusionInline,)
    change_form_template = "admin/evidence/conclusion/change_form.html"
    fieldsets = (
        (
            "What is asked",
            {
                "description": "Once it was assessed, the question stays: ask another one instead.",
                "fields": (
                    "intervention",
                    "outcome",
                    "comparator",
                    "population",
                    "takes_part_samples",
                    "slug",
                ),
            },
        ),
        ("Its words in a sentence", {"fields": (("subject", "subject_is_plural"), "object", "versus")}),
    )

    class Media:
        css = {"all": ("wellness-admin/assessing.css",)}

    def get_queryset(self, request):
        newest = Assessment.objects.signed().filter(conclusion=OuterRef("pk")).newest_first()
        return (
            super()
            .get_queryset(request)
            .annotate(
                level_in_force=Subquery(newest.values("level")[:1]),
                due=Subquery(newest.values("next_due")[:1]),
            )
        )

    def get_readonly_fields(self, request, obj=None):
        is_assessed = obj is not None and obj.assessments.signed().exists()
        return (*super().get_readonly_fields(request, obj), *(QUESTION if is_assessed else ()))

    def get_inlines(self, request, obj):
        return self.inlines if obj is not None else ()

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        self_rows = list(changelist.result_list)
        found = drift.in_force(on=timezone.localdate(), conclusions=self_rows)
        for conclusion in self_rows:
            conclusion.moved = found[conclusion.pk][1] if conclusion.pk in found else None
        changelist.result_list = self_rows
        return changelist

    def view_on_site(self, conclusion):
        return conclusion.get_absolute_url()

    # Columns

    @admin.display(description="question", ordering="intervention__name")
    def question(self, conclusion):
        return f"{conclusion.intervention.label}: {conclusion.outcome.label}"

    @admin.display(description="population", ordering="population__name")
    def whom(self, conclusion):
        return "Everybody" if conclusion.population is None else conclusion.population.label

    @admin.display(description="compared with", ordering="comparator")
    def against(self, conclusion):
        return conclusion.get_comparator_display()

    @admin.display(description="certainty", ordering="level_in_force")
    def certainty_in_force(self, conclusion):
        if conclusion.level_in_force is None:
            return format_html('<span class="quiet">{}</span>', "Not assessed")
        return Certainty.of_level(conclusion.level_in_force).label

    @admin.display(description="drifted results")
    def drifted(self, conclusion):
        moved = conclusion.moved
        if moved is None:
            return ""
        if moved.is_empty:
            return "None"
        return format_html("<strong>{}</strong> ({})", moved.n_results, moved.says)

    @admin.display(description="next due", ordering="due")
    def next_due(self, conclusion):
        if conclusion.due is None:
            return ""
        text = f"{conclusion.due:%d %b %Y}"
        if conclusion.due < timezone.localdate():
            return format_html('{} <strong class="late">overdue</strong>', text)
        return text

    # The form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context |= self.standing(obj)
            context["may_assess"] = self.may_assess(request)
            context["may_triage"] = bool(context["moved"]) and self.may_triage(request)
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def standing(self, conclusion):
        """What a page says of a conclusion: its body today, what moved since, all judgements."""
        history = list(conclusion.assessments.select_related("by").order_by("-number", "-pk"))
        signed = [assessment for assessment in history if assessment.is_signed]
        last = signed[0] if signed else None
        body = weighing.body(conclusion)
        bodies = {conclusion.pk: body.members}
        moved = (
            None if last is None else drift.drifts([last], on=timezone.localdate(), bodies=bodies)[last.pk]
        )
        return {
            "conclusion": conclusion,
            "body": body,
            "directions": [(capfirst(name), n) for name, n in body.directions.most_common()],
            "last": last,
            "drift": moved,
            "moved": [] if last is None else moved_by_study(last, moved),
            "signed": signed,
            "triages": [] if last is None else list(last.triages.select_related("by").newest_first()),
            "touches": []
            if moved is None or moved.is_empty
            else list(last.touches.select_related("by").order_by("-at", "-pk")[:MOST_TOUCHES]),
            "draft": next((assessment for assessment in history if not assessment.is_signed), None),
        }


def moved_by_study(assessment, moved):
    """What became of which results since this assessment: (kind, meaning, [(label, result or None)])."""
    kinds = (
        ("New", "not looked at yet", moved.new),
        ("Changed", "says something else than it did", moved.changed),
        ("Retracted", "its study was retracted since", moved.retracted),
        ("No longer retracted", "the retraction of its study was taken back since", moved.restored),
        ("Gone", "deleted, not public any more, or no match now", moved.gone),
    )
    keys = {pk for _, _, results in kinds for pk in results}
    if not keys:
        return []
    results = {
        result.pk: result
        for result in Result.objects.filter(pk__in=keys).select_related("study", "outcome").order_by()
    }
    remembered = dict(
        AssessedResult.objects.filter(assessment=assessment, result__in=keys).values_list(
            "result_id", "label"
        )
    )

    def label(pk):
        result = results.get(pk)
        return remembered[pk] if result is None else f"{result.study.label}: {result.outcome.name}"

    return [
        (kind, meaning, sorted(((label(pk), results.get(pk)) for pk in pks), key=lambda pair: pair[0]))
        for kind, meaning, pks in kinds
        if pks
    ]
