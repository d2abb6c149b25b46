"""What happened to topics: the site's own history."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from .topic import Topic


class EventQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-at", "-pk")


class Event(models.Model):
    """One action on a topic, with who, when and why. Events are only ever added."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="events")
    action = models.CharField(max_length=24)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="events"
    )
    at = models.DateTimeField()
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="Of the content that it was about.")

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["topic", "-at"], name="event_topic_at")]

    def __str__(self):
        return f"{self.action}, {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("An event never changes.")
        super().save(*args, **kwargs)
