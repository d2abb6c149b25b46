"""Admin of tags: plumbing, since tags are typed on the topics themselves."""

import taggit.admin  # noqa: F401  registers its own page, which the next line takes back
from django.contrib import admin
from taggit.models import Tag

# The page that taggit brings lets everybody on the staff merge tags.
admin.site.unregister(Tag)


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    list_select_related = ()
    ordering = ("name",)
    search_fields = ("name",)
    fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
