"""What a study measured: the atom of the evidence, to which filters bind."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from .. import effects
from .arm import Arm
from .bounds import between
from .outcome import Outcome
from .sample import PopulationShare, Sample


def measure_choices():
    """The effect measures that `evidence.effects` knows."""
    return [(measure.code, measure.label) for measure in effects.MEASURES.values()]


class ResultQuerySet(models.QuerySet):
    """Words for results. A branch is a set of node keys with everything below (see `evidence.trees`)."""

    def published(self):
        """Of published studies."""
        return self.filter(study__state="published")

    def in_population(self, branch, *, shares=PopulationShare.INCLUDED, or_not_said_on=None):
        """In a sample of which all or most belong to `branch`; a subgroup inherits the axes it does not set.

        With an axis as `or_not_said_on`, also those that `without_population_on` that axis would find.
        """
        condition = self._in_population(PopulationShare.objects.filter(population__in=branch), shares)
        if or_not_said_on is not None:
            condition |= self._without_population_on(or_not_said_on, shares)
        return self.filter(condition)

    def without_population_on(self, axis, *, shares=PopulationShare.INCLUDED):
        """Whose sample (with what it inherits) belongs to no population on `axis`."""
        return self.filter(self._without_population_on(axis, shares))

    def _without_population_on(self, axis, shares):
        return ~models.Q(self._in_population(PopulationShare.objects.filter(population__axis=axis), shares))

    @staticmethod
    def _in_population(wanted, shares):
        """The condition that the sample has one of the `wanted` shares, or inherits one."""
        included = wanted.filter(share__in=shares)
        own = included.filter(sample=models.OuterRef("sample"))
        inherited = included.filter(sample=models.OuterRef("sample__parent")).exclude(
            models.Exists(
                PopulationShare.objects.filter(
                    sample=models.OuterRef(models.OuterRef("sample")),
                    population__axis=models.OuterRef("population__axis"),
                )
            )
        )
        return models.Q(models.Exists(own)) | models.Q(models.Exists(inherited))

    def measuring(self, branch):
        """Of an outcome in `branch`."""
        return self.filter(outcome__in=branch)

    def of_intervention(self, branch, *, or_none=False):
        """Whose arm received an intervention in `branch`; with `or_none`, also those whose arm names none."""
        received = Arm.interventions.through.objects.filter(arm=models.OuterRef("arm"))
        condition = models.Q(models.Exists(received.filter(intervention__in=branch)))
        if or_none:
            condition |= ~models.Q(models.Exists(received))
        return self.filter(condition)

    def compared_with(self, roles):
        """Against an arm in one of `roles`; a change within one group counts as its own baseline."""
        condition = models.Q(comparator__role__in=list(roles))
        if Arm.Role.OWN_BASELINE in roles:
            condition |= models.Q(comparator__isnull=True)
        return self.filter(condition)

    def answering(self, conclusion, trees):
        """The body of a conclusion: reported results of published studies that match all four.

        Less its exclusions; `trees` is a `bodies.Trees`. One query.
        """
        body = (
            self.published()
            .filter(state=Result.State.REPORTED)
            .of_intervention(trees.interventions.branch([conclusion.intervention_id]))
            .measuring(trees.outcomes.branch([conclusion.outcome_id]))
        )
        if conclusion.roles is not None:
            body = body.compared_with(conclusion.roles)
        if conclusion.population_id is not None:
            shares = [*PopulationShare.INCLUDED]
            if conclusion.takes_part_samples:
                shares.append(PopulationShare.Share.PART)
            group = trees.populations.branch([conclusion.population_id])
            body = body.in_population(group, shares=shares)
        left_out = conclusion.exclusions.filter(study=models.OuterRef("study"))
        whole_or_this = models.Q(result__isnull=True) | models.Q(result=models.OuterRef("pk"))
        return body.filter(~models.Exists(left_out.filter(whole_or_this)))

    def found_in_direction(self, directions):
        return self.filter(direction__in=list(directions))

    def within(self, column, least=None, most=None, *, or_unknown=False):
        """Whose number in `column` lies in this range; without a bound, only those that do not say it."""
        unknown = models.Q(**{f"{column}__isnull": True})
        if least is None and most is None:
            return self.filter(unknown)
        within = between(column, least, most)
        return self.filter(within | unknown if or_unknown else within)

    def but_not(self, results):
        """Without these (a QuerySet of results)."""
        return self.filter(~models.Exists(results.filter(pk=models.OuterRef("pk"))))

    def for_display(self):
        """With everything that a line about a result shows."""
        return self.select_related("study", "sample", "arm", "comparator", "outcome", "report")

    def in_order(self):
        """As a study page lists them."""
        return self.order_by("-is_primary", "position", "pk")


class Result(models.Model):
    """What one study measured for one outcome, in one sample, arm against comparator, at one time point."""

    class State(models.TextChoices):
        REPORTED = "reported", "Reported"
        NOT_REPORTED = "not reported", "Measured, result not seen in the source"
        PLANNED = "planned", "Planned, no result yet"

    class Phase(models.TextChoices):
        ACUTE = "acute", "During or right after one session"
        END = "end", "At the end of the intervention"
        FOLLOW_UP = "follow-up", "Later follow-up"

    class Analysis(models.TextChoices):
        ITT = "intention to treat", "Intention to treat"
        PER_PROTOCOL = "per protocol", "Per protocol"
        ADJUSTED = "adjusted", "Adjusted"
        UNADJUSTED = "unadjusted", "Unadjusted"
        NOT_STATED = "not stated", "Not stated"

    class Direction(models.TextChoices):
        INTERVENTION = "favours intervention", "Favours the intervention"
        NO_CLEAR = "no clear difference", "No clear difference"
        COMPARATOR = "favours comparator", "Favours the comparator"
        CHANGED = "changed", "Changed, neither better nor worse by itself"
        MIXED = "mixed", "Mixed"
        NOT_ESTIMABLE = "not estimable", "Not estimable"

    study = models.ForeignKey("evidence.Study", on_delete=models.CASCADE, related_name="results")
    key = models.SlugField(
        max_length=80,
        help_text="Short name within the study, for example gait-speed-4w. In addresses and import files.",
    )
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="results")
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="results")
    comparator = models.ForeignKey(
        Arm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="results_as_comparator",
        help_text="Empty for a change within one group, without a comparison. Readers are told.",
    )
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="results")
    instrument = models.CharField(
        max_length=200, blank=True, help_text="How it was measured, for example “Timed Up and Go”."
    )
    unit = models.CharField(max_length=40, blank=True)
    weeks = models.FloatField(null=True, blank=True, help_text="Since the start; 0 for a single session.")
    phase = models.CharField(max_length=12, choices=Phase, blank=True)
    analysis = models.CharField(max_length=20, choices=Analysis, default=Analysis.NOT_STATED)
    is_primary = models.BooleanField("primary outcome", default=False)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State, default=State.REPORTED)
    finding = models.TextField(
        blank=True,
        help_text="What was found, in one plain sentence of your own. Needed where there is no number.",
    )
    direction = models.CharField(
        max_length=24,
        choices=Direction,
        blank=True,
        help_text="What the result points to. “Favours” needs an interval or test that says so.",
    )
    measure = models.CharField(max_length=20, choices=measure_choices)

    arm_n = models.PositiveIntegerField("n", null=True, blank=True, validators=[MinValueValidator(1)])
    arm_mean = models.FloatField("mean", null=True, blank=True)
    arm_sd = models.FloatField(
        "SD", null=True, blank=True, help_text="Standard deviation, not standard error."
    )
    arm_baseline_mean = models.FloatField("baseline mean", null=True, blank=True)
    arm_baseline_sd = models.FloatField("baseline SD", null=True, blank=True)
    arm_events = models.PositiveIntegerField(
        "events", null=True, blank=True, help_text="People with the event, out of n."
    )
    arm_person_time = models.FloatField("person-time", null=True, blank=True)
    comparator_n = models.PositiveIntegerField("n", null=True, blank=True, validators=[MinValueValidator(1)])
    comparator_mean = models.FloatField("mean", null=True, blank=True)
    comparator_sd = models.FloatField("SD", null=True, blank=True)
    comparator_baseline_mean = models.FloatField("baseline mean", null=True, blank=True)
    comparator_baseline_sd = models.FloatField("baseline SD", null=True, blank=True)
    comparator_events = models.PositiveIntegerField("events", null=True, blank=True)
    comparator_person_time = models.FloatField("person-time", null=True, blank=True)
    paired = models.BooleanField(default=False, help_text="The same people in both conditions (crossover).")
    correlation = models.FloatField(
        "within-person correlation",
        null=True,
        blank=True,
        validators=[MinValueValidator(-1), MaxValueValidator(1)],
    )

    estimate = models.FloatField(
        null=True, blank=True, help_text="As printed, on the scale of the measure (a ratio as a ratio)."
    )
    ci_low = models.FloatField("interval from", null=True, blank=True)
    ci_high = models.FloatField("interval to", null=True, blank=True)
    ci_level = models.FloatField("level in %", default=95)
    se = models.FloatField(
        "standard error",
        null=True,
        blank=True,
        help_text="On the analysis scale: of the logarithm for ratios.",
    )
    p_value = models.FloatField(
        "p", null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    p_text = models.CharField("p as printed", max_length=40, blank=True, help_text="For example <0.01.")

    yi = models.FloatField(null=True, blank=True, editable=False, help_text="Effect on the analysis scale.")
    vi = models.FloatField(null=True, blank=True, editable=False, help_text="Its variance.")
    derivation = models.CharField(
        max_length=40, blank=True, editable=False, help_text="What yi and vi were computed from."
    )

    report = models.ForeignKey(
        "evidence.Report", on_delete=models.SET_NULL, null=True, blank=True, related_name="results"
    )
    place = models.CharField(
        max_length=80, blank=True, help_text="Table, figure or page, for example “Table 2”."
    )
    quote = models.CharField(
        max_length=300, blank=True, help_text="A few words of the source, to find the number again."
    )

    objects = ResultQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "key"],
                name="result_key_unique_in_study",
                violation_error_message="This study has a result of that name already.",
            ),
            models.CheckConstraint(
                name="result_interval_ordered",
                condition=models.Q(ci_low__isnull=True)
                | models.Q(ci_high__isnull=True)
                | models.Q(ci_low__lte=models.F("ci_high")),
                violation_error_message="The interval runs from low to high.",
            ),
            models.CheckConstraint(
                name="result_interval_encloses_estimate",
                condition=models.Q(estimate__isnull=True)
                | (
                    (models.Q(ci_low__isnull=True) | models.Q(ci_low__lte=models.F("estimate")))
                    & (models.Q(ci_high__isnull=True) | models.Q(ci_high__gte=models.F("estimate")))
                ),
                violation_error_message="The interval encloses its estimate.",
            ),
            models.CheckConstraint(
                name="result_sd_not_negative",
                condition=(models.Q(arm_sd__isnull=True) | models.Q(arm_sd__gte=0))
                & (models.Q(comparator_sd__isnull=True) | models.Q(comparator_sd__gte=0))
                & (models.Q(arm_baseline_sd__isnull=True) | models.Q(arm_baseline_sd__gte=0))
                & (models.Q(comparator_baseline_sd__isnull=True) | models.Q(comparator_baseline_sd__gte=0))
                & (models.Q(se__isnull=True) | models.Q(se__gte=0)),
                violation_error_message="A standard deviation or standard error is not negative.",
            ),
            models.CheckConstraint(
                name="result_events_within_n",
                condition=(
                    models.Q(arm_events__isnull=True)
                    | models.Q(arm_n__isnull=True)
                    | ~models.Q(arm_person_time__isnull=True)
                    | models.Q(arm_events__lte=models.F("arm_n"))
                )
                & (
                    models.Q(comparator_events__isnull=True)
                    | models.Q(comparator_n__isnull=True)
                    | ~models.Q(comparator_person_time__isnull=True)
                    | models.Q(comparator_events__lte=models.F("comparator_n"))
                ),
                violation_error_message="No more people can have the event than there are.",
            ),
            models.CheckConstraint(
                name="result_ratio_positive",
                condition=~models.Q(measure__in=["rr", "or", "hr", "irr", "rom"])
                | (
                    (models.Q(estimate__isnull=True) | models.Q(estimate__gt=0))
                    & (models.Q(ci_low__isnull=True) | models.Q(ci_low__gt=0))
                ),
                violation_error_message="A ratio is above 0.",
            ),
            models.CheckConstraint(
                name="result_level_between_50_and_100",
                condition=models.Q(ci_level__gt=50, ci_level__lt=100),
                violation_error_message="The level of an interval lies between 50 and 100 per cent.",
            ),
            models.CheckConstraint(
                name="result_variance_not_negative",
                condition=models.Q(vi__isnull=True) | models.Q(vi__gte=0, yi__isnull=False),
                violation_error_message="A variance is not negative and belongs to an effect.",
            ),
        ]
        indexes = [models.Index(fields=["outcome", "study"], name="result_outcome_study")]

    def __str__(self):
        return f"{self.study}: {self.outcome}"

    def clean(self):
        super().clean()
        problems = {}
        for field in ("sample", "arm", "comparator", "report"):
            if getattr(self, f"{field}_id") is not None and getattr(self, field).study_id != self.study_id:
                problems[field] = "This belongs to another study."
        if self.comparator_id is not None and self.comparator_id == self.arm_id:
            problems["comparator"] = "An arm is not compared with itself."
        if problems:
            raise ValidationError(problems)
        self.derive()

    def derive(self):
        """Set yi, vi and their derivation from the numbers given; impossible numbers name their fields."""
        try:
            effect = self.effect()
        except effects.ImpossibleInput as error:
            known = {field.name for field in self._meta.fields}
            messages = {}
            for field, message in error.problems:
                messages.setdefault(field if field in known else "measure", []).append(message)
            raise ValidationError(messages) from error
        self.yi, self.vi, self.derivation = effect.yi, effect.vi, effect.derivation

    def effect(self):
        """The effect of these numbers (see `evidence.effects`); raises `ImpossibleInput`."""
        return effects.compute(self.measure, self.as_numbers())

    def as_numbers(self):
        """The raw and reported numbers as `evidence.effects` takes them."""
        names = effects.Numbers.__dataclass_fields__
        return effects.Numbers(**{name: getattr(self, name) for name in names})

    def shown_effect(self):
        """The stored effect; its interval is the printed one where it was derived from that."""
        is_printed = self.derivation == "estimate_and_interval" and None not in (self.ci_low, self.ci_high)
        return effects.Effect(
            measure=effects.measure(self.measure),
            yi=self.yi,
            vi=self.vi,
            derivation=self.derivation,
            reported=(self.ci_low, self.ci_high, self.ci_level) if is_printed else None,
        )

    @property
    def display(self):
        """The effect with its interval and unit as readers see it, or an empty text."""
        return effects.display(self.shown_effect(), unit=self.unit)

    @property
    def n_people(self):
        """The people of the sample; of a whole sample that does not say, those of the study."""
        if self.sample.n is not None or self.sample.is_subgroup:
            return self.sample.n
        return self.study.n_people

    @property
    def is_before_after(self):
        """A change within one group, without a comparison."""
        return self.comparator_id is None
