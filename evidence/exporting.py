"""Studies to take away: CSV for spreadsheets, RIS for reference managers, JSON-LD for machines.

The CSV has one row for each result that satisfies the filter, and one row for a study without such a result
where nothing is chosen about results; `COLUMNS` says what each column holds. It is UTF-8 with a byte order
mark, because spreadsheet programs otherwise read the minus signs and names in it as something else, and
programs for statistics skip the mark. Both files are written study by study, whatever their length.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString, mark_safe

from . import effects
from .browsing import Filter
from .models import Appraisal, Report, Result, Study
from .models.study import Design

CHUNK = 200
"""Studies held in memory at a time."""

BYTE_ORDER_MARK = "\ufeff"

Cell = str | int | float | None
# What is loaded for a file stands in attributes that the model does not declare.
Loaded = Any
StudyCell = Callable[[Loaded], Cell | bool]
ResultCell = Callable[[Result], Cell | bool]


def address(study: Study) -> str:
    """The full address of the page of a study."""
    return f"{settings.SITE_URL}{study.get_absolute_url()}"


# CSV


def _main_report(study: Loaded) -> Report | None:
    return study.reports_in_order[0] if study.reports_in_order else None


def _of_report(name: str) -> StudyCell:
    def cell(study: Loaded) -> Cell:
        report = _main_report(study)
        return None if report is None else getattr(report, name)

    return cell


def _authors(study: Loaded) -> str:
    report = _main_report(study)
    return "" if report is None else "; ".join(report.authors)


def _populations(result: Result) -> str:
    """Slug and share of every population the sample is tagged with itself or takes over from the whole."""
    own = result.sample.shares.all()
    set_axes = {share.population.axis for share in own}
    whole = result.sample.parent
    taken_over = (
        [share for share in whole.shares.all() if share.population.axis not in set_axes] if whole else []
    )
    return "; ".join(sorted(f"{share.population.slug} ({share.share})" for share in (*own, *taken_over)))


def _received(result: Result) -> str:
    return "; ".join(sorted(node.slug for node in result.arm.interventions.all()))


def _risk_of_bias(study: Loaded) -> str:
    return "; ".join(
        f"{appraisal.tool.name}: {appraisal.judgement_label}"
        + (" (demonstration judgement)" if appraisal.is_demonstration else "")
        for appraisal in study.appraisals_of_whole
    )


def _of_result(name: str) -> ResultCell:
    return lambda result: getattr(result, name)


STUDY_COLUMNS: list[tuple[str, str, StudyCell]] = [
    ("study", "Short name of the study in addresses", lambda study: study.slug),
    ("label", "First author and year", lambda study: study.label),
    ("title", "Title of the main report; empty if nobody has seen it", lambda study: study.title),
    ("address", "Page of the study on this site", address),
    ("design", "Study design", lambda study: study.get_design_display()),
    ("year", "Year of the main report", lambda study: study.year),
    ("countries", "Two-letter codes of ISO 3166-1", lambda study: "; ".join(study.countries)),
    ("setting", "Where it took place", lambda study: study.setting),
    ("people_enrolled", "People who entered", lambda study: study.n_enrolled),
    ("people_analysed", "People analysed", lambda study: study.n_analysed),
    ("studies_in_review", "Studies in a review", lambda study: study.n_studies),
    ("funding", "Kind of funding", lambda study: study.funding),
    ("preregistered", "yes, no, or empty if not reported", lambda study: study.is_preregistered),
    ("integrity", "ok, concern or retracted", lambda study: study.integrity),
    ("numbers", "Whether anybody has seen the numbers in the source", lambda study: study.numbers),
    ("risk_of_bias", "Judgements of the study as a whole, each with its tool", _risk_of_bias),
    ("authors", "Authors of the main report", _authors),
    ("journal", "Journal of the main report", _of_report("journal")),
    ("bibliography", "Whether the bibliography was seen in a source", _of_report("bibliography")),
    ("doi", "DOI of the main report", _of_report("doi")),
    ("pmid", "PubMed number of the main report", _of_report("pmid")),
    ("nct", "ClinicalTrials.gov number, where the main report is a registration", _of_report("nct")),
    ("summary", "What was done and found, in plain words", lambda study: study.summary),
]

RESULT_COLUMNS: list[tuple[str, str, ResultCell]] = [
    ("result", "Short name of the result within the study", _of_result("key")),
    ("outcome", "Outcome", lambda result: result.outcome.name),
    ("outcome_slug", "Short name of the outcome in addresses", lambda result: result.outcome.slug),
    ("better", "Which direction is better: higher, lower or depends", lambda result: result.outcome.better),
    ("instrument", "How it was measured", _of_result("instrument")),
    ("unit", "Unit of means and differences", _of_result("unit")),
    ("weeks", "Weeks since the start; 0 for a single session", _of_result("weeks")),
    ("phase", "acute, end or follow-up", _of_result("phase")),
    ("analysis", "Who was analysed", _of_result("analysis")),
    ("primary_outcome", "yes or no", _of_result("is_primary")),
    ("state", "reported, not reported or planned", _of_result("state")),
    ("sample", "Whole sample or subgroup", lambda result: result.sample.label),
    ("sample_people", "People in it", lambda result: result.sample.n),
    ("populations", "Who they were; each with its share: all, most, part or excluded", _populations),
    ("arm", "The group that is compared", lambda result: result.arm.label),
    ("interventions", "What that group received", _received),
    (
        "comparator",
        "What it is compared with; empty for a change within one group",
        lambda result: result.comparator.label if result.comparator is not None else None,
    ),
    (
        "before_after",
        "yes for a change within one group, without a comparison",
        _of_result("is_before_after"),
    ),
    ("measure", "Effect measure", lambda result: effects.measure(result.measure).label),
    ("measure_code", "Its code", _of_result("measure")),
    *(
        (name, words, _of_result(name))
        for name, words in [
            ("arm_n", "People in the arm"),
            ("arm_mean", "Mean, in the unit"),
            ("arm_sd", "Standard deviation, in the unit"),
            ("arm_baseline_mean", "Mean at the start"),
            ("arm_baseline_sd", "Standard deviation at the start"),
            ("arm_events", "People with the event"),
            ("arm_person_time", "Person-time"),
            ("comparator_n", "People in the comparator"),
            ("comparator_mean", "Mean, in the unit"),
            ("comparator_sd", "Standard deviation, in the unit"),
            ("comparator_baseline_mean", "Mean at the start"),
            ("comparator_baseline_sd", "Standard deviation at the start"),
            ("comparator_events", "People with the event"),
            ("comparator_person_time", "Person-time"),
            ("paired", "yes where the same people were in both conditions"),
            ("correlation", "Within-person correlation"),
            ("estimate", "As printed, on the scale of the measure (a ratio as a ratio)"),
            ("ci_low", "Lower end of the printed interval"),
            ("ci_high", "Upper end of the printed interval"),
            ("ci_level", "Level of that interval in %"),
            ("se", "Standard error, on the analysis scale"),
            ("p_value", "p"),
            ("p_text", "p as printed"),
            ("yi", "Effect on the analysis scale"),
            ("vi", "Its variance"),
        ]
    ),
    (
        "analysis_scale",
        "Scale of yi and vi: natural, log, fisher_z or logit",
        lambda result: effects.measure(result.measure).scale.value,
    ),
    (
        "derivation",
        "What yi and vi were computed from",
        lambda result: effects.DERIVATIONS.get(result.derivation, result.derivation),
    ),
    ("direction", "What the result points to", _of_result("direction")),
    ("finding", "What was found, in plain words", _of_result("finding")),
    ("place", "Table, figure or page of the report", _of_result("place")),
]

COLUMNS: list[tuple[str, str]] = [(name, words) for name, words, _ in (*STUDY_COLUMNS, *RESULT_COLUMNS)]
"""Every column of the CSV, in order, with what it holds."""


class _Line:
    """A file that hands back each line instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(chosen: Filter) -> Iterator[str]:
    """The CSV of what is filtered, line by line, in the order chosen."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([name for name, _ in COLUMNS])
    no_result: list[Cell] = [None] * len(RESULT_COLUMNS)
    study: Loaded
    for study in _for_csv(chosen).iterator(chunk_size=CHUNK):
        about_study = [safe_cell(cell(study)) for _, _, cell in STUDY_COLUMNS]
        for result in study.matching_results:
            yield writer.writerow(about_study + [safe_cell(cell(result)) for _, _, cell in RESULT_COLUMNS])
        if not study.matching_results:
            yield writer.writerow(about_study + no_result)


def _for_csv(chosen: Filter) -> QuerySet[Study]:
    results = (
        chosen.results()
        .for_display()
        .select_related("sample__parent")
        .prefetch_related(
            "arm__interventions", "sample__shares__population", "sample__parent__shares__population"
        )
        .in_order()
    )
    whole = Appraisal.objects.filter(result=None).select_related("tool").order_by("tool__name", "pk")
    return chosen.in_order().prefetch_related(
        Prefetch("results", results, to_attr="matching_results"),
        Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order"),
        Prefetch("appraisals", whole, to_attr="appraisals_of_whole"),
    )


def safe_cell(value: Cell | bool) -> Cell:
    """What a cell holds. A text that a spreadsheet would run as a formula gets an apostrophe in front.

    Numbers stay numbers, also negative ones.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
    return value


