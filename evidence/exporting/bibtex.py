"""BibTeX for LaTeX and reference managers: the main report of each study."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from ..browsing import Filter
from ..models import Report, Study
from .authors import author
from .loading import Loaded, address, main_report, with_reports

IN_JOURNALS = (
    Report.Kind.ARTICLE,
    Report.Kind.ABSTRACT,
    Report.Kind.PROTOCOL,
    Report.Kind.CORRECTION,
    Report.Kind.RETRACTION,
)

# Braces count even behind a backslash, so that these have names.
_SPECIAL = {
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def bibtex_entries(chosen: Filter) -> Iterator[str]:
    """An entry for each study of what is filtered, in the order chosen."""
    for study in with_reports(chosen):
        yield bibtex_entry(study, main_report(study))


def bibtex_entry(study: Loaded, report: Report | None) -> str:
    """The entry of one study; a study without a report is still an entry."""
    is_article = report is not None and bool(report.journal) and report.kind in IN_JOURNALS
    fields: list[tuple[str, str]] = []
    if report is not None:
        fields = [
            ("author", " and ".join(_name(name) for name in report.authors if name.strip())),
            ("title", _protected(report.title or study.name)),
            ("journal", escape(report.journal)),
            ("year", "" if report.year is None else str(report.year)),
            ("volume", escape(report.volume)),
            ("number", escape(report.issue)),
            ("pages", re.sub(r"\s*[-–]+\s*", "--", escape(report.pages))),
            ("howpublished", "" if is_article else escape(report.get_kind_display())),
            ("language", escape(report.language) if report.title else ""),
            ("doi", _verbatim(report.doi or "")),
            ("pmid", report.pmid or ""),
            ("url", _verbatim(report.link or address(study))),
        ]
    else:
        fields = [
            ("title", _protected(study.name)),
            ("year", "" if study.year is None else str(study.year)),
            ("url", _verbatim(address(study))),
        ]
    fields.append(("note", escape(_note(study, report))))
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value)
    return f"@{'article' if is_article else 'misc'}{{{key(study)},\n{lines}}}\n\n"


def key(study: Study) -> str:
    """What the entry is cited by: the short name of the study, which stays and which no other study has.

    BibTeX takes capital and small letters for the same, so a name with capital letters is told apart.
    """
    if study.slug == study.slug.lower():
        return study.slug
    return f"{study.slug}-{hashlib.sha256(study.slug.encode()).hexdigest()[:8]}"


def escape(words: str) -> str:
    """Words as LaTeX prints them, in one line."""
    flat = " ".join(_CONTROL.sub(" ", words).split())
    return "".join(_SPECIAL.get(letter, letter) for letter in flat)


def _protected(words: str) -> str:
    """Words whose capital letters stay."""
    return f"{{{escape(words)}}}"


def _name(text: str) -> str:
    """A name that cannot be taken apart in a wrong place, whatever it holds."""
    name = author(text)
    if not name.is_person or " and " in f" {name.family.lower()} ":
        return _protected(text)
    return ", ".join(part for part in (escape(name.family), name.suffix, name.dotted) if part)


def _verbatim(text: str) -> str:
    """An address, which nobody unescapes: what would end the field is written as in addresses."""
    return re.sub(
        r"[\\{}\s\x00-\x1f\x7f]", lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), text
    )


def _note(study: Study, report: Report | None) -> str:
    said = []
    if study.integrity != Study.Integrity.OK:
        said.append(f"{study.get_integrity_display()}.")
    if report is not None and report.bibliography != Report.Bibliography.VERIFIED:
        said.append(f"{report.get_bibliography_display()}.")
    said.append(f"{study.get_design_display()}. Read on {address(study)}")
    return " ".join(said)
