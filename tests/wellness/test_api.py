"""The read API: the same as the pages say, for every site to read, and nothing that is not public."""

import datetime
import gzip
import random
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Topic
from evidence.browsing import SORTS, Filter, Vocabulary, count
from evidence.models import Study
from evidence.views import study_list
from tests.articles.test_publishing import full_topic
from tests.evidence.worlds import random_choice, random_world
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    AssessmentFactory,
    ConclusionFactory,
    DomainJudgementFactory,
    EditionFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    SignedAssessmentFactory,
    StudyFactory,
    TermFactory,
    ToolDomainFactory,
    TopicFactory,
)
from tests.signing import publish_signed
from wellness.api import schema

pytestmark = pytest.mark.django_db


def slugs(answer):
    return [item["slug"] for item in answer.json()["items"]]


def follow(client, answer):
    """The answer at the next page."""
    return client.get(answer.json()["next"].removeprefix("http://127.0.0.1:8000"))


# The same as the pages


def test_list_of_studies_is_that_of_the_page_for_random_filters(client, rf):
    world = random_world(5)
    vocabulary = Vocabulary.load()
    chance = random.Random(5)

    for number in range(50):
        choice = random_choice(chance, world, vocabulary)
        chosen = Filter(vocabulary, **choice, sort=chance.choice(list(SORTS)))
        query = chosen.as_query()
        # What the page is drawn with; drawing it fifty times would tell no more.
        page = study_list(rf.get(f"/studies/?{query}")).context_data
        counts = count(chosen)
        answer = client.get(f"/api/studies?{query}")

        assert answer.status_code == 200
        assert slugs(answer) == [row.study.slug for row in page["rows"]], query
        assert answer.json()["count"] == counts.total
        if number % 5:
            continue
        results = client.get(f"/api/results?{query}&size=100").json()
        assert results["count"] == len(results["items"])
        facets = client.get(f"/api/facets?{query}").json()
        assert facets["count"] == counts.total
        assert {
            (facet["key"], value["slug"]): value["count"]
            for facet in facets["facets"]
            for value in facet["values"]
            if value["count"]
        } == {(key, slug): n for key, found in counts.values.items() for slug, n in found.items()}


def test_study_in_a_list_is_told_in_short(client):
    study = StudyFactory(
        slug="miller-1987",
        label="Miller 1987",
        title="Ankle weights “on” both <legs>",
        n_enrolled=None,
        n_analysed=12,
        year=1987,
        summary="Energy use rose.",
        numbers="verified",
    )
    other = StudyFactory(year=None)

    [first, second] = client.get("/api/studies").json()["items"]

    assert first == {
        "slug": "miller-1987",
        "address": f"http://127.0.0.1:8000{study.get_absolute_url()}",
        "data": f"http://127.0.0.1:8000{reverse('api:study_detail', args=['miller-1987'])}",
        "label": "Miller 1987",
        "title": "Ankle weights “on” both <legs>",
        "design": "parallel trial",
        "year": 1987,
        "people": 12,
        "integrity": "ok",
        "numbers": "verified",
        "summary": "Energy use rose.",
        "integrity_today": None,
    }
    assert (second["slug"], second["year"], second["people"]) == (other.slug, None, 40)
    whole = client.get("/api/studies/miller-1987").json()
    assert {name: whole[name] for name in first if name in whole} == {
        name: told for name, told in first.items() if name != "integrity_today"
    }


def test_pages_of_a_list_lead_on_and_back_with_everything_that_was_asked_for(client):
    for year in range(2000, 2005):
        ResultFactory(study=StudyFactory(slug=f"s{year}", year=year, design="parallel trial"))
    StudyFactory(design="case report")

    first = client.get("/api/studies?design=randomised-trials&sort=oldest&size=2")
    second = follow(client, first)
    third = follow(client, second)

    assert [slugs(answer) for answer in (first, second, third)] == [
        ["s2000", "s2001"],
        ["s2002", "s2003"],
        ["s2004"],
    ]
    assert first.json()["previous"] is third.json()["next"] is None
    assert client.get(third.json()["previous"]).json()["items"] == second.json()["items"]
    assert "sort=oldest" in second.json()["next"]
    results = follow(client, client.get("/api/results?sort=oldest&size=3"))
    assert [item["study"] for item in results.json()["items"]] == ["s2003", "s2004"]
    assert results.json()["count"] == 5


