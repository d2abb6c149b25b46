"""Who took part."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from .population import Population


class Sample(models.Model):
    """The people of a study, or a subgroup of them that was reported apart."""

    study = models.ForeignKey("evidence.Study", on_delete=models.CASCADE, related_name="samples")
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subgroups",
        verbose_name="subgroup of",
        help_text="Empty for the whole sample. A subgroup takes over what it does not say of itself.",
    )
    label = models.CharField(
        max_length=120, default="All participants", help_text="For example “Women over 70”."
    )
    description = models.TextField(blank=True, help_text="Who they were, in one plain sentence for readers.")
    n = models.PositiveIntegerField("people", null=True, blank=True, validators=[MinValueValidator(1)])
    age_mean = models.FloatField(null=True, blank=True, help_text="In years.")
    age_sd = models.FloatField("age SD", null=True, blank=True)
    age_min = models.FloatField(null=True, blank=True)
    age_max = models.FloatField(null=True, blank=True)
    percent_female = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    populations = models.ManyToManyField(
        Population, through="evidence.PopulationShare", related_name="samples", blank=True
    )
    eligibility = models.TextField(blank=True, help_text="Who could take part and who could not, in short.")

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "label"],
                name="sample_label_unique_in_study",
                violation_error_message="This study has a sample of that name already.",
            ),
            models.UniqueConstraint(
                fields=["study"],
                condition=models.Q(parent__isnull=True),
                name="sample_one_whole_per_study",
                violation_error_message="A study has one whole sample; the others are subgroups of it.",
            ),
            models.CheckConstraint(
                name="sample_n_positive",
                condition=models.Q(n__isnull=True) | models.Q(n__gte=1),
                violation_error_message="A sample has at least one person.",
            ),
            models.CheckConstraint(
                name="sample_percent_female_0_to_100",
                condition=models.Q(percent_female__isnull=True) | models.Q(percent_female__range=(0, 100)),
                violation_error_message="A percentage lies between 0 and 100.",
            ),
            models.CheckConstraint(
                name="sample_age_ordered",
                condition=models.Q(age_min__isnull=True)
                | models.Q(age_max__isnull=True)
                | models.Q(age_min__lte=models.F("age_max")),
                violation_error_message="The youngest age must not be above the oldest.",
            ),
            models.CheckConstraint(
                name="sample_age_not_negative",
                condition=(models.Q(age_min__isnull=True) | models.Q(age_min__gte=0))
                & (models.Q(age_mean__isnull=True) | models.Q(age_mean__gte=0))
                & (models.Q(age_sd__isnull=True) | models.Q(age_sd__gte=0)),
                violation_error_message="Ages and their SD are not negative.",
            ),
        ]

    def __str__(self):
        return self.label

    def clean(self):
        super().clean()
        if self.parent_id is not None:
            if self.parent_id == self.pk:
                raise ValidationError({"parent": "A sample is not a subgroup of itself."})
            if self.parent.study_id != self.study_id:
                raise ValidationError({"parent": "A subgroup belongs to the same study as the whole sample."})
            if self.parent.parent_id is not None:
                raise ValidationError(
                    {"parent": "Enter a subgroup of a subgroup as a subgroup of the whole sample."}
                )

    @property
    def is_subgroup(self):
        return self.parent_id is not None


class PopulationShare(models.Model):
    """How much of a sample belongs to a population."""

    class Share(models.TextChoices):
        ALL = "all", "All of them"
        MOST = "most", "Most of them"
        PART = "part", "Part of them, not reported apart"
        EXCLUDED = "excluded", "Excluded from the study"

    # These shares make a result a result in that population.
    INCLUDED = (Share.ALL, Share.MOST)

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="shares")
    population = models.ForeignKey(Population, on_delete=models.PROTECT, related_name="shares")
    share = models.CharField(max_length=8, choices=Share, default=Share.ALL)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "population"],
                name="population_share_unique",
                violation_error_message="This population is given already.",
            ),
        ]

    def __str__(self):
        return f"{self.population}: {self.get_share_display().lower()}"
