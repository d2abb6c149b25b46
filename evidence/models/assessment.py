"""Signed judgements of how certain a conclusion is."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Greatest, Least

from ..certainty import LOWERING, RAISING, Certainty, Direction, Lowering, Raising, Size, Start, certainty
from .conclusion import Conclusion
from .result import Result
from .study import Study


def steps_field(reason, allowed):
    """By how many levels a reason moves certainty."""
    return models.PositiveSmallIntegerField(
        reason.label,
        default=0,
        choices=list(enumerate(allowed)),
        help_text="A judgement; numbers only suggest.",
    )


def reason_field():
    return models.TextField(
        "why",
        max_length=1000,
        blank=True,
        help_text="In one or two sentences for readers. Needed unless not.",
    )


class AssessmentQuerySet(models.QuerySet):
    def signed(self):
        return self.filter(signed_at__isnull=False)

    def drafts(self):
        return self.filter(signed_at__isnull=True)

    def in_force(self):
        """The newest signed one of each conclusion: the one that holds."""
        newer = Assessment.objects.signed().filter(
            conclusion=models.OuterRef("conclusion"), number__gt=models.OuterRef("number")
        )
        return self.signed().filter(~models.Exists(newer))

    def for_display(self):
        """With the conclusion and the nodes that name it."""
        return self.select_related(
            "conclusion__population", "conclusion__intervention", "conclusion__outcome"
        )

    def overdue(self, on):
        return self.filter(next_due__lt=on)

    def newest_first(self):
        return self.order_by("-number", "-pk")


class Assessment(models.Model):
    """One signed, dated judgement of the certainty of a conclusion, on exactly the results that it names.

    Until it is signed it is a draft; afterwards it never changes, and a new judgement is a new assessment.
    """

    conclusion = models.ForeignKey(Conclusion, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="Within the conclusion, given when it is signed."
    )
    start = models.CharField(max_length=8, choices=Start)
    start_reason = models.TextField(
        "why", max_length=1000, blank=True, help_text="Needed where the studies are of both kinds."
    )
    risk_of_bias = steps_field(Lowering.RISK_OF_BIAS, LOWERING[Lowering.RISK_OF_BIAS])
    risk_of_bias_reason = reason_field()
    inconsistency = steps_field(Lowering.INCONSISTENCY, LOWERING[Lowering.INCONSISTENCY])
    inconsistency_reason = reason_field()
    indirectness = steps_field(Lowering.INDIRECTNESS, LOWERING[Lowering.INDIRECTNESS])
    indirectness_reason = reason_field()
    imprecision = steps_field(Lowering.IMPRECISION, LOWERING[Lowering.IMPRECISION])
    imprecision_reason = reason_field()
    publication_bias = steps_field(Lowering.PUBLICATION_BIAS, LOWERING[Lowering.PUBLICATION_BIAS])
    publication_bias_reason = reason_field()
    large_effect = steps_field(Raising.LARGE_EFFECT, RAISING[Raising.LARGE_EFFECT])
    large_effect_reason = reason_field()
    dose_response = steps_field(Raising.DOSE_RESPONSE, RAISING[Raising.DOSE_RESPONSE])
    dose_response_reason = reason_field()
    confounding = steps_field(Raising.CONFOUNDING, RAISING[Raising.CONFOUNDING])
    confounding_reason = reason_field()
    level = models.PositiveSmallIntegerField(
        editable=False, help_text="4 for high to 1 for very low: it follows from the above."
    )
    size = models.CharField("size of the effect", max_length=16, choices=Size, default=Size.UNCLEAR)
    threshold = models.CharField(
        max_length=300, blank=True, help_text="Against which difference the size was judged, with its source."
    )
    direction = models.CharField(max_length=12, choices=Direction, default=Direction.UNCLEAR)
    sentence = models.CharField(
        max_length=400,
        blank=True,
        help_text="What readers are told. Empty means the sentence that follows from the rating.",
    )
    seen = models.TextField(
        "what was seen",
        max_length=1000,
        blank=True,
        help_text="What the studies found, in one to three plain sentences with their numbers.",
    )
    not_known = models.TextField(max_length=600, blank=True, help_text="What these studies leave open.")
    differs = models.BooleanField(
        "credible difference",
        default=False,
        help_text="The effect in this population differs from that in everybody: tested within studies, "
        "one of few planned comparisons, consistent, and unlikely by chance.",
    )
    differs_reason = models.TextField("why", max_length=1000, blank=True)
    is_demonstration = models.BooleanField(
        default=False, help_text="Made to show how the site works, not by appraisers. Readers are told."
    )
    pool = models.JSONField(
        null=True, blank=True, editable=False, help_text="The pooled numbers it rests on."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments")
    made_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due = models.DateField(help_text="By when it is looked at again, whatever happens.")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        permissions = [("sign_assessment", "Can sign assessments of certainty")]
        constraints = [
            models.UniqueConstraint(fields=["conclusion", "number"], name="assessment_number_unique"),
            models.UniqueConstraint(
                fields=["conclusion"],
                condition=models.Q(signed_at__isnull=True),
                name="assessment_one_draft",
                violation_error_message="There is a draft of an assessment already.",
            ),
            models.CheckConstraint(
                name="assessment_number_when_signed",
                condition=models.Q(number__isnull=True, signed_at__isnull=True)
                | models.Q(number__isnull=False, signed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="assessment_level_follows",
                condition=models.Q(
                    level=Greatest(
                        1,
                        Least(
                            4,
                            models.Case(models.When(start=Start.HIGH, then=4), default=2)
                            - models.F("risk_of_bias")
                            - models.F("inconsistency")
                            - models.F("indirectness")
                            - models.F("imprecision")
                            - models.F("publication_bias")
                            + models.F("large_effect")
                            + models.F("dose_response")
                            + models.F("confounding"),
                        ),
                    )
                ),
                violation_error_message="The level follows from the start and the reasons.",
            ),
            *(
                models.CheckConstraint(
                    name=f"assessment_{reason}_steps",
                    condition=models.Q(**{f"{reason}__range": (0, len(allowed) - 1)}),
                    violation_error_message=f"{reason.label} moves certainty by 0 to {len(allowed) - 1}.",
                )
                for reason, allowed in (*LOWERING.items(), *RAISING.items())
            ),
            *(
                models.CheckConstraint(
                    name=f"assessment_{reason}_reasoned",
                    condition=models.Q(**{reason.value: 0}) | ~models.Q(**{f"{reason}_reason": ""}),
                    violation_error_message=f"{reason.label}: say why.",
                )
                for reason in (*Lowering, *Raising)
            ),
            models.CheckConstraint(
                name="assessment_difference_reasoned",
                condition=models.Q(differs=False) | ~models.Q(differs_reason=""),
                violation_error_message="Say what makes the difference credible.",
            ),
            models.CheckConstraint(
                name="assessment_size_has_direction",
                condition=models.Q(size=Size.UNCLEAR)
                | models.Q(size=Size.TRIVIAL, direction=Direction.NEITHER)
                | (
                    ~models.Q(size=Size.TRIVIAL)
                    & models.Q(direction__in=(Direction.INCREASES, Direction.REDUCES))
                ),
                violation_error_message="A size needs its direction; a trivial one goes in neither.",
            ),
            models.CheckConstraint(
                name="assessment_neither_is_trivial",
                condition=~models.Q(direction=Direction.NEITHER) | models.Q(size=Size.TRIVIAL),
                violation_error_message="Little or no difference is a trivial size.",
            ),
        ]

    def __str__(self):
        name = "Draft assessment" if self.number is None else f"Assessment {self.number}"
        return f"{name} of {self.conclusion}"

    def clean(self):
        super().clean()
        problems = {}
        for reason in (*Lowering, *Raising):
            if getattr(self, reason.value) and not getattr(self, f"{reason.value}_reason").strip():
                problems[f"{reason.value}_reason"] = f"{reason.label}: say why."
        if self.differs and not self.differs_reason.strip():
            problems["differs_reason"] = "Say what makes the difference credible."
        if problems:
            raise ValidationError(problems)
        if self.start:
            self.derive()

    def derive(self):
        """Set the level that follows from the judgements."""
        self.level = self.computed_certainty.level

    @property
    def computed_certainty(self):
        """What follows from the judgements as they stand in this object."""
        return certainty(
            start=Start(self.start),
            lowered={reason: getattr(self, reason.value) for reason in Lowering},
            raised={reason: getattr(self, reason.value) for reason in Raising},
        )

    @property
    def certainty(self):
        return Certainty.of_level(self.level)

    @property
    def is_signed(self):
        return self.signed_at is not None

    @property
    def reasons(self):
        """Why certainty is not higher, or is raised: [(reason, steps, why)] of those that move it."""
        return [
            (reason, getattr(self, reason.value), getattr(self, f"{reason.value}_reason"))
            for reason in (*Lowering, *Raising)
            if getattr(self, reason.value)
        ]


class AssessedResult(models.Model):
    """A result that an assessment looked at, as it was then."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="looked_at")
    # What was looked at stays on record when the row itself is gone.
    result = models.ForeignKey(
        Result, on_delete=models.DO_NOTHING, db_constraint=False, related_name="assessed_as"
    )
    study = models.ForeignKey(
        Study, on_delete=models.DO_NOTHING, db_constraint=False, related_name="assessed_as"
    )
    label = models.CharField(max_length=220, help_text="Study and outcome, for when the row is gone.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what the result said.")
    is_direct = models.BooleanField(
        default=True, help_text="Its sample belongs to the population as a whole."
    )
    was_retracted = models.BooleanField(default=False)
    is_pooled = models.BooleanField(default=False)
    why_not_pooled = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "result"], name="assessed_result_once"),
        ]

    def __str__(self):
        return self.label
