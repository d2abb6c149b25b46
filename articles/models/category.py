"""The shelves that topics stand on."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

# First parts of addresses that belong to other pages.
RESERVED_SLUGS = frozenset(
    [
        "about",
        "account",
        "admin",
        "api",
        "conclusions",
        "contact",
        "explore",
        "favicon.ico",
        "feeds",
        "glossary",
        "health",
        "interventions",
        "media",
        "outcomes",
        "populations",
        "preview",
        "robots.txt",
        "search",
        "sitemap.xml",
        "static",
        "studies",
        "topics",
    ]
)


class CategoryQuerySet(models.QuerySet):
    def in_menu_order(self):
        return self.order_by("position", "name")


class Category(models.Model):
    """A shelf of the menu, for example Wellness & Therapies."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True, help_text="First part of the address of its topics.")
    description = models.TextField(
        blank=True, help_text="One or two sentences at the top of the category page."
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first in the menu.")

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:category_detail", args=[self.slug])

    def clean(self):
        super().clean()
        other = (
            Category.objects.exclude(pk=self.pk).filter(editions__path__startswith=f"{self.slug}/").first()
        )
        if other is not None:
            # Their readers are led from there to where these pages live now.
            raise ValidationError({"slug": f"Pages of “{other}” were published below this address."})
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": f"“{self.slug}” is the address of another page."})
