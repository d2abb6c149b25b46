"""The dump: everything that is published as it was at one moment, or nothing."""

import csv
import datetime
import hashlib
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from evidence import dumping
from evidence.dumping import NotDumped, dump
from evidence.exporting import as_written
from evidence.models import Exclusion, Result
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.worlds import full_study
from tests.factories import OutcomeFactory, PopulationFactory, StudyFactory

AT = datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.UTC)
READ = {
    "string": as_written,
    "integer": int,
    "number": float,
    "boolean": {"yes": True, "no": False}.__getitem__,
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "array": json.loads,
    "object": json.loads,
}


def make(folder, **more):
    return dump(folder=folder, at=AT, progress=lambda table, rows: None, **more)


def read(folder):
    """The tables as the package says that they are to be read: {table: [{column: value}]}."""
    package = json.loads((folder / "datapackage.json").read_text())
    tables = {}
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == resource["hash"].removeprefix("sha256:")
        assert len(content) == resource["bytes"]
        text = content.decode(resource["encoding"])
        fields = resource["schema"]["fields"]
        header, *lines = csv.reader(io.StringIO(text, newline=""))
        assert header == [field["name"] for field in fields]
        assert len(lines) == resource["rows"]
        tables[resource["name"]] = [
            {field["name"]: value(field, cell) for field, cell in zip(fields, line, strict=True)}
            for line in lines
        ]
    return package, tables


def value(field, cell):
    if cell == "":
        return None
    found = READ[field["type"]](cell)
    limits = field.get("constraints", {})
    where = (field["name"], found)
    assert found in limits.get("enum", [found]), where
    assert "minimum" not in limits or found >= limits["minimum"], where
    assert "maximum" not in limits or found <= limits["maximum"], where
    return found


@pytest.fixture
def world(db):
    parent = PopulationFactory(slug="adults", synonyms=["grown-ups", "é; ü"], identifiers={"mesh": "D000328"})
    PopulationFactory(slug="older", parent=parent)
    OutcomeFactory(important_difference="0.1", important_difference_source="Somebody 2006")
    full_study(slug="full", label="=Full 2020", countries=["NL", "DE"], summary="-1\r\n“a”, b")
    full_study(slug="secret", label="Secret 2020", title="Secret", state="draft")
    conclusion, results = a_body()
    signed(conclusion)
    signed(a_body()[0], is_demonstration=True)
    conclusion.assessments.create(
        start="high", level=4, by=conclusion.assessments.first().by, next_due="2027-01-01"
    )
    Exclusion.objects.create(conclusion=conclusion, study=results[0].study, reason="Another dose.")
    hidden = results[2].study
    hidden.label, hidden.slug, hidden.state = "Secret 2021", "secret-2021", "retired"
    hidden.save()
    Exclusion.objects.create(conclusion=conclusion, study=hidden, reason="Secret.")


def test_dump_holds_what_is_published_and_says_how_to_read_it(world, tmp_path):
    make(tmp_path / "dump")

    package, tables = read(tmp_path / "dump")
    studies = {row["study"]: row for row in tables["studies"]}
    assert studies["full"]["label"] == "=Full 2020"
    assert studies["full"]["summary"] == "-1\r\n“a”, b"
    assert studies["full"]["countries"] == ["NL", "DE"]
    assert [row["subgroup_of"] for row in tables["samples"] if row["study"] == "full"] == [
        None,
        "All participants",
    ]
    [adults] = [row for row in tables["populations"] if row["population"] == "adults"]
    assert (adults["synonyms"], adults["identifiers"]) == (["grown-ups", "é; ü"], {"mesh": "D000328"})
    assert len(tables["results"]) == Result.objects.published().count()
    assert len(tables["appraisals"]) == len(tables["judgements"]) == 2
    assert [row["assessment"] for row in tables["assessments"]] == [1, 1]
    assert {row["certainty"] for row in tables["assessments"]} == {"low"}
    assert all(row["pooled_low"] < row["pooled_estimate"] for row in tables["assessments"])
    assert [row["reason"] for row in tables["exclusions"]] == ["Another dose."]
    looked_at = [row["label"] for row in tables["assessed-results"]]
    assert looked_at.count("A study that is not public any more") == 1
    assert len(looked_at) == 6
    for path in (tmp_path / "dump").iterdir():
        assert not re.search("secret", path.read_text(), re.IGNORECASE), path.name
    assert package["created"] == "2026-11-26T12:00:00+00:00"


