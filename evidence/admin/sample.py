"""Admin of samples, with the populations they belong to."""

from django.contrib import admin

from ..models import PopulationShare, Sample
from .autocomplete import AutocompleteMixin
from .history import HistoryAdmin
from .of_study import OfStudyAdmin
from .table import TableInline


class PopulationShareInline(AutocompleteMixin, TableInline):
    model = PopulationShare
    autocomplete_fields = ("population",)
    extra = 0
    verbose_name_plural = "populations: how much of this sample belongs to them"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("population").order_by("population__axis", "pk")


@admin.register(Sample)
class SampleAdmin(OfStudyAdmin, HistoryAdmin):
    list_display = ("label", "study", "subgroup", "n", "ages", "populations_text")
    list_filter = (("parent", admin.EmptyFieldListFilter),)
    list_select_related = ("study",)
    list_per_page = 50
    ordering = ("study__label", "pk")
    search_fields = ("label", "study__label", "populations__name")
    search_help_text = "Searches the label, the study and the populations."
    of_same_study = ("parent",)
    inlines = (PopulationShareInline,)
    fieldsets = (
        (None, {"fields": ("study", "parent", "label", "description", "n")}),
        ("Age and sex", {"fields": (("age_mean", "age_sd"), ("age_min", "age_max"), "percent_female")}),
        ("Eligibility", {"fields": ("eligibility",)}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("shares__population")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "parent":
            field.queryset = field.queryset.filter(parent=None)
            object_id = (request.resolver_match.kwargs or {}).get("object_id", "")
            if object_id.isdecimal():
                field.queryset = field.queryset.exclude(pk=int(object_id))
        return field

    @admin.display(description="subgroup", boolean=True)
    def subgroup(self, sample):
        return sample.is_subgroup

    @admin.display(description="mean age", ordering="age_mean")
    def ages(self, sample):
        return "" if sample.age_mean is None else f"{sample.age_mean:g}"

    @admin.display(description="populations")
    def populations_text(self, sample):
        return "; ".join(str(share) for share in sample.shares.all())
