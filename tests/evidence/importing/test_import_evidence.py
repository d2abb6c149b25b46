"""The command `import_evidence`."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from evidence.importing import form
from evidence.management.commands import import_evidence
from evidence.models import Study

from .records import file_of, full_record, record


@pytest.fixture
def run(vocabulary, tmp_path):
    """Call with the bytes of a file and options; returns (stdout, stderr, error or None)."""

    def call(data, *options):
        path = tmp_path / "studies.json"
        path.write_bytes(data)
        out, err, error = io.StringIO(), io.StringIO(), None
        try:
            call_command("import_evidence", str(path), *options, stdout=out, stderr=err, no_color=True)
        except CommandError as caught:
            error = str(caught)
        return out.getvalue(), err.getvalue(), error

    return call


def test_import_evidence_ends_with_counts_that_add_up(run):
    run(file_of(record("old", summary="Before."), record("same")))

    found = run(file_of(record("old"), record("same"), full_record()))

    assert found == ("created 1 / updated 1 / unchanged 1 / rejected 0\n", "", None)
    assert Study.objects.count() == 3


def test_import_evidence_names_the_file_in_the_history(run):
    run(file_of(record()))

    assert Study.history.get().history_change_reason == "Imported from studies.json"


def test_import_evidence_writes_nothing_if_a_study_is_rejected(run):
    bad = full_record()
    bad["results"][0]["ci_low"] = 1

    out, err, error = run(file_of(record(), bad))

    assert out == (
        "Nothing was written. The counts are what they would be.\n"
        "created 1 / updated 0 / unchanged 0 / rejected 1\n"
    )
    assert err == (
        'studies[1] (slug "duclos-2014") > results[0] (key "gait-speed") > ci_low: '
        "The lower bound is above the upper bound.\n"
    )
    assert error == "1 of 2 studies were rejected."
    assert Study.objects.count() == 0


def test_import_evidence_skips_invalid_studies(run):
    out, err, error = run(file_of(record(), record("bad", year=1500)), "--skip-invalid")

    assert out == "created 1 / updated 0 / unchanged 0 / rejected 1\n"
    assert err == 'studies[1] (slug "bad"): Give a year between 1800 and 2100.\n'
    assert error is None
    assert [study.slug for study in Study.objects.all()] == ["miller-1987"]


def test_import_evidence_dry_run_writes_nothing(run):
    out, err, error = run(file_of(record(), full_record()), "--dry-run")

    assert out == (
        "Dry run: nothing was written. The counts are what they would be.\n"
        "created 2 / updated 0 / unchanged 0 / rejected 0\n"
    )
    assert (err, error) == ("", None)
    assert Study.objects.count() == 0


def test_import_evidence_dry_run_fails_as_the_import_would(run):
    _, _, error = run(file_of(record(year=1500)), "--dry-run")

    assert error == "1 of 1 studies were rejected."


def test_import_evidence_shows_progress_on_long_files(run, monkeypatch):
    monkeypatch.setattr(import_evidence, "LONG", 2)

    out, err, _ = run(file_of(record("a"), record("b")))

    assert out == "created 2 / updated 0 / unchanged 0 / rejected 0\n"
    assert err == "checked 2 of 2\nwritten 2 of 2\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"{]", "Expecting property name enclosed in double quotes in line 1, column 2."),
        (b"\xff\xfe", "The file is not UTF-8: byte 0xff in line 1, column 1."),
        (b'{"format": "x"}', "format: Expected “wellness-evidence”."),
        (b"[" * 50_000, "The file is nested too deeply to be read."),
    ],
)
def test_import_evidence_refuses_what_is_no_import_file(run, data, message):
    out, err, error = run(data)

    assert (out, err) == ("", "")
    assert error.endswith(message)


def test_import_evidence_refuses_a_missing_file_and_a_folder(vocabulary, tmp_path):
    for path, why in ((tmp_path / "none.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=rf"cannot be read: {why}\."):
            call_command("import_evidence", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_evidence", "a\0b")


@pytest.mark.django_db
def test_example_of_the_documentation_is_imported(tmp_path, settings):
    text = (Path(settings.BASE_DIR) / "docs" / "import-form.md").read_text(encoding="utf-8")
    path = tmp_path / "example.json"
    path.write_text(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
    call_command("load_vocabularies", stdout=io.StringIO())
    out = io.StringIO()

    call_command("import_evidence", str(path), stdout=out)

    study = Study.objects.get()
    assert out.getvalue() == "created 1 / updated 0 / unchanged 0 / rejected 0\n"
    assert (study.results.count(), study.appraisals.count(), study.reports.count()) == (2, 1, 2)


def test_documentation_describes_every_field(settings):
    text = (Path(settings.BASE_DIR) / "docs" / "import-form.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    described = {
        name: {
            field
            for cell in re.findall(r"^\| (`[^|]*) \|", body, re.MULTILINE)
            for field in re.findall(r"`(\w+)`", cell)
        }
        for name, body in sections.items()
    }

    assert described["Study"] == set(form.StudyForm.model_fields)
    assert described["Report"] == set(form.ReportForm.model_fields)
    assert described["Sample"] == set(form.SampleForm.model_fields)
    assert described["Population of a sample"] == set(form.ShareForm.model_fields)
    assert described["Arm"] == set(form.ArmForm.model_fields)
    assert described["Result"] == set(form.ResultForm.model_fields)
    assert described["Appraisal"] == set(form.AppraisalForm.model_fields)
    assert described["Domain of an appraisal"] == set(form.DomainJudgementForm.model_fields)
