"""Admin of the glossary."""

from django.contrib import admin
from django.utils.text import Truncator

from evidence.admin.lines import LinesMixin

from ..models import Term


@admin.register(Term)
class TermAdmin(LinesMixin, admin.ModelAdmin):
    list_display = ("name", "meaning", "other_words")
    list_select_related = ()
    ordering = ("name",)
    search_fields = ("name", "slug", "synonyms", "definition")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "definition", "synonyms")
    lines = {"synonyms": "Other words for the same, one a line."}

    @admin.display(description="definition")
    def meaning(self, term):
        return Truncator(term.definition).words(14)

    @admin.display(description="synonyms")
    def other_words(self, term):
        return ", ".join(term.synonyms)
