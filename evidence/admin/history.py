"""The past states of a row: who may look at them may not yet bring one back."""

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from simple_history.admin import SimpleHistoryAdmin

from .autocomplete import is_key


class HistoryAdmin(SimpleHistoryAdmin):
    """Asks for the right first: django-simple-history lets whoever may look bring a state back."""

    def history_view(self, request, object_id, extra_context=None):
        self._require_view(request)
        if not is_key(unquote(object_id)):
            raise Http404("There is no such row.")
        return super().history_view(request, object_id, extra_context)

    @transaction.atomic
    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """One past state; on POST it is the row again."""
        self._require_view(request)
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        if not is_key(unquote(object_id)) or not is_key(version_id):
            raise Http404("There is no such state.")
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _require_view(self, request):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
