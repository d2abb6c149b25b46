"""Admin of assessments: to look at. They are made on the page “Assess” of their conclusion."""

from django.contrib import admin
from django.utils import timezone

from ..certainty import Certainty
from ..models import AssessedResult, Assessment
from .of_study import by_key


class LevelFilter(admin.SimpleListFilter):
    title = "certainty"
    parameter_name = "certainty"

    def lookups(self, request, model_admin):
        return [(str(word.level), word.label) for word in Certainty]

    def queryset(self, request, queryset):
        known = {str(word.level) for word in Certainty}
        return queryset.filter(level=int(self.value())) if self.value() in known else queryset


class StandingFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [("force", "In force"), ("overdue", "In force and overdue"), ("draft", "Draft")]

    def queryset(self, request, queryset):
        if self.value() == "force":
            return queryset.in_force()
        if self.value() == "overdue":
            return queryset.in_force().overdue(timezone.localdate())
        return queryset.drafts() if self.value() == "draft" else queryset


class AssessedResultInline(admin.TabularInline):
    model = AssessedResult
    fields = readonly_fields = ("label", "is_direct", "was_retracted", "is_pooled", "why_not_pooled")
    extra = 0
    can_delete = False
    verbose_name_plural = "results that it looked at"

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("label", "pk")

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        # Part of the assessment, with no right of its own.
        return request.user.has_perm("evidence.view_assessment")


@admin.register(Assessment)
class AssessmentAdmin(admin.ModelAdmin):
    list_display = ("conclusion", "numbered", "rated", "direction", "by", "signed_at", "next_due")
    list_filter = (StandingFilter, LevelFilter, "is_demonstration")
    list_select_related = (
        "conclusion__population",
        "conclusion__intervention",
        "conclusion__outcome",
        "by",
    )
    list_per_page = 50
    ordering = ("-signed_at", "-pk")
    search_fields = (
        "conclusion__intervention__name",
        "conclusion__outcome__name",
        "conclusion__population__name",
        "sentence",
    )
    search_help_text = "Searches the question and the sentence."
    # Several at once would be deleted with one right, signed or not.
    actions = None
    inlines = (AssessedResultInline,)
    change_form_template = "admin/evidence/assessment/change_form.html"
    fieldsets = (
        (None, {"fields": ("conclusion", "numbered", "rated", "sentence", ("by", "signed_at"), "next_due")}),
        ("Where it starts", {"fields": ("start", "start_reason")}),
        (
            "What lowers it",
            {
                "fields": (
                    *(("risk_of_bias", "risk_of_bias_reason"), ("inconsistency", "inconsistency_reason")),
                    *(("indirectness", "indirectness_reason"), ("imprecision", "imprecision_reason")),
                    ("publication_bias", "publication_bias_reason"),
                )
            },
        ),
        (
            "What raises it",
            {
                "fields": (
                    *(("large_effect", "large_effect_reason"), ("dose_response", "dose_response_reason")),
                    ("confounding", "confounding_reason"),
                )
            },
        ),
        ("The effect", {"fields": (("size", "threshold"), "direction", "pooled")}),
        (
            "What readers are told",
            {"fields": ("seen", "not_known", ("differs", "differs_reason"), "is_demonstration")},
        ),
    )
    readonly_fields = ("numbered", "rated", "signed_at", "pooled")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        if obj is None and request.resolver_match is not None:
            # Asked without a row, on the page of one.
            obj = by_key(Assessment, request.resolver_match.kwargs.get("object_id"))
        if obj is not None and obj.is_signed:
            return False
        return super().has_delete_permission(request, obj)

    def get_inlines(self, request, obj):
        return self.inlines if obj is not None and obj.is_signed else ()

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["may_go_on"] = (
            obj is not None and not obj.is_signed and request.user.has_perm("evidence.change_assessment")
        )
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    @admin.display(description="number", ordering="number")
    def numbered(self, assessment):
        return "Draft" if assessment.number is None else assessment.number

    @admin.display(description="certainty", ordering="level")
    def rated(self, assessment):
        return assessment.certainty.label

    @admin.display(description="pooled numbers")
    def pooled(self, assessment):
        if assessment.pool is None:
            return "Written down when it is signed"
        pool = assessment.pool["pooled"]
        return (
            assessment.pool["refusal"]["message"]
            if pool is None
            else f"{pool['display']}, {pool['k']} studies"
        )
