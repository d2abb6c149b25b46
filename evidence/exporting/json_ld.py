"""JSON-LD: a study in the words of schema.org, for machines that read pages."""

from __future__ import annotations

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from ..models import Report, Study
from ..models.study import Design
from .loading import address

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
