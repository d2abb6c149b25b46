"""Admin of events: the history of the site, to look at only."""

from django.contrib import admin
from django.utils.text import Truncator

from ..models import Event, Topic
from .read_only import ReadOnlyMixin


class EventActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request, model_admin):
        actions = Event.objects.order_by("action").values_list("action", flat=True).distinct()
        return [(action, action.capitalize()) for action in actions]

    def queryset(self, request, queryset):
        return queryset.filter(action=self.value()) if self.value() else queryset


class ToStateFilter(admin.SimpleListFilter):
    title = "state afterwards"
    parameter_name = "to"

    def lookups(self, request, model_admin):
        return Topic.State.choices

    def queryset(self, request, queryset):
        return queryset.filter(to_state=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = ("at", "topic", "action", "states", "by", "excerpt")
    list_filter = (EventActionFilter, ToStateFilter)
    list_select_related = ("topic", "by")
    list_per_page = 50
    ordering = ("-at", "-pk")
    search_fields = ("topic__short_title", "topic__title", "comment", "by__username")
    search_help_text = "Searches topics, comments and user names."
    date_hierarchy = "at"
    fields = ("at", "topic", "action", "states", "by", "comment", "digest")
    readonly_fields = ("states",)

    @admin.display(description="state")
    def states(self, event):
        if event.from_state == event.to_state:
            return event.to_state
        return f"{event.from_state} → {event.to_state}"

    @admin.display(description="comment")
    def excerpt(self, event):
        return Truncator(event.comment).words(14)
