"""What changed, numbered so that a reader who knows one number can ask for everything since."""

from django.db import models


class Stamp(models.Model):
    """The number of the newest committed change: one row.

    Numbers compare only within one `epoch`; a new one says that changes may have gone unseen.
    """

    epoch = models.CharField(max_length=36)
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.version}"


class Change(models.Model):
    """That something changed, with the number of its newest change. Written by the database alone."""

    class Kind(models.TextChoices):
        STUDY = "study", "Study, or anything that belongs to it"
        POPULATION = "population", "Population"
        INTERVENTION = "intervention", "Intervention"
        OUTCOME = "outcome", "Outcome"
        TOOL = "tool", "Tool"
        CONCLUSION = "conclusion", "Conclusion, or what was said of it"

    kind = models.CharField(max_length=12)
    key = models.PositiveBigIntegerField(help_text="The primary key of what changed.")
    version = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="change_unique")]
        indexes = [models.Index(fields=["version"], name="change_version")]

    def __str__(self):
        return f"{self.kind} {self.key} at {self.version}"
