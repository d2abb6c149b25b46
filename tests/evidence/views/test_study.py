"""The studies browser and the page of a study, as readers meet them."""

import html
import json
import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.browsing.filters import SORTS
from evidence.forms import MOST_VALUES, StudyFilterForm
from tests.evidence.worlds import random_world
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    DomainJudgementFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
    ToolDomainFactory,
)

pytestmark = pytest.mark.django_db

TITLE = re.compile(r"<h3><a href=\"/studies/([\w-]+)/\"")
TAG = re.compile(r"<[^>]+>")


def slugs(response):
    """The studies on the page, in order."""
    return TITLE.findall(response.content.decode())


def text(response):
    """The words of the page, without markup."""
    return " ".join(html.unescape(TAG.sub(" ", response.content.decode())).split())


def heading(response):
    return re.search(r'<h2 id="count">([^<]*)</h2>', response.content.decode())[1]


# The list


def test_study_list_shows_published_studies_newest_first(client):
    StudyFactory(slug="old", year=1990)
    StudyFactory(slug="new", year=2020)
    StudyFactory(slug="hidden", state="draft")

    response = client.get("/studies/")

    assert response.status_code == 200
    assert slugs(response) == ["new", "old"]
    assert heading(response) == "2 studies"


def test_study_list_filters_by_population_and_outcome_of_one_result(client):
    older = PopulationFactory(slug="older")
    gait = OutcomeFactory(slug="gait")
    for slug, is_older in (("both", True), ("other", False)):
        study = StudyFactory(slug=slug)
        sample = SampleFactory(study=study)
        if is_older:
            PopulationShareFactory(sample=sample, population=older)
        ResultFactory(study=study, sample=sample, outcome=gait)

    response = client.get("/studies/?population=older&outcome=gait")

    assert slugs(response) == ["both"]
    assert heading(response) == "1 study"


def test_study_list_sets_no_cookie_and_does_not_vary_by_one(client):
    response = client.get("/studies/")

    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")


def test_study_list_keeps_choices_in_form_chips_and_links(client):
    StudyFactory()
    StudyFactory()

    page = client.get("/studies/?design=parallel-trial&year_from=1990&sort=oldest").content.decode()

    assert '<input type="checkbox" name="design" value="parallel-trial" checked>' in page
    assert 'name="year_from" inputmode="numeric" value="1990"' in page
    assert "Filter and sort (2 on)" in page
    assert 'href="/studies/?design=parallel-trial&amp;sort=oldest"' in page
    assert 'href="/studies.csv?design=parallel-trial&amp;year_from=1990&amp;sort=oldest"' in page
    assert '<option value="oldest" selected>' in page


def test_study_list_is_indexed_only_as_a_whole(client):
    StudyFactory()

    whole = client.get("/studies/").content.decode()
    filtered = client.get("/studies/?design=parallel-trial&sort=oldest&page=1").content.decode()

    assert 'name="robots"' not in whole
    assert '<link rel="canonical" href="http://127.0.0.1:8000/studies/">' in whole
    assert '<meta name="robots" content="noindex,follow">' in filtered
    assert '<link rel="canonical" href="http://127.0.0.1:8000/studies/?design=parallel-trial">' in filtered


def test_study_list_has_pages_of_25(client):
    for number in range(27):
        StudyFactory(slug=f"s{number:02}", label=f"A {number:02}")

    first, second = client.get("/studies/?sort=newest"), client.get("/studies/?sort=newest&page=2")

    assert slugs(first) == [f"s{number:02}" for number in range(25)]
    assert slugs(second) == ["s25", "s26"]
    assert 'href="?sort=newest&amp;page=2"' in first.content.decode()
    assert "Page 2 of 2" in text(second)


def test_page_out_of_range_is_404_with_a_way_back(client):
    StudyFactory()

    response = client.get("/studies/?page=2")

    assert response.status_code == 404
    assert "There is no page 2" in text(response)
    assert 'href="?page=1"' in response.content.decode()


