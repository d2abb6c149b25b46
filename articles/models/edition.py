"""What readers see: frozen states of a topic."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Greatest
from django.utils.timezone import localtime

import search
from evidence.models import Study

from .category import Category
from .image import Image
from .topic import Topic


def _expired_by(at):
    in_force_then = models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gt=models.F("expires_at"))
    return models.Q(expires_at__lte=at) & in_force_then


class EditionQuerySet(models.QuerySet):
    def not_over(self, at):
        """That are public at `at`, or will be by themselves: not ended by then, nor ever withdrawn."""
        return self._not_ended(at).filter(withdrawn_at__isnull=True)

    def in_force(self, at):
        """Published by `at`, and neither withdrawn nor ended by then. Time alone decides."""
        return self._not_ended(at).filter(
            models.Q(go_live_at__lte=at),
            models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gt=at),
        )

    def live(self, at):
        """The newest edition in force of each topic: what the public sees at `at`."""
        # That a newer one expired is in here as well, so that the rows are looked through once.
        return self._in_time(at).filter(
            models.Q(go_live_at__lte=at),
            models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gt=at),
            ~models.Exists(
                Edition.objects.filter(
                    models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gt=at) | _expired_by(at),
                    topic=models.OuterRef("topic"),
                    number__gt=models.OuterRef("number"),
                    go_live_at__lte=at,
                )
            ),
        )

    def _not_ended(self, at):
        """Not expired by `at`, and no newer edition of the topic did: an expiry takes the page off."""
        newer = Edition.objects.filter(
            _expired_by(at), topic=models.OuterRef("topic"), number__gt=models.OuterRef("number")
        )
        return self._in_time(at).filter(~models.Exists(newer))

    def _in_time(self, at):
        return self.filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=at))

    def in_family(self, topic, parent):
        """Of the topic with the key `topic`, of that above it, with the key `parent`, and of those below."""
        family = Topic.objects.filter(models.Q(pk=topic) | models.Q(pk=parent) | models.Q(parent=topic))
        # The few topics are looked up first, whatever the database knows of the tables.
        return self.filter(topic__in=family.order_by().values("pk"))

    def last_changes(self, at):
        """One row, the moment when any of these last came, was withdrawn or went off by `at`."""
        ends = (
            models.Case(models.When(**{f"{end}__lte": at}, then=end), default="go_live_at")
            for end in ("expires_at", "withdrawn_at")
        )
        gone_live = self.filter(go_live_at__lte=at).order_by().values(everything=models.Value(1))
        return gone_live.annotate(last=models.Max(Greatest("go_live_at", *ends))).values("last")

    def announced(self):
        """Full editions and corrections: what feeds and lists of changes tell."""
        return self.filter(is_minor=False)

    def with_news(self, at):
        """Annotate `news_at`, `news_number` and `news_note` of the newest announced edition of the topic."""
        news = (
            Edition.objects.in_force(at)
            .announced()
            .filter(topic=models.OuterRef("topic"))
            .order_by("-number")
        )
        return self.annotate(
            news_at=models.Subquery(news.values("go_live_at")[:1]),
            news_number=models.Subquery(news.values("number")[:1]),
            news_note=models.Subquery(news.values("change_note")[:1]),
        )

    def naming(self, study):
        """That name this study among their references."""
        return self.filter(studies=study)

    def matching(self, query):
        """That hold the words of `query`, with the annotation `rank`."""
        return search.filter(self, Edition.text_index, query)

    def waiting(self, at, *, until=None):
        """That are to go live after `at`, by time alone, and not after `until` if that is given."""
        waiting = self.filter(go_live_at__gt=at, withdrawn_at__isnull=True)
        return waiting if until is None else waiting.filter(go_live_at__lte=until)

    def to_expire(self, at, *, until=None):
        """With which their page goes off by itself after `at`, and not after `until` if that is given."""
        replaced = Edition.objects.filter(
            topic=models.OuterRef("topic"),
            number__gt=models.OuterRef("number"),
            go_live_at__lte=models.OuterRef("expires_at"),
            withdrawn_at__isnull=True,
        )
        ending = self.filter(~models.Exists(replaced), expires_at__gt=at, withdrawn_at__isnull=True)
        return ending if until is None else ending.filter(expires_at__lte=until)

    def expired(self, at):
        """That were public until they expired, at `at` or before."""
        return self.filter(_expired_by(at))

    def scheduled(self, at, *, until):
        """That go live or off by themselves after `at` and until `until`."""
        comes = Edition.objects.waiting(at, until=until).values("pk")
        goes = Edition.objects.to_expire(at, until=until).values("pk")
        return self.filter(models.Q(pk__in=comes) | models.Q(pk__in=goes))

    def next_moments(self, at):
        """Among these moments is the first after `at` at which time alone changes what is public; or None."""
        coming = [
            self.filter(**{f"{moment}__gt": at})
            .order_by()
            .values(everything=models.Value(1))
            .annotate(first=models.Min(moment))
            .values_list("first", flat=True)
            for moment in ("go_live_at", "expires_at", "withdrawn_at")
        ]
        return coming[0].union(*coming[1:], all=True)

    def not_called_off(self):
        """That were public, are, or will be by themselves."""
        return self.exclude(withdrawn_at__lte=models.F("go_live_at"))

    def that_went_live(self, at):
        """That the public saw at some time until `at`: not those that wait, nor those called off before."""
        return self.filter(go_live_at__lte=at).not_called_off()

    def next_number(self, topic):
        """The number that the next edition of `topic` gets."""
        last = self.filter(topic=topic).aggregate(last=models.Max("number"))["last"]
        return 1 if last is None else last + 1

    def for_list(self):
        """Without the large columns."""
        return self.defer("content", "body_html", "references_html", "text")

    def newest_first(self):
        return self.order_by("-go_live_at", "-pk")

    def a_to_z(self):
        return self.order_by(models.functions.Lower("short_title"), "pk")


class Edition(models.Model):
    """A frozen, signed state of a topic: text, evidence and numbers exactly as they went out."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    schema = models.PositiveSmallIntegerField(help_text="Version of the form of the content.")
    content = models.JSONField(help_text="Everything that the page says, in canonical form.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical content.")
    body_html = models.TextField(help_text="The content drawn once, when it was published.")
    references_html = models.TextField(blank=True, help_text="Its references and words, drawn with it.")
    page = models.JSONField(
        default=dict, help_text="What the frame of the page needs, so that it leaves the content."
    )

    # The shelf it stands on until the next edition, whatever the working copy says meanwhile.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="editions")

    # Copies of what lists need, so that they never open the content.
    path = models.CharField(max_length=200)
    title = models.CharField(max_length=120)
    short_title = models.CharField(max_length=60)
    teaser = models.CharField(max_length=220)
    search_words = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="The words of the page, for search.")

    studies = models.ManyToManyField(
        Study,
        related_name="editions",
        blank=True,
        help_text="What it names, so that a study knows its pages.",
    )
    images = models.ManyToManyField(
        Image,
        through="articles.EditionImage",
        related_name="editions",
        blank=True,
        help_text="What it shows, so that their files stay.",
    )
    is_minor = models.BooleanField(
        default=False, help_text="Needs no new sign-off, moves no review date, is not in the feeds."
    )
    minor_reason = models.CharField(
        max_length=300, blank=True, help_text="Why it is minor. Stands in a report."
    )
    is_correction = models.BooleanField(default=False, help_text="Something was wrong; the note says what.")
    change_note = models.CharField(max_length=300, blank=True, help_text="What changed, for readers.")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="editions"
    )
    published_at = models.DateTimeField()
    go_live_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawals"
    )
    withdrawal_note = models.CharField(max_length=300, blank=True, help_text="Why, for readers.")

    objects = EditionQuerySet.as_manager()

    text_index = search.TextIndex(
        name="edition",
        table="articles_edition",
        columns={"title": "A", "short_title": "A", "search_words": "A", "teaser": "B", "text": "C"},
    )

    # The only columns that may ever change once an edition exists.
    CHANGEABLE = frozenset({"expires_at", "withdrawn_at", "withdrawn_by", "withdrawal_note"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="edition_number_unique"),
            models.CheckConstraint(
                name="edition_minor_has_reason",
                condition=models.Q(is_minor=False) | ~models.Q(minor_reason=""),
                violation_error_message="A minor change says why it is minor.",
            ),
            models.CheckConstraint(
                name="edition_correction_has_note",
                condition=models.Q(is_correction=False) | ~models.Q(change_note=""),
                violation_error_message="A correction says what was wrong.",
            ),
            models.CheckConstraint(
                name="edition_expires_after_going_live",
                condition=models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=models.F("go_live_at")),
                violation_error_message="An edition expires after it went live.",
            ),
            models.CheckConstraint(
                name="edition_withdrawal_has_note",
                condition=models.Q(withdrawn_at__isnull=True) | ~models.Q(withdrawal_note=""),
                violation_error_message="A withdrawal says why.",
            ),
        ]
        indexes = [
            models.Index(fields=["path", "-number"], name="edition_path"),
            models.Index(fields=["-go_live_at"], name="edition_go_live"),
            # Few have one: what time alone will change is found at once.
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="edition_expires",
            ),
            models.Index(
                fields=["withdrawn_at"],
                condition=models.Q(withdrawn_at__isnull=False),
                name="edition_withdrawn",
            ),
        ]

    def __str__(self):
        return f"{self.short_title}, edition {self.number}"

    def get_absolute_url(self):
        return f"/{self.path}/"

    def get_lasting_url(self):
        """The address of exactly this edition, also when newer ones are out."""
        return f"/{self.path}/editions/{self.number}/"

    @property
    def went_live_on(self):
        """The day on which it went live, here."""
        return localtime(self.go_live_at).date()

    def is_withdrawn(self, at):
        return self.withdrawn_at is not None and self.withdrawn_at <= at

    def is_expired(self, at):
        """Whether its time was over by `at`, and nobody had withdrawn it before."""
        ended = self.expires_at is not None and self.expires_at <= at
        return ended and (self.withdrawn_at is None or self.withdrawn_at > self.expires_at)

    def save(self, *args, **kwargs):
        changed = kwargs.get("update_fields")
        if not self._state.adding and (changed is None or not set(changed) <= self.CHANGEABLE):
            raise ValidationError("An edition never changes. Publish a new one.")
        super().save(*args, **kwargs)


class EditionImage(models.Model):
    """That an edition shows an image, which therefore stays."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="shown_images")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="in_editions")

    class Meta:
        default_permissions = ()
        verbose_name = "image of an edition"
        verbose_name_plural = "images of editions"
        constraints = [models.UniqueConstraint(fields=["edition", "image"], name="edition_image_unique")]

    def __str__(self):
        return f"{self.edition} shows {self.image}"


search.register(Edition.text_index)
