"""The codebook: every column of every file, as the files are written."""

import csv
import io

from evidence import exporting
from evidence.exporting.column import Kind
from evidence.exporting.columns import RESULT_ROWS, STUDY_ROWS


def test_every_column_is_explained_and_every_number_has_its_unit():
    for section in exporting.SECTIONS:
        names = [column.name for column in section.columns]
        assert len(set(names)) == len(names)
        for column in section.columns:
            where = (section.code, column.name)
            assert column.meaning, where
            assert not column.meaning.endswith("."), where
            assert bool(column.unit) == (column.kind in (Kind.INTEGER, Kind.NUMBER)), where
            if column.name in ("estimate", "ci_low", "ci_high", "se", "yi", "vi"):
                assert column.scale, where


def test_codebook_names_exactly_the_columns_of_the_sheets():
    rows = list(csv.DictReader(io.StringIO("".join(exporting.codebook_lines())[1:], newline="")))

    def of(file):
        return [row["column"] for row in rows if row["file"] == file]

    assert of("results") == [column.name for column in RESULT_ROWS]
    assert of("studies") == [column.name for column in STUDY_ROWS]
    assert {row["file"] for row in rows} == {section.code for section in exporting.SECTIONS}
    [level] = [row for row in rows if (row["file"], row["column"]) == ("results", "ci_level")]
    assert (level["kind"], level["unit"], level["allowed"]) == ("number", "%", "50 to 100")
    [integrity] = [row for row in rows if (row["file"], row["column"]) == ("json", "integrity")]
    assert integrity["allowed"].startswith("ok = No concern known; concern = ")
