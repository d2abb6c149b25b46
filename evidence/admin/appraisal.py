"""Admin of appraisals, with one row for each domain of the tool."""

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.utils.html import format_html

from ..models import Appraisal, DomainJudgement
from .history import HistoryAdmin
from .of_study import OfStudyAdmin
from .table import TableInline


def judgement_field(tool, **kwargs):
    """A choice among the judgements that the tool knows."""
    choices = [("", "---------"), *((entry["code"], entry["label"]) for entry in tool.judgements)]
    return forms.ChoiceField(choices=choices, **kwargs)


class DomainWidget(forms.TextInput):
    """A hidden input beside the name of the domain: the tool settles what a row is about."""

    input_type = "hidden"
    is_hidden = False

    def __init__(self, names):
        super().__init__()
        self.names = names

    def render(self, name, value, attrs=None, renderer=None):
        hidden = super().render(name, value, attrs, renderer)
        return format_html('{}<span class="domain">{}</span>', hidden, self.names.get(str(value), ""))


class DomainJudgementFormSet(BaseInlineFormSet):
    """One row for each domain of `tool`: those judged already, then the others, empty."""

    tool = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.domains = [] if self.tool is None else list(self.tool.domains.order_by("position"))
        judged = {judgement.domain_id for judgement in self.get_queryset()}
        missing = [domain for domain in self.domains if domain.pk not in judged]
        self.initial_extra = [{"domain": domain.pk} for domain in missing]
        self.extra = len(missing)
        self.max_num = len(self.domains)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if self.tool is not None:
            form.fields["domain"].queryset = self.tool.domains.all()
            form.fields["domain"].widget = DomainWidget(
                {str(domain.pk): str(domain) for domain in self.domains}
            )
            form.fields["judgement"] = judgement_field(self.tool, label="Judgement")
            form.fields["judgement"].widget.attrs["aria-label"] = "Judgement"


class DomainJudgementInline(TableInline):
    model = DomainJudgement
    formset = DomainJudgementFormSet
    fields = ("domain", "judgement", "reason")
    verbose_name_plural = "domains (a row without a judgement is left out)"

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("domain", "appraisal__tool")
        return rows.order_by("domain__position")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "reason":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 50})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Appraisal)
class AppraisalAdmin(OfStudyAdmin, HistoryAdmin):
    list_display = ("study", "tool", "of", "judged", "level", "basis", "is_demonstration", "appraised_on")
    list_display_links = ("study", "tool")
    list_filter = ("tool", "level", "is_demonstration")
    list_select_related = ("study", "tool", "result__outcome", "result__study")
    list_per_page = 50
    ordering = ("study__label", "pk")
    search_fields = ("study__label", "study__title", "tool__name", "reason")
    search_help_text = "Searches study, tool and reason."
    choose = ("study", "tool")
    of_same_study = ("result",)
    inlines = (DomainJudgementInline,)
    fieldsets = (
        (None, {"fields": ("study", "tool", "result", "judgement", "reason")}),
        ("How it was made", {"fields": ("basis", "appraised_on", "is_demonstration")}),
    )

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        tool = self.known(request).get("tool")
        if db_field.name == "judgement" and tool is not None:
            return judgement_field(
                tool, label="Overall judgement", help_text="The level that filters use follows from it."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "result":
            field.queryset = field.queryset.select_related("study", "outcome")
            field.label_from_instance = lambda result: f"{result.outcome} ({result.key})"
            field.empty_label = "The study as a whole"
        return field

    def get_formsets_with_inlines(self, request, obj=None):
        tool = self.known(request).get("tool")
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            yield type(formset.__name__, (formset,), {"tool": tool}), inline

    @admin.display(description="of")
    def of(self, appraisal):
        return "The whole study" if appraisal.result is None else appraisal.result.outcome

    @admin.display(description="overall judgement", ordering="judgement")
    def judged(self, appraisal):
        return appraisal.judgement_label
