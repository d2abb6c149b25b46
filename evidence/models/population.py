"""Who people are: nodes on eight axes."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from .node import Node


class Population(Node):
    """A group of people on one axis, for example older adults on the axis of age."""

    class Axis(models.TextChoices):
        AGE = "age", "Age"
        SEX = "sex", "Sex"
        CONDITION = "condition", "Health condition"
        ACTIVITY = "activity", "Training and activity"
        FUNCTION = "function", "Function"
        LIFE_STAGE = "life stage", "Life stage"
        SETTING = "setting", "Setting"
        CONTEXT = "context", "Context"

    axis = models.CharField(max_length=16, choices=Axis, help_text="The same as that of the broader term.")
    age_min = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In years, inclusive. Only on the axis of age."
    )
    age_max = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In years, inclusive. Empty means no upper bound."
    )

    history = HistoricalRecords()

    class Meta(Node.Meta):
        constraints = [
            models.CheckConstraint(
                name="population_age_ordered",
                condition=models.Q(age_min__isnull=True)
                | models.Q(age_max__isnull=True)
                | models.Q(age_min__lte=models.F("age_max")),
                violation_error_message="The youngest age must not be above the oldest.",
            ),
        ]

    def clean(self):
        super().clean()
        if self.parent_id is not None and self.parent.axis != self.axis:
            raise ValidationError(
                {"axis": f"The broader term is on the axis “{self.parent.get_axis_display()}”."}
            )
        if self.axis != self.Axis.AGE and (self.age_min is not None or self.age_max is not None):
            raise ValidationError({"age_min": "Only terms on the axis of age have age bounds."})
