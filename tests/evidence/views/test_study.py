"""The studies browser and the page of a study, as readers meet them."""

import html
import json
import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.browsing import visible
from evidence.browsing.filters import SORTS
from evidence.forms import MOST_VALUES, StudyFilterForm
from evidence.models import Population
from evidence.views.study import study_list
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
    filtered = client.get("/studies/?design=parallel-trial&sort=oldest").content.decode()

    assert 'name="robots"' not in whole
    assert '<link rel="canonical" href="http://127.0.0.1:8000/studies/">' in whole
    assert '<meta name="robots" content="noindex,follow">' in filtered
    assert '<link rel="canonical" href="http://127.0.0.1:8000/studies/?design=parallel-trial">' in filtered


def link(response, rel):
    """Where this relation leads to."""
    found = re.search(rf'<a rel="{rel}" href="([^"]+)"', response.content.decode())
    return "/studies/" + html.unescape(found[1]) if found else None


def test_study_list_is_walked_page_by_page(client):
    for number in range(52):
        StudyFactory(slug=f"s{number:02}")

    first = client.get("/studies/?sort=added")
    second = client.get(link(first, "next"))
    last = client.get(link(second, "next"))

    assert slugs(first) == [f"s{number:02}" for number in range(51, 26, -1)]
    assert slugs(second) == [f"s{number:02}" for number in range(26, 1, -1)]
    assert slugs(last) == ["s01", "s00"]
    assert [link(first, "prev"), link(last, "next")] == [None, None]
    assert slugs(client.get(link(second, "prev"))) == slugs(first)
    assert "26 to 50 of 52" in text(second)
    assert '<ol class="studies plain" start="26">' in second.content.decode()


def test_cursor_of_another_list_is_400_and_shows_the_first_page(client):
    for _ in range(26):
        StudyFactory()
    address = link(client.get("/studies/?sort=added"), "next").replace("sort=added", "sort=oldest")

    response = client.get(address)

    assert response.status_code == 400
    assert "cursor : This is no cursor of this list. Start without one." in text(response)
    assert len(slugs(response)) == 25


# Facets


def test_value_is_excluded_by_a_link_and_stays_excluded(client):
    PopulationFactory(slug="children", name="Children", axis="age")
    for slug in ("with", "without"):
        sample = SampleFactory(study=StudyFactory(slug=slug))
        ResultFactory(study=sample.study, sample=sample)
        if slug == "with":
            children = Population.objects.get(slug="children")
            boys = PopulationFactory(slug="boys", axis="age", parent=children)
            PopulationShareFactory(sample=sample, population=boys)

    chosen = client.get("/studies/?population=children").content.decode()
    excluded = client.get("/studies/?not_population=children")

    assert 'href="/studies/?not_population=children"' in chosen
    assert slugs(excluded) == ["without"]
    page = excluded.content.decode()
    assert '<input type="hidden" name="not_population" value="children">' in page
    assert "Not Children" in text(excluded)
    assert 'href="/studies/?population=children"' in page


def test_branches_of_a_large_site_are_opened_on_demand(client, monkeypatch):
    monkeypatch.setattr(visible, "FEW", 0)
    gait = OutcomeFactory(slug="gait", name="Gait")
    speed = OutcomeFactory(slug="speed", name="Gait speed", parent=gait)
    OutcomeFactory(slug="comfortable", name="Comfortable", parent=speed)
    ResultFactory(outcome=speed)

    shut = client.get("/studies/").content.decode()
    opened = client.get("/studies/?open_outcome=gait").content.decode()
    found = client.get("/studies/?find_outcome=SPEED").content.decode()
    chosen = client.get("/studies/?outcome=speed").content.decode()

    assert 'value="speed"' not in shut
    assert 'href="?open_outcome=gait#filter-outcome"' in shut
    assert 'value="speed"' in opened
    assert 'value="comfortable"' not in opened
    assert 'href="?open_outcome=gait&amp;open_outcome=speed#filter-outcome"' in opened
    assert '<input type="hidden" name="open_outcome" value="gait">' in opened
    assert 'value="speed"' in found
    assert 'value="speed" checked' in chosen


def test_page_says_how_the_search_was_read_and_what_binding_loosely_would_add(client):
    older = PopulationFactory(slug="older", name="Older adults", axis="age")
    gait, sleep = OutcomeFactory(slug="gait", name="Gait"), OutcomeFactory(slug="sleep", name="Sleep")
    study = StudyFactory(slug="mixed", n_enrolled=40)
    of_older = SampleFactory(study=study)
    PopulationShareFactory(sample=of_older, population=older)
    ResultFactory(study=study, sample=of_older, outcome=gait)
    ResultFactory(
        study=study, sample=SampleFactory(study=study, parent=of_older, label="Young"), outcome=gait
    )
    PopulationShareFactory(
        sample=study.samples.get(label="Young"), population=PopulationFactory(slug="young", axis="age")
    )
    study.results.filter(sample=study.samples.get(label="Young")).update(outcome=sleep)

    strict = client.get("/studies/?population=older&outcome=sleep&design=parallel-trial")
    loose = client.get("/studies/?population=older&outcome=sleep&loosely=yes")

    assert slugs(strict) == []
    assert "One and the same result of the study is all of this: Age: Older adults Outcome: Sleep" in text(
        strict
    )
    assert slugs(loose) == ["mixed"]
    assert "For each of these the study has a result, not always the same one:" in text(loose)


