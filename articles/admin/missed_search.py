"""Admin of missed searches: what was dealt with is taken out of the list."""

from django.contrib import admin

from .. import permissions
from ..models import MissedSearch


@admin.register(MissedSearch)
class MissedSearchAdmin(admin.ModelAdmin):
    list_display = ("words", "place", "count", "first_on", "last_on")
    list_display_links = None
    list_filter = ("place",)
    list_select_related = ()
    list_per_page = 50
    ordering = ("-count", "-last_on", "words")
    search_fields = ("words",)
    fields = ("words", "place", "count", "first_on", "last_on")

    # Readers write these rows. Whoever may look at topics may look; editors remove.

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return permissions.may(request.user, "view")

    def has_delete_permission(self, request, obj=None):
        return permissions.may(request.user, "edit")

    def has_module_permission(self, request):
        return permissions.may(request.user, "view")
