"""Addresses of pages: where readers of old ones are led, and which are taken.

Nothing is stored about redirects. The editions remember every address that their topic had, so that each old
one leads straight to the page where it lives now: there are no chains, and nobody has to look after a list.
"""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from .models import Category, Edition, Topic


@dataclass(frozen=True)
class Redirect:
    """Readers of `old` are led to `new`; both are addresses of pages with a slash at either end."""

    old: str
    new: str


def redirects(topic: Topic) -> list[Redirect]:
    """Who will be led where once the working copy is published: one for each old address, newest first.

    The address of an edition that waits to go live counts, since it will be public. `topic` has its category
    loaded. One query.
    """
    public = Edition.objects.filter(topic=topic).not_called_off().exclude(path=topic.path)
    paths = public.order_by("-number").values_list("path", flat=True)
    return [Redirect(f"/{path}/", f"/{topic.path}/") for path in dict.fromkeys(paths)]


def obstacle(topic: Topic) -> str:
    """Why the working copy cannot be published at its address, or an empty text. One query.

    What was public is never taken from its readers: an address that another topic had stays with that one.
    """
    other = Edition.objects.filter(path=topic.path).exclude(topic=topic).only("short_title").first()
    if other is None:
        return ""
    return f"The address /{topic.path}/ belonged to “{other.short_title}”; its editions stay there."


# Categories: the first part of an address


def former_slugs(category: Category) -> list[str]:
    """The slugs under which pages of this category went out, but for the present one, A to Z. One query."""
    first_part = Substr("path", 1, StrIndex("path", Value("/")) - 1)
    editions = Edition.objects.filter(category=category).not_called_off().annotate(first_part=first_part)
    slugs = editions.exclude(first_part=category.slug).order_by("first_part")
    return list(slugs.values_list("first_part", flat=True).distinct())


def category_once_at(slug: str, *, at: datetime.datetime) -> Category | None:
    """The category that was public under this slug, and is under another now; None if there is none."""
    edition = (
        Edition.objects.that_went_live(at)
        .filter(path__startswith=f"{slug}/")
        .select_related("category")
        .only("category")
        .order_by("-go_live_at", "-pk")
        .first()
    )
    return None if edition is None or edition.category.slug == slug else edition.category


def left_behind(category: Category, *, at: datetime.datetime) -> QuerySet[Edition]:
    """The live pages of this category that stand at an address of before, A to Z.

    Each moves when it is published the next time; until then the old address is its address.
    """
    live = Edition.objects.live(at).filter(category=category).for_list()
    return live.exclude(path__startswith=f"{category.slug}/").a_to_z()
