"""The forest view of a filter: page and files."""

import csv
import html
import io
import json
import re
import zipfile
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.forms import ForestForm
from evidence.models import Study
from tests.evidence.forest.worlds import trial
from tests.evidence.worlds import random_world
from tests.factories import AppraisalFactory, InterventionFactory, OutcomeFactory, PopulationFactory

pytestmark = pytest.mark.django_db

FILES = ["forest.svg", "directions.svg", "funnel.svg", "results.csv", "reproduce.zip"]


@pytest.fixture
def outcome():
    return OutcomeFactory(slug="pressure", name="Blood pressure")


@pytest.fixture
def world(outcome):
    random_world(1, n_studies=6)
    for slug, estimate in (("a", 1.0), ("b", 2.0)):
        trial(outcome, estimate, slug=slug)


def text(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def links(response, words):
    """The addresses of the links with these words."""
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.S)
    return [
        html.unescape(href)
        for href, inside in found
        if words == " ".join(re.sub("<[^>]+>", "", inside).split())
    ]


def test_page_says_what_to_choose_and_leads_there(client, outcome):
    trial(outcome, label="Author A")
    trial(outcome, result_measure="smd", result_unit="")
    trial(OutcomeFactory(name="Falls", slug="falls"))

    first = client.get("/studies/forest/?year_from=2000")
    second = client.get(f"/studies/forest/{links(first, 'Blood pressure')[0]}")
    third = client.get(f"/studies/forest/{links(second, 'Mean difference')[0]}")

    assert "Choose one outcome" in text(first)
    assert "Blood pressure , 2 studies Falls , 1 study" in text(first)
    assert "Blood pressure: choose one measure" in text(second)
    assert "Not pooled. A single study is left to pool. Left out: 1 study (different measures)." in text(
        third
    )
    assert third.context["view"].as_query() == "outcome=pressure&year_from=2000&measure=md"


def test_page_of_a_pool_draws_it_and_is_not_indexed(client, outcome):
    for estimate in (1.0, 2.0, 3.0):
        trial(outcome, estimate)
    trial(outcome, integrity="retracted", label="Withdrawn 2001")

    response = client.get("/studies/forest/?outcome=pressure")

    words = text(response)
    assert 'class="forest"' in response.content.decode()
    assert "Pooled, 3 studies" in words
    assert "Withdrawn 2001 Retracted" in words
    assert "The pool without one study" in words
    assert "Funnel plot" not in words
    assert '<meta name="robots" content="noindex,follow">' in response.content.decode()
    assert " style=" not in response.content.decode()
    assert response.cookies == {}
    assert links(response, "List") == ["/studies/?outcome=pressure"]
    assert links(client.get("/studies/?outcome=pressure"), "Forest plot") == [
        "/studies/forest/?outcome=pressure"
    ]


def test_study_is_left_out_by_a_click_and_brought_back(client, outcome):
    for label, estimate in (("Ann 2001", 1.0), ("Bob 2002", 2.0), ("Cyd 2003", 9.0)):
        trial(outcome, estimate, label=label, slug=label[:3].lower())
    page = client.get("/studies/forest/?outcome=pressure&order=name")

    without = client.get(f"/studies/forest/{links(page, 'Leave out Cyd 2003')[0]}")
    again = client.get(f"/studies/forest/{links(without, 'Bring back Cyd 2003')[0]}")

    assert without.context["view"].as_query() == "outcome=pressure&leave=cyd&order=name"
    body = without.context["body"]
    assert [weight.effect.study for weight in body.summary.pool.weights] == ["ann", "bob"]
    assert re.search(r'<s><a href="/studies/cyd/">Cyd 2003</a></s>', without.content.decode())
    assert "Pooled, 2 studies" in text(without)
    assert "Left out by you: Cyd 2003 ( bring back" in text(without)
    drawn = without.context["picture"].rows[2]
    assert (drawn.is_left, drawn.weight, drawn.mark is None) == (True, "", False)
    assert again.context["view"] == page.context["view"]


