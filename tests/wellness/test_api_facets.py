"""Counts beside some axes, by themselves and with a list: those of the whole answer, and no others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence import changes
from evidence.api.facets import counted
from evidence.browsing import Filter, Matches, Vocabulary
from evidence.browsing.filters import UNITS
from evidence.browsing.index import caught_up
from evidence.browsing.vocabulary import axis_keys
from evidence.forms import MOST_VALUES
from tests.evidence.test_past import date_back, day, random_history
from tests.evidence.worlds import random_choice
from tests.factories import ConclusionFactory, OutcomeFactory, ResultFactory, StudyFactory
from wellness.api import schema

pytestmark = pytest.mark.django_db


def facet(key, *values, parameter=None, label=None, years=None):
    return {
        "key": key,
        "parameter": parameter or key,
        "label": label or key.capitalize(),
        "values": list(values),
        "years": years,
    }


def value(slug, label, count, **more):
    return {
        "slug": slug,
        "label": label,
        "parent": None,
        "count": count,
        "is_chosen": False,
        "is_excluded": False,
        **more,
    }


def years(**counts):
    return [{"year": int(name[1:]), "count": n} for name, n in counts.items()]


def test_list_comes_with_the_counts_that_are_asked_for(client):
    StudyFactory(year=2000, integrity="ok", design="parallel trial")
    StudyFactory(year=1990, integrity="retracted", design="parallel trial")
    StudyFactory(year=1990, integrity="ok", design="case report")
    StudyFactory(year=None, integrity="ok", design="parallel trial")

    query = "design=parallel-trial&facet=year&facet=integrity&facet=year"
    listed = client.get(f"/api/studies?{query}").json()
    alone = client.get(f"/api/facets?{query}").json()

    assert listed["facets"] == [
        facet("integrity", value("ok", "No concern known", 2), value("retracted", "Retracted", 1)),
        facet("year", value("not-reported", "Year not reported", 1), years=years(y1990=1, y2000=1)),
    ]
    assert listed["count"] == 3
    assert alone == {
        "count": 3,
        "n_results": 0,
        "n_people": 120,
        "unit": "studies",
        "withdrawn": None,
        "facets": listed["facets"],
    }
    assert client.get("/api/studies?design=parallel-trial").json() == {**listed, "facets": None}


def test_years_are_counted_whatever_is_chosen_of_them_and_in_studies(client):
    for year, n_enrolled in ((2000, 7), (2000, 8), (2010, 9)):
        StudyFactory(year=year, n_enrolled=n_enrolled)
    StudyFactory(year=2010, integrity="retracted")

    query = "year_from=2005&integrity=ok&facet=year"
    for unit in UNITS:
        answer = client.get(f"/api/studies?{query}&unit={unit}").json()

        assert answer["count"] == 1
        assert answer["facets"] == [facet("year", years=years(y2000=2, y2010=1))]


def test_chosen_and_excluded_values_are_told_without_a_study(client):
    StudyFactory(integrity="ok")

    answer = client.get("/api/facets?integrity=retracted&not_integrity=concern&facet=integrity").json()

    assert answer["facets"] == [
        facet(
            "integrity",
            value("ok", "No concern known", 1),
            value("concern", "Expression of concern", 0, is_excluded=True),
            value("retracted", "Retracted", 0, is_chosen=True),
        )
    ]


def asked_in_part(client, query, keys):
    """The facets of the whole answer on these axes, after asking for them alone and with the list."""
    part = f"{query}&{'&'.join(f'facet={key}' for key in keys)}"
    whole = client.get(f"/api/facets?{query}").json()
    some = client.get(f"/api/facets?{part}").json()
    studies = client.get(f"/api/studies?{query}").json()
    with_facets = client.get(f"/api/studies?{part}").json()

    few = [found for found in whole["facets"] if found["key"] in keys]
    assert some == {**whole, "facets": few}, part
    assert with_facets == {**studies, "facets": few}, part
    assert [found["key"] for found in whole["facets"]] == axis_keys()
    assert [found["key"] for found in whole["facets"] if found["years"] is not None] == ["year"]
    return few


def test_facets_in_part_are_those_of_the_whole_for_random_filters_and_days(client):
    chance, world, truths, _ = random_history(3)
    vocabulary = Vocabulary.load()
    n_years = 0

    for number in range(40):
        choice = random_choice(chance, world, vocabulary)
        if number % 3 == 0:
            choice |= {"q": "", "as_of": day(number % len(truths))}
        chosen = Filter(vocabulary, **choice, unit=chance.choice(UNITS))
        keys = ["year", *chance.sample(axis_keys(), chance.randrange(5))]
        few = asked_in_part(client, chosen.as_query(), keys)

        if chosen.as_of is None:
            [found] = [entry for entry in few if entry["key"] == "year"]
            of_years = chosen.without("year").apply()
            expected = [study.year for study in of_years if study.year is not None]
            assert found["years"] == [
                {"year": year, "count": expected.count(year)} for year in sorted(set(expected))
            ]
            n_years += bool(expected)

    assert n_years > 5


def test_years_are_in_order_after_an_earlier_one_comes():
    StudyFactory(year=2000)
    index = caught_up(None, changes.now())
    StudyFactory(year=1990)
    index = caught_up(index, changes.now())

    _, [found] = counted(Matches(Filter(index.vocabulary), index=index), ["year"])

    assert [(entry.year, entry.count) for entry in found.years] == [(1990, 1), (2000, 1)]


def test_facets_of_the_studies_behind_a_conclusion_are_of_them_alone(client):
    gait = OutcomeFactory(slug="gait")
    result = ResultFactory(outcome=gait, study__year=1990)
    ResultFactory(outcome=OutcomeFactory(), study=result.study)
    ResultFactory(outcome=OutcomeFactory(), study__year=2000)
    conclusion = ConclusionFactory(slug="gait", outcome=gait)
    result.arm.interventions.add(conclusion.intervention)

    _, year = asked_in_part(client, "conclusion=gait", ["outcome", "year"])

    assert year["years"] == years(y1990=1)


def test_facets_of_a_day_are_of_what_was_recorded_then(client):
    study = StudyFactory(year=1990)
    gone = StudyFactory(year=1980)
    date_back(0)
    study.year = 2000
    study.save()
    gone.delete()

    query = f"as_of={day(0)}&facet=year"

    assert client.get(f"/api/studies?{query}").json()["facets"] == [facet("year", years=years(y1990=1))]
    assert client.get(f"/api/facets?{query}").json()["withdrawn"] == 1
    assert client.get("/api/studies?facet=year").json()["facets"] == [facet("year", years=years(y2000=1))]


def test_next_and_previous_page_keep_the_counts(client):
    for year in (2000, 2001):
        StudyFactory(year=year)

    first = client.get("/api/studies?facet=year&facet=design&size=1").json()
    second = client.get(first["next"].removeprefix("http://127.0.0.1:8000")).json()
    back = client.get(second["previous"].removeprefix("http://127.0.0.1:8000")).json()

    assert [entry["key"] for entry in first["facets"]] == ["design", "year"]
    assert first["facets"] == second["facets"] == back["facets"]
    assert first["items"] == back["items"] != second["items"]


def test_only_the_axes_asked_for_are_counted():
    ResultFactory()

    matches = Matches(Filter(Vocabulary.load()))
    counts, facets = counted(matches, ["design"])

    assert counts.values == {"design": {"parallel-trial": 1, "randomised-trials": 1}}
    assert [found.key for found in facets] == ["design"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/studies?facet=colour&facet=age&facet=%00", "There is no axis “colour”, “�”."),
        ("/api/facets?facet=population", "There is no axis “population”."),
        (f"/api/facets?{'facet=age&' * (MOST_VALUES + 1)}", "Choose at most 60 values at once."),
        ("/api/results?facet=age", "There is no such parameter here."),
        ("/api/samples?facet=age", "There is no such parameter here."),
    ],
)
def test_axes_that_are_not_understood_are_named(client, path, message):
    answer = client.get(path)

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"parameter": "facet", "message": message}]


def test_empty_axis_says_nothing(client):
    StudyFactory()

    assert client.get("/api/studies?facet=").json()["facets"] is None
    assert client.get("/api/facets?facet=").json() == client.get("/api/facets").json()


@pytest.mark.parametrize(
    "query", ["", "q=author", "outcome=gait&design=parallel-trial", "conclusion=gait", f"as_of={day(0)}"]
)
def test_counts_take_no_query_of_their_own(client, query):
    gait = OutcomeFactory(slug="gait")
    ConclusionFactory(slug="gait", outcome=gait)
    ResultFactory.create_batch(3, outcome=gait)
    date_back(0)

    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    cost(f"/api/studies?{query}")
    every = "&".join(f"facet={key}" for key in axis_keys())

    assert cost(f"/api/studies?{query}&{every}") == cost(f"/api/studies?{query}&size=24")


def test_schema_names_the_axes():
    takers = {
        path: parameter["schema"]
        for path, methods in schema()["paths"].items()
        for parameter in methods["get"]["parameters"]
        if parameter["name"] == "facet"
    }

    axes = {"type": "array", "items": {"type": "string", "enum": axis_keys()}, "maxItems": MOST_VALUES}
    assert takers == {"/api/studies": axes, "/api/facets": axes}


def test_keys_of_the_axes_are_those_of_the_vocabulary():
    assert axis_keys() == list(Vocabulary.load().axes)
