"""JSON-LD: a study in the words of schema.org."""

import json

import pytest

from evidence import exporting
from evidence.models import Result
from tests.factories import ReportFactory, StudyFactory

pytestmark = pytest.mark.django_db


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
