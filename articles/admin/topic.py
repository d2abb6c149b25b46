"""Admin of topics: the working copy with its blocks. Saving never publishes."""

from content_editor.admin import ContentEditor
from django.contrib import admin, messages
from django.db.models import Max, OuterRef, Subquery
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from js_asset import Media

from evidence.admin.autocomplete import AutocompleteMixin
from evidence.admin.lines import LinesMixin
from evidence.admin.of_study import by_key
from evidence.admin.table import TableInline
from evidence.admin.tree import TreeListAdmin

from .. import desk, permissions
from ..models import BLOCK_MODELS, Edition, Topic, TopicPopulation
from .blocks import BLOCK_INLINES
from .checking import CheckingMixin
from .commenting import CommentingMixin, OpenCommentsFilter
from .conflicts import ConflictsMixin
from .copying import CopyingMixin
from .history import HistoryMixin
from .image import ImageSelect
from .of_topic import RowsOfTopicMixin
from .presence import PresenceMixin
from .previewing import PreviewingMixin
from .publishing import PublishingMixin
from .workflow import SignOffFilter, WorkflowMixin


class StateFilter(admin.SimpleListFilter):
    title = "page"
    parameter_name = "page"

    def lookups(self, request, model_admin):
        return [("live", "Live"), ("withdrawn", "Not live any more"), ("never", "Never published")]

    def queryset(self, request, queryset):
        if self.value() == "live":
            return queryset.filter(live_number__isnull=False)
        if self.value() == "withdrawn":
            return queryset.filter(live_number__isnull=True, last_number__isnull=False)
        if self.value() == "never":
            return queryset.filter(last_number__isnull=True)
        return queryset


