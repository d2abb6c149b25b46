"""Sign-offs: who read exactly what, and stood by it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from .checkpoint import Checkpoint
from .preview_grant import PreviewGrant
from .topic import Topic


class SignOffQuerySet(models.QuerySet):
    def on(self, digest):
        """On exactly this content."""
        return self.filter(digest=digest)

    def on_saved_text(self):
        """On the newest checkpoint of their topic: no list has the time to freeze all its topics."""
        saved = Checkpoint.objects.filter(topic=models.OuterRef("topic")).newest_first().values("digest")
        return self.filter(digest=models.Subquery(saved[:1]))

    def newest_first(self):
        return self.order_by("-at", "-pk")


class SignOff(models.Model):
    """One person's word for exactly one content of a topic. An edit afterwards makes it void by itself."""

    class Kind(models.TextChoices):
        EDITORIAL = "editorial", "Editorial"
        SCIENTIFIC = "scientific", "Scientific"
        OUTSIDE = "outside", "Outside"

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="sign_offs")
    kind = models.CharField(max_length=12, choices=Kind)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content that was read.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="sign_offs"
    )
    grant = models.ForeignKey(
        PreviewGrant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sign_offs",
        help_text="The link by which somebody without an account signed.",
    )
    name = models.CharField(
        max_length=160, blank=True, help_text="Who signed from outside, and what makes them an expert."
    )
    at = models.DateTimeField()
    note = models.TextField(blank=True, help_text="Conditions or remarks. Not shown to readers.")

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-off"
        constraints = [
            # Who confirms the same text later signs anew, with a date of its own.
            models.UniqueConstraint(fields=["topic", "kind", "digest", "by", "at"], name="sign_off_once"),
            models.UniqueConstraint(fields=["grant", "digest"], name="sign_off_once_by_link"),
            models.CheckConstraint(
                name="sign_off_by_account_or_link",
                condition=(
                    models.Q(by__isnull=False, grant__isnull=True, name="")
                    | (models.Q(by__isnull=True, grant__isnull=False, kind="outside") & ~models.Q(name=""))
                ),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} sign-off by {self.by if self.by_id is not None else self.name}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("A sign-off never changes.")
        super().save(*args, **kwargs)
