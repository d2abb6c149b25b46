"""What the admin pages of the three vocabularies have in common."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.urls import reverse
from django.utils.html import format_html

from ..impact import Watch, impact_of_move, on_the_way
from ..models import Conclusion
from .autocomplete import AutocompleteMixin, is_key
from .history import HistoryAdmin
from .impact import ImpactMixin
from .lines import LinesMixin
from .of_study import by_key
from .tree import TreeListAdmin


class NodeAdmin(ImpactMixin, AutocompleteMixin, LinesMixin, TreeListAdmin, HistoryAdmin):
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

    def watch(self, request, object_id):
        node = by_key(self.model, None if object_id is None else unquote(object_id))
        parent = request.POST.get("parent") or None
        if node is None or (parent is not None and not is_key(parent)):
            return None
        if request.POST.get("axis", getattr(node, "axis", None)) != getattr(node, "axis", None):
            # What a subgroup inherits goes by axis.
            concerned = list(Conclusion.objects.exclude(population=None).for_display().in_order())
        else:
            concerned = on_the_way(node, parent=None if parent is None else int(parent))
        return Watch(conclusions=concerned) if concerned else None

    def watch_deletion(self, rows):
        # What is asked about a term keeps it from being deleted; what is asked about a broader one does not.
        concerned = {found.pk: found for node in rows for found in on_the_way(node, parent=None)}
        return Watch(conclusions=concerned.values()) if concerned else None

    def is_valid_move(self, request, node, *, parent, after):
        if not super().is_valid_move(request, node, parent=parent, after=after):
            return False
        impacts = impact_of_move(node, parent=parent)
        if impacts:
            rest = "1 conclusion rests" if len(impacts) == 1 else f"{len(impacts)} conclusions rest"
            messages.warning(
                request,
                format_html(
                    '{} on where “{}” stands. <a href="{}">Open it</a> and change its parent there: '
                    "you see what it touches before it is saved.",
                    rest,
                    node,
                    reverse(f"admin:evidence_{self.opts.model_name}_change", args=[node.pk]),
                ),
            )
        return not impacts

    def get_search_results(self, request, queryset, search_term):
        queryset, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.resolver_match is not None and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(is_active=True)
        return queryset, may_repeat

    @admin.display(description="in use", boolean=True, ordering="is_active")
    def in_use(self, node):
        return node.is_active
