"""The public pages of conclusions, their plots and files."""

import csv
import html
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.assessing import sign
from evidence.models import Study
from tests.evidence.test_assessing import AT, a_body, signed
from tests.evidence.test_bodies import result_of
from tests.factories import (
    AppraisalFactory,
    AssessmentFactory,
    ConclusionFactory,
    DomainJudgementFactory,
    OutcomeFactory,
    PopulationFactory,
    ToolDomainFactory,
    ToolFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
FILES = ["results.csv", "reproduce.zip", "directions.svg"]


def text(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def page_of(client, conclusion):
    return client.get(conclusion.get_absolute_url())


def everything_about(client, conclusion):
    """Every public page and file, decoded and unpacked, as one text."""
    url = conclusion.get_absolute_url()
    addresses = ["/conclusions/", url, f"/conclusions/{conclusion.slug}.json"]
    addresses += [f"{url}{name}" for name in (*FILES, "forest.svg", "funnel.svg", "assessments/1/")]
    parts = []
    for address in addresses:
        content = client.get(address).content
        if address.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                content = b"".join(bundle.read(name) for name in bundle.namelist())
        parts.append(content.decode())
    return html.unescape("\n".join(parts))


def test_conclusion_detail_says_the_question_and_the_assessment_in_force(client):
    older = PopulationFactory(name="Older adults")
    conclusion, _ = a_body(population=older, comparator="usual care", versus="the same without weights")
    signed(conclusion, seen="Three trials saw it.", not_known="Whether it lasts.", is_demonstration=True)

    response = page_of(client, conclusion)

    words = text(response)
    assert response.status_code == 200
    assert "In whom Older adults" in words
    assert "Compared with The same without weights (usual care)" in words
    assert f"{conclusion.intervention.name} may increase {conclusion.outcome.name} slightly" in words
    assert "Low certainty 3 studies assessed, 120 people in the pool See these studies" in words
    assert "Risk of bias (serious): Nobody was masked." in words
    assert "Not known: Whether it lasts." in words
    assert "Signed on 1 November 2026." in words
    assert "Demonstration judgement Made from the listed studies" in words
    assert "Nothing has moved" in words
    assert f'href="/studies/?conclusion={conclusion.slug}&amp;assessment=1"' in response.content.decode()
    assert f'href="/studies/?conclusion={conclusion.slug}"' in response.content.decode()
    assert f'type="application/json" title="{conclusion}, as data"' in response.content.decode()


def test_conclusion_detail_is_public_and_cacheable_and_sets_no_cookie(client):
    conclusion, _ = a_body()

    response = page_of(client, conclusion)

    assert response.cookies == {}
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert " style=" not in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_conclusion_detail_names_an_assessor_who_is_no_demonstration(client):
    conclusion, _ = a_body()
    draft = AssessmentFactory(conclusion=conclusion)
    sign(assessment=draft, by=UserFactory(first_name="Ada", last_name="Reader"), at=AT)

    assert "Signed on 1 November 2026 by Ada Reader." in text(page_of(client, conclusion))


def test_conclusion_detail_without_an_assessment_says_so(client):
    conclusion, _ = a_body()

    words = text(page_of(client, conclusion))

    assert "Not assessed. Nobody has judged yet" in words
    assert "Since this assessment" not in words
    assert "3 studies today" in words


def test_conclusion_detail_of_an_empty_body_is_honest(client):
    conclusion = ConclusionFactory()
    result_of(conclusion, state="draft", label="Marker Draft")

    response = page_of(client, conclusion)

    assert response.status_code == 200
    assert "No published result answers this yet." in text(response)
    assert "Marker" not in text(response)


@pytest.mark.parametrize(
    "path",
    [
        "/conclusions/nothing/",
        "/conclusions/nothing.json",
        "/conclusions/nothing/forest.svg",
        "/conclusions/nothing/results.csv",
        "/conclusions/nothing/reproduce.zip",
        "/conclusions/nothing/assessments/1/",
        "/conclusions/?page=2",
        "/conclusions/?page=x",
    ],
)
def test_unknown_conclusion_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_drafts_and_unpublished_studies_are_nowhere(client):
    conclusion, _ = a_body(n=11)
    signed(conclusion)
    AssessmentFactory(
        conclusion=conclusion,
        sentence="Marker sentence.",
        seen="Marker seen.",
        not_known="Marker not known.",
        risk_of_bias_reason="Marker reason.",
    )
    hidden = result_of(conclusion, state="draft", label="Marker Study", slug="marker-study")
    AppraisalFactory(study=hidden.study, reason="Marker appraisal.")
    conclusion.exclusions.create(
        study=result_of(conclusion, state="retired", label="Marker Retired").study, reason="Marker excluded."
    )

    assert "marker" not in everything_about(client, conclusion).lower()


def test_study_that_is_unpublished_later_loses_its_name_everywhere(client):
    conclusion, results = a_body(n=3)
    signed(conclusion)
    Study.objects.filter(pk=results[0].study_id).update(state="draft")
    name = results[0].study.label

    words = everything_about(client, conclusion)

    assert "1 result no longer part of this question: A study that is not public any more" in words
    assert not re.search(rf"{name}\b", words)
    assert f"{results[0].study.slug}/" not in words


def test_refusal_that_names_a_study_is_said_in_general_once_it_is_not_public(client):
    conclusion, results = a_body(n=2)
    for result in results[:1]:
        result.comparator = None
        result.save()
    signed(conclusion, threshold="A difference that people notice.")
    address = f"{conclusion.get_absolute_url()}assessments/1/"
    label = results[0].study.label
    assert f"{label} measured a change within one group" in text(client.get(address))

    Study.objects.filter(pk=results[0].study_id).update(state="draft")

    words = text(client.get(address))
    assert "Not pooled. Changes within groups beside differences between groups." in words
    assert not re.search(rf"{label}\b", words)


def test_conclusion_detail_says_what_has_moved_with_links(client):
    conclusion, results = a_body()
    signed(conclusion)
    new = result_of(conclusion, label="Newcomer 2024")
    results[0].estimate = 0.9
    results[0].derive()
    results[0].save()
    Study.objects.filter(pk=results[1].study_id).update(integrity="retracted")
    results[2].delete()

    response = page_of(client, conclusion)

    words = text(response)
    assert f"1 new result from 1 study, not assessed yet: Newcomer 2024: {conclusion.outcome.name} ." in words
    assert f"1 result changed: {results[0].study.label}" in words
    assert f"1 result of a study retracted since: {results[1].study.label}" in words
    assert f"1 result no longer part of this question: {results[2].study.label}" in words
    assert f'href="/studies/{new.study.slug}/"' in response.content.decode()
    assert "The sentence and the certainty above do not take this into account." in words


def test_number_on_the_chip_is_that_of_the_list_behind_it(client):
    conclusion, results = a_body(n=4)
    signed(conclusion)
    result_of(conclusion)
    results[0].delete()

    words = text(page_of(client, conclusion))
    then = text(client.get(f"/studies/?conclusion={conclusion.slug}&assessment=1"))
    today = text(client.get(f"/studies/?conclusion={conclusion.slug}"))

    assert "3 studies assessed" in words
    assert "Sort by" in then
    assert " 3 studies " in then
    assert "4 studies today" in words
    assert " 4 studies " in today


def test_conclusion_detail_of_a_pool_shows_forest_and_numbers(client):
    conclusion, _ = a_body()
    result_of(conclusion, integrity="retracted", label="Withdrawn 2001")
    conclusion.exclusions.create(
        study=result_of(conclusion, label="Twice 2002").study, reason="Counted twice."
    )

    page = page_of(client, conclusion)

    words = text(page)
    assert 'class="forest"' in page.content.decode()
    assert "Pooled, 3 studies 120 people 1.0 (0.4 to 1.6) m/s" in words
    assert "Hartung-Knapp-Sidik-Jonkman, never narrower than the ordinary one" in words
    assert "Variance between studies, τ² 0" in words
    assert "Q = 0 with 2 degrees of freedom, p = 1.000" in words
    assert "Left out of the pool, and why" in words
    assert "Withdrawn 2001 Retracted" in words
    assert "Left out of the question" in words
    assert "Twice 2002 : Counted twice." in words
    assert "The pool without one study" in words
    assert "Funnel plot" not in words


def test_conclusion_detail_of_nothing_pooled_shows_directions(client):
    conclusion, results = a_body(n=1)
    results[0].direction = "favours intervention"
    results[0].save()

    page = page_of(client, conclusion)

    words = text(page)
    assert "Not pooled. A single study is left to pool." in words
    assert "Favours intervention" in words
    assert 'href="#dir-for"' in page.content.decode()
    assert 'class="forest"' not in page.content.decode()
    assert "forest.svg" not in page.content.decode()


def test_funnel_and_egger_come_from_ten_studies_on(client):
    conclusion, results = a_body(n=10)
    for place, result in enumerate(results):
        result.estimate = 1 + place / 10
        result.ci_low, result.ci_high = result.estimate - 0.2 - place / 20, result.estimate + 0.2 + place / 20
        result.derive()
        result.save()

    words = text(page_of(client, conclusion))
    funnel = client.get(f"{conclusion.get_absolute_url()}funnel.svg")
    results[0].delete()
    fewer = text(page_of(client, conclusion))

    assert "Funnel plot" in words
    assert re.search(r"Egger’s test: slope [\d.]+ \([\d.]+ to [\d.]+\)", words)
    assert "This is no proof of them" in words
    assert len(ElementTree.fromstring(funnel.content).findall(f"{SVG}circle")) == 10  # noqa: S314
    assert "Funnel plot" not in fewer
    assert client.get(f"{conclusion.get_absolute_url()}funnel.svg").status_code == 404


def test_risk_of_bias_is_shown_by_domain_in_signs_and_words(client):
    conclusion, results = a_body(n=2)
    tool = ToolFactory(name="RoB 2")
    domain = ToolDomainFactory(tool=tool, code="D1", name="Randomisation")
    judged = AppraisalFactory(study=results[0].study, tool=tool, judgement="high", is_demonstration=True)
    AppraisalFactory(study=results[1].study, tool=tool, judgement="low")
    DomainJudgementFactory(appraisal=judged, domain=domain, judgement="some")
    AppraisalFactory(study=result_of(ConclusionFactory(), label="Elsewhere").study, tool=tool)

    page = page_of(client, conclusion)

    words = text(page)
    assert "Demonstration judgements" in words
    assert f"D1 : Randomisation Overall {results[0].study.label} Some concerns High" in words
    assert f"{results[1].study.label} Not judged Low" in words
    assert "Elsewhere" not in words
    assert '<use href="#rob-some"/>' in page.content.decode()


def test_history_leads_to_each_assessment_as_it_was_signed(client):
    conclusion, _ = a_body()
    signed(conclusion)
    result_of(conclusion, label="Later 2024")
    signed(conclusion, imprecision=0, imprecision_reason="")

    page = text(page_of(client, conclusion))
    old = client.get(f"{conclusion.get_absolute_url()}assessments/1/")
    new = client.get(f"{conclusion.get_absolute_url()}assessments/2/")

    assert "Assessment 2 1 November 2026 Moderate certainty" in page
    assert "Assessment 1 1 November 2026 Low certainty" in page
    assert "This is an old assessment." in text(old)
    assert "1.0 (0.4 to 1.6) m/s , mean difference, 3 studies." in text(old)
    assert "Later 2024" not in text(old)
    assert '<meta name="robots" content="noindex">' in old.content.decode()
    assert "This assessment holds now." in text(new)
    assert "Later 2024" in text(new)
    assert client.get(f"{conclusion.get_absolute_url()}assessments/3/").status_code == 404


def test_assessment_is_drawn_only_while_its_results_say_what_they_said(client):
    conclusion, results = a_body()
    signed(conclusion)
    address = f"{conclusion.get_absolute_url()}assessments/1/"

    drawn = client.get(address)
    assert drawn.context["picture"].pooled == drawn.context["assessment"].pool["pooled"]
    assert 'class="forest"' in drawn.content.decode()

    result_of(conclusion)
    assert 'class="forest"' in client.get(address).content.decode()

    results[0].estimate = 1.1
    results[0].save()
    moved = client.get(address)
    assert "No plot is drawn here." in text(moved)
    assert 'class="forest"' not in moved.content.decode()
    assert "1.0 (0.4 to 1.6) m/s , mean difference, 3 studies." in text(moved)


def test_conclusion_list_names_each_with_its_certainty(client):
    conclusion, _ = a_body()
    signed(conclusion)
    signed(conclusion, imprecision=0, imprecision_reason="")
    ConclusionFactory(intervention=conclusion.intervention, outcome=OutcomeFactory(name="Falls"))

    response = client.get("/conclusions/")

    words = text(response)
    assert words.count("Moderate certainty") == 1
    assert "Low certainty" not in words
    assert re.search(r"Falls , .* Everybody Compared with: any comparator Not assessed", words)
    assert response.cookies == {}


def test_forest_file_is_a_drawing_that_stands_alone(client):
    conclusion, results = a_body()
    Study.objects.filter(pk=results[0].study_id).update(label="A <b> & \x0bC 2001")

    response = client.get(f"{conclusion.get_absolute_url()}forest.svg")

    drawing = ElementTree.fromstring(response.content)  # noqa: S314
    words = [node.text for node in drawing.iter(f"{SVG}text")]
    assert response.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert drawing.find(f"{SVG}title").text == str(conclusion)
    assert drawing.find(f"{SVG}desc").text.startswith("Everybody. Compared with: any comparator. 3 studies")
    assert "A <b> & C 2001" in words
    assert "1.0 (0.4 to 1.6) m/s" in words
    assert len(drawing.findall(f"{SVG}polygon")) == 1
    assert not list(drawing.iter(f"{SVG}script"))
    assert "href" not in response.content.decode()


def test_file_that_cannot_be_is_not_found_with_words(client):
    conclusion, _ = a_body(n=1)

    response = client.get(f"{conclusion.get_absolute_url()}forest.svg")

    assert response.status_code == 404
    assert response.content.decode().startswith(
        "Nothing is pooled here, so there is no forest plot. A single study is left to pool."
    )


def test_directions_file_says_where_each_result_points(client):
    conclusion, results = a_body(n=2)
    results[0].direction, results[0].finding = "mixed", "It went both ways. " * 20
    results[0].save()

    response = client.get(f"{conclusion.get_absolute_url()}directions.svg")

    drawing = ElementTree.fromstring(response.content)  # noqa: S314
    words = [node.text for node in drawing.iter(f"{SVG}text")]
    assert "Mixed" in words
    assert "Not stated" in words
    assert len(drawing.findall(f"{SVG}path")) == 1


def test_csv_holds_numbers_and_weights(client):
    conclusion, _ = a_body()

    response = client.get(f"{conclusion.get_absolute_url()}results.csv")

    rows = list(csv.DictReader(response.content.decode("utf-8-sig").splitlines()))
    assert [(row["yi"], row["pooled"], round(float(row["weight"]), 6)) for row in rows] == [
        ("1.0", "yes", 0.333333)
    ] * 3
    assert f'filename="{conclusion.slug}-results.csv"' in response.headers["Content-Disposition"]


def test_json_says_what_the_page_says(client):
    conclusion, _ = a_body()
    signed(conclusion)

    data = json.loads(client.get(f"/conclusions/{conclusion.slug}.json").content)

    assert (data["studies"], data["pool"]["k"], data["pool"]["estimate"]) == (3, 3, 1.0)
    assert data["assessment"]["certainty"] == "low"
    assert data["assessment"]["reasons"] == [
        {"reason": "risk_of_bias", "levels": 1, "why": "Nobody was masked."},
        {"reason": "imprecision", "levels": 1, "why": "Few people."},
    ]
    assert data["address"].endswith(conclusion.get_absolute_url())


def test_conclusions_are_in_the_sitemap_and_linked_from_the_studies(client):
    conclusion = ConclusionFactory()

    assert conclusion.get_absolute_url() in client.get("/sitemap.xml").content.decode()
    assert 'href="/conclusions/"' in client.get("/studies/").content.decode()


def grown(n):
    """A conclusion with everything, of about this size."""
    conclusion, results = a_body(n=n, population=PopulationFactory())
    for result in results:
        appraisal = AppraisalFactory(study=result.study)
        DomainJudgementFactory(appraisal=appraisal)
    for _ in range(n):
        signed(conclusion)
    for _ in range(n):
        excluded = result_of(conclusion, population=conclusion.population)
        conclusion.exclusions.create(study=excluded.study, result=excluded, reason="Counted elsewhere.")
        result_of(conclusion, population=conclusion.population)
    results[0].delete()
    return conclusion


@pytest.mark.parametrize("path", ["", "forest.svg", "results.csv", "reproduce.zip", "assessments/1/"])
def test_conclusion_takes_as_many_queries_at_any_size(client, path):
    counts = []
    small, large = grown(2), grown(9)
    for conclusion in (small, small, large):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{conclusion.get_absolute_url()}{path}").status_code == 200
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_conclusion_list_takes_as_many_queries_at_any_size(client):
    counts = []
    for n in (2, 20):
        for _ in range(n):
            signed(a_body(n=2, population=PopulationFactory())[0])
        client.get("/conclusions/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/conclusions/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
