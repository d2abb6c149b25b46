"""Sign-offs: who read exactly what, and stood by it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from .topic import Topic


class SignOffQuerySet(models.QuerySet):
    def on(self, digest):
        """On exactly this content."""
        return self.filter(digest=digest)

    def newest_first(self):
        return self.order_by("-at", "-pk")


class SignOff(models.Model):
    """One person's word for exactly one content of a topic. An edit afterwards makes it void by itself."""

    class Kind(models.TextChoices):
        EDITORIAL = "editorial", "Editorial"
        SCIENTIFIC = "scientific", "Scientific"

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="sign_offs")
    kind = models.CharField(max_length=12, choices=Kind)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content that was read.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_offs")
    at = models.DateTimeField()
    note = models.TextField(blank=True, help_text="Conditions or remarks. Not shown to readers.")

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-off"
        constraints = [
            # Who confirms the same text later signs anew, with a date of its own.
            models.UniqueConstraint(fields=["topic", "kind", "digest", "by", "at"], name="sign_off_once"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} sign-off by {self.by}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("A sign-off never changes.")
        super().save(*args, **kwargs)
