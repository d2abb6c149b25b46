"""Questions that the evidence answers, each with the body of results that answers it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from ..certainty import Saying
from .arm import Arm
from .intervention import Intervention
from .outcome import Outcome
from .population import Population
from .result import Result
from .study import Study


class ComparatorClass(models.TextChoices):
    """What the intervention is compared with."""

    ANY = "any", "Any comparator"
    NONE = "none", "No treatment"
    USUAL_CARE = "usual care", "Usual care"
    SHAM = "sham or placebo", "Sham or placebo"
    ATTENTION = "attention", "Attention control"
    WAIT_LIST = "wait list", "Wait list"
    INACTIVE = "inactive", "Sham, placebo, usual care, waiting or no treatment"
    SAME_WITHOUT = "same without", "The same activity without it"
    OTHER_DOSE = "other dose", "Another dose"
    ACTIVE = "active comparator", "Another active treatment"
    OWN_BASELINE = "own baseline", "Own baseline, without a comparison group"

    @property
    def roles(self):
        """The roles of comparator arms in this class; None for any."""
        inactive = (
            Arm.Role.SHAM,
            Arm.Role.ATTENTION,
            Arm.Role.USUAL_CARE,
            Arm.Role.WAIT_LIST,
            Arm.Role.NO_TREATMENT,
        )
        return {
            ComparatorClass.ANY: None,
            ComparatorClass.NONE: (Arm.Role.NO_TREATMENT,),
            ComparatorClass.INACTIVE: inactive,
        }.get(self, (self.value,))


class ConclusionQuerySet(models.QuerySet):
    def for_display(self):
        """With the nodes that name it."""
        return self.select_related("population", "intervention", "outcome")

    def in_order(self):
        return self.order_by("intervention__name", "outcome__name", "comparator", "population__name", "pk")


class Conclusion(models.Model):
    """What all results for one population, intervention, comparator and outcome add up to.

    Its results are found by query, never chosen by hand; only its exclusions are, each with a reason.
    """

    slug = models.SlugField(max_length=120, unique=True, help_text="In addresses and data files.")
    population = models.ForeignKey(
        Population,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conclusions",
        help_text="With everything below it. Empty means everybody.",
    )
    takes_part_samples = models.BooleanField(
        "also samples that belong in part",
        default=False,
        help_text="Also results of samples of which only a part belongs to the population: less direct.",
    )
    intervention = models.ForeignKey(
        Intervention,
        on_delete=models.PROTECT,
        related_name="conclusions",
        help_text="With everything below it.",
    )
    comparator = models.CharField(max_length=20, choices=ComparatorClass, default=ComparatorClass.ANY)
    outcome = models.ForeignKey(
        Outcome, on_delete=models.PROTECT, related_name="conclusions", help_text="With everything below it."
    )
    subject = models.CharField(
        max_length=120,
        blank=True,
        help_text="The intervention in the middle of a sentence: “training with ankle weights”. "
        "Empty means its name.",
    )
    subject_is_plural = models.BooleanField(
        default=False, help_text="“Ankle weights increase”, not “increases”."
    )
    object = models.CharField(
        max_length=120,
        blank=True,
        help_text="The outcome in the middle of a sentence: “walking speed”. Empty means its name.",
    )
    versus = models.CharField(
        "compared with",
        max_length=160,
        blank=True,
        help_text="In a sentence: “the same training without them”. May be empty.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConclusionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["population", "intervention", "comparator", "outcome"],
                name="conclusion_unique_for_population",
                violation_error_message="This question is asked already.",
            ),
            models.UniqueConstraint(
                fields=["intervention", "comparator", "outcome"],
                condition=models.Q(population__isnull=True),
                name="conclusion_unique_for_everybody",
                violation_error_message="This question is asked already, for everybody.",
            ),
            models.CheckConstraint(
                name="conclusion_part_samples_of_a_population",
                condition=models.Q(population__isnull=False) | models.Q(takes_part_samples=False),
                violation_error_message="Everybody has no samples that belong in part.",
            ),
        ]

    def __str__(self):
        whom = "everybody" if self.population is None else self.population.label
        return f"{self.intervention.label}: {self.outcome.label}, {whom}"

    def get_absolute_url(self):
        return reverse("evidence:conclusion_detail", args=[self.slug])

    @property
    def roles(self):
        """The roles of the arms that it compares with; None for any."""
        return ComparatorClass(self.comparator).roles

    @property
    def saying(self):
        """The words that it lends to a sentence."""
        return Saying(
            subject=self.subject or self.intervention.name,
            object=self.object or self.outcome.name,
            is_plural=self.subject_is_plural,
            versus=self.versus,
        )


class Exclusion(models.Model):
    """A study, or one of its results, that a conclusion leaves out although it matches."""

    conclusion = models.ForeignKey(Conclusion, on_delete=models.CASCADE, related_name="exclusions")
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exclusions")
    result = models.ForeignKey(
        Result,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="exclusions",
        help_text="Empty means every result of the study.",
    )
    reason = models.CharField(max_length=300, help_text="For readers: why it is left out.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conclusion", "result"], name="exclusion_of_result_once"),
            models.UniqueConstraint(
                fields=["conclusion", "study"],
                condition=models.Q(result__isnull=True),
                name="exclusion_of_study_once",
                violation_error_message="This study is left out already.",
            ),
        ]

    def __str__(self):
        return f"{self.study} left out"

    def clean(self):
        super().clean()
        if self.result_id is not None and self.result.study_id != self.study_id:
            raise ValidationError({"result": "This result belongs to another study."})
