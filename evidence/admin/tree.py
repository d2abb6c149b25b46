"""Trees as lists: indented, foldable, with rows that are cut and pasted elsewhere."""

import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseNotAllowed
from tree_queries.admin import TreeAdmin

ALL_LEVELS = 99


class TreeListAdmin(TreeAdmin):
    """A TreeAdmin that asks for the right to move, and says why a row cannot stand somewhere."""

    position_field = "position"
    list_per_page = 1000
    list_max_show_all = 1000
    folded_from_level = ALL_LEVELS

    def changelist_view(self, request, **kwargs):
        response = super().changelist_view(request, **kwargs)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None and not changelist.result_list:
            # The script of the tree expects at least one row.
            response.context_data["media"] = self.media
        return response

    def tree_admin_context(self, request):
        # Among search results a row may stand below one that is not its parent: never fold those.
        return {"initiallyCollapseDepth": ALL_LEVELS if request.GET else self.folded_from_level}

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        if self.has_change_permission(request):
            return columns
        return [column for column in columns if column != "move_column"]

    def move_node_view(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            return super().move_node_view(request)

    def is_valid_move(self, request, node, *, parent, after):
        moved = copy.copy(node)
        moved.parent = parent
        try:
            moved.clean()
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            return False
        return True
