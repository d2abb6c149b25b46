"""What belongs to a study, on its own page: edited there, or listed with links."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.html import format_html

from ..models import Appraisal, Arm, Report, Result, Sample, Study
from .arm import ARM_FIELDSETS
from .autocomplete import AutocompleteMixin
from .lines import LinesMixin
from .of_study import by_key
from .report import REPORT_FIELDSETS, REPORT_LINES, REPORT_OVERRIDES
from .table import TableInline


class OneOfThemFormSet(BaseInlineFormSet):
    """Rows of which at most one may be marked; it may move from one row to another in one go."""

    conditional_field = ""
    message = ""

    def is_marked(self, data):
        raise NotImplementedError

    def add_fields(self, form, index):
        super().add_fields(form, index)
        # The database sees the old mark until the whole set is saved, so the set is judged here.
        exclusions = form._get_validation_exclusions
        form._get_validation_exclusions = lambda: exclusions() | {self.conditional_field}

    def clean(self):
        super().clean()
        marked = [
            form
            for form in self.forms
            if form.is_valid()
            and (form.instance.pk is not None or form.has_changed())
            and not self._should_delete_form(form)
            and self.is_marked(form.cleaned_data)
        ]
        if len(marked) > 1:
            raise ValidationError(self.message)


class ReportFormSet(OneOfThemFormSet):
    conditional_field = "is_primary"
    message = "Only one report can be the main report of a study."

    def is_marked(self, data):
        return bool(data.get("is_primary"))


class SampleFormSet(OneOfThemFormSet):
    conditional_field = "parent"
    message = "A study has one whole sample: say of the others that they are subgroups of it."

    def is_marked(self, data):
        return data.get("parent") is None


class ReportInline(LinesMixin, admin.StackedInline):
    model = Report
    formset = ReportFormSet
    fieldsets = REPORT_FIELDSETS
    lines = REPORT_LINES
    formfield_overrides = REPORT_OVERRIDES
    extra = 0
    classes = ("collapse",)

    def get_queryset(self, request):
        return super().get_queryset(request).primary_first()


class SampleInline(TableInline):
    model = Sample
    formset = SampleFormSet
    fields = ("label", "parent", "n", "age_mean", "percent_female", "who")
    readonly_fields = ("who",)
    extra = 0
    show_change_link = True
    verbose_name_plural = "samples (open one to say which populations it belongs to)"

    def get_queryset(self, request):
        rows = super().get_queryset(request).prefetch_related("shares__population")
        return rows.order_by(F("parent").asc(nulls_first=True), "pk")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            study = by_key(Study, request.resolver_match.kwargs.get("object_id"))
            kwargs["queryset"] = Sample.objects.filter(study=study, parent=None).order_by("pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "parent":
            for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, right, False)
        return field

    @admin.display(description="populations")
    def who(self, sample):
        if sample.pk is None:
            return "Save first"
        return "; ".join(str(share) for share in sample.shares.all()) or "None yet"


class ArmInline(AutocompleteMixin, admin.StackedInline):
    model = Arm
    fieldsets = ARM_FIELDSETS
    autocomplete_fields = ("interventions",)
    extra = 0
    classes = ("collapse",)
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("interventions").order_by("pk")


class ReadOnlyInline(admin.TabularInline):
    """A list with links: the rows themselves are edited on pages of their own."""

    template = "admin/evidence/study/list_with_add.html"
    extra = 0
    can_delete = False
    classes = ("linked-list",)

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        opts = self.opts
        may_add = obj is not None and request.user.has_perm(f"{opts.app_label}.add_{opts.model_name}")
        formset.add_link = (
            f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_add')}?study={obj.pk}" if may_add else ""
        )
        formset.add_text = f"Add {'an' if opts.verbose_name[0] in 'aeiou' else 'a'} {opts.verbose_name}"
        return formset

    def link(self, row, text):
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        return format_html('<a href="{}?study={}">{}</a>', url, row.study_id, text)


class ResultInline(ReadOnlyInline):
    model = Result
    fk_name = "study"
    fields = readonly_fields = ("what", "sample", "arm", "against", "week", "effect", "direction")

    def get_queryset(self, request):
        return super().get_queryset(request).for_display().in_order()

    @admin.display(description="outcome")
    def what(self, result):
        return self.link(result, result.outcome)

    @admin.display(description="comparator")
    def against(self, result):
        return result.comparator or "None: change within the group"

    @admin.display(description="weeks")
    def week(self, result):
        return "" if result.weeks is None else f"{result.weeks:g}"

    @admin.display(description="effect (95 % interval)")
    def effect(self, result):
        return result.display or result.get_state_display()


class AppraisalInline(ReadOnlyInline):
    model = Appraisal
    fields = readonly_fields = ("with_tool", "of", "judged", "demonstration")

    def get_queryset(self, request):
        rows = (
            super().get_queryset(request).select_related("tool", "study", "result__outcome", "result__study")
        )
        return rows.order_by("pk")

    @admin.display(description="tool")
    def with_tool(self, appraisal):
        return self.link(appraisal, appraisal.tool)

    @admin.display(description="of")
    def of(self, appraisal):
        return "The whole study" if appraisal.result is None else appraisal.result.outcome

    @admin.display(description="overall judgement")
    def judged(self, appraisal):
        return appraisal.judgement_label

    @admin.display(description="demonstration", boolean=True)
    def demonstration(self, appraisal):
        return appraisal.is_demonstration
