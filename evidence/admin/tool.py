"""Admin of risk-of-bias tools: loaded from data files, hence shown and not edited."""

from django.contrib import admin
from django.db.models import Count

from ..models import Tool, ToolDomain


class ToolDomainInline(admin.TabularInline):
    model = ToolDomain
    fields = readonly_fields = ("code", "name", "is_critical")
    ordering = ("position",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Tool)
class ToolAdmin(admin.ModelAdmin):
    list_display = ("name", "version", "variant", "n_domains", "is_active")
    list_filter = ("is_active",)
    list_select_related = ()
    ordering = ("name", "version", "variant")
    search_fields = ("name", "version", "variant")
    fields = ("name", "version", "variant", "slug", "citation", "judgements_text", "is_active")
    readonly_fields = ("name", "version", "variant", "slug", "citation", "judgements_text")
    inlines = (ToolDomainInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count_of_domains=Count("domains"))

    def get_search_results(self, request, queryset, search_term):
        queryset, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.resolver_match is not None and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(is_active=True)
        return queryset, may_repeat

    # Domains and judgements come from evidence/vocabularies/tools.json; only "in use" is set here.

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="domains", ordering="count_of_domains")
    def n_domains(self, tool):
        return tool.count_of_domains

    @admin.display(description="judgements")
    def judgements_text(self, tool):
        return ", ".join(f"{entry['label']} ({entry['symbol']})" for entry in tool.judgements)
