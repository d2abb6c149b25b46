"""States that a working copy went through."""

from django.conf import settings
from django.db import models

from .topic import Topic


class CheckpointQuerySet(models.QuerySet):
    def for_list(self):
        """Without the content."""
        return self.defer("content")

    def newest_first(self):
        return self.order_by("-at", "-pk")


class Checkpoint(models.Model):
    """What a topic said when somebody saved it, frozen as for publishing; once for each content in a row."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="checkpoints")
    schema = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="checkpoints"
    )
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, help_text="For example “Restored from edition 2”.")

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["topic", "-at"], name="checkpoint_topic_at")]

    def __str__(self):
        return f"{self.topic}, {self.at:%Y-%m-%d %H:%M}"