# RIS

RIS_TYPES = {
    Report.Kind.ARTICLE: "JOUR",
    Report.Kind.ABSTRACT: "ABST",
    Report.Kind.THESIS: "THES",
    Report.Kind.CORRECTION: "JOUR",
    Report.Kind.RETRACTION: "JOUR",
}


def ris_lines(chosen: Filter) -> Iterator[str]:
    """The RIS of what is filtered: the main report of each study, in the order chosen."""
    reports = Prefetch("reports", Report.objects.primary_first(), to_attr="reports_in_order")
    for study in chosen.in_order().prefetch_related(reports).iterator(chunk_size=CHUNK):
        yield ris_record(study, _main_report(study))


def ris_record(study: Study, report: Report | None) -> str:
    """One RIS record, its lines ended as the format asks; a study without a report is still a record."""
    lines: list[tuple[str, Any]] = [
        ("TY", RIS_TYPES.get(Report.Kind(report.kind), "GEN") if report is not None else "GEN"),
        ("TI", (report.title if report is not None else "") or study.name),
    ]
    if report is not None:
        first, _, last = report.pages.replace("–", "-").partition("-")
        lines += [("AU", author) for author in report.authors]
        lines += [
            ("PY", report.year),
            ("T2", report.journal),
            ("VL", report.volume),
            ("IS", report.issue),
            ("SP", first),
            ("EP", last),
            ("DO", report.doi),
            ("AN", report.pmid),
            ("LA", report.language),
            ("UR", report.link),
        ]
        if report.bibliography != Report.Bibliography.VERIFIED:
            lines.append(("N1", f"{report.get_bibliography_display()}."))
    else:
        lines.append(("PY", study.year))
    if study.integrity != Study.Integrity.OK:
        lines.append(("N1", f"{study.get_integrity_display()}."))
    lines += [("N1", f"{study.label}. {study.get_design_display()}. {study.summary}"), ("UR", address(study))]
    # A line end inside a value would start another line of the record.
    written = [(tag, " ".join(str(value).split())) for tag, value in lines if value not in (None, "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in [*written, ("ER", "")])


# JSON-LD

_RANDOMISED = dict(Design.groups())["Randomised trials"]
_OTHER_TRIALS = dict(Design.groups())["Trials without randomisation"]
_OBSERVATIONAL = {
    Design.PROSPECTIVE_COHORT: "CohortStudy",
    Design.RETROSPECTIVE_COHORT: "CohortStudy",
    Design.CROSS_SECTIONAL: "CrossSectional",
    Design.CASE_SERIES: "CaseSeries",
    **dict.fromkeys(
        (Design.CASE_CONTROL, Design.NESTED_CASE_CONTROL, Design.ECOLOGICAL, Design.CASE_REPORT),
        "Observational",
    ),
}
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def json_ld(study: Study, reports: list[Report], conditions: list[str]) -> SafeString:
    """A study in the words of schema.org, for a script element of type application/ld+json.

    A review is its article; anything else is a study with its reports as articles. `conditions` are the
    health conditions of the people who took part. Ratings have no place here: schema.org knows no GRADE.
    """
    articles = [_article(report) for report in reports]
    design = Design(study.design)
    data: dict[str, Any] = {
        "@type": "MedicalStudy",
        "name": study.name,
        "url": address(study),
        "description": study.summary,
    }
    if design.is_synthesis:
        main = articles[0] if articles else {}
        data = {**data, **main, "@type": "ScholarlyArticle", "url": data["url"], "headline": study.name}
    else:
        if design in _RANDOMISED:
            data |= {"@type": "MedicalTrial", "trialDesign": "https://schema.org/RandomizedTrial"}
        elif design in _OTHER_TRIALS:
            data["@type"] = "MedicalTrial"
        elif design in _OBSERVATIONAL:
            kind = _OBSERVATIONAL[design]
            data |= {"@type": "MedicalObservationalStudy", "studyDesign": f"https://schema.org/{kind}"}
        data["subjectOf"] = articles
        data["healthCondition"] = [{"@type": "MedicalCondition", "name": name} for name in conditions]
        data["studyLocation"] = [{"@type": "Country", "name": code} for code in study.countries]
    known = {key: value for key, value in data.items() if value not in ("", None, [])}
    return _script({"@context": "https://schema.org", **known})


def _article(report: Report) -> dict[str, Any]:
    article = {
        "@type": "ScholarlyArticle",
        "headline": report.title,
        "author": [{"@type": "Person", "name": name} for name in report.authors],
        "datePublished": str(report.year) if report.year is not None else None,
        "isPartOf": {"@type": "Periodical", "name": report.journal} if report.journal else None,
        "inLanguage": report.language if report.title else None,
        "identifier": f"doi:{report.doi}" if report.doi else None,
        "sameAs": report.link,
        "creativeWorkStatus": "Retracted" if report.retraction == Report.Retraction.RETRACTED else None,
    }
    return {key: value for key, value in article.items() if value not in ("", None, [])}


def _script(data: dict[str, Any]) -> SafeString:
    """JSON in which nothing can end the script element around it."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308
