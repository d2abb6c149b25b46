"""Identifiers: one written form each."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from evidence.identifiers import normalise_doi, normalise_nct, normalise_pmid
from evidence.models import Report
from tests.factories import ReportFactory


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("10.1249/MSS.0b013e31802b3562", "10.1249/mss.0b013e31802b3562"),
        ("https://doi.org/10.1136/bmj.d123", "10.1136/bmj.d123"),
        ("http://dx.doi.org/10.1136/bmj.d123.", "10.1136/bmj.d123"),
        ("doi: 10.1136/bmj.d123 ", "10.1136/bmj.d123"),
        ("DOI:10.1136/BMJ.D123;", "10.1136/bmj.d123"),
    ],
)
def test_doi_has_one_form(typed, stored):
    assert normalise_doi(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("35742596", "35742596"),
        ("PMID: 35742596", "35742596"),
        ("https://pubmed.ncbi.nlm.nih.gov/35742596/", "35742596"),
        ("0035742596", "35742596"),
    ],
)
def test_pmid_has_one_form(typed, stored):
    assert normalise_pmid(typed) == stored


@pytest.mark.parametrize(
    "typed", ["nct03630471", "https://clinicaltrials.gov/study/NCT03630471", " NCT03630471 "]
)
def test_nct_has_one_form(typed):
    assert normalise_nct(typed) == "NCT03630471"


@given(st.text() | st.from_regex(r"(doi:|https://doi\.org/)*10\.[0-9]{4}/[a-zA-Z.,; ]*"))
def test_doi_normalises_to_the_same_again(text):
    once = normalise_doi(text)

    assert normalise_doi(once) == once


@given(st.text() | st.from_regex(r"(pmid: ?)*0*[0-9]*/*"))
def test_pmid_normalises_to_the_same_again(text):
    once = normalise_pmid(text)

    assert normalise_pmid(once) == once


@given(st.text() | st.from_regex(r"(https://clinicaltrials\.gov/study/)*nct[0-9]*/* *"))
def test_nct_normalises_to_the_same_again(text):
    once = normalise_nct(text)

    assert normalise_nct(once) == once


@pytest.mark.django_db
def test_report_stores_identifiers_in_their_form():
    report = ReportFactory(
        doi="https://doi.org/10.1136/BMJ.d123", pmid="PMID 007", nct="nct00000001", pmcid="pmc12"
    )

    assert (report.doi, report.pmid, report.nct, report.pmcid) == (
        "10.1136/bmj.d123",
        "7",
        "NCT00000001",
        "PMC12",
    )
    report.refresh_from_db()
    assert (report.doi, report.pmid, report.nct, report.pmcid) == (
        "10.1136/bmj.d123",
        "7",
        "NCT00000001",
        "PMC12",
    )


@pytest.mark.django_db
def test_report_is_found_by_an_identifier_in_any_form():
    report = ReportFactory(doi="10.1136/bmj.d123")

    assert Report.objects.get(doi="https://doi.org/10.1136/BMJ.D123") == report


@pytest.mark.django_db
def test_two_reports_share_no_identifier_however_written():
    ReportFactory(doi="10.1136/bmj.d123")

    with pytest.raises(IntegrityError), transaction.atomic():
        ReportFactory(doi="HTTPS://DOI.ORG/10.1136/BMJ.D123")

    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_reports_without_identifiers_live_side_by_side():
    ReportFactory(doi="")
    ReportFactory(doi=None)

    assert list(Report.objects.values_list("doi", flat=True)) == [None, None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"), [("doi", "11.1136/x"), ("pmid", "12a"), ("nct", "NCT1"), ("pmcid", "9224507")]
)
def test_report_refuses_what_is_no_identifier(field, value):
    report = ReportFactory.build(**{field: value})
    report.study = ReportFactory().study

    with pytest.raises(ValidationError) as refusal:
        report.full_clean()

    assert list(refusal.value.message_dict) == [field]
