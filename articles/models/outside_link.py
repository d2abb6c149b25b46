"""Links from live pages to other sites, and whether they still lead somewhere."""

from django.db import models

from .edition import Edition


class OutsideLinkQuerySet(models.QuerySet):
    def broken(self):
        return self.filter(status=OutsideLink.Status.BROKEN)

    def worst_first(self):
        """Broken, unclear, moved, not checked, working; the longest failing first."""
        order = [
            OutsideLink.Status.BROKEN,
            OutsideLink.Status.UNCLEAR,
            OutsideLink.Status.MOVED,
            OutsideLink.Status.UNCHECKED,
        ]
        whens = [models.When(status=status, then=place) for place, status in enumerate(order)]
        place = models.Case(*whens, default=len(order), output_field=models.IntegerField())
        return self.order_by(place, models.F("failing_since").asc(nulls_last=True), "url")

    def of_live_editions(self, at):
        """That a page which is live at `at` names."""
        return self.filter(
            models.Exists(Edition.objects.live(at).filter(outside_links=models.OuterRef("pk")))
        )


class OutsideLink(models.Model):
    """An address on another site that editions name, and what was found there when it was last asked."""

    class Status(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        WORKS = "works", "Works"
        MOVED = "moved", "Moved for good"
        UNCLEAR = "unclear", "Unclear"
        BROKEN = "broken", "Broken"

    url = models.URLField(max_length=1000, unique=True)
    editions = models.ManyToManyField(Edition, related_name="outside_links", blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.UNCHECKED)
    answer = models.CharField(max_length=200, blank=True, help_text="What the other site said.")
    moved_to = models.CharField(max_length=1000, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")

    objects = OutsideLinkQuerySet.as_manager()

    def __str__(self):
        return self.url

    def take(self, *, at, answer, is_good, is_gone, moved_to, failures_to_break):
        """Take over what the other site said at `at`, in its words `answer`; nothing is saved.

        Only `failures_to_break` answers in a row that nothing is there (`is_gone`) make a link broken. An
        answer that is neither good nor that proves nothing: it breaks no link, and mends none.
        """
        self.checked_at, self.answer = at, answer[:200]
        self.moved_to = moved_to[:1000] if is_good else ""
        if is_good:
            self.status = self.Status.MOVED if self.moved_to else self.Status.WORKS
            self.failing_since, self.n_failures = None, 0
            return
        if self.failing_since is None:
            self.failing_since = at
        self.n_failures = min(self.n_failures + is_gone, 1000)
        is_broken = self.n_failures >= failures_to_break
        self.status = self.Status.BROKEN if is_broken else self.Status.UNCLEAR
