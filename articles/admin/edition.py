"""Admin of editions: what went out, to look at only."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html

from .. import desk
from ..models import Edition
from .read_only import ReadOnlyMixin


class InForceFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("live", "Live"),
            ("scheduled", "Scheduled"),
            ("week", "Scheduled this week"),
            ("ending", "Going off"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
            ("earlier", "Earlier editions"),
        ]

    def queryset(self, request, queryset):
        now = timezone.now()
        live = Edition.objects.live(now).values("pk")
        if self.value() == "live":
            return queryset.filter(pk__in=live)
        if self.value() == "scheduled":
            return queryset.waiting(now)
        if self.value() == "week":
            return queryset.scheduled(now, until=now + desk.SCHEDULE_AHEAD)
        if self.value() == "ending":
            return queryset.to_expire(now)
        if self.value() == "expired":
            return queryset.expired(now)
        if self.value() == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        if self.value() == "earlier":
            past = queryset.filter(withdrawn_at__isnull=True, go_live_at__lte=now)
            return past.exclude(pk__in=live).exclude(expires_at__lte=now)
        return queryset


@admin.register(Edition)
class EditionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    list_display = (
        "short_title",
        "number",
        "change_note",
        "published_at",
        "published_by",
        "expires_at",
        "withdrawn_at",
    )
    list_filter = (InForceFilter,)
    list_select_related = ("published_by",)
    list_per_page = 50
    ordering = ("-published_at", "-pk")
    search_fields = ("short_title", "title", "path", "change_note")
    date_hierarchy = "published_at"
    fields = (
        "page_link",
        "topic",
        "number",
        "title",
        "path",
        "change_note",
        ("published_by", "published_at"),
        ("go_live_at", "expires_at"),
        ("withdrawn_at", "withdrawal_note"),
        "digest",
        "text",
    )
    readonly_fields = ("page_link",)
    view_on_site = False

    def get_queryset(self, request):
        editions = super().get_queryset(request)
        if request.resolver_match.url_name == "articles_edition_changelist":
            return editions.for_list()
        return editions.select_related("topic", "published_by")

    @admin.display(description="page")
    def page_link(self, edition):
        return format_html(
            '<a href="{}">Edition {}, as readers see it</a>', edition.get_lasting_url(), edition.number
        )