def test_zero_results_say_which_filter_to_loosen(client):
    study = StudyFactory(year=1990)
    ResultFactory(study=study, outcome=OutcomeFactory(slug="gait", name="Gait"))
    OutcomeFactory(slug="sleep", name="Sleep")

    response = client.get("/studies/?outcome=sleep&year_to=1995")

    assert response.status_code == 200
    assert heading(response) == "0 studies. That is a gap, not an answer"
    assert "Without “Outcome: Sleep” : 1 study" in text(response)
    assert "Without “Year up to 1995” : 0 studies" in text(response)
    assert '<a href="/studies/?year_to=1995">Without' in response.content.decode()


def test_no_study_at_all_is_said_plainly(client):
    response = client.get("/studies/")

    assert response.status_code == 200
    assert "There is no study on this site yet." in text(response)


def test_words_find_studies_best_match_first(client):
    StudyFactory(slug="aside", title="Sleep", summary="Gait was measured too.", year=2024)
    StudyFactory(slug="about", title="Gait and gait speed", year=1990)
    StudyFactory(slug="other", title="Sleep")

    assert slugs(client.get("/studies/?q=gait")) == ["about", "aside"]
    assert slugs(client.get("/studies/?q=gait&sort=newest")) == ["aside", "about"]


def test_row_marks_what_readers_must_know(client):
    study = StudyFactory(integrity="retracted", design="protocol only", year=None, n_enrolled=None)
    ReportFactory(study=study, is_primary=True, bibliography="unverified")

    words = text(client.get("/studies/"))

    assert (
        "Retracted Protocol Year not reported Number of people not reported Bibliography not verified"
    ) in words


@pytest.mark.parametrize("n", [3, 24])
def test_study_list_takes_the_same_queries_whatever_the_size(client, n, django_assert_num_queries):
    for _ in range(n):
        study = StudyFactory(summary="Gait was faster.")
        sample = SampleFactory(study=study)
        PopulationShareFactory(sample=sample)
        outcome = OutcomeFactory(parent=OutcomeFactory())
        arm = ArmFactory(study=study, interventions=[InterventionFactory()])
        ResultFactory(study=study, sample=sample, arm=arm, outcome=outcome)
        ReportFactory(study=study, is_primary=True)
        AppraisalFactory(study=study)

    # Nine for an index of this transaction, the number and the page, four for the rows, the menu.
    with django_assert_num_queries(16):
        client.get("/studies/")
    # One more for the words.
    with django_assert_num_queries(17):
        client.get("/studies/?q=gait&design=randomised-trials&bias=low&year_from=1990&people_min=2")


# Addresses that are not understood


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("colour=red", "colour : This page knows no such parameter."),
        ("population=martians", "population : There is no value “martians”."),
        ("outcome=older", "outcome : There is no value “older”."),
        ("year_from=soon", "year_from : Enter a whole number."),
        ("year_from=99999", "year_from : Ensure this value is less than or equal to 2100."),
        ("year_from=2000&year_to=1990", "year_from : 2000 is above 1990, where the range ends."),
        ("people_min=9&people_max=3", "people_min : 9 is above 3, where the range ends."),
        ("people_min=0", "people_min : Ensure this value is greater than or equal to 1."),
        ("people_max=" + "9" * 5000, "people_max : Enter a whole number."),
        ("year_from=1990&year_from=1991", "year_from : Given more than once."),
        ("q=%00", "q : Null characters are not allowed."),
        ("q=" + "a" * 201, "q : Ensure this value has at most 200 characters (it has 201)."),
        ("q=%21%21", "q : This holds no word to look for."),
        ("sort=worst", "sort : This is none of match, newest, oldest, people, design."),
        ("page=0", "page : Ensure this value is greater than or equal to 1."),
        ("page=two", "page : Enter a whole number."),
        ("part=no", "part : “yes” is the only value."),
        ("design=%00x", "design : There is no value “�x”."),
        ("design=b&" * (MOST_VALUES + 1), f"Choose at most {MOST_VALUES} values at once."),
    ],
)
def test_nonsense_is_400_and_named(client, query, complaint):
    PopulationFactory(slug="older")
    StudyFactory(slug="there")

    response = client.get(f"/studies/?{query}")

    assert response.status_code == 400
    assert complaint in text(response)
    assert '<meta name="robots" content="noindex,follow">' in response.content.decode()


