"""Admin of the folders of the image library."""

from django import forms
from django.contrib import admin
from django.db.models import Count

from evidence.admin.autocomplete import AutocompleteMixin
from evidence.admin.tree import TreeListAdmin

from ..models import Folder
from .library import LibraryMixin


class FolderChoiceField(forms.ModelChoiceField):
    """The folders as a tree: what is inside another stands further in."""

    def __init__(self, **kwargs):
        super().__init__(Folder.objects.in_tree_order(), **{"required": False, **kwargs})
        self.empty_label = "No folder"

    def label_from_instance(self, folder):
        return f"{'– ' * folder.tree_depth}{folder.name}"


@admin.register(Folder)
class FolderAdmin(LibraryMixin, AutocompleteMixin, TreeListAdmin):
    list_display = ("collapse_column", "indented_title", "n_images", "move_column")
    list_select_related = ()
    search_fields = ("name",)
    autocomplete_fields = ("parent",)
    fields = ("parent", "name")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count_of_images=Count("images"))

    @admin.display(description="images", ordering="count_of_images")
    def n_images(self, folder):
        return folder.count_of_images
