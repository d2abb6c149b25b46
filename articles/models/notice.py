"""Notices: what people on the staff should hear of, and how they want to hear it."""

from django.conf import settings
from django.db import models

from .comment import Comment
from .event import Event
from .topic import Topic


class NoticeQuerySet(models.QuerySet):
    def unread(self):
        return self.filter(read_at__isnull=True)

    def unmailed(self):
        """Neither sent by e-mail nor passed over because the person wants none."""
        return self.filter(mailed_at__isnull=True)

    def newest_first(self):
        return self.order_by("-at", "-pk")


class Notice(models.Model):
    """One thing that one person should hear of: in the admin, and by e-mail if they like."""

    class Kind(models.TextChoices):
        MOVE = "move", "A topic moved on"
        ASSIGNED = "assigned", "You are asked for a review"
        MENTION = "mention", "You are mentioned"
        COMMENT = "comment", "A comment on your part"
        REVIEW_DUE = "review due", "A page is due for review"

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    due_on = models.DateField(null=True, blank=True, help_text="The date that a reminder is about.")
    text = models.CharField(max_length=400, help_text="What happened, in one sentence.")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["to", "-at"], name="notice_to_at")]
        constraints = [
            models.UniqueConstraint(fields=["to", "kind", "event"], name="notice_once_per_event"),
            models.UniqueConstraint(fields=["to", "kind", "comment"], name="notice_once_per_comment"),
            models.UniqueConstraint(fields=["to", "kind", "topic", "due_on"], name="notice_once_per_date"),
        ]

    def __str__(self):
        return self.text


class NoticeChoice(models.Model):
    """How one person wants to hear of one kind of thing; where there is no row, by e-mail at once."""

    class Delivery(models.TextChoices):
        AT_ONCE = "at once", "By e-mail at once"
        DAILY = "daily", "In one e-mail a day"
        ADMIN_ONLY = "admin only", "Only here in the admin"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices"
    )
    kind = models.CharField(max_length=12, choices=Notice.Kind)
    delivery = models.CharField(max_length=12, choices=Delivery, default=Delivery.AT_ONCE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_unique")]

    def __str__(self):
        return f"{self.user}: {self.get_kind_display()}, {self.get_delivery_display()}"
