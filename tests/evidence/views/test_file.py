"""Files of studies, as people fetch them, and the codebook beside them."""

import html
import io
import re
import zipfile

import pytest
from django.urls import reverse

from evidence import exporting
from evidence.exporting import workbook
from evidence.models import Study
from tests.factories import ResultFactory, StudyFactory

pytestmark = pytest.mark.django_db

FILES = {
    "/studies.csv": "text/csv; charset=utf-8",
    "/study-rows.csv": "text/csv; charset=utf-8",
    "/studies.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "/studies.json": "application/json",
    "/studies.ris": "application/x-research-info-systems; charset=utf-8",
    "/studies.bib": "application/x-bibtex; charset=utf-8",
}


@pytest.mark.parametrize(("address", "content_type"), FILES.items())
def test_file_holds_exactly_what_is_filtered(client, address, content_type):
    StudyFactory(slug="the-trial", design="parallel trial")
    StudyFactory(slug="the-report", design="case report")
    StudyFactory(slug="the-draft", design="case report", state="draft")

    response = client.get(f"{address}?design=case-report")

    assert response.streaming
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{address[1:]}"'
    assert response["X-Robots-Tag"] == "noindex"
    assert response.cookies == {}
    content = response.getvalue()
    if address.endswith(".xlsx"):
        content = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"the-report" in content
    assert b"the-trial" not in content
    assert b"the-draft" not in content


@pytest.mark.parametrize("address", FILES)
def test_file_for_a_nonsense_address_is_400_and_says_why(client, address):
    response = client.get(f"{address}?population=martians")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "This address was not understood, so there is no file.\npopulation: There is no value “martians”.\n"
    )


def test_workbook_that_would_be_too_large_is_400_and_says_what_to_do(client, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    study = StudyFactory()
    ResultFactory(study=study)
    ResultFactory(study=study)

    response = client.get("/studies.xlsx")

    assert response.status_code == 400
    assert response.content.decode() == (
        "A workbook holds at most 1 rows here, and this would be 2. "
        "Choose more filters, or take the CSV, which has no limit.\n"
    )


def test_list_leads_to_every_file_with_its_filters_and_to_the_codebook(client):
    StudyFactory(design="case report")

    page = client.get("/studies/?design=case-report&sort=oldest").content.decode()

    for address in FILES:
        assert f'href="{address}?design=case-report&amp;sort=oldest"' in page
    assert 'href="/studies/codebook/"' in page


def test_codebook_is_a_page_and_a_file(client):
    page = client.get("/studies/codebook/")
    file = client.get("/studies/codebook.csv")

    text = html.unescape(page.content.decode())
    for section in exporting.SECTIONS:
        assert f'id="{section.anchor}"' in text
        for column in section.columns:
            assert f"<code>{column.name}</code>" in text
            assert column.meaning in text
    assert len(re.findall(r"<[a-z]", text)) < 1500
    assert file["Content-Disposition"] == 'attachment; filename="codebook.csv"'
    assert file.content.decode().startswith("\ufefffile,column,meaning,kind,unit,scale,allowed\r\n")


def test_no_study_takes_the_address_of_the_codebook():
    with pytest.raises(Exception, match="Another page has this address"):
        StudyFactory.build(slug="codebook").full_clean()
    Study(slug="codebook-2", label="Miller", design="case report").full_clean()


def test_only_safe_methods_are_allowed(client):
    for address in (*FILES, "/studies/codebook/", reverse("evidence:study_list")):
        assert client.post(address).status_code == 405
