"""Who else has the form of a topic open, and whether somebody saved it meanwhile."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from evidence.admin.autocomplete import is_key

from .. import permissions, presence
from ..models import Checkpoint
from .of_topic import OfTopicMixin

OPENED_AT = "_checkpoint"  # the newest checkpoint when the form was opened


class PresenceMixin(OfTopicMixin):
    """Shows at the top of the form who edits the topic now; a script keeps that up to date."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.presence_view))
        return [
            path("<path:object_id>/presence/", view, name="articles_topic_presence"),
            *super().get_urls(),
        ]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # Asked for before the form is read: what is saved in between is news.
        if object_id is not None and request.method == "GET":
            extra_context = {**(extra_context or {}), OPENED_AT: _newest(object_id)}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and change:
            # A form that came back with errors is still the one that was opened.
            opened = request.POST.get(OPENED_AT, "") if request.method == "POST" else context.get(OPENED_AT)
            context["presence"] = {
                **self._presence(request, obj, opened, timezone.now()),
                "opened": opened,
                "is_unsaved": request.method == "POST",
            }
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def presence_view(self, request, object_id):
        """Takes note of whoever may change the topic, and tells everybody who may look at it who does."""
        topic = self._topic(request, object_id, "view")
        at = timezone.now()
        if permissions.may(request.user, "change", topic):
            if "left" in request.POST:
                presence.left(topic=topic, user=request.user)
                return HttpResponse(status=204)
            has_changes = "has_changes" in request.POST
            presence.here(topic=topic, user=request.user, at=at, has_changes=has_changes)
        found = self._presence(request, topic, request.POST.get(OPENED_AT, ""), at)
        context = {"original": topic, "presence": found}
        return TemplateResponse(request, "admin/articles/topic/_presence.html", context)

    def _presence(self, request, topic, opened, at):
        opened = int(opened) if is_key(str(opened or "")) else 0
        kept = Checkpoint.objects.filter(topic=topic, pk__gt=opened).for_list().select_related("by")
        return {
            "others": presence.others(topic=topic, user=request.user, at=at),
            "newer": kept.newest_first().first(),
            "older": opened,
            "today": timezone.localdate(at),
            "may_change": permissions.may(request.user, "change", topic),
            "user": request.user,
        }


def _newest(object_id):
    """The key of the newest checkpoint, 0 if there is none."""
    if not is_key(object_id):
        return 0
    newest = Checkpoint.objects.filter(topic=object_id).order_by("-pk").values_list("pk", flat=True).first()
    return 0 if newest is None else newest
