"""Atom feeds: what was published lately."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from evidence.feeds import CONTROL_CHARACTERS

from . import addresses
from .models import Category, Edition
from .views.moved import moved_to

NEWEST = 50


class SiteFeed(Feed):
    """Every full edition and correction that went live, newest first; minor changes are no news."""

    feed_type = Atom1Feed

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        # The newest date does not move when an edition is withdrawn; the ETag does.
        del response.headers["Last-Modified"]
        return response

    def feed_url(self, obj):
        return f"{settings.SITE_URL}{reverse('articles:site_feed')}"

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
        return Edition.objects.in_force(now).announced().for_list().newest_first()

    def item_title(self, edition):
        return CONTROL_CHARACTERS.sub("", f"{edition.short_title}, edition {edition.number}")

    def item_description(self, edition):
        return escape(CONTROL_CHARACTERS.sub("", edition.change_note or edition.teaser))

    def item_link(self, edition):
        return f"{settings.SITE_URL}{edition.get_absolute_url()}"

    def item_guid(self, edition):
        return f"{settings.SITE_URL}{edition.get_lasting_url()}"

    def item_pubdate(self, edition):
        return edition.go_live_at

    def item_updateddate(self, edition):
        return edition.go_live_at


class CategoryFeed(SiteFeed):
    """The same for one category."""

    def __call__(self, request, *args, **kwargs):
        try:
            return super().__call__(request, *args, **kwargs)
        except Http404:
            renamed = addresses.category_once_at(kwargs["category"], at=timezone.now())
            if renamed is None:
                raise
            return moved_to(reverse("articles:category_feed", args=[renamed.slug]))

    def get_object(self, request, category):
        return get_object_or_404(Category, slug=category)

    def title(self, category):
        return f"{settings.SITE_NAME}: {category.name}"

    def link(self, category):
        return f"{settings.SITE_URL}{category.get_absolute_url()}"

    def feed_url(self, category):
        return f"{settings.SITE_URL}{reverse('articles:category_feed', args=[category.slug])}"

    def items(self, category):
        return self.editions().filter(category=category)[:NEWEST]
