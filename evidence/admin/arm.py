"""Admin of arms."""

from django.contrib import admin

from ..models import Arm
from .history import HistoryAdmin
from .of_study import OfStudyAdmin

ARM_FIELDSETS = (
    (None, {"fields": ("label", "role", "interventions", "description", "n")}),
    (
        "Dose",
        {
            "fields": (
                ("times_a_week", "minutes", "weeks"),
                ("load", "load_unit"),
                ("supervision", "adherence"),
            )
        },
    ),
)


@admin.register(Arm)
class ArmAdmin(OfStudyAdmin, HistoryAdmin):
    list_display = ("label", "study", "role", "given", "n")
    list_filter = ("role",)
    list_select_related = ("study",)
    list_per_page = 50
    ordering = ("study__label", "pk")
    search_fields = ("label", "study__label", "interventions__name")
    search_help_text = "Searches the label, the study and what was given."
    autocomplete_fields = ("interventions",)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("interventions")

    def get_fieldsets(self, request, obj=None):
        return ((None, {"fields": ("study",)}), *ARM_FIELDSETS)

    @admin.display(description="interventions")
    def given(self, arm):
        return ", ".join(intervention.label for intervention in arm.interventions.all())
