"""XLSX: two sheets and the codebook, whose texts are only ever texts."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from evidence.exporting import workbook
from evidence.exporting.column import Column
from evidence.exporting.columns import RESULT_ROWS, STUDY_ROWS
from tests.factories import OutcomeFactory, ResultFactory, StudyFactory

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
CODE = re.compile(r"_x([0-9A-F]{4})_")


def read(file):
    """{sheet: rows}, a row as {column number: text or number}; there may be no formula and no link."""
    found = {}
    with zipfile.ZipFile(file) as archive:
        book = parsed(archive, "workbook")
        for number, sheet in enumerate(book.iterfind(".//m:sheet", SPACE), start=1):
            xml = parsed(archive, f"worksheets/sheet{number}")
            assert xml.find(".//m:f", SPACE) is None
            assert xml.find(".//m:hyperlink", SPACE) is None
            found[sheet.get("name")] = [
                {place(cell): value(cell) for cell in row} for row in xml.iterfind(".//m:row", SPACE)
            ]
    return found


def parsed(archive, name):
    return ElementTree.fromstring(archive.read(f"xl/{name}.xml"))  # noqa: S314  written by ourselves


def place(cell):
    number = 0
    for letter in cell.get("r").rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number - 1


def value(cell):
    if cell.get("t") == "inlineStr":
        return CODE.sub(lambda code: chr(int(code[1], 16)), cell.find("m:is/m:t", SPACE).text or "")
    return float(cell.find("m:v", SPACE).text)


def book_of(chosen):
    file = io.BytesIO()
    exporting.write_workbook(chosen, file)
    return read(file)


@pytest.mark.django_db
def test_workbook_holds_results_studies_and_the_codebook():
    gait = OutcomeFactory(slug="gait")
    study = StudyFactory(slug="walkers", summary="=1+1", label="https://example.org")
    ResultFactory(study=study, key="gait", outcome=gait, estimate=-0.25, ci_low=-0.5, ci_high=0.0)
    ResultFactory(study=study, key="sleep")
    StudyFactory(slug="waiting", year=1990)

    sheets = book_of(Filter(Vocabulary.load()))

    assert list(sheets) == ["Results", "Studies", "Codebook"]
    results, studies = sheets["Results"], sheets["Studies"]
    assert list(results[0].values()) == [column.name for column in RESULT_ROWS]
    assert list(studies[0].values()) == [column.name for column in STUDY_ROWS]
    column = {name: number for number, name in results[0].items()}
    assert [row.get(column["result"]) for row in results[1:]] == ["gait", "sleep", None]
    assert (results[1][column["summary"]], results[1][column["label"]]) == ("=1+1", "https://example.org")
    assert (results[1][column["estimate"]], results[1][column["ci_high"]]) == (-0.25, 0.0)
    assert [row[0] for row in studies[1:]] == ["walkers", "waiting"]
    assert len(sheets["Codebook"]) == 1 + len(RESULT_ROWS) + len(STUDY_ROWS)


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 4])
def test_workbook_takes_the_same_queries_whatever_the_size(n, django_assert_num_queries):
    for _ in range(n):
        ResultFactory()
    chosen = Filter(Vocabulary.load())

    with django_assert_num_queries(8):
        exporting.write_workbook(chosen, io.BytesIO())


@pytest.mark.django_db
def test_too_much_for_a_workbook_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    study = StudyFactory()
    for _ in range(2):
        ResultFactory(study=study)
    chosen = Filter(Vocabulary.load())
    exporting.check_size(chosen)
    ResultFactory(study=study)

    with pytest.raises(exporting.TooLarge, match="at most 2 rows here, and this would be 3"):
        exporting.check_size(chosen)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=5))
@example(["=1", "'=1", "_x0041_", "\x01\r\n\t", "http://example.org", " a ", "12", "\ufffe"])
def test_any_text_is_read_back_from_a_workbook_as_it_was(texts):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, workbook.OPTIONS)
    columns = [Column(str(number), "Any", str) for number in range(len(texts))]
    sheet = workbook.Sheet(book, "Any", columns)
    sheet.add(texts)
    book.close()

    row = (read(file)["Any"] + [{}])[1]

    expected = [re.sub("[\ufffe\uffff]", "\ufffd", text.replace("\x00", "")) for text in texts]
    assert [row.get(number, "") for number in range(len(texts))] == expected
