"""CSV: exactly what is filtered, safe in a spreadsheet, and read back as it was."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from evidence.exporting import loading
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def read(lines):
    text = "".join(lines)
    assert text[0] == exporting.BYTE_ORDER_MARK
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def rows_of(chosen):
    return read(exporting.result_lines(chosen))


def test_csv_has_a_row_for_each_result_in_the_order_of_the_list():
    old, new = StudyFactory(label="Old 1990", year=1990), StudyFactory(label="New 2020", year=2020)
    ResultFactory(study=old, key="b", position=2)
    ResultFactory(study=old, key="a", position=1)
    ResultFactory(study=new, key="c")

    rows = rows_of(Filter(Vocabulary.load(), sort="oldest"))

    assert [(row["label"], row["result"]) for row in rows] == [
        ("Old 1990", "a"),
        ("Old 1990", "b"),
        ("New 2020", "c"),
    ]


def test_csv_holds_only_the_results_that_satisfy_the_filter():
    gait = OutcomeFactory(slug="gait")
    study = StudyFactory()
    ResultFactory(study=study, key="gait", outcome=gait)
    ResultFactory(study=study, key="sleep")

    rows = rows_of(Filter(Vocabulary.load()).choosing("outcome", "gait"))

    assert [row["result"] for row in rows] == ["gait"]


def test_csv_keeps_a_study_without_results():
    StudyFactory(label="Waiting 2026")
    StudyFactory(state="draft")

    [row] = rows_of(Filter(Vocabulary.load()))

    assert (row["label"], row["result"], row["estimate"]) == ("Waiting 2026", "", "")


def test_csv_says_who_what_and_how_sure():
    women = PopulationFactory(slug="women", axis="sex")
    older, young = PopulationFactory(slug="older"), PopulationFactory(slug="young")
    study = StudyFactory(countries=["NL", "DE"], is_preregistered=False)
    ReportFactory(study=study, is_primary=True, doi="10.1000/X", authors=["Miller JF", "Stamford BA"])
    whole = SampleFactory(study=study)
    PopulationShareFactory(sample=whole, population=women, share="most")
    PopulationShareFactory(sample=whole, population=young)
    older_ones = SampleFactory(study=study, parent=whole, label="Over 65", n=12)
    PopulationShareFactory(sample=older_ones, population=older)
    arm = ArmFactory(study=study, label="Weights", interventions=[InterventionFactory(slug="weights")])
    ResultFactory(study=study, sample=older_ones, arm=arm, comparator=None, unit="m/s")
    AppraisalFactory(study=study, tool__name="RoB 2", is_demonstration=True)

    [row] = rows_of(Filter(Vocabulary.load()))

    expected = {
        "countries": "NL; DE",
        "preregistered": "no",
        "authors": "Miller JF; Stamford BA",
        "doi": "10.1000/x",
        "risk_of_bias": "RoB 2: Low (demonstration judgement)",
        "sample": "Over 65",
        "sample_people": "12",
        "populations": "older (all); women (most)",
        "interventions": "weights",
        "comparator": "",
        "before_after": "yes",
        "measure": "Mean difference",
        "estimate": "1.0",
        "unit": "m/s",
        "analysis_scale": "natural",
        "address": f"http://127.0.0.1:8000/studies/{study.slug}/",
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    StudyFactory(summary=f"{start}HYPERLINK(1)", label="Miller")

    [row] = rows_of(Filter(Vocabulary.load()))

    assert row["summary"] == f"'{start}HYPERLINK(1)"
    assert row["label"] == "Miller"


def test_csv_negative_and_zero_numbers_stay_numbers():
    ResultFactory(estimate=-0.25, ci_low=-0.5, ci_high=0.0, weeks=0, arm_mean=-3.0, p_text="-")

    [row] = rows_of(Filter(Vocabulary.load()))

    assert (row["estimate"], row["ci_low"], row["ci_high"]) == ("-0.25", "-0.5", "0.0")
    assert (row["weeks"], row["arm_mean"], row["p_text"]) == ("0.0", "-3.0", "'-")


@pytest.mark.parametrize("n", [3, 30])
def test_csv_takes_the_same_queries_whatever_the_size(n, django_assert_num_queries):
    for _ in range(n):
        study = StudyFactory()
        sample = SampleFactory(study=study, parent=SampleFactory(study=study), label="Subgroup")
        PopulationShareFactory(sample=sample)
        PopulationShareFactory(sample=sample.parent)
        arm = ArmFactory(study=study, interventions=[InterventionFactory()])
        ResultFactory(study=study, sample=sample, arm=arm)
        ReportFactory(study=study)
        AppraisalFactory(study=study)
    nothing = Filter(Vocabulary.load())

    with django_assert_num_queries(9):
        lines = list(exporting.result_lines(nothing))

    assert len(lines) == n + 1


def test_csv_is_read_in_pieces(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(loading, "CHUNK", 2)
    for _ in range(5):
        StudyFactory()
    lines = exporting.result_lines(Filter(Vocabulary.load()))
    next(lines)

    # The studies, then results, reports and appraisals for each two of them.
    with django_assert_num_queries(4):
        next(lines)
        next(lines)
    with django_assert_num_queries(6):
        assert len(list(lines)) == 3


def test_csv_of_studies_has_a_row_for_each_study():
    older, gait, sleep = PopulationFactory(slug="older"), OutcomeFactory(slug="gait"), OutcomeFactory()
    study = StudyFactory(slug="walkers", year=2001)
    whole = SampleFactory(study=study, age_mean=0.0, percent_female=62.5)
    PopulationShareFactory(sample=whole, population=older, share="most")
    arm = ArmFactory(study=study, interventions=[InterventionFactory(slug="weights")])
    ResultFactory(study=study, outcome=gait, arm=arm)
    ResultFactory(study=study, outcome=gait, arm=arm)
    ResultFactory(study=study, outcome=sleep)
    StudyFactory(slug="waiting", year=2020)
    StudyFactory(state="draft")

    waiting, walkers = read(exporting.study_lines(Filter(Vocabulary.load())))
    [chosen] = read(exporting.study_lines(Filter(Vocabulary.load()).choosing("outcome", "gait")))

    assert (waiting["study"], waiting["results"], waiting["age_mean"]) == ("waiting", "0", "")
    expected = {
        "study": "walkers",
        "populations": "older (most)",
        "age_mean": "0.0",
        "percent_female": "62.5",
        "results": "3",
        "matching_results": "3",
        "interventions": "weights",
    }
    assert {name: walkers[name] for name in expected} == expected
    assert (chosen["results"], chosen["matching_results"], chosen["outcomes"]) == ("3", "2", "gait")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
@example("'=1")
@example("''t Hart, “a”\r\nb;c")
def test_any_text_is_read_back_from_csv_as_it_was(text):
    buffer = io.StringIO()
    csv.writer(buffer).writerow([exporting.safe_cell(text), "beside"])

    [[cell, beside]] = csv.reader(io.StringIO(buffer.getvalue(), newline=""))

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    assert (exporting.as_written(cell), beside) == (text, "beside")