def test_results_are_those_that_the_filter_asks_for(client):
    gait, sleep = OutcomeFactory(slug="gait"), OutcomeFactory(slug="sleep")
    study = StudyFactory(slug="walkers")
    ResultFactory(study=study, outcome=gait, key="gait", arm_mean=0.0)
    ResultFactory(study=study, outcome=sleep, key="sleep")

    [result] = client.get("/api/results?outcome=gait").json()["items"]

    assert (result["study"], result["key"], result["display"]) == ("walkers", "gait", "1.0 (0.5 to 1.5)")
    assert (result["arm_numbers"]["mean"], result["arm_numbers"]["sd"]) == (0.0, None)
    assert result["outcome"] == {"slug": "gait", "name": gait.name}


def test_study_is_answered_with_everything(client):
    add_study("whole")

    study = client.get("/api/studies/whole").json()

    assert study["address"] == "http://127.0.0.1:8000/studies/whole/"
    assert [len(study[part]) for part in ("reports", "samples", "arms", "results", "appraisals")] == [
        1,
        2,
        2,
        1,
        1,
    ]
    assert study["samples"][0]["populations"][0]["share"] == "all"
    assert study["appraisals"][0]["domains"][0]["judgement"] == "low"


def test_trees_are_in_their_order(client):
    older = OutcomeFactory(slug="a", position=2)
    OutcomeFactory(slug="c", position=1)
    OutcomeFactory(slug="b", parent=older, synonyms=["bee"])

    nodes = client.get("/api/outcomes").json()

    assert [(node["slug"], node["parent"], node["depth"]) for node in nodes] == [
        ("c", None, 0),
        ("a", None, 0),
        ("b", "a", 1),
    ]
    assert client.get("/api/outcomes/b").json() == nodes[2]


def test_conclusion_comes_with_the_assessment_in_force(client):
    conclusion = ConclusionFactory(slug="gait")
    SignedAssessmentFactory(conclusion=conclusion, number=1, sentence="Old.")
    SignedAssessmentFactory(conclusion=conclusion, number=2, sentence="It may help.")
    ConclusionFactory(slug="sleep")

    one = client.get("/api/conclusions/gait").json()

    assert (one["assessment"]["number"], one["assessment"]["sentence"]) == (2, "It may help.")
    assert one["assessment"]["certainty"] == "low"
    found = client.get("/api/conclusions").json()["items"]
    assert found[0] == one
    assert found[1]["assessment"] is None


def test_edition_is_answered_as_it_was_published(client, publisher):
    topic = full_topic(title="Walking first")
    first = publish_signed(topic=topic, by=publisher, at=timezone.now())
    topic.title = "Walking second"
    topic.save()
    second = publish_signed(topic=topic, by=publisher, at=timezone.now())

    [live] = client.get("/api/topics").json()["items"]
    whole = client.get(f"/api/topics/{topic.uid}").json()
    editions = client.get(f"/api/topics/{topic.uid}/editions").json()["items"]
    old = client.get(f"/api/topics/{topic.uid}/editions/1").json()

    assert (live["edition"], live["title"], live["digest"]) == (2, "Walking second", second.digest)
    assert whole == {**live, "content": second.content}
    assert [edition["number"] for edition in editions] == [2, 1]
    assert (old["title"], old["content"]) == ("Walking first", first.content)


def test_search_finds_what_the_page_finds(client, publisher):
    topic = full_topic(title="Walking uphill")
    publish_signed(topic=topic, by=publisher, at=timezone.now())
    StudyFactory(slug="climbers", title="Walking <b>fast</b> & uphill")
    TermFactory(name="Uphill")

    found = client.get("/api/search?q=uphill").json()

    assert found["topics"][0]["data"].endswith(f"/api/topics/{topic.uid}")
    assert found["studies"][0]["data"].endswith("/api/studies/climbers")
    assert found["studies"][0]["title"] == "Walking <b>fast</b> & uphill"
    assert (found["n_topics"], found["n_studies"], found["n_terms"]) == (1, 1, 1)


