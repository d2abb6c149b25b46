"""What studies measure."""

from django.db import models
from simple_history.models import HistoricalRecords

from .node import Node


class Outcome(Node):
    """Something measured in people: it says which direction is better and what difference matters."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"
        DEPENDS = "depends", "Depends on the aim"

    class Kind(models.TextChoices):
        BENEFIT = "benefit", "Benefit"
        HARM = "harm", "Harm"
        NEITHER = "neither", "Neither by itself"

    better = models.CharField(
        max_length=8,
        choices=Direction,
        default=Direction.DEPENDS,
        help_text="Which direction is better for the person. Plots take their sides from this.",
    )
    kind = models.CharField(
        max_length=8, choices=Kind, default=Kind.BENEFIT, help_text="Measured as a benefit or as a harm."
    )
    unit = models.CharField(max_length=40, blank=True, help_text="The usual unit, for example m/s.")
    important_difference = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="The smallest difference that matters to people, in the unit.",
    )
    important_difference_source = models.CharField(
        max_length=300, blank=True, help_text="Where that number comes from: a citation or DOI."
    )
    comet_domain = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Number 1 to 38 in the COMET taxonomy (Dodd and others 2018)."
    )

    history = HistoricalRecords()

    class Meta(Node.Meta):
        constraints = [
            models.CheckConstraint(
                name="outcome_comet_domain_1_to_38",
                condition=models.Q(comet_domain__isnull=True) | models.Q(comet_domain__range=(1, 38)),
                violation_error_message="The COMET taxonomy has the domains 1 to 38.",
            ),
            models.CheckConstraint(
                name="outcome_important_difference_has_source",
                condition=models.Q(important_difference__isnull=True)
                | (models.Q(important_difference__gt=0) & ~models.Q(important_difference_source="")),
                violation_error_message="An important difference is above 0 and names its source.",
            ),
        ]
