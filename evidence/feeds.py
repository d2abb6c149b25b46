"""Atom feeds of studies: each filter has one, of what is new or changed among its studies."""

import re

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from .exporting import address
from .recent import recent

# What XML cannot hold; it comes along when people paste.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class StudyFeed(Feed):
    """The studies of one filter that changed last. An entry is what happened to a study on one day."""

    feed_type = Atom1Feed

    def __init__(self, chosen):
        self.chosen = chosen
        self.query = f"?{query}" if (query := chosen.as_query(with_sort=False)) else ""

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        # The newest date does not move when a study goes off the site; the ETag does.
        response.headers.pop("Last-Modified", None)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def title(self):
        words = ", ".join(chip.label for chip in self.chosen.chips())
        return _clean(f"{settings.SITE_NAME}: studies{f', {words}' if words else ''}")

    def subtitle(self):
        return "What is new or changed."

    def author_name(self):
        return settings.SITE_NAME

    def link(self):
        return f"{settings.SITE_URL}{reverse('evidence:study_list')}{self.query}"

    def feed_url(self):
        return f"{settings.SITE_URL}{reverse('evidence:study_feed')}{self.query}"

    def items(self):
        return recent(self.chosen)

    def item_title(self, item):
        study = item.study
        name = f"{study.label}: {study.title}" if study.title else study.label
        return _clean(f"Retracted: {name}" if study.is_retracted else name)

    def item_description(self, item):
        return escape(_clean(item.words))

    def item_link(self, item):
        return address(item.study)

    def item_guid(self, item):
        # A change on another day is another entry: readers of feeds pass over those that they have seen.
        return f"{address(item.study)}#{item.day.isoformat()}"

    def item_pubdate(self, item):
        return item.public_since

    def item_updateddate(self, item):
        return item.at


def _clean(words):
    return CONTROL_CHARACTERS.sub("", words)
