"""Notices: what people on the staff should hear of, and how they want to hear it."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from .comment import Comment
from .event import Event
from .topic import Topic

CLAIM = datetime.timedelta(hours=1)
"""How long somebody may take to send an e-mail before somebody else tries."""


class NoticeQuerySet(models.QuerySet):
    def unread(self):
        return self.filter(read_at__isnull=True)

    def unmailed(self):
        """Neither sent by e-mail nor passed over because the person wants none."""
        return self.filter(mailed_at__isnull=True)

    def unclaimed(self, at):
        """That nobody is sending at `at`. Whoever died while sending loses the claim after an hour."""
        return self.filter(Q(claimed_at__isnull=True) | Q(claimed_at__lte=at - CLAIM))

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
        EVIDENCE_MOVED = "evidence", "The evidence under a page moved"

    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    reminder_on = models.DateField(
        null=True, blank=True, help_text="The day on which this reminder was to be sent."
    )
    drifts = models.JSONField(
        default=list, blank=True, help_text="Which drifts of which conclusions it tells of."
    )
    text = models.CharField(max_length=400, help_text="What happened, in one sentence.")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when somebody has been sending it by e-mail."
    )
    mailed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was sent by e-mail, or passed over."
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["to", "-at"], name="notice_to_at")]
        constraints = [
            models.UniqueConstraint(fields=["to", "kind", "event"], name="notice_once_per_event"),
            models.UniqueConstraint(fields=["to", "kind", "comment"], name="notice_once_per_comment"),
            models.UniqueConstraint(
                fields=["to", "kind", "topic", "reminder_on"], name="notice_once_per_reminder"
            ),
        ]

    def __str__(self):
        return self.text

    def said(self):
        """What somebody wrote about it. A list selects `event` and `comment` with its rows."""
        if self.comment is not None:
            return self.comment.text
        return "" if self.event is None else self.event.comment


class NoticeChoiceQuerySet(models.QuerySet):
    def delivery(self, *, user, kind):
        """The choice of the person in the column `user` for `kind`: an expression for other queries."""
        chosen = self.filter(user=OuterRef(user), kind=kind).values("delivery")[:1]
        return Coalesce(Subquery(chosen), Value(NoticeChoice.Delivery.AT_ONCE.value))


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

    objects = NoticeChoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_unique")]

    def __str__(self):
        return f"{self.user}: {self.get_kind_display()}, {self.get_delivery_display()}"