def test_unit_changes_the_numbers_and_not_the_list(client):
    study = StudyFactory(slug="one", n_enrolled=40)
    gait, _ = OutcomeFactory(slug="gait", name="Gait"), OutcomeFactory()
    for key in ("a", "b"):
        ResultFactory(study=study, key=key, outcome=gait, sample__study=study, sample__label=key)

    pages = [client.get(f"/studies/?unit={unit}") for unit in ("studies", "results", "people")]

    for page, number in zip(pages, (1, 2, 40), strict=True):
        assert f'value="gait">Gait<span class="c">{number}</span>' in page.content.decode()
    assert [heading(page) for page in pages] == ["1 study"] * 3
    assert "2 results, 40 people where it is reported" in text(pages[0])


def test_years_are_drawn_as_links_that_filter(client):
    for year in (1990, 1990, 2020):
        StudyFactory(year=year)

    page = client.get("/studies/?year_to=1999").content.decode()

    assert 'href="?year_from=1990&amp;year_to=1991" aria-label="1990 to 1991: 2 studies" class="on"' in page
    assert 'href="?year_from=2020&amp;year_to=2021" aria-label="2020 to 2021: 1 study">' in page


# Nothing found


def test_misspelt_words_get_a_suggestion_that_keeps_the_other_filters(client):
    StudyFactory(title="Proprioception after stroke", year=2000)

    wrong = client.get("/studies/?q=propioception&year_from=1990").content.decode()
    right = client.get("/studies/?q=proprioception&year_from=2010").content.decode()

    assert 'Did you mean <a href="/studies/?q=proprioception&amp;year_from=1990">proprioception</a>?' in wrong
    assert "Did you mean" not in right


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


def listed(n):
    for _ in range(n):
        study = StudyFactory(summary="Gait was faster.")
        sample = SampleFactory(study=study)
        PopulationShareFactory(sample=sample)
        outcome = OutcomeFactory(parent=OutcomeFactory())
        arm = ArmFactory(study=study, interventions=[InterventionFactory()])
        ResultFactory(study=study, sample=sample, arm=arm, outcome=outcome)
        ReportFactory(study=study, is_primary=True)
        AppraisalFactory(study=study)


@pytest.mark.parametrize("n", [3, 24])
def test_study_list_takes_the_same_queries_whatever_the_size(client, n, django_assert_num_queries):
    listed(n)

    # Ten for an index of this transaction, three for the rows, the menu.
    with django_assert_num_queries(14):
        client.get("/studies/")
    # One more for the words, and one to rank by them.
    with django_assert_num_queries(16):
        client.get("/studies/?q=gait&design=randomised-trials&bias=low&year_from=1990&people_min=2")


def test_study_list_escapes_every_text(client):
    hostile = """<i>"x" & 'y'</i>"""
    outcome = OutcomeFactory(name=f"{hostile} below", parent=OutcomeFactory(name=hostile))
    study = StudyFactory(title=hostile, summary=hostile)
    sample = SampleFactory(study=study, description=hostile)
    ResultFactory(study=study, sample=sample, outcome=outcome, unit=hostile)
    ReportFactory(study=study, is_primary=True, language='"><i>')

    text = client.get("/studies/").content.decode()

    assert "<i>" not in text
    # Title, finding, who, outcome and unit of the row; the option, its fold and the narrower one.
    assert text.count(html.escape(hostile)) == 8


@pytest.mark.parametrize("n", [3, 24])
@pytest.mark.django_db(transaction=True)
def test_study_list_with_a_current_index_takes_four_queries(rf, n, django_assert_num_queries):
    listed(n)
    study_list(rf.get("/studies/"))

    # The stamp, studies, results and groups.
    with django_assert_num_queries(4):
        response = study_list(rf.get("/studies/?design=randomised-trials"))
    # The menu, which is not of this page.
    with django_assert_num_queries(1):
        response.render()

    assert response.context_data["counts"].total == n


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
        ("sort=worst", "sort : This is none of match, newest, oldest, added, people, design."),
        ("page=2", "page : This page knows no such parameter."),
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


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(names, values), max_size=8))
def test_no_parameters_break_the_browser(client, world, pairs):
    query = urlencode(pairs)

    page = client.get(f"/studies/?{query}")

    assert page.status_code in (200, 400, 404)
    for name in ("study_csv", "study_feed"):
        file = client.get(f"{reverse(f'evidence:{name}')}?{query}")
        assert file.status_code == (400 if page.status_code == 400 else 200)
        assert file.getvalue()


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