def test_columns_stand_beside_the_studies(client, outcome):
    first = trial(outcome, result_weeks=0, sample={"age_mean": 71.6, "percent_female": 0}, year=1999)
    first.arm.load, first.arm.load_unit = 1.5, "g a day"
    first.arm.save()
    AppraisalFactory(study=first.study, judgement="some")
    trial(outcome, sample={"age_min": 18, "age_max": 65}, result_arm_n=20, result_comparator_n=21)

    one = client.get("/studies/forest/?outcome=pressure&col=dose&col=weeks&col=female&col=bias")
    other = client.get("/studies/forest/?outcome=pressure&col=people&col=age&col=year&col=design")

    assert [row.said["columns"] for row in one.context["picture"].rows] == [
        [
            ("Load or dose", "1.5 g a day"),
            ("Weeks", "Single session"),
            ("Women", "0%"),
            ("Risk of bias", "Some concerns"),
        ],
        [
            ("Load or dose", "Not reported"),
            ("Weeks", "Not reported"),
            ("Women", "Not reported"),
            ("Risk of bias", "Not appraised"),
        ],
    ]
    design = ("Design", "Randomised trial, parallel groups")
    assert [row.said["columns"] for row in other.context["picture"].rows] == [
        [("People", "40"), ("Years of age", "Mean 72"), ("Year", "1999"), design],
        [("People", "41"), ("Years of age", "18 to 65"), ("Year", "2020"), design],
    ]
    assert "Who took part" not in one.content.decode().split("</table>")[0]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("", "abc"), ("effect", "bca"), ("weight", "cba"), ("people", "bac"), ("name", "cab")],
)
def test_studies_stand_in_the_order_chosen(client, outcome, order, expected):
    for slug, label, estimate, width, people, year in (
        ("a", "M", 3.0, 0.9, 30, 2001),
        ("b", "Z", 1.0, 0.5, 40, 2002),
        ("c", "A", 2.0, 0.1, 20, 2003),
    ):
        interval = {"result_ci_low": estimate - width, "result_ci_high": estimate + width}
        trial(outcome, estimate, slug=slug, label=label, year=year, n_enrolled=people, **interval)

    page = client.get(f"/studies/forest/?outcome=pressure{order and '&order='}{order}")

    assert "".join(row.said["study"] for row in page.context["picture"].rows) == expected


def test_subgroups_come_with_the_test_whether_they_differ(client, outcome):
    weights, bands = InterventionFactory(name="Weights"), InterventionFactory(name="Bands")
    for estimate in (1.0, 1.2):
        trial(outcome, estimate, intervention=weights)
        trial(outcome, estimate + 4, intervention=bands)

    words = text(client.get("/studies/forest/?outcome=pressure&by=intervention"))

    assert "Subgroups by intervention" in words
    assert "Bands 2 studies 5.10 (4.75 to 5.45) mm Hg 0% Weights 2 studies 1.10 (0.75 to 1.45)" in words
    assert "Q between subgroups = 246 with 1 degree of freedom, p below 0.001" in words


def test_page_says_how_the_pool_moves_with_the_filter(client, outcome):
    older = PopulationFactory(slug="older", name="Older")
    for estimate in (1.0, 2.0):
        trial(outcome, estimate, population=older)
    trial(outcome, 9.0)

    page = client.get("/studies/forest/?outcome=pressure&population=older")
    wider = client.get(f"/studies/forest/{links(page, 'Without “Age: Older”')[0]}")

    assert "As it is 2" in text(page)
    assert wider.context["body"].summary.pool.k == 3
    assert f"3 {wider.context['picture'].pooled['display']}" in text(page)


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("leave=nobody", "leave", "There is no study “nobody”."),
        ("leave=hidden", "leave", "There is no study “hidden”."),
        ("&".join(f"leave=s{n}" for n in range(61)), "leave", "Choose at most 60 values at once."),
        ("col=height", "col", "There is no column “height”."),
        ("col=dose&col=weeks&col=female&col=people&col=age", "col", "Choose at most 4 values at once."),
        ("by=year", "by", "This is none of age, "),
        ("by=age&by=sex", "by", "Given more than once."),
        ("measure=percent_change", "measure", "This is none of md, "),
        ("order=luck", "order", "This is none of year, "),
        ("outcome=nothing", "outcome", "There is no value “nothing”."),
        ("year_from=x", "year_from", "Enter a whole number."),
        ("leave=%00%F0%9F%A6%B6", "leave", "There is no study “�🦶”."),
        ("colour=red", "colour", "This page knows no such parameter."),
    ],
)
def test_what_is_not_understood_is_an_error_that_names_its_parameter(client, outcome, query, param, message):
    trial(outcome, state="draft", slug="hidden")
    trial(outcome)

    page = client.get(f"/studies/forest/?{query}")
    file = client.get(f"/studies/forest/results.csv?{query}")

    assert (page.status_code, file.status_code) == (400, 400)
    assert f"{param} : {message}" in text(page)
    assert f"\n{param}: {message}" in file.content.decode()


