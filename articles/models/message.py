"""Messages that readers send from the contact page."""

from django.db import models


class MessageQuerySet(models.QuerySet):
    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def newest_first(self):
        return self.order_by("-sent_at", "-pk")


class Message(models.Model):
    """What a reader wrote to the editors."""

    class Subject(models.TextChoices):
        MISTAKE = "mistake", "A mistake on a page"
        STUDY = "study", "A study that is missing"
        TOPIC = "topic", "A topic I would like to read about"
        OTHER = "other", "Something else"

    subject = models.CharField("what it is about", max_length=12, choices=Subject)
    name = models.CharField("your name", max_length=120, blank=True)
    email = models.EmailField(
        "your e-mail address", blank=True, help_text="Only if you would like an answer."
    )
    page = models.CharField(
        "page", max_length=300, blank=True, help_text="Address or title of the page, if it is about one."
    )
    text = models.TextField("message", max_length=5000)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    def __str__(self):
        return f"{self.get_subject_display()}, {self.sent_at:%Y-%m-%d}"
