"""Editions as they read for one group of people."""

from django.db import models

from .edition import Edition


class EditionLens(models.Model):
    """What an edition says to those who read for one group: the same page with notes for that group.

    Drawn once, when it is published, as the page for everyone is.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="lenses")
    population = models.SlugField(max_length=80, help_text="The slug of the group, as in the address.")
    body_html = models.TextField()

    class Meta:
        verbose_name = "edition for a group"
        constraints = [
            models.UniqueConstraint(fields=["edition", "population"], name="edition_lens_unique"),
        ]

    def __str__(self):
        return f"{self.edition}, for {self.population}"
