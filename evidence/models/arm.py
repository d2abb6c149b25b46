"""Groups of a study and what they received."""

from django.core.validators import MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from .intervention import Intervention


class Arm(models.Model):
    """One group of a study (or one condition of a crossover study) with what it received."""

    class Role(models.TextChoices):
        EXPERIMENTAL = "experimental", "Experimental"
        ACTIVE = "active comparator", "Active comparator"
        SAME_WITHOUT = "same without", "Same activity without the intervention"
        OTHER_DOSE = "other dose", "Other dose"
        USUAL_CARE = "usual care", "Usual care"
        SHAM = "sham or placebo", "Sham or placebo"
        ATTENTION = "attention", "Attention control"
        WAIT_LIST = "wait list", "Wait list"
        NO_TREATMENT = "no treatment", "No treatment"
        OWN_BASELINE = "own baseline", "Own baseline"

    study = models.ForeignKey("evidence.Study", on_delete=models.CASCADE, related_name="arms")
    label = models.CharField(max_length=160, help_text="For example “Walking with 1.36 kg on each ankle”.")
    role = models.CharField(max_length=24, choices=Role, default=Role.EXPERIMENTAL)
    interventions = models.ManyToManyField(
        Intervention,
        related_name="arms",
        blank=True,
        help_text="Only what is under study, not what both groups did.",
    )
    description = models.TextField(blank=True, help_text="Dose and procedure in one or two sentences.")
    n = models.PositiveIntegerField("people", null=True, blank=True, validators=[MinValueValidator(1)])
    times_a_week = models.FloatField(null=True, blank=True)
    minutes = models.FloatField("minutes a session", null=True, blank=True)
    weeks = models.FloatField(null=True, blank=True)
    load = models.FloatField("load or dose", null=True, blank=True)
    load_unit = models.CharField(
        max_length=40, blank=True, help_text="For example “kg on each ankle” or “mg a day”."
    )
    supervision = models.CharField(max_length=160, blank=True)
    adherence = models.CharField(max_length=160, blank=True)

    history = HistoricalRecords(m2m_fields=[interventions])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "label"],
                name="arm_label_unique_in_study",
                violation_error_message="This study has an arm of that name already.",
            ),
            models.CheckConstraint(
                name="arm_n_positive",
                condition=models.Q(n__isnull=True) | models.Q(n__gte=1),
                violation_error_message="An arm has at least one person.",
            ),
            models.CheckConstraint(
                name="arm_amounts_not_negative",
                condition=(models.Q(times_a_week__isnull=True) | models.Q(times_a_week__gte=0))
                & (models.Q(minutes__isnull=True) | models.Q(minutes__gte=0))
                & (models.Q(weeks__isnull=True) | models.Q(weeks__gte=0))
                & (models.Q(load__isnull=True) | models.Q(load__gte=0)),
                violation_error_message="Amounts are not negative.",
            ),
            models.CheckConstraint(
                name="arm_load_has_unit",
                condition=models.Q(load__isnull=True) | ~models.Q(load_unit=""),
                violation_error_message="A load or dose needs its unit.",
            ),
        ]

    def __str__(self):
        return self.label
