"""The rights to the image library: to its images and to their folders."""

from .. import permissions


class LibraryMixin:
    """For what is in the library: whoever may do something with images may do it with folders too."""

    def has_view_permission(self, request, obj=None):
        return permissions.may(request.user, "view images")

    def has_add_permission(self, request):
        return permissions.may(request.user, "add images")

    def has_change_permission(self, request, obj=None):
        return permissions.may(request.user, "change images")

    def has_delete_permission(self, request, obj=None):
        return permissions.may(request.user, "delete images")
