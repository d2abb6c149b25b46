"""Admin of categories."""

from django.contrib import admin
from django.db.models import Count

from ..models import Category


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("name", "position", "slug", "n_topics")
    list_editable = ("position",)
    list_select_related = ()
    ordering = ("position", "name")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description", "position")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count_of_topics=Count("topics"))

    @admin.display(description="topics", ordering="count_of_topics")
    def n_topics(self, category):
        return category.count_of_topics
