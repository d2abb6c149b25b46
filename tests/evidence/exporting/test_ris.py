"""RIS: a record for each study, readable by a reference manager."""

import pytest

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from tests.factories import ReportFactory, StudyFactory

pytestmark = pytest.mark.django_db


def record_of(lines):
    """The lines of one RIS record as pairs of tag and value."""
    return [tuple(line.split("  - ", 1)) for line in lines.split("\r\n") if line]


def test_ris_record_has_the_tags_that_reference_managers_read(settings):
    settings.SITE_URL = "https://example.org"
    study = StudyFactory(slug="miller-1987", label="Miller 1987", year=1987, summary="Ten men walked.")
    ReportFactory(
        study=study,
        is_primary=True,
        bibliography="verified",
        title="Energy cost\nof walking",
        authors=["Miller JF", "Stamford BA"],
        year=1987,
        journal="J Appl Physiol",
        volume="62",
        issue="4",
        pages="1497–1501",
        doi="10.1152/jappl.1987.62.4.1497",
        pmid="3597221",
    )

    text = "".join(exporting.ris_records(Filter(Vocabulary.load())))

    assert text.endswith("ER  - \r\n")
    assert record_of(text) == [
        ("TY", "JOUR"),
        ("TI", "Energy cost of walking"),
        ("AU", "Miller, J. F."),
        ("AU", "Stamford, B. A."),
        ("PY", "1987"),
        ("T2", "J Appl Physiol"),
        ("VL", "62"),
        ("IS", "4"),
        ("SP", "1497"),
        ("EP", "1501"),
        ("DO", "10.1152/jappl.1987.62.4.1497"),
        ("AN", "3597221"),
        ("LA", "en"),
        ("UR", "https://doi.org/10.1152/jappl.1987.62.4.1497"),
        ("N1", "Miller 1987. Randomised trial, parallel groups. Ten men walked."),
        ("UR", "https://example.org/studies/miller-1987/"),
        ("ER", ""),
    ]


def test_ris_says_what_is_not_verified_and_what_is_retracted():
    study = StudyFactory(integrity="retracted", label="Doe 2001")
    ReportFactory(study=study, title="", year=None)

    record = record_of("".join(exporting.ris_records(Filter(Vocabulary.load()))))

    assert ("TI", "Doe 2001") in record
    assert ("N1", "Bibliography not verified.") in record
    assert ("N1", "Retracted.") in record
    assert not any(tag == "PY" for tag, _ in record)


def test_ris_keeps_a_study_without_a_report():
    StudyFactory(label="Doe 2001", year=2001)

    record = record_of("".join(exporting.ris_records(Filter(Vocabulary.load()))))

    assert record[:3] == [("TY", "GEN"), ("TI", "Doe 2001"), ("PY", "2001")]
