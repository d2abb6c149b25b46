"""Admin of what is only ever added, and only by what happened."""


class ReadOnlyMixin:
    """To look at: adding, changing and deleting are refused to superusers too."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
