"""The pages of populations, outcomes and interventions."""

import html
import re

import pytest

from tests.factories import (
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def text(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def study_in(population, **fields):
    study = StudyFactory(**fields)
    sample = SampleFactory(study=study)
    PopulationShareFactory(sample=sample, population=population)
    ResultFactory(study=study, sample=sample)
    return study


def test_population_detail_counts_what_the_browser_lists(client):
    older = PopulationFactory(
        slug="older", name="Older adults", definition="65 and over.", synonyms=["seniors"], age_min=65
    )
    oldest = PopulationFactory(slug="oldest", name="Over 85", parent=older)
    study_in(older, slug="one", year=2000)
    study_in(oldest, slug="two", year=2010)
    study_in(oldest, slug="hidden", state="draft")

    response = client.get("/populations/older/")

    words = text(response)
    assert response.status_code == 200
    assert "Older adults 65 and over. Age 65 years and over Also called: seniors." in words
    assert "2 studies, to filter and download" in words
    assert "Narrower terms Over 85 1 study" in words
    assert 'href="/studies/?population=older"' in response.content.decode()
    assert re.findall(r'<h3><a href="/studies/(\w+)/"', response.content.decode()) == ["two", "one"]
    assert response.cookies == {}
    assert '<h2 id="count">2 studies</h2>' in client.get("/studies/?population=older").content.decode()


def test_population_detail_leads_back_up_the_tree(client):
    top = PopulationFactory(slug="older", name="Older adults")
    PopulationFactory(slug="oldest", name="Over 85", parent=top)

    page = client.get("/populations/oldest/").content.decode()

    assert (
        '<li><a href="/populations/older/">Older adults</a></li><li aria-current="page">Over 85</li>' in page
    )


def test_population_on_an_axis_of_two_words_leads_to_the_browser(client):
    study_in(PopulationFactory(slug="retired", axis="life stage"))

    response = client.get("/populations/retired/")

    assert "1 study, to filter and download" in text(response)


def test_outcome_detail_says_what_difference_matters(client):
    OutcomeFactory(
        slug="gait-speed",
        name="Gait speed",
        unit="m/s",
        important_difference="0.1",
        important_difference_source="Perera 2006",
    )

    words = text(client.get("/outcomes/gait-speed/"))

    assert "Smallest difference that matters to people: 0.1 m/s Source: Perera 2006" in words
    assert "Higher is better Usual unit: m/s" in words
    assert "No study on this site yet. That is a gap, not an answer." in words


def test_intervention_detail_names_what_replaced_it(client):
    new = InterventionFactory(slug="new", name="New word")
    InterventionFactory(slug="old", name="Old word", is_active=False, replaced_by=new)

    response = client.get("/interventions/old/")

    assert "no longer used for new entries. Use New word instead." in text(response)
    assert '<a href="/interventions/new/">' in response.content.decode()


@pytest.mark.parametrize("kind", ["populations", "outcomes", "interventions"])
def test_unknown_term_is_404(client, kind):
    assert client.get(f"/{kind}/nothing/").status_code == 404


@pytest.mark.parametrize("n", [2, 20])
def test_node_detail_takes_the_same_queries_whatever_the_size(client, n, django_assert_num_queries):
    top = PopulationFactory(slug="top")
    for _ in range(n):
        study_in(PopulationFactory(parent=top))

    # The term, ten for an index of this transaction, four for the newest studies, the menu.
    with django_assert_num_queries(16):
        client.get("/populations/top/")
