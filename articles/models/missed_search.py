"""Searches that found nothing: what readers look for and do not find."""

from django.db import models


class MissedSearchQuerySet(models.QuerySet):
    def most_wanted_first(self):
        return self.order_by("-count", "-last_on", "words")


class MissedSearch(models.Model):
    """Words that were searched without a result, put into one form; nothing about who searched."""

    class Place(models.TextChoices):
        SITE = "site", "The whole site"
        STUDIES = "studies", "The studies"

    place = models.CharField(max_length=8, choices=Place)
    words = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=1)
    first_on = models.DateField()
    last_on = models.DateField()

    objects = MissedSearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "missed searches"
        constraints = [models.UniqueConstraint(fields=["place", "words"], name="missed_search_unique")]

    def __str__(self):
        return self.words