# Nothing that is not public


@pytest.fixture
def secrets(publisher):
    """Something of everything that the public may not see; all of it says so."""
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    conclusion = ConclusionFactory(slug="open")
    AssessmentFactory(conclusion=conclusion, sentence="Secret sentence")
    for state in ("draft", "retired"):
        study = StudyFactory(slug=f"secret-{state}", label="Secret", title="Secret gait", state=state)
        sample = SampleFactory(study=study, label="Secret sample")
        ResultFactory(study=study, sample=sample, finding="Secret finding")
        ReportFactory(study=study, title="Secret report")
    TopicFactory(title="Secret gait, never published")
    times = {
        "scheduled": {"go_live_at": now + hour},
        "withdrawn": {"go_live_at": now - hour, "withdrawn_at": now - hour / 2, "withdrawal_note": "Wrong."},
        "called-off": {"go_live_at": now + hour, "withdrawn_at": now, "withdrawal_note": "Secret note"},
        "expired": {"go_live_at": now - hour, "expires_at": now - hour / 2},
    }
    return {
        name: EditionFactory(
            title="Secret gait",
            short_title="Secret",
            path=f"shelf/{name}",
            content={"text": "Secret"},
            **when,
        ).topic
        for name, when in times.items()
    }


def test_lists_hold_nothing_that_is_not_public(client, secrets):
    for path in schema()["paths"]:
        if "{" not in path and path != "/api/search":
            answer = client.get(path)
            assert answer.status_code == 200
            assert "Secret" not in answer.content.decode(), path
    for path in ("/api/studies?q=secret", "/api/results?q=secret", "/api/search?q=secret"):
        assert "Secret" not in client.get(path).content.decode()
    assert client.get("/api/studies").json()["count"] == client.get("/api/facets").json()["count"] == 0
    assert client.get("/api/results").json()["count"] == 0


def test_what_is_not_public_has_no_address(client, secrets):
    for slug in ("secret-draft", "secret-retired"):
        assert client.get(f"/api/studies/{slug}").status_code == 404
    assert client.get("/api/conclusions/open").json()["assessment"] is None
    for name, status in {"scheduled": 404, "called-off": 404, "withdrawn": 410, "expired": 410}.items():
        uid = secrets[name].uid
        for path in (f"/api/topics/{uid}", f"/api/topics/{uid}/editions", f"/api/topics/{uid}/editions/1"):
            answer = client.get(path)
            assert answer.status_code == status, path
            assert "Secret" not in answer.content.decode()


def test_history_tells_of_a_withdrawn_edition_only_that_it_was(client):
    now = timezone.now()
    old = EditionFactory(withdrawn_at=now, withdrawal_note="A number was wrong.", content={"text": "Secret"})
    EditionFactory(topic=old.topic, number=2, path=old.path, category=old.category)
    EditionFactory(topic=old.topic, number=3, go_live_at=now + datetime.timedelta(hours=1))

    answer = client.get(f"/api/topics/{old.topic.uid}/editions")

    assert [edition["number"] for edition in answer.json()["items"]] == [2, 1]
    assert answer.json()["items"][1]["withdrawal_note"] == "A number was wrong."
    refusal = client.get(f"/api/topics/{old.topic.uid}/editions/1")
    assert refusal.status_code == 410
    assert refusal.json()["detail"] == "This edition was withdrawn: A number was wrong."


