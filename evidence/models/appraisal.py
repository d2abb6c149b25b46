"""Risk of bias: tools with their domains, and judgements made with them."""

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords


class Level(models.TextChoices):
    """What judgements of different tools are filtered by."""

    LOW = "low", "Low"
    SOME = "some concerns", "Some concerns"
    HIGH = "high", "High"
    UNCLEAR = "unclear", "Unclear"


class Tool(models.Model):
    """A version of a risk-of-bias tool; its domains and judgements are loaded from a data file."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, help_text="For example “RoB 2”.")
    version = models.CharField(max_length=60, blank=True)
    variant = models.CharField(max_length=80, blank=True, help_text="For example “crossover trials”.")
    citation = models.CharField(max_length=400, blank=True)
    judgements = models.JSONField(
        default=list,
        help_text="The allowed judgements as a JSON list of {code, label, level, symbol}; level is "
        "“low”, “some concerns”, “high” or “unclear”.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version", "variant"], name="tool_version_unique"),
        ]

    def __str__(self):
        return " ".join(
            part for part in (self.name, self.version, f"({self.variant})" if self.variant else "") if part
        )

    def judgement(self, code):
        """The entry of `judgements` with this code, or None."""
        return next((entry for entry in self.judgements if entry["code"] == code), None)


class ToolDomain(models.Model):
    """One domain or item of a tool."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="domains")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    is_critical = models.BooleanField(default=False, help_text="An item that weighs most, as in AMSTAR 2.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tool", "code"], name="tool_domain_code_unique")]

    def __str__(self):
        return f"{self.code} {self.name}"


class Appraisal(models.Model):
    """The risk of bias of a study, or of one of its results, judged with a tool."""

    study = models.ForeignKey("evidence.Study", on_delete=models.CASCADE, related_name="appraisals")
    result = models.ForeignKey(
        "evidence.Result",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="appraisals",
        help_text="Empty when the judgement is about the study as a whole.",
    )
    tool = models.ForeignKey(Tool, on_delete=models.PROTECT, related_name="appraisals")
    judgement = models.CharField(
        "overall judgement", max_length=40, help_text="One of the tool's judgements."
    )
    level = models.CharField(
        max_length=16, choices=Level, editable=False, help_text="Follows from the judgement; filters use it."
    )
    reason = models.TextField(blank=True, help_text="Why, in one or two sentences for readers.")
    basis = models.CharField(
        max_length=200, blank=True, help_text="What was read, for example “full article” or “abstract only”."
    )
    is_demonstration = models.BooleanField(
        default=False, help_text="Made to show how the site works, not by appraisers. Readers are told."
    )
    appraised_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "tool"],
                condition=models.Q(result__isnull=True),
                name="appraisal_one_per_study_and_tool",
                violation_error_message="This study is appraised with that tool already.",
            ),
            models.UniqueConstraint(
                fields=["result", "tool"],
                name="appraisal_one_per_result_and_tool",
                violation_error_message="This result is appraised with that tool already.",
            ),
        ]

    def __str__(self):
        return f"{self.tool}: {self.judgement_label}"

    def clean(self):
        super().clean()
        if self.result_id is not None and self.result.study_id != self.study_id:
            raise ValidationError({"result": "This result belongs to another study."})
        if self.tool_id is not None:
            self.derive()

    def derive(self):
        """Set the level that follows from the overall judgement; refuse a judgement foreign to the tool."""
        entry = self.tool.judgement(self.judgement)
        if entry is None:
            codes = ", ".join(entry["code"] for entry in self.tool.judgements)
            raise ValidationError({"judgement": f"{self.tool} knows these judgements: {codes}."})
        self.level = entry["level"]

    @property
    def judgement_label(self):
        entry = self.tool.judgement(self.judgement)
        return entry["label"] if entry else self.judgement


class DomainJudgement(models.Model):
    """The judgement of one domain within an appraisal."""

    appraisal = models.ForeignKey(Appraisal, on_delete=models.CASCADE, related_name="domain_judgements")
    domain = models.ForeignKey(ToolDomain, on_delete=models.PROTECT, related_name="judgements")
    judgement = models.CharField(max_length=40)
    reason = models.TextField(blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal", "domain"],
                name="domain_judgement_unique",
                violation_error_message="This domain is judged already.",
            ),
        ]

    def __str__(self):
        return f"{self.domain.code}: {self.judgement}"

    def clean(self):
        super().clean()
        if self.domain_id is None or self.appraisal_id is None:
            return
        if self.domain.tool_id != self.appraisal.tool_id:
            raise ValidationError({"domain": "This domain belongs to another tool."})
        if self.appraisal.tool.judgement(self.judgement) is None:
            codes = ", ".join(entry["code"] for entry in self.appraisal.tool.judgements)
            raise ValidationError({"judgement": f"{self.appraisal.tool} knows these judgements: {codes}."})
