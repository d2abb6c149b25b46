"""RIS for reference managers: the main report of each study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..browsing import Filter
from ..models import Report, Study
from .authors import author
from .loading import address, main_report, with_reports

RIS_TYPES = {
    Report.Kind.ARTICLE: "JOUR",
    Report.Kind.ABSTRACT: "ABST",
    Report.Kind.THESIS: "THES",
    Report.Kind.CORRECTION: "JOUR",
    Report.Kind.RETRACTION: "JOUR",
}


def ris_records(chosen: Filter) -> Iterator[str]:
    """The RIS of what is filtered: the main report of each study, in the order chosen."""
    for study in with_reports(chosen):
        yield ris_record(study, main_report(study))


def ris_record(study: Study, report: Report | None) -> str:
    """One RIS record, its lines ended as the format asks; a study without a report is still a record."""
    lines: list[tuple[str, Any]] = [
        ("TY", RIS_TYPES.get(Report.Kind(report.kind), "GEN") if report is not None else "GEN"),
        ("TI", (report.title if report is not None else "") or study.name),
    ]
    if report is not None:
        first, _, last = report.pages.replace("–", "-").partition("-")
        lines += [("AU", _name(text)) for text in report.authors]
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


def _name(text: str) -> str:
    """A person as “Miller, J. F.”, which reference managers sort by; a group as it is."""
    name = author(text)
    if not name.is_person:
        return text
    return ", ".join(part for part in (name.family, name.dotted, name.suffix) if part)
