"""Investigations of people."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.models import HistoricalRecords

import search
from search.stored import is_list_of_texts

from .appraisal import Appraisal
from .bounds import between

# Pages that stand beside those of studies.
RESERVED_SLUGS = frozenset({"codebook", "forest", "map"})


class Design(models.TextChoices):
    """Study designs. The groups they fall into are in `Design.groups()`."""

    REVIEW = "systematic review", "Systematic review"
    META_ANALYSIS = "meta-analysis", "Systematic review with meta-analysis"
    NETWORK = "network meta-analysis", "Network meta-analysis"
    IPD = "ipd meta-analysis", "Meta-analysis of individual data"
    UMBRELLA = "umbrella review", "Umbrella review"
    SCOPING = "scoping review", "Scoping review or evidence map"
    PARALLEL = "parallel trial", "Randomised trial, parallel groups"
    CLUSTER = "cluster trial", "Cluster-randomised trial"
    CROSSOVER = "crossover trial", "Randomised crossover trial"
    FACTORIAL = "factorial trial", "Factorial randomised trial"
    STEPPED_WEDGE = "stepped wedge", "Stepped-wedge trial"
    N_OF_1 = "n-of-1", "N-of-1 trial"
    PILOT = "pilot trial", "Pilot randomised trial"
    NON_RANDOMISED = "non-randomised trial", "Non-randomised controlled trial"
    CONTROLLED_BEFORE_AFTER = "controlled before-after", "Controlled before-after study"
    INTERRUPTED_SERIES = "interrupted time series", "Interrupted time series"
    PRE_POST = "single-group pre-post", "Single-group before-after study"
    ACUTE_LABORATORY = "acute laboratory", "Single-session laboratory study"
    PROSPECTIVE_COHORT = "prospective cohort", "Prospective cohort"
    RETROSPECTIVE_COHORT = "retrospective cohort", "Retrospective cohort"
    CASE_CONTROL = "case-control", "Case-control study"
    NESTED_CASE_CONTROL = "nested case-control", "Nested case-control study"
    CROSS_SECTIONAL = "cross-sectional", "Cross-sectional study"
    ECOLOGICAL = "ecological", "Ecological study"
    CASE_SERIES = "case series", "Case series"
    CASE_REPORT = "case report", "Case report"
    QUALITATIVE = "qualitative", "Qualitative study"
    MIXED = "mixed methods", "Mixed-methods study"
    MEASUREMENT = "measurement property", "Study of a measurement"
    ECONOMIC = "economic", "Economic evaluation"
    GUIDELINE = "guideline", "Guideline or position stand"
    MECHANISTIC = "mechanistic", "Mechanistic study in people"
    ANIMAL = "animal", "Animal study"
    IN_VITRO = "in vitro", "Laboratory study without people"
    PROTOCOL = "protocol only", "Protocol, no results yet"

    @classmethod
    def groups(cls):
        """The designs in their groups, strongest first within the group: [(name, [designs])]."""
        return [
            ("Reviews", [cls.META_ANALYSIS, cls.IPD, cls.NETWORK, cls.UMBRELLA, cls.REVIEW, cls.SCOPING]),
            (
                "Randomised trials",
                [
                    cls.PARALLEL,
                    cls.CLUSTER,
                    cls.CROSSOVER,
                    cls.FACTORIAL,
                    cls.STEPPED_WEDGE,
                    cls.N_OF_1,
                    cls.PILOT,
                ],
            ),
            (
                "Trials without randomisation",
                [
                    cls.NON_RANDOMISED,
                    cls.CONTROLLED_BEFORE_AFTER,
                    cls.INTERRUPTED_SERIES,
                    cls.PRE_POST,
                    cls.ACUTE_LABORATORY,
                ],
            ),
            (
                "Observational studies",
                [
                    cls.PROSPECTIVE_COHORT,
                    cls.RETROSPECTIVE_COHORT,
                    cls.NESTED_CASE_CONTROL,
                    cls.CASE_CONTROL,
                    cls.CROSS_SECTIONAL,
                    cls.ECOLOGICAL,
                    cls.CASE_SERIES,
                    cls.CASE_REPORT,
                ],
            ),
            (
                "Other",
                [
                    cls.GUIDELINE,
                    cls.MECHANISTIC,
                    cls.QUALITATIVE,
                    cls.MIXED,
                    cls.MEASUREMENT,
                    cls.ECONOMIC,
                    cls.ANIMAL,
                    cls.IN_VITRO,
                    cls.PROTOCOL,
                ],
            ),
        ]

    @classmethod
    def strongest_first(cls):
        return [design for _, designs in cls.groups() for design in designs]

    @property
    def is_synthesis(self):
        """Secondary research: never pooled together with the trials it contains."""
        return self in (self.REVIEW, self.META_ANALYSIS, self.NETWORK, self.IPD, self.UMBRELLA, self.SCOPING)

    @property
    def is_randomised(self):
        """Chance decided who, or what came first: where the certainty of a body starts high."""
        return self in (
            self.PARALLEL,
            self.CLUSTER,
            self.CROSSOVER,
            self.FACTORIAL,
            self.STEPPED_WEDGE,
            self.N_OF_1,
            self.PILOT,
        )


class StudyQuerySet(models.QuerySet):
    def published(self):
        """Studies that the public may see."""
        return self.filter(state=Study.State.PUBLISHED)

    def designed_as(self, designs):
        return self.filter(design__in=list(designs))

    def from_years(self, first=None, last=None, *, or_unknown=False):
        """Published from `first` to `last`, both included; None leaves that side open."""
        within = between("year", first, last)
        return self.filter(within | models.Q(year__isnull=True) if or_unknown else within)

    def of_unknown_year(self):
        return self.filter(year__isnull=True)

    def with_people(self):
        """Annotate `people`: those who entered, or those analysed where only that is known."""
        return self.annotate(people=Coalesce("n_enrolled", "n_analysed"))

    def of_size(self, least=None, most=None, *, or_unknown=False):
        """With at least `least` and at most `most` people; None leaves that side open."""
        within = between("people", least, most)
        return self.with_people().filter(within | models.Q(people__isnull=True) if or_unknown else within)

    def of_unknown_size(self):
        return self.with_people().filter(people__isnull=True)

    def at_risk_of_bias(self, levels, *, or_not_appraised=False):
        """Whose appraisal as a whole came to one of `levels`."""
        of_whole = Appraisal.objects.filter(study=models.OuterRef("pk"), result__isnull=True)
        condition = models.Q(models.Exists(of_whole.filter(level__in=list(levels))))
        if or_not_appraised:
            condition |= ~models.Q(models.Exists(of_whole))
        return self.filter(condition)

    def not_appraised(self):
        of_whole = Appraisal.objects.filter(study=models.OuterRef("pk"), result__isnull=True)
        return self.filter(~models.Exists(of_whole))

    def with_a_result_in(self, results):
        """That have at least one of `results` (a QuerySet of results)."""
        return self.filter(models.Exists(results.filter(study=models.OuterRef("pk"))))

    def but_not(self, studies):
        """Without these (a QuerySet of studies)."""
        return self.filter(~models.Exists(studies.filter(pk=models.OuterRef("pk"))))

    def matching(self, query):
        """That hold the words of `query` (see `search.parse`), with the annotation `rank`."""
        return search.filter(self, Study.text_index, query)

    def of_integrity(self, states):
        return self.filter(integrity__in=list(states))

    # Where studies tie, the one that came into the database last comes first.

    def best_match_first(self):
        """Only after `matching`, which says how well a study matches."""
        return self.order_by("-rank", "-pk")

    def newest_first(self):
        return self.order_by(models.F("year").desc(nulls_last=True), "-pk")

    def oldest_first(self):
        return self.order_by(models.F("year").asc(nulls_last=True), "-pk")

    def last_added_first(self):
        return self.order_by("-pk")

    def most_people_first(self):
        return self.with_people().order_by(models.F("people").desc(nulls_last=True), "-pk")

    def strongest_design_first(self):
        order = [
            models.When(design=design, then=place) for place, design in enumerate(Design.strongest_first())
        ]
        return self.annotate(
            design_place=models.Case(*order, default=len(order), output_field=models.IntegerField())
        ).order_by("design_place", models.F("year").desc(nulls_last=True), "-pk")


class Study(models.Model):
    """One investigation of people. Not a paper: a study has one or more reports."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Integrity(models.TextChoices):
        OK = "ok", "No concern known"
        CONCERN = "concern", "Expression of concern"
        RETRACTED = "retracted", "Retracted"

    class Funding(models.TextChoices):
        PUBLIC = "public", "Public"
        CHARITY = "charity", "Charity"
        INDUSTRY = "industry", "Industry"
        MIXED = "mixed", "Mixed"
        NONE = "none", "No outside funding"
        NOT_REPORTED = "not reported", "Not reported"

    class Numbers(models.TextChoices):
        VERIFIED = "verified", "Numbers seen in the source"
        UNVERIFIED = "unverified", "No numbers seen in the source"

    label = models.CharField(max_length=120, help_text="First author and year, for example “Miller 1987”.")
    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text="In the address and in import files. Keep it once it is in use.",
    )
    title = models.CharField(
        max_length=500,
        blank=True,
        help_text="As printed on the main report. Empty if nobody has seen it: readers then see the label.",
    )
    design = models.CharField(
        max_length=32, choices=Design, help_text="What was done, not what the report calls it."
    )
    design_note = models.CharField(
        max_length=200,
        blank=True,
        help_text="What readers should know about the design, for example “as analysed in the review”.",
    )
    state = models.CharField(
        max_length=12,
        choices=State,
        default=State.DRAFT,
        help_text="Only published studies are shown, counted and used on pages.",
    )
    integrity = models.CharField(max_length=12, choices=Integrity, default=Integrity.OK)
    year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the main report.")
    countries = models.JSONField(
        default=list, blank=True, help_text='Two-letter codes as a JSON list: ["NL", "DE"].'
    )
    setting = models.CharField(max_length=200, blank=True, help_text="Where it took place, in a few words.")
    n_enrolled = models.PositiveIntegerField(
        "people who entered",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Randomised in a trial, enrolled in other designs; in a review, people in all its studies.",
    )
    n_analysed = models.PositiveIntegerField("people analysed", null=True, blank=True)
    n_studies = models.PositiveIntegerField("studies in the review", null=True, blank=True)
    funding = models.CharField(max_length=16, choices=Funding, default=Funding.NOT_REPORTED)
    interests_declared = models.BooleanField(
        null=True,
        blank=True,
        help_text="Do the authors declare interests of their own? Unknown if not reported.",
    )
    interests = models.TextField(blank=True, help_text="What they declare, in short.")
    is_preregistered = models.BooleanField("preregistered", null=True, blank=True)
    summary = models.TextField(
        blank=True, help_text="What was done and found, in one to three plain sentences of your own."
    )
    numbers = models.CharField(
        max_length=12,
        choices=Numbers,
        default=Numbers.UNVERIFIED,
        help_text="Shown to readers where not verified.",
    )
    caveats = models.JSONField(
        default=list,
        blank=True,
        help_text="What is uncertain about this record, as a JSON list of sentences. Shown to readers.",
    )
    sources = models.JSONField(
        default=list,
        blank=True,
        help_text="Addresses of the pages where the numbers were read, as a JSON list.",
    )
    added_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = StudyQuerySet.as_manager()
    history = HistoricalRecords()

    text_index = search.TextIndex(
        name="study",
        table="evidence_study",
        columns={"title": "A", "label": "A", "summary": "B", "design_note": "D", "setting": "D"},
    )

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="study_year_plausible",
                condition=models.Q(year__isnull=True) | models.Q(year__range=(1800, 2100)),
                violation_error_message="Give a year between 1800 and 2100.",
            ),
            models.CheckConstraint(
                name="study_people_positive",
                condition=(models.Q(n_enrolled__isnull=True) | models.Q(n_enrolled__gte=1)),
                violation_error_message="A study has at least one person.",
            ),
            models.CheckConstraint(
                name="study_analysed_not_above_enrolled",
                condition=models.Q(n_enrolled__isnull=True)
                | models.Q(n_analysed__isnull=True)
                | models.Q(n_analysed__lte=models.F("n_enrolled")),
                violation_error_message="No more people can be analysed than entered.",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "year"], name="study_state_year"),
            models.Index(fields=["design"], name="study_design"),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("evidence:study_detail", args=[self.slug])

    def clean(self):
        super().clean()
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": "Another page has this address."})
        for field in ("countries", "caveats", "sources"):
            if not is_list_of_texts(getattr(self, field)):
                raise ValidationError({field: "Give a JSON list of texts."})

    @property
    def name(self):
        """What readers see: the title, or the label where nobody has seen the title."""
        return self.title or self.label

    @property
    def n_people(self):
        """Those who entered, or those analysed where only that is known; None if neither is."""
        return self.n_enrolled if self.n_enrolled is not None else self.n_analysed

    @property
    def is_published(self):
        return self.state == self.State.PUBLISHED

    @property
    def is_retracted(self):
        return self.integrity == self.Integrity.RETRACTED


search.register(Study.text_index)