def test_what_is_understood_stays_chosen_beside_nonsense(client):
    PopulationFactory(slug="older", name="Older adults")
    StudyFactory(slug="there")

    response = client.get("/studies/?population=older&population=martians&year_from=soon")

    page = response.content.decode()
    assert response.status_code == 400
    assert 'name="population" value="older" checked' in page
    assert 'name="year_from" inputmode="numeric" value="soon"' in page


def test_empty_fields_of_the_form_say_nothing(client):
    StudyFactory(slug="there")

    response = client.get("/studies/?q=&year_from=&year_to=&people_min=&people_max=&population=&sort=")

    assert response.status_code == 200
    assert slugs(response) == ["there"]


def test_text_of_a_reader_is_escaped(client):
    page = client.get("/studies/?q=%3Cscript%3Ealert(1)&%3Cb%3E=1").content.decode()

    assert "<script>alert" not in page
    assert "<b>" not in page


names = st.sampled_from([*StudyFilterForm.base_fields, "", "x", "q[]"])
known = st.sampled_from(
    [
        "population-0",
        "age-not-reported",
        "not-reported",
        "not-appraised",
        "reviews",
        "low",
        "ok",
        "gait",
        *SORTS,
    ]
)
values = st.one_of(known, st.text(max_size=30), st.integers().map(str), st.just("\x00"), st.just("a" * 300))


@pytest.fixture
def world():
    return random_world(1, n_studies=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(names, values), max_size=8))
def test_no_parameters_break_the_browser(client, world, pairs):
    query = urlencode(pairs)

    page = client.get(f"/studies/?{query}")

    assert page.status_code in (200, 400, 404)
    for name in ("study_csv", "study_rows_csv", "study_json", "study_ris", "study_bibtex"):
        file = client.get(f"{reverse(f'evidence:{name}')}?{query}")
        assert file.status_code == (400 if page.status_code == 400 else 200)
        assert file.content if file.status_code == 400 else b"".join(file.streaming_content) is not None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.binary(max_size=60))
def test_no_query_string_breaks_the_browser(client, world, query):
    response = client.get("/studies/", QUERY_STRING=query.decode("latin-1"))

    assert response.status_code in (200, 400, 404)


# One study


@pytest.fixture
def study():
    """A study with something of everything."""
    study = StudyFactory(
        slug="miller-1987",
        label="Miller 1987",
        title="Energy cost of walking",
        summary="Ten men walked.",
        countries=["NL"],
        funding="public",
        is_preregistered=False,
        caveats=["Only the abstract was read."],
        sources=["https://example.org/a", "javascript:alert(1)"],
    )
    ReportFactory(
        study=study,
        is_primary=True,
        title="Energy cost of walking",
        doi="10.1000/x",
        pmid="123",
        retraction_checked_on="2026-11-01",
    )
    whole = SampleFactory(study=study, n=40, age_mean=0.0, percent_female=0.0)
    PopulationShareFactory(
        sample=whole, population=PopulationFactory(name="Older adults", slug="older"), share="most"
    )
    subgroup = SampleFactory(study=study, parent=whole, label="Over 75")
    arm = ArmFactory(study=study, label="With weights", interventions=[InterventionFactory(name="Weights")])
    outcome = OutcomeFactory(name="Gait speed", slug="gait-speed")
    ResultFactory(
        study=study,
        sample=subgroup,
        arm=arm,
        comparator=None,
        outcome=outcome,
        unit="m/s",
        direction="favours intervention",
        place="Table 2",
        weeks=0,
    )
    ResultFactory(
        study=study, arm=arm, outcome=outcome, state="planned", estimate=None, ci_low=None, ci_high=None
    )
    appraisal = AppraisalFactory(study=study, tool__name="RoB 2", judgement="some", is_demonstration=True)
    DomainJudgementFactory(
        appraisal=appraisal,
        domain=ToolDomainFactory(tool=appraisal.tool, name="Missing data"),
        judgement="high",
        reason="A third left.",
    )
    return study


