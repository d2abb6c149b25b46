"""Admin of results: the numbers as printed go in, the effect is derived."""

from django.contrib import admin, messages
from django.utils.html import format_html, format_html_join

from .. import effects
from ..models import Result
from .history import HistoryAdmin
from .of_study import OfStudyAdmin


@admin.register(Result)
class ResultAdmin(OfStudyAdmin, HistoryAdmin):
    list_display = ("outcome", "study", "sample", "arm", "comparator", "effect", "direction", "state")
    list_filter = ("measure", "direction", "state", "is_primary", "analysis")
    list_select_related = ("study", "sample", "arm", "comparator", "outcome")
    list_per_page = 50
    ordering = ("study__label", "position", "pk")
    search_fields = ("study__label", "outcome__name", "key", "instrument", "arm__label")
    search_help_text = "Searches study, outcome, arm, instrument and key."
    autocomplete_fields = ("outcome",)
    of_same_study = ("sample", "arm", "comparator", "report")
    readonly_fields = ("effect", "analysed_effect", "variance", "derived_from", "look_again")
    fieldsets = (
        (
            "Who and what",
            {
                "fields": (
                    "study",
                    ("key", "position"),
                    "outcome",
                    "sample",
                    ("arm", "comparator"),
                    ("instrument", "unit"),
                    ("weeks", "phase"),
                    ("analysis", "is_primary"),
                )
            },
        ),
        ("What was found, in words", {"fields": ("state", "finding", "direction")}),
        ("How it is measured", {"fields": ("measure", ("paired", "correlation"))}),
        (
            "Raw numbers: the arm",
            {
                "description": "As printed. Where there are raw numbers, they come before the estimate.",
                "fields": (
                    ("arm_n", "arm_mean", "arm_sd"),
                    ("arm_baseline_mean", "arm_baseline_sd"),
                    ("arm_events", "arm_person_time"),
                ),
                "classes": ("numbers",),
            },
        ),
        (
            "Raw numbers: the comparator",
            {
                "fields": (
                    ("comparator_n", "comparator_mean", "comparator_sd"),
                    ("comparator_baseline_mean", "comparator_baseline_sd"),
                    ("comparator_events", "comparator_person_time"),
                ),
                "classes": ("numbers",),
            },
        ),
        (
            "Reported estimate",
            {
                "fields": (("estimate", "ci_low", "ci_high", "ci_level"), ("se", "p_value", "p_text")),
                "classes": ("numbers",),
            },
        ),
        ("Where it was found", {"fields": ("report", ("place", "quote"))}),
        (
            "Derived when saved",
            {"fields": ("effect", ("analysed_effect", "variance"), "derived_from", "look_again")},
        ),
    )

    @admin.display(description="effect (95 % interval)")
    def effect(self, result):
        return (result.display if result.pk is not None else "") or "–"

    @admin.display(description="effect on the analysis scale (yi)")
    def analysed_effect(self, result):
        return "–" if result.yi is None else f"{result.yi:.6g}"

    @admin.display(description="its variance (vi)")
    def variance(self, result):
        return "–" if result.vi is None else f"{result.vi:.6g}"

    @admin.display(description="derivation")
    def derived_from(self, result):
        return effects.DERIVATIONS.get(result.derivation, result.derivation) or "–"

    @admin.display(description="look again")
    def look_again(self, result):
        found = cautions(result) if result.pk is not None else []
        if not found:
            return "Nothing to look at again."
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", found))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        for name, text in cautions(obj):
            messages.warning(request, f"{name}: {text}")


def cautions(result):
    """What is possible but should be looked at again: pairs of a field's name on the screen and a message."""
    names = {field.name: field.verbose_name for field in Result._meta.fields}
    try:
        found = effects.cautions(result.measure, result.as_numbers())
    except effects.ImpossibleInput as error:
        found = error.problems
    return [(_side(field, str(names.get(field, field))), message) for field, message in found]


def _side(field, name):
    """The two arms share names of fields: say which is meant."""
    for side in ("arm", "comparator"):
        if field.startswith(f"{side}_"):
            return format_html("{}, {}", side.capitalize(), name)
    return name[:1].upper() + name[1:]
