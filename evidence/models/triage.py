"""What moved under a signed assessment: who moved it, and what people think that it could do."""

from django.conf import settings
from django.db import models

from .assessment import Assessment


class TriageQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-at", "-pk")


class Triage(models.Model):
    """What somebody thinks that one drift could do to a conclusion, and by when it will be assessed.

    It never changes, and counts for exactly the drift that it saw. It rates nothing.
    """

    class Verdict(models.TextChoices):
        COULD = "could change", "Could change"
        UNLIKELY = "unlikely to change", "Unlikely to change"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="triages")
    drift = models.CharField(max_length=64, help_text="SHA-256 of the drift that it saw.")
    saw = models.JSONField(default=dict, help_text="The same in words: how which results had moved.")
    verdict = models.CharField(max_length=20, choices=Verdict)
    reason = models.TextField(
        max_length=600, help_text="For readers, in one or two sentences. Name no study that is not public."
    )
    assess_by = models.DateField("to be assessed by", help_text="The day is told to readers.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="triages")
    at = models.DateTimeField()

    objects = TriageQuerySet.as_manager()

    class Meta:
        # Nobody changes or deletes one.
        default_permissions = ("add",)
        indexes = [models.Index(fields=["assessment", "drift"], name="triage_of_drift")]
        constraints = [
            models.CheckConstraint(
                name="triage_reasoned",
                condition=~models.Q(reason=""),
                violation_error_message="Say why.",
            ),
            models.CheckConstraint(
                name="triage_verdict_known",
                condition=models.Q(verdict__in=("could change", "unlikely to change")),
            ),
        ]

    def __str__(self):
        return f"{self.get_verdict_display()}: {self.assessment}"


class Touch(models.Model):
    """One change of the evidence that moved the body behind a signed assessment: who made it, and when."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="touches")
    says = models.CharField(max_length=400, help_text="What it did to which results.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="touches")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.says