def test_file_of_a_view_that_is_not_determined_is_refused_in_words(client, outcome):
    trial(outcome), trial(OutcomeFactory())

    for name in FILES:
        response = client.get(f"/studies/forest/{name}")
        assert (response.status_code, response.content.decode()) == (
            400,
            "outcome: Choose one, so that there is one pool.\n",
        )


def test_files_hold_exactly_the_view(client, outcome):
    for label, estimate in (("Ann 2001", 1.0), ("Bob 2002", 2.0), ("=Cyd 2003", 9.0)):
        trial(outcome, estimate, label=label, slug=label[:3].strip("=").lower())
    trial(outcome, year=1950, label="Too early")
    query = "outcome=pressure&year_from=2000&leave=cy"

    answers = {name: client.get(f"/studies/forest/{name}?{query}") for name in FILES}

    rows = list(csv.DictReader(answers["results.csv"].content.decode("utf-8-sig").splitlines()))
    assert [(row["study"], row["pooled"], row["reason"]) for row in rows] == [
        ("cy", "no", "Left out by choice"),
        ("ann", "yes", ""),
        ("bob", "yes", ""),
    ]
    assert rows[0]["label"] == "'=Cyd 2003"
    drawing = ElementTree.fromstring(answers["forest.svg"].content)  # noqa: S314
    struck = [node.text for node in drawing.iter() if node.get("text-decoration")]
    assert struck == ["=Cyd 2003", "9.0 (8.5 to 9.5) mm Hg"]
    with zipfile.ZipFile(io.BytesIO(answers["reproduce.zip"].content)) as bundle:
        asked = json.loads(bundle.read("filter.json"))
        found = json.loads(bundle.read("results.json"))
        assert bundle.read("data.csv") == answers["results.csv"].content
    assert asked["filter"] == [["outcome", "pressure"], ["year_from", "2000"]]
    assert (asked["measure"], asked["left_out"], found["pool"]["k"]) == ("md", ["cy"], 2)
    assert answers["funnel.svg"].status_code == 404
    assert {
        response.headers["X-Robots-Tag"] for name, response in answers.items() if name != "funnel.svg"
    } == {"noindex"}


def test_page_and_file_refuse_more_results_than_can_be_pooled(client, outcome, monkeypatch):
    monkeypatch.setattr("evidence.forest.body.MOST_RESULTS", 1)
    trial(outcome), trial(outcome)

    page = client.get("/studies/forest/?outcome=pressure")
    file = client.get("/studies/forest/forest.svg?outcome=pressure")

    assert page.status_code == 200
    assert "too many results" in text(page)
    assert file.status_code == 400


@pytest.mark.parametrize("path", ["", "reproduce.zip"])
def test_forest_takes_as_many_queries_at_any_size(client, outcome, path):
    older, weights = PopulationFactory(slug="older"), InterventionFactory(slug="weights")
    query = "outcome=pressure&population=older&intervention=weights&part=yes&by=age&col=bias&col=dose"
    counts = []
    for n in (2, 6):
        for _ in range(n):
            result = trial(outcome, population=older, intervention=weights)
            AppraisalFactory(study=result.study)
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/studies/forest/{path}?{query}").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 30


names = st.sampled_from([*ForestForm.base_fields, "outcome", "leave", "by", "col", "x"])
values = st.one_of(
    st.sampled_from(["pressure", "outcome-0", "md", "age", "sex", "bias", "dose", "weight", "yes", "a"]),
    st.text(max_size=20),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(names, values), max_size=6))
def test_no_parameters_break_the_forest_view(client, outcome, world, pairs):
    query = urlencode(pairs)

    page = client.get(f"/studies/forest/?{query}")
    file = client.get(f"/studies/forest/results.csv?{query}")

    assert page.status_code in (200, 400)
    assert file.status_code in ((400,) if page.status_code == 400 else (200, 400))


def test_study_cannot_take_the_address_of_a_page():
    study = Study(label="Forest", slug="forest", design="parallel trial")

    with pytest.raises(ValidationError) as refused:
        study.full_clean()

    assert list(refused.value.message_dict) == ["slug"]
