"""Presence: who has the form of a topic open now."""

from django.conf import settings
from django.db import models

from .topic import Topic


class PresenceQuerySet(models.QuerySet):
    def since(self, at):
        """Heard of at `at` or later."""
        return self.filter(seen_at__gte=at)


class Presence(models.Model):
    """One person at the form of one topic: a notice for others, never a lock."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    has_changes = models.BooleanField(default=False, help_text="Something typed is not saved yet.")

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "user"], name="presence_unique")]

    def __str__(self):
        return f"{self.user} at {self.topic}"
