"""Atom feeds: what was published lately, and under which pages the evidence moved since."""

import datetime
from dataclasses import dataclass

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
from .since import Note, notes
from .views.moved import moved_to
from .views.topic import moved_or_gone

NEWEST = 50
MOST_NOTES = 20
"""Of these, how many at most are about evidence that moved: a large import does not push the editions out."""


@dataclass(frozen=True)
class Entry:
    """One thing that is told: what, where, when, and by which name a reader knows it again."""

    title: str
    description: str
    link: str
    guid: str
    at: datetime.datetime


def of_edition(edition: Edition) -> Entry:
    moved = (
        f" Certainty of “{moved['name']}”, {moved['whom'].lower()}: from {moved['was']} to {moved['now']}."
        for moved in edition.page.get("moved", ())
    )
    return Entry(
        title=f"{edition.short_title}, edition {edition.number}",
        description=(edition.change_note or edition.teaser) + "".join(moved),
        link=f"{settings.SITE_URL}{edition.get_absolute_url()}",
        guid=f"{settings.SITE_URL}{edition.get_lasting_url()}",
        at=edition.go_live_at,
    )


def of_note(note: Note) -> Entry:
    """That evidence moved: one entry for each edition, kind and study, however often it is looked at."""
    edition, news = note.edition, note.news
    about = ", ".join(finding.name for finding in news.findings)
    how = news.how.replace(" ", "-")
    return Entry(
        title=f"{edition.short_title}: {news.says}",
        description=f"{news.study.name}. About: {about}. Edition {edition.number} does not use it yet.",
        link=f"{settings.SITE_URL}{edition.get_absolute_url()}#since",
        guid=f"{settings.SITE_URL}{edition.get_lasting_url()}#{how}-{news.study.pk}",
        at=note.at,
    )


class SiteFeed(Feed):
    """Full editions and corrections that went live, and evidence that moved under live pages, newest first.

    Minor changes are no news.
    """

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
        return "New topic pages, new editions of them, and evidence that moved since."

    def link(self, obj):
        return f"{settings.SITE_URL}/"

    def items(self, obj):
        now = timezone.now()
        editions = self.of(obj, Edition.objects.in_force(now).announced()).for_list().newest_first()
        live = self.of(obj, Edition.objects.live(now)).for_list()
        entries = [of_note(note) for note in notes(live, at=now, most=MOST_NOTES)]
        entries += [of_edition(edition) for edition in editions[:NEWEST]]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:NEWEST]

    def of(self, obj, editions):
        """Those of the editions that this feed is about."""
        return editions

    def item_title(self, entry):
        return CONTROL_CHARACTERS.sub("", entry.title)

    def item_description(self, entry):
        return escape(CONTROL_CHARACTERS.sub("", entry.description))

    def item_link(self, entry):
        return entry.link

    def item_guid(self, entry):
        return entry.guid

    def item_pubdate(self, entry):
        return entry.at

    def item_updateddate(self, entry):
        return entry.at


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

    def of(self, category, editions):
        return editions.filter(category=category)


class TopicFeed(SiteFeed):
    """The same for one page. It is where its page is, and goes with it."""

    def __call__(self, request, *args, **kwargs):
        try:
            return super().__call__(request, *args, **kwargs)
        except Http404:
            path = f"{kwargs['category']}/{kwargs['topic']}"
            return moved_or_gone(request, path, timezone.now(), address="/feeds{}")

    def get_object(self, request, category, topic):
        return Edition.objects.live(timezone.now()).for_list().get(path=f"{category}/{topic}")

    def title(self, edition):
        return f"{settings.SITE_NAME}: {edition.short_title}"

    def link(self, edition):
        return f"{settings.SITE_URL}{edition.get_absolute_url()}"

    def feed_url(self, edition):
        return f"{settings.SITE_URL}/feeds{edition.get_absolute_url()}"

    def of(self, edition, editions):
        return editions.filter(topic=edition.topic_id)
