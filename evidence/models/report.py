"""Publications of a study."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from search.stored import is_list_of_texts

from ..identifiers import DOIField, NCTField, PMCIDField, PMIDField


class ReportQuerySet(models.QuerySet):
    def primary_first(self):
        return self.order_by("-is_primary", "year", "pk")


class Report(models.Model):
    """One publication of a study: an article, a registration, a protocol, a retraction notice."""

    class Kind(models.TextChoices):
        ARTICLE = "article", "Journal article"
        ABSTRACT = "abstract", "Conference abstract"
        REGISTRATION = "registration", "Trial registration"
        PROTOCOL = "protocol", "Protocol"
        THESIS = "thesis", "Thesis"
        PREPRINT = "preprint", "Preprint"
        CORRECTION = "correction", "Correction"
        RETRACTION = "retraction", "Retraction notice"
        REVIEW_TABLE = "review table", "Row in a review's table of studies"
        OTHER = "other", "Other"

    class Bibliography(models.TextChoices):
        VERIFIED = "verified", "Bibliography verified"
        PARTLY = "partly verified", "Bibliography partly verified"
        UNVERIFIED = "unverified", "Bibliography not verified"

    class Retraction(models.TextChoices):
        NONE = "none", "None known"
        CONCERN = "concern", "Expression of concern"
        RETRACTED = "retracted", "Retracted"

    study = models.ForeignKey("evidence.Study", on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.ARTICLE)
    is_primary = models.BooleanField(
        "main report",
        default=False,
        help_text="The report that the numbers are mainly taken from. One for a study.",
    )
    title = models.CharField(
        max_length=500, blank=True, help_text="As printed. Leave it empty if nobody has seen it."
    )
    authors = models.JSONField(
        default=list, blank=True, help_text='As a JSON list, family name first: ["Miller JF", "Stamford BA"].'
    )
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    journal = models.CharField(max_length=300, blank=True)
    volume = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=40, blank=True)
    pages = models.CharField(max_length=40, blank=True)
    doi = DOIField("DOI", unique=True, help_text="Paste it with or without the address; it is normalised.")
    pmid = PMIDField("PubMed ID", unique=True)
    pmcid = PMCIDField("PubMed Central ID", unique=True)
    nct = NCTField("ClinicalTrials.gov number", unique=True, help_text="Of the registration itself.")
    url = models.URLField("address", max_length=500, blank=True, help_text="Only where there is no DOI.")
    language = models.CharField(
        max_length=8, default="en", help_text="Language tag of the title, for example en or de."
    )
    licence = models.CharField(max_length=80, blank=True)
    bibliography = models.CharField(
        max_length=16,
        choices=Bibliography,
        default=Bibliography.UNVERIFIED,
        help_text="Verified: title, authors, year and journal were seen in a source. Shown to readers.",
    )
    retraction = models.CharField(
        "retraction state", max_length=16, choices=Retraction, default=Retraction.NONE
    )
    retracted_on = models.DateField(null=True, blank=True)
    retraction_notice_doi = models.CharField("DOI of the notice", max_length=200, blank=True)
    retraction_checked_on = models.DateField(null=True, blank=True, help_text="When somebody last looked.")

    objects = ReportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=models.Q(is_primary=True),
                name="report_one_primary_per_study",
                violation_error_message="A study has one main report.",
            ),
            models.CheckConstraint(
                name="report_doi_normal",
                condition=models.Q(doi__isnull=True) | models.Q(doi__startswith="10.", doi=Lower("doi")),
                violation_error_message="A DOI starts with 10. and is stored in lower case.",
            ),
            models.CheckConstraint(
                name="report_year_plausible",
                condition=models.Q(year__isnull=True) | models.Q(year__range=(1800, 2100)),
                violation_error_message="Give a year between 1800 and 2100.",
            ),
            models.CheckConstraint(
                name="report_retraction_date_needs_state",
                condition=models.Q(retracted_on__isnull=True) | ~models.Q(retraction="none"),
                violation_error_message="A date of retraction needs a retraction state.",
            ),
        ]
        indexes = [models.Index(fields=["year"], name="report_year")]

    def __str__(self):
        return self.title or f"{self.get_kind_display()}, {self.year or 'year unknown'}"

    def clean(self):
        super().clean()
        if not is_list_of_texts(self.authors):
            raise ValidationError({"authors": 'Give a JSON list of names, for example ["Miller JF"].'})

    @property
    def authors_text(self):
        """The authors as a reference list prints them: up to three, then “and others”."""
        if len(self.authors) > 3:
            return f"{self.authors[0]} and others"
        return ", ".join(self.authors)

    @property
    def link(self):
        """The best outside address of this report, or an empty text."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        if self.nct:
            return f"https://clinicaltrials.gov/study/{self.nct}"
        if self.pmcid:
            return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{self.pmcid}/"
        return self.url
