"""The columns of the CSV: what each holds, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable

from .. import effects
from ..models import Result
from .cells import Cell
from .loading import Loaded, address, main_report

StudyCell = Callable[[Loaded], Cell | bool]
ResultCell = Callable[[Result], Cell | bool]


def _of_report(name: str) -> StudyCell:
    def cell(study: Loaded) -> Cell:
        report = main_report(study)
        return None if report is None else getattr(report, name)

    return cell


def _authors(study: Loaded) -> str:
    report = main_report(study)
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
