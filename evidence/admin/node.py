"""What the admin pages of the three vocabularies have in common."""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from .autocomplete import AutocompleteMixin
from .lines import LinesMixin
from .tree import TreeListAdmin


class NodeAdmin(AutocompleteMixin, LinesMixin, TreeListAdmin, SimpleHistoryAdmin):
    """A tree of terms. An inactive term is not offered for new entries."""

    search_fields = ("name", "short_name", "slug", "synonyms")
    search_help_text = "Searches names, short names and synonyms."
    autocomplete_fields = ("parent", "replaced_by")
    prepopulated_fields = {"slug": ("name",)}
    list_select_related = ()
    lines = {"synonyms": "Other words for the same, one a line. Search finds them too."}
    codes = {"identifiers": "Codes in outside vocabularies, one a line, for example mesh: D000368"}
    own_fields = ()

    def get_fieldsets(self, request, obj=None):
        return (
            (None, {"fields": ("parent", "name", "short_name", "slug", "definition", *self.own_fields)}),
            ("Other words and codes", {"fields": ("synonyms", "identifiers")}),
            ("Out of use", {"fields": ("is_active", "replaced_by"), "classes": ("collapse",)}),
        )

    def get_search_results(self, request, queryset, search_term):
        queryset, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.resolver_match is not None and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(is_active=True)
        return queryset, may_repeat

    @admin.display(description="in use", boolean=True, ordering="is_active")
    def in_use(self, node):
        return node.is_active