# What is refused


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/api/studies?population=martians", ["population"]),
        ("/api/studies?year_from=x&people_min=0&sort=best", ["year_from", "people_min", "sort"]),
        ("/api/studies?page=2&colour=red", ["page", "colour"]),
        ("/api/studies?cursor=WzFd.x", ["cursor"]),
        ("/api/results?size=0", ["size"]),
        ("/api/samples?size=101", ["size"]),
        ("/api/facets?cursor=x", ["cursor"]),
        ("/api/facets?q=-", ["q"]),
        ("/api/conclusions?size=5&size=6", ["size"]),
        ("/api/conclusions?cursor=%00", ["cursor"]),
        ("/api/topics?cursor=x", ["cursor"]),
        ("/api/populations?q=x", ["q"]),
        ("/api/outcomes/x?q=x", ["q"]),
        ("/api/studies/x?q=x", ["q"]),
        ("/api/search", ["q"]),
        ("/api/search?q=%3F", ["q"]),
        ("/api/search?q=x&page=2", ["page"]),
        (f"/api/studies/{'x' * 121}", ["slug"]),
    ],
)
def test_what_is_not_understood_is_named(client, path, parameters):
    answer = client.get(path)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["type"], said["title"], said["status"]) == ("about:blank", "Bad Request", 400)
    assert [problem["parameter"] for problem in said["errors"]] == parameters
    assert all(problem["message"] for problem in said["errors"])


def test_more_parameters_than_are_read_is_400(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3

    assert client.get("/api/studies?a=1&b=1&c=1&d=1").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/nothing",
        "/api/studies/",
        "/api/studies/nobody",
        "/api/studies/%0A",
        "/api/populations/nobody",
        "/api/conclusions/nobody",
        "/api/topics/x",
        "/api/topics/00000000-0000-0000-0000-000000000000",
        "/api/topics/00000000-0000-0000-0000-000000000000/editions",
        "/api/topics/00000000-0000-0000-0000-000000000000/editions/99999999999999999999",
    ],
)
def test_address_of_nothing_is_404(client, path):
    answer = client.get(path)

    if path == "/api/":
        assert answer.status_code == 200
        return
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_cursor_of_another_list_is_refused(client):
    StudyFactory.create_batch(2)
    cursor = re.search(r"cursor=(.*)", client.get("/api/studies?size=1").json()["next"])[1]

    for path in ("/api/studies?sort=oldest&cursor=", "/api/conclusions?cursor=", "/api/topics?cursor="):
        assert client.get(path + cursor).status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_api_can_only_be_read(method):
    for path in ("/api/", "/api/studies", "/api/nothing"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(path)

        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
        assert answer["Content-Type"] == "application/problem+json"


# How it is sent


def test_answer_is_for_every_site_and_has_no_cookie(client):
    for path in ("/api/studies", "/api/nothing", "/api/openapi.json"):
        answer = client.get(path, headers={"Origin": "https://example.org"})

        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
    before = client.options("/api/studies", headers={"Access-Control-Request-Headers": "if-none-match"})
    assert (before.status_code, before.content) == (204, b"")
    assert before["Access-Control-Allow-Methods"] == before["Allow"] == "GET, HEAD, OPTIONS"
    assert before["Access-Control-Allow-Headers"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/robots.txt")


def test_answer_is_compressed_and_not_sent_twice(client):
    StudyFactory.create_batch(3)

    plain = client.get("/api/studies")
    packed = client.get("/api/studies", headers={"Accept-Encoding": "gzip"})
    again = client.get("/api/studies", headers={"If-None-Match": plain["ETag"]})
    head = client.head("/api/studies")

    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] != plain["ETag"]
    assert (again.status_code, again.content, again["Access-Control-Allow-Origin"]) == (304, b"", "*")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(plain.content))
    StudyFactory()
    assert client.get("/api/studies", headers={"If-None-Match": plain["ETag"]}).status_code == 200


# What it says of itself


def test_schema_says_everything_in_words():
    whole = schema()

    assert whole["openapi"].startswith("3.")
    for path, methods in whole["paths"].items():
        assert list(methods) == ["get"]
        found = methods["get"]
        assert found["summary"]
        assert found["description"]
        assert {"200", "400", "429"} <= found["responses"].keys()
        assert ("404" in found["responses"]) == ("{" in path)
        for parameter in found["parameters"]:
            words = parameter["description"]
            assert words not in ("", parameter["name"]), f"{path}: {parameter['name']} needs words"
    for name, answer in whole["components"]["schemas"].items():
        assert answer["description"], name
        assert all(field.get("description") for field in answer["properties"].values()), name


