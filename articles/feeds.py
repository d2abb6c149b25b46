"""Atom feeds: what was published lately."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from .models import Category, Edition

NEWEST = 50


class SiteFeed(Feed):
    """Every edition that went live, newest first."""

    feed_type = Atom1Feed

    def title(self, obj):
        return f"{settings.SITE_NAME}: what changed"

    def subtitle(self, obj):
        return "New topic pages and new editions of them."

    def link(self, obj):
        return f"{settings.SITE_URL}/"

    def items(self, obj):
        return self.editions()[:NEWEST]

    def editions(self):
        now = timezone.now()
        return Edition.objects.in_force(now).for_list().newest_first()

    def item_title(self, edition):
        return f"{edition.short_title}, edition {edition.number}"

    def item_description(self, edition):
        return edition.change_note or edition.teaser

    def item_link(self, edition):
        return f"{settings.SITE_URL}{edition.get_absolute_url()}"

    def item_guid(self, edition):
        return f"{settings.SITE_URL}{edition.get_absolute_url()}editions/{edition.number}/"

    def item_pubdate(self, edition):
        return edition.go_live_at

    def item_updateddate(self, edition):
        return edition.go_live_at


class CategoryFeed(SiteFeed):
    """The same for one category."""

    def get_object(self, request, category):
        return get_object_or_404(Category, slug=category)

    def title(self, category):
        return f"{settings.SITE_NAME}: {category.name}"

    def link(self, category):
        return f"{settings.SITE_URL}{category.get_absolute_url()}"

    def items(self, category):
        return self.editions().filter(topic__category=category)[:NEWEST]
