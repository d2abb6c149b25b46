"""Admin of categories."""

from django.contrib import admin, messages
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from .. import addresses
from ..models import Category, Edition


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("name", "position", "slug", "n_topics")
    list_editable = ("position",)
    list_select_related = ()
    ordering = ("position", "name")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "addresses", "description", "position")
    readonly_fields = ("addresses",)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count_of_topics=Count("topics"))

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if obj is not None or name != "addresses"]

    def get_prepopulated_fields(self, request, obj=None):
        # A new name must not move the pages by the way.
        return {} if obj is not None else self.prepopulated_fields

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            n_left = addresses.left_behind(obj, at=timezone.now()).count()
            if n_left:
                messages.info(
                    request,
                    f"Readers of /{form.initial['slug']}/ are led to /{obj.slug}/ now. "
                    f"{_pages(n_left)} below the address of before until the next edition.",
                )

    @admin.display(description="topics", ordering="count_of_topics")
    def n_topics(self, category):
        return category.count_of_topics

    @admin.display(description="who is led where")
    def addresses(self, category):
        """What the address of this category leads to, and what a new one would change."""
        now = timezone.now()
        n_live = Edition.objects.live(now).filter(category=category).count()
        left = list(addresses.left_behind(category, at=now))
        return format_html(
            "<p>If you change the slug, readers of /{}/ and of its feed are led to the new address at once. "
            "{} live here: each keeps its address until its next edition. The address is part of what is "
            "signed, so that sign-offs given before do not hold for that edition.</p>{}{}",
            category.slug,
            "1 page is" if n_live == 1 else f"{n_live} pages are",
            _listed(
                "These addresses lead here already:",
                (format_html("/{}/", slug) for slug in addresses.former_slugs(category)),
            ),
            _listed(
                "These pages still stand at an address of before, and move with their next edition:",
                (
                    format_html(
                        '<a href="{}">{}</a>, /{}/',
                        reverse("admin:articles_topic_change", args=[edition.topic_id]),
                        edition.short_title,
                        edition.path,
                    )
                    for edition in left
                ),
            ),
        )


def _listed(sentence, entries):
    lines = format_html_join("", "<li>{}</li>", ((entry,) for entry in entries))
    return format_html('<p>{}</p><ul class="standings">{}</ul>', sentence, lines) if lines else ""


def _pages(number):
    return "1 page stays" if number == 1 else f"{number} pages stay"