def test_page_about_the_api_says_what_the_schema_says(client):
    page = client.get("/api/").content.decode()

    assert "<h1>Data for programs</h1>" in page
    for path, methods in schema()["paths"].items():
        assert f"GET {path}" in page
        for parameter in methods["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in page
    for name in schema()["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "cdn" not in page.lower()
    assert page.count("<") / 2 < 1500


def test_every_page_links_to_its_own_data(client, publisher):
    topic = full_topic(title="Walking")
    edition = publish_signed(topic=topic, by=publisher, at=timezone.now())
    StudyFactory(slug="walkers", design="case report")
    ConclusionFactory(
        slug="gait",
        population=PopulationFactory(slug="old"),
        intervention=InterventionFactory(slug="weights"),
        outcome=OutcomeFactory(slug="speed"),
    )
    pages = {
        f"/{edition.path}/": f"/api/topics/{topic.uid}",
        f"/{edition.path}/editions/1/": f"/api/topics/{topic.uid}/editions/1",
        "/studies/": "/api/studies",
        "/studies/?design=case-report&q=walkers": "/api/studies?q=walkers&design=case-report",
        "/studies/walkers/": "/api/studies/walkers",
        "/conclusions/": "/api/conclusions",
        "/conclusions/gait/": "/api/conclusions/gait",
        "/populations/old/": "/api/populations/old",
        "/interventions/weights/": "/api/interventions/weights",
        "/outcomes/speed/": "/api/outcomes/speed",
    }

    for path, data in pages.items():
        page = client.get(path).content.decode().replace("&amp;", "&")
        links = re.findall(r'<link rel="alternate" type="application/json" [^>]*href="([^"]*)"', page)
        assert data in links, path
        assert client.get(data).status_code == 200


# What it costs


def add_study(slug):
    study = StudyFactory(slug=slug)
    whole = SampleFactory(study=study)
    part = SampleFactory(study=study, parent=whole, label="Part")
    PopulationShareFactory(sample=whole, population=PopulationFactory())
    arm = ArmFactory(study=study, interventions=[InterventionFactory()])
    ReportFactory(study=study)
    ResultFactory(study=study, sample=part, arm=arm)
    appraisal = AppraisalFactory(study=study)
    DomainJudgementFactory(appraisal=appraisal, domain=ToolDomainFactory(tool=appraisal.tool))


def test_answers_cost_the_same_queries_for_little_and_for_much(client):
    uid = EditionFactory(path="shelf/first", title="Walking first").topic.uid
    paths = {
        # Ten of these read the index, in a transaction that nobody else has seen.
        "/api/studies?q=author": 13,
        "/api/studies?facet=design&facet=year": 12,
        "/api/studies/one": 12,
        "/api/results": 14,
        "/api/samples": 14,
        "/api/facets": 10,
        "/api/populations": 1,
        "/api/populations/one": 2,
        "/api/conclusions": 3,
        "/api/topics": 2,
        f"/api/topics/{uid}": 1,
        f"/api/topics/{uid}/editions": 3,
        "/api/search?q=walking": 7,
    }
    PopulationFactory(slug="one")

    def grow(n, first):
        for number in range(n):
            add_study("one" if first and not number else f"more-{n}-{number}")
            SignedAssessmentFactory()
            edition = EditionFactory(path=f"shelf/{n}-{number}", title="Walking more")
            EditionFactory(topic=Topic.objects.get(uid=uid), number=2 + number + 100 * n, path="shelf/first")
            assert edition.page is not None
        study = Study.objects.get(slug="one")
        for _ in range(n):
            arm = ArmFactory(study=study, interventions=[InterventionFactory()])
            ResultFactory(study=study, arm=arm)

    def cost():
        spent = {}
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            spent[path] = len(queries)
        return spent

    grow(2, first=True)
    cost()
    few = cost()
    grow(9, first=False)

    assert cost() == few
    for path, most in paths.items():
        assert few[path] <= most, path
