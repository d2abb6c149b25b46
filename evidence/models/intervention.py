"""What people did, took or received."""

from django.db import models
from simple_history.models import HistoricalRecords

from .node import Node


class Intervention(Node):
    """Something that a study gave to people or watched them do, for example ankle weights."""

    class Kind(models.TextChoices):
        EXERCISE = "exercise", "Exercise and movement"
        DEVICE = "device", "Device or equipment"
        FOOD = "food", "Food or diet"
        SUPPLEMENT = "supplement", "Vitamin, mineral or supplement"
        HERB = "herb", "Herb"
        THERAPY = "therapy", "Therapy or technique"
        BEHAVIOUR = "behaviour", "Behaviour or lifestyle"
        MEDICINE = "medicine", "Medicine"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=16, choices=Kind)

    history = HistoricalRecords()

    class Meta(Node.Meta):
        pass