def test_study_detail_says_everything_that_is_known(client, study):
    response = client.get("/studies/miller-1987/")

    words = text(response)
    for part in [
        "Energy cost of walking Miller 1987",
        "Ten men walked.",
        "Countries Netherlands",
        "Funding Public",
        "Registered beforehand No",
        "Years of age Mean 0",
        "Women 0%",
        "Age Mostly older adults",
        "Subgroup: Over 75",
        "With weights: before and after, no comparison group",
        "Direction: favours the intervention",
        "1.0 (0.5 to 1.5) m/s Mean difference",
        "Source: Table 2",
        "Planned, no result yet",
        "Demonstration judgement Made to show how this site works, not by appraisers.",
        "Overall: Some concerns",
        "Missing data High A third left.",
        "DOI 10.1000/x PubMed 123",
        "No retraction known. Last checked for retraction on 1 November 2026.",
        "Only the abstract was read.",
    ]:
        assert part in words, part
    assert response.cookies == {}


def test_study_detail_links_only_web_addresses(client, study):
    page = client.get("/studies/miller-1987/").content.decode()

    assert '<a href="https://example.org/a" rel="noopener">' in page
    assert 'href="javascript:' not in page


def test_study_detail_describes_itself_to_machines(client, study):
    page = client.get("/studies/miller-1987/").content.decode()

    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    assert data["@type"] == "MedicalTrial"
    assert data["url"] == "http://127.0.0.1:8000/studies/miller-1987/"
    assert '<link rel="canonical" href="http://127.0.0.1:8000/studies/miller-1987/">' in page


def test_study_detail_of_a_bare_study_says_what_is_missing(client):
    StudyFactory(slug="bare", year=None, n_enrolled=None)

    words = text(client.get("/studies/bare/"))

    for part in [
        "Year Not reported",
        "People who entered Not reported",
        "Who took part has not been entered yet.",
        "No result has been entered yet.",
        "Risk of bias has not been appraised.",
        "No report has been entered yet.",
    ]:
        assert part in words, part


@pytest.mark.parametrize(
    ("integrity", "words"),
    [
        ("retracted", "This study has been retracted."),
        ("concern", "The journal has published an expression of concern about this study."),
    ],
)
def test_study_detail_warns_first(client, integrity, words):
    StudyFactory(slug="doe", integrity=integrity)

    assert words in text(client.get("/studies/doe/"))


@pytest.mark.parametrize("state", ["draft", "retired"])
def test_study_that_is_not_public_is_404(client, state):
    StudyFactory(slug="secret", title="Secret title", state=state)

    response = client.get("/studies/secret/")

    assert response.status_code == 404
    assert "Secret title" not in response.content.decode()


@pytest.mark.parametrize("n", [1, 12])
def test_study_detail_takes_the_same_queries_whatever_the_size(client, n, django_assert_num_queries):
    study = StudyFactory(slug="big")
    whole = SampleFactory(study=study)
    for number in range(n):
        sample = SampleFactory(study=study, parent=whole, label=f"Subgroup {number}")
        PopulationShareFactory(sample=sample)
        arm = ArmFactory(study=study, interventions=[InterventionFactory()])
        result = ResultFactory(study=study, sample=sample, arm=arm, report=ReportFactory(study=study))
        appraisal = AppraisalFactory(study=study, result=result)
        DomainJudgementFactory(appraisal=appraisal)

    # Study, reports, samples, shares, arms, interventions, results, appraisals, judgements, the menu,
    # and the topics that the project composes here.
    with django_assert_num_queries(11):
        client.get("/studies/big/")