class MineFilter(admin.SimpleListFilter):
    title = "my part"
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [
            ("waiting", "Waiting for me"),
            ("drafts", "My drafts"),
            ("owner", "I am the owner"),
            ("reviewer", "I am the reviewer"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "waiting":
            return queryset.filter(desk.waiting_for(request.user))
        if self.value() == "drafts":
            return queryset.filter(desk.drafts_of(request.user))
        if self.value() == "owner":
            return queryset.filter(owner=request.user)
        if self.value() == "reviewer":
            return queryset.filter(reviewer=request.user)
        return queryset


class ReviewFilter(admin.SimpleListFilter):
    title = "next review"
    parameter_name = "review"

    def lookups(self, request, model_admin):
        return [
            ("due", "Due by today"),
            ("soon", f"Due within {desk.REVIEW_AHEAD.days} days"),
            ("none", "No date set"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "due":
            return queryset.filter(next_review__lte=timezone.localdate())
        if self.value() == "soon":
            return queryset.filter(desk.due_by(timezone.localdate() + desk.REVIEW_AHEAD))
        if self.value() == "none":
            return queryset.filter(next_review__isnull=True)
        return queryset


class TopicPopulationInline(RowsOfTopicMixin, AutocompleteMixin, TableInline):
    model = TopicPopulation
    autocomplete_fields = ("population",)
    fields = ("population", "position")
    extra = 0
    verbose_name = "population"
    verbose_name_plural = "populations that readers may ask about"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("population").order_by("position", "pk")


@admin.register(Topic)
class TopicAdmin(
    PresenceMixin,
    ConflictsMixin,
    CommentingMixin,
    CheckingMixin,
    CopyingMixin,
    PreviewingMixin,
    HistoryMixin,
    WorkflowMixin,
    PublishingMixin,
    AutocompleteMixin,
    LinesMixin,
    TreeListAdmin,
    ContentEditor,
):
    list_display = (
        "collapse_column",
        "indented_title",
        "category",
        "page",
        "state",
        "sign_offs",
        "review",
        "move_column",
    )
    list_filter = (
        "category",
        MineFilter,
        "state",
        SignOffFilter,
        StateFilter,
        ReviewFilter,
        OpenCommentsFilter,
        "risk",
    )
    actions = ("submit_selected", "hold_selected")
    list_select_related = ("category",)
    search_fields = ("title", "short_title", "slug", "search_words")
    search_help_text = "Searches titles, address and search words."
    autocomplete_fields = ("parent", "category", "intervention", "owner", "image")
    prepopulated_fields = {"slug": ("short_title",)}
    readonly_fields = ("page", "standing", "reviewed_on", "changed_at", "link_name")
    inlines = (TopicPopulationInline, *BLOCK_INLINES)
    change_form_template = "admin/articles/topic/change_form.html"
    lines = {"search_words": "Other words under which readers look for this, one a line."}
    fieldsets = (
        (
            "Page",
            {
                "fields": (
                    "page",
                    "standing",
                    ("category", "parent"),
                    "short_title",
                    "title",
                    "subtitle",
                    "slug",
                    "standfirst",
                    "teaser",
                    "intervention",
                )
            },
        ),
        ("At a glance", {"fields": ("key_points", "not_known"), "classes": ("collapse",)}),
        (
            "For search engines and search",
            {"fields": ("meta_description", "image", "tags", "search_words"), "classes": ("collapse",)},
        ),
        (
            "Review",
            {
                "fields": (
                    "risk",
                    ("reviewer", "review_due_on", "priority"),
                    "takes_outside_sign_off",
                    ("research_to", "next_review", "reviewed_on"),
                    ("owner", "deputy"),
                    "link_name",
                    "changed_at",
                ),
                "classes": ("collapse",),
            },
        ),
    )

    # Who may

    def has_view_permission(self, request, obj=None):
        return permissions.may(request.user, "view", obj) or self.has_change_permission(request, obj)

    def has_add_permission(self, request):
        return permissions.may(request.user, "add")

    def has_change_permission(self, request, obj=None):
        return permissions.may(request.user, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return permissions.may(request.user, "delete", obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "image":
            kwargs["widget"] = ImageSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # List

    def get_queryset(self, request):
        editions = Edition.objects.filter(topic=OuterRef("pk")).order_by()
        live = Edition.objects.live(timezone.now()).filter(topic=OuterRef("pk")).order_by()
        last = editions.values("topic").annotate(last=Max("number")).values("last")
        return (
            super()
            .get_queryset(request)
            .annotate(live_number=Subquery(live.values("number")[:1]), last_number=Subquery(last))
        )

    @admin.display(description="page", ordering="live_number")
    def page(self, topic):
        if topic.pk is None:
            return "Not saved yet"
        if topic.live_number is not None:
            return format_html('<span class="state live">Edition {} live</span>', topic.live_number)
        if topic.last_number is not None:
            return format_html('<span class="state">{}</span>', "Not live any more")
        return format_html('<span class="state">{}</span>', "Never published")

    @admin.display(description="links to this topic")
    def link_name(self, topic):
        return "–" if topic.pk is None else f"topic:{topic.uid}"

    @admin.display(description="next review", ordering="next_review")
    def review(self, topic):
        return "" if topic.next_review is None else date_format(topic.next_review, "j M Y")

    # Form

    def view_on_site(self, topic):
        live = Edition.objects.live(timezone.now()).filter(topic=topic).only("path").first()
        return live.get_absolute_url() if live is not None else None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context.update(
            may_publish=obj is not None and permissions.may(request.user, "publish", obj),
            may_withdraw=(
                obj is not None
                and permissions.may(request.user, "withdraw", obj)
                and getattr(obj, "live_number", None) is not None
            ),
        )
        response = super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )
        # The import map of the editors is an inline script: the policy lets it through by its nonce.
        media = Media.from_media(response.context_data["media"])
        response.context_data["media"] = media.with_nonce(str(request.csp_nonce))
        return response

    def _content_editor_media(self, request, context):
        # It sorts blocks by their fields, and fails on a form that may only be looked at.
        if self.has_change_permission(request, context["original"]) or context["original"] is None:
            return super()._content_editor_media(request, context)
        return Media()

    def response_change(self, request, obj):
        if "_publish" in request.POST and permissions.may(request.user, "publish", obj):
            return HttpResponseRedirect(reverse("admin:articles_topic_publish", args=[obj.pk]))
        return super().response_change(request, obj)

    def save_related(self, request, form, formsets, change):
        refusal = refused_clones(request.POST, form.instance)
        if refusal:
            messages.error(request, refusal)
            request.POST = request.POST.copy()
            request.POST.setlist("_clone", [])
        super().save_related(request, form, formsets, change)


def refused_clones(posted, topic):
    """Why the blocks that `posted` asks to clone must not be cloned into `topic`, or an empty text.

    The content editor clones whatever row is named, of any model and any topic, next to the original.
    """
    wanted = posted.getlist("_clone")
    if not wanted:
        return ""
    models = {model._meta.label_lower: model for model in BLOCK_MODELS}
    for entry in wanted:
        label, _, key = entry.partition(":")
        block = by_key(models[label], key) if label in models else None
        if block is None or block.parent_id != topic.pk:
            return "Nothing was copied: only blocks of this topic can be copied."
    if posted.get("_clone_region") not in {region.key for region in topic.regions}:
        return "Nothing was copied: this topic has no such region."
    ordering = posted.get("_clone_ordering", "")
    if not (ordering.isascii() and ordering.isdecimal() and int(ordering) < 1_000_000):
        return "Nothing was copied: the place for the copies is not a number."
    return ""
