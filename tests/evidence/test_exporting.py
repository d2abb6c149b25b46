"""Files of studies: exactly what is filtered, safe in a spreadsheet, readable by a reference manager."""

import csv
import io
import json

import pytest

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from evidence.exporting import loading
from evidence.models import Result
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


def rows_of(chosen):
    text = "".join(exporting.csv_lines(chosen))
    assert text[0] == exporting.BYTE_ORDER_MARK
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def record_of(lines):
    """The lines of one RIS record as pairs of tag and value."""
    return [tuple(line.split("  - ", 1)) for line in lines.split("\r\n") if line]


# CSV


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


def test_csv_has_exactly_the_columns_that_are_described():
    names = [name for name, _ in exporting.COLUMNS]
    header = next(exporting.csv_lines(Filter(Vocabulary.load())))

    assert header == "\ufeff" + ",".join(names) + "\r\n"
    assert len(set(names)) == len(names)
    assert all(words for _, words in exporting.COLUMNS)


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
        lines = list(exporting.csv_lines(nothing))

    assert len(lines) == n + 1


def test_csv_is_read_in_pieces(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(loading, "CHUNK", 2)
    for _ in range(5):
        StudyFactory()
    lines = exporting.csv_lines(Filter(Vocabulary.load()))
    next(lines)

    # The studies, then results, reports and appraisals for each two of them.
    with django_assert_num_queries(4):
        next(lines)
        next(lines)
    with django_assert_num_queries(6):
        assert len(list(lines)) == 3


# RIS


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

    text = "".join(exporting.ris_lines(Filter(Vocabulary.load())))

    assert text.endswith("ER  - \r\n")
    assert record_of(text) == [
        ("TY", "JOUR"),
        ("TI", "Energy cost of walking"),
        ("AU", "Miller JF"),
        ("AU", "Stamford BA"),
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

    record = record_of("".join(exporting.ris_lines(Filter(Vocabulary.load()))))

    assert ("TI", "Doe 2001") in record
    assert ("N1", "Bibliography not verified.") in record
    assert ("N1", "Retracted.") in record
    assert not any(tag == "PY" for tag, _ in record)


def test_ris_keeps_a_study_without_a_report():
    StudyFactory(label="Doe 2001", year=2001)

    record = record_of("".join(exporting.ris_lines(Filter(Vocabulary.load()))))

    assert record[:3] == [("TY", "GEN"), ("TI", "Doe 2001"), ("PY", "2001")]


# JSON-LD


def test_json_ld_cannot_end_its_script_element():
    study = StudyFactory(title="</script><script>alert(1)//&", design="parallel trial")

    text = exporting.json_ld(study, [], [])

    assert "<" not in text
    assert "&" not in text
    assert json.loads(text)["name"] == "</script><script>alert(1)//&"


@pytest.mark.parametrize(
    ("design", "kind", "extra"),
    [
        ("crossover trial", "MedicalTrial", {"trialDesign": "https://schema.org/RandomizedTrial"}),
        ("single-group pre-post", "MedicalTrial", {}),
        (
            "prospective cohort",
            "MedicalObservationalStudy",
            {"studyDesign": "https://schema.org/CohortStudy"},
        ),
        ("qualitative", "MedicalStudy", {}),
        ("meta-analysis", "ScholarlyArticle", {}),
    ],
)
def test_json_ld_names_the_kind_of_study(design, kind, extra):
    data = json.loads(exporting.json_ld(StudyFactory(design=design), [], ["Stroke"]))

    assert data["@type"] == kind
    assert {key: data[key] for key in ("trialDesign", "studyDesign") if key in data} == extra
    if kind != "ScholarlyArticle":
        assert data["healthCondition"] == [{"@type": "MedicalCondition", "name": "Stroke"}]


def test_json_ld_of_a_report_claims_only_what_is_known():
    report = ReportFactory(title="Walking", authors=["Miller JF"], year=None, doi="10.1000/x")

    data = json.loads(exporting.json_ld(report.study, [report], []))

    assert data["subjectOf"] == [
        {
            "@type": "ScholarlyArticle",
            "headline": "Walking",
            "author": [{"@type": "Person", "name": "Miller JF"}],
            "inLanguage": "en",
            "identifier": "doi:10.1000/x",
            "sameAs": "https://doi.org/10.1000/x",
        }
    ]
    assert Result.objects.count() == 0
