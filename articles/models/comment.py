"""Comments: what those who work on a topic say to each other about its working copy."""

from django.conf import settings
from django.db import models

from .topic import Topic


class CommentQuerySet(models.QuerySet):
    def threads(self):
        """That begin a conversation, with an anchor and a state; the others answer one of these."""
        return self.filter(thread__isnull=True)

    def open(self):
        return self.filter(resolved_at__isnull=True)

    def oldest_first(self):
        return self.order_by("at", "pk")


class Comment(models.Model):
    """A remark about a page, one of its fields, a block or some words of it; or an answer to one."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="comments")
    thread = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="answers",
        help_text="The comment that this one answers.",
    )
    block_uid = models.UUIDField(null=True, blank=True, help_text="The block it is about.")
    field = models.CharField(max_length=60, blank=True, help_text="The field of the block or of the page.")
    quote = models.CharField(
        max_length=500, blank=True, help_text="The words it is about, as they stood when it was written."
    )
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolved_comments",
    )
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentions", blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["topic", "at"], name="comment_topic_at")]
        constraints = [
            models.CheckConstraint(
                name="comment_resolved_by_somebody",
                condition=(
                    models.Q(resolved_at__isnull=True, resolved_by__isnull=True)
                    | models.Q(resolved_at__isnull=False, resolved_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="comment_answer_has_no_anchor",
                condition=(
                    models.Q(thread__isnull=True)
                    | models.Q(block_uid__isnull=True, field="", quote="", resolved_at__isnull=True)
                ),
            ),
        ]

    def __str__(self):
        return f"{self.by} on {self.topic}, {self.at:%Y-%m-%d %H:%M}"
