"""Links from live pages to other sites, and whether they still lead somewhere."""

from django.db import models

from .edition import Edition


class OutsideLinkQuerySet(models.QuerySet):
    def broken(self):
        return self.filter(status=OutsideLink.Status.BROKEN)

    def of_live_editions(self, at):
        """That a page which is live at `at` names."""
        return self.filter(
            models.Exists(Edition.objects.live(at).filter(outside_links=models.OuterRef("pk")))
        )


class OutsideLink(models.Model):
    """An address on another site that editions name, and what was found there when it was last asked."""

    class Status(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        WORKS = "works", "Works"
        MOVED = "moved", "Moved for good"
        UNCLEAR = "unclear", "Could not be checked"
        BROKEN = "broken", "Broken"

    url = models.URLField(max_length=1000, unique=True)
    editions = models.ManyToManyField(Edition, related_name="outside_links", blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.UNCHECKED)
    answer = models.CharField(max_length=200, blank=True, help_text="What the other site said.")
    moved_to = models.CharField(max_length=1000, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")

    objects = OutsideLinkQuerySet.as_manager()

    def __str__(self):
        return self.url
