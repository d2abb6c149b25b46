"""Links that show a working copy to people without an account."""

import secrets

from django.conf import settings
from django.db import models
from django.urls import reverse

from .topic import Topic


def new_token():
    """256 random bits as text for an address."""
    return secrets.token_urlsafe(32)


class PreviewGrantQuerySet(models.QuerySet):
    def in_force(self, at):
        """Neither expired nor revoked."""
        return self.filter(expires_at__gt=at, revoked_at__isnull=True)

    def newest_first(self):
        return self.order_by("-made_at", "-pk")


class PreviewGrant(models.Model):
    """A link under which somebody may read the working copy of a topic until it expires or is revoked."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="preview_grants")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    for_whom = models.CharField(max_length=120, help_text="Who will get the link, for the log.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="preview_grants"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    may_sign = models.BooleanField(
        default=False, help_text="They may sign off what they read, if the topic takes outside sign-offs."
    )

    objects = PreviewGrantQuerySet.as_manager()

    def __str__(self):
        return f"{self.topic} for {self.for_whom}"

    def get_absolute_url(self):
        return reverse("articles:shared_preview", args=[self.token])


class PreviewVisit(models.Model):
    """One look at a shared preview: when, and at which content. Nothing about the reader is kept."""

    grant = models.ForeignKey(PreviewGrant, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