def test_every_key_is_unique_and_every_link_leads_to_a_row(world, tmp_path):
    make(tmp_path / "dump")

    package, tables = read(tmp_path / "dump")
    for resource in package["resources"]:
        rows, schema = tables[resource["name"]], resource["schema"]
        assert rows, resource["name"]
        if key := schema.get("primaryKey"):
            keys = [tuple(row[name] for name in key) for row in rows]
            assert None not in {part for parts in keys for part in parts}
            assert len(set(keys)) == len(keys)
        for link in schema["foreignKeys"]:
            there = link["reference"]
            known = {
                tuple(row[name] for name in there["fields"])
                for row in tables[there["resource"] or resource["name"]]
            }
            named = {tuple(row[name] for name in link["fields"]) for row in rows}
            assert {parts for parts in named if None not in parts} <= known, (resource["name"], link)


def test_dictionary_explains_every_column_and_sums_prove_every_file(world, tmp_path):
    folder = tmp_path / "dump"
    make(folder, licence="CC-BY-4.0")

    package, _ = read(folder)
    rows = list(csv.DictReader(io.StringIO((folder / "dictionary.csv").read_text(), newline="")))
    assert [(row["file"], row["column"]) for row in rows] == [
        (resource["path"].removesuffix(".csv"), field["name"])
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    ]
    assert all(row["meaning"] for row in rows)
    assert all(bool(row["unit"]) == (row["kind"] in ("number", "whole number")) for row in rows)
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert package["licenses"] == [{"name": "CC-BY-4.0"}]
    assert "under CC-BY-4.0" in (folder / "README.txt").read_text()


@pytest.mark.django_db
def test_dump_takes_a_query_for_each_table(tmp_path, django_assert_num_queries):
    for number in (1, 2):
        full_study()
        with django_assert_num_queries(len(dumping.DUMPED)):
            make(tmp_path / str(number))


@pytest.mark.django_db
def test_command_fills_an_empty_folder_and_tells_how_far_it_is(tmp_path, capsys):
    StudyFactory()
    folder = tmp_path / "dump"
    folder.mkdir()

    call_command("dump_evidence", str(folder))

    said = capsys.readouterr()
    assert re.fullmatch(r"Wrote 16 tables with \d+ rows to .*dump\.\n", said.out)
    assert "studies: 1\n" in said.err
    assert (folder / "studies.csv").exists()


@pytest.mark.django_db
def test_command_refuses_what_it_must_not_fill(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes.txt").write_text("Mine.")
    (tmp_path / "file").write_text("Mine.")

    for name, complaint in [
        ("kept", "is not empty"),
        ("file", "is a file"),
        ("nowhere/dump", "is no folder"),
        ("x\x00", "no NUL character"),
    ]:
        with pytest.raises(CommandError, match=complaint):
            call_command("dump_evidence", str(tmp_path / name))

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "kept", "notes.txt"]


@pytest.mark.django_db
def test_dump_that_fails_leaves_nothing_behind(tmp_path):
    def fail(table, rows):
        if table == "results":
            raise OSError(28, "No space left on device")

    with pytest.raises(NotDumped, match="No space left on device"):
        dump(folder=tmp_path / "dump", at=AT, progress=fail)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_everything_is_as_it_was_at_one_moment_and_nobody_waits(tmp_path, monkeypatch):
    reader, writer = connection, connection.copy()
    if connection.vendor == "sqlite":
        # Others can only write beside a reader where the database is a file.
        reader = connection.copy()
        for each in (reader, writer):
            each.settings_dict = {**each.settings_dict, "NAME": str(tmp_path / "file.sqlite3")}
        monkeypatch.setattr(dumping, "connection", reader)

    def run(by, sql):
        with by.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None

    run(writer, "CREATE TABLE moments (n integer)")
    try:
        with dumping.one_moment():
            before = run(reader, "SELECT n FROM moments")
            run(writer, "INSERT INTO moments VALUES (1)")
            meanwhile = run(reader, "SELECT n FROM moments")
        assert (before, meanwhile, run(reader, "SELECT n FROM moments")) == ([], [], [(1,)])
    finally:
        run(writer, "DROP TABLE moments")
        writer.close()
        if reader is not connection:
            reader.close()
