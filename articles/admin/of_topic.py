"""What the admin of a topic shares: how its pages find it and are drawn, and the rights to its rows."""

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from .. import permissions
from ..models import Topic


class OfTopicMixin:
    """For what adds pages about one topic to the admin of topics."""

    def _topic(self, request, object_id, action):
        # The right is asked for first, so that nobody learns which topics there are.
        permissions.require(request.user, action)
        topic = None
        if unquote(object_id).isdecimal():
            topic = Topic.objects.select_related("category").filter(pk=unquote(object_id)).first()
        if topic is None:
            raise Http404("There is no such topic.")
        if not permissions.may(request.user, action, topic):
            raise PermissionDenied
        return topic

    def _page(self, request, topic, name, context, *, status=200):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": topic,
            "has_view_permission": True,
            **context,
        }
        return TemplateResponse(request, f"admin/articles/topic/{name}.html", context, status=status)

    def _back(self, topic):
        return HttpResponseRedirect(reverse("admin:articles_topic_change", args=[topic.pk]))


class RowsOfTopicMixin:
    """Rows of a topic have no rights of their own: whoever may change the topic may change them."""

    def _may_edit(self, request, topic):
        return permissions.may(request.user, "add" if topic is None else "change", topic)

    def has_add_permission(self, request, obj=None):
        return self._may_edit(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_edit(request, obj)

    def has_view_permission(self, request, obj=None):
        return self._may_edit(request, obj) or permissions.may(request.user, "view", obj)
