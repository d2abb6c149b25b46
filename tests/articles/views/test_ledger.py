"""The ledger: every finding of a live page with what it rests on."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import freezing, ledger
from articles.publishing import withdraw
from articles.since import Since
from evidence.assessing import sign
from evidence.models import Conclusion
from tests import factories
from tests.articles.findings import AT, assessed, topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import triaged
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 2)


def out(topic, **fields):
    return publish_signed(topic=topic, by=factories.UserFactory(), at=timezone.now(), **fields)


def lines_of(content):
    return ledger.ledger(content, since=Since(), signers=ledger.signers(content), on=TODAY)


def data_of(client, edition):
    return json.loads(client.get(f"{edition.get_absolute_url()}evidence.json").content)


def test_ledger_names_the_results_behind_each_conclusion(client):
    topic, block, results = topic_with_finding(n=3, in_group=2)
    edition = out(topic)

    said = data_of(client, edition)
    page = client.get(f"{edition.get_absolute_url()}evidence/").content.decode()

    [finding] = said["findings"]
    everyone, older = finding["conclusions"]
    keys = [(result.study.slug, result.key) for result in results]
    assert said["schema"] == 1
    assert (finding["name"], said["edition"]["digest"]) == (block.name, edition.digest)
    assert sorted((row["study"], row["key"]) for row in everyone["results"]) == sorted(keys)
    assert sorted((row["study"], row["key"]) for row in older["results"]) == sorted(keys[:2])
    assert (everyone["for"], older["label"], older["coverage"]) == (None, "Older adults", "direct")
    assert (everyone["assessment"]["certainty"], older["assessment"]["certainty"]) == ("low", "very low")
    assert {row["display"] for row in everyone["results"]} == {results[0].display}
    for result in results:
        assert f"/studies/{result.study.slug}/" in page


def test_ledger_says_how_each_result_stands_to_the_finding(client):
    topic, block, results = topic_with_finding(n=3, in_group=0)
    for result, direction in zip(results, ("favours intervention", "favours comparator", ""), strict=True):
        result.direction = direction
        result.save()
    assessed(block.conclusion, direction="increases", size="small important")
    block.conclusion.outcome.better = "higher"
    block.conclusion.outcome.save()

    [line] = lines_of(freezing.freeze(topic))

    assert {entry.row["study"]: entry.stance for entry in line.everyone.entries} == {
        results[0].study.slug: "supports",
        results[1].study.slug: "contradicts",
        results[2].study.slug: "cannot be told",
    }
    assert line.everyone.stances == "Supports: 1; contradicts: 1; cannot be told: 1"


def test_ledger_holds_what_only_the_words_for_a_group_rest_on():
    topic, block, results = topic_with_finding(n=2, in_group=1)
    narrow = Conclusion.objects.get(population__isnull=False)
    narrow.takes_part_samples = True
    narrow.save()
    new = result_of(block.conclusion, population=narrow.population, share="part")
    assessed(narrow)

    [line] = lines_of(freezing.freeze(topic))

    everyone, older = line.accounts
    assert new.study.slug not in {entry.row["study"] for entry in everyone.entries}
    found = {entry.row["study"]: (entry.row["label"], entry.is_direct) for entry in older.entries}
    assert found == {
        results[0].study.slug: (results[0].study.label, True),
        new.study.slug: (new.study.label, False),
    }
    assert [words for _, uses in line.results for words, _ in uses][-1].endswith("only in part")


def test_ledger_says_who_assessed_when_unless_it_was_for_demonstration():
    topic, block, _ = topic_with_finding(in_group=0)
    ada = factories.UserFactory(first_name="Ada", last_name="Byron")
    found = []
    for is_demonstration in (False, True):
        draft = factories.AssessmentFactory(
            conclusion=block.conclusion, threshold="1 unit.", is_demonstration=is_demonstration
        )
        sign(assessment=draft, by=ada, at=AT)
        [line] = lines_of(freezing.freeze(topic))
        found.append(line.everyone)
    shown, hidden = found

    assert (shown.by, hidden.by) == ("Ada Byron", "")
    assert shown.signed_on == datetime.date(2026, 11, 1)


def test_ledger_says_what_moved_since_and_lets_it_change_nothing(client):
    topic, block, _ = topic_with_finding()
    edition = out(topic)
    before = data_of(client, edition)

    new = result_of(block.conclusion, title="Brisk steps")
    triaged(block.conclusion, verdict="unlikely to change", at=timezone.now(), reason="Small.")
    after = data_of(client, edition)

    [finding] = after["findings"]
    assert (finding["triage"]["outlook"], finding["triage"]["reason"]) == ("unlikely to change", "Small.")
    assert before["findings"][0]["triage"] is None
    assert [(entry["how"], entry["study"]) for entry in finding["since"]] == [("new", new.study.label)]
    assert finding["conclusions"] == before["findings"][0]["conclusions"]


def test_ledger_of_an_older_edition_names_the_studies_of_a_group_alone(client):
    topic, _, results = topic_with_finding(in_group=1)
    content = freezing.freeze(topic)
    for block in content["blocks"]:
        for said in block["lenses"].values():
            del said["results"]

    [line] = lines_of(content)

    older = line.accounts[1]
    assert (older.is_kept, older.entries) == (False, ())
    assert older.studies == (results[0].study.slug,)


def test_ledger_of_a_page_without_findings_says_so(client, edition):
    page = client.get(f"{edition.get_absolute_url()}evidence/")

    assert page.status_code == 200
    assert "no rated finding" in page.content.decode()
    assert data_of(client, edition)["findings"] == []


@pytest.mark.parametrize("name", ["evidence/", "evidence.json"])
def test_ledger_is_public_where_its_page_is(client, publisher, name):
    topic, _, _ = topic_with_finding()
    secret, _, _ = topic_with_finding()
    edition = out(topic)
    category = topic.category
    old = f"{edition.get_absolute_url()}{name}"

    assert client.get(old).status_code == 200
    assert client.get(f"/{secret.path}/{name}").status_code == 404

    topic.slug = "moved"
    topic.save()
    moved = out(topic, change_note="Moved.")
    there = client.get(old)
    assert (there.status_code, there.headers["Location"]) == (301, f"/{category.slug}/moved/{name}")

    withdraw(topic=topic, by=publisher, at=timezone.now(), note="Unsound.")
    gone = client.get(f"{moved.get_absolute_url()}{name}")
    assert gone.status_code == 410
    assert "Walking" not in gone.content.decode()


@pytest.mark.parametrize("name", ["evidence/", "evidence.json"])
def test_ledger_takes_as_many_queries_for_many_findings_as_for_one(client, name):
    counts = []
    for n in (1, 4):
        topic, block, _ = topic_with_finding(n=n)
        for place in range(1, n):
            factories.FindingFactory(parent=topic, conclusion=block.conclusion, ordering=10 * place)
        edition = out(topic)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{edition.get_absolute_url()}{name}").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_page_links_to_its_ledger(client, edition):
    topic, _, _ = topic_with_finding()
    rated = out(topic)

    assert f"{rated.get_absolute_url()}evidence/" in client.get(rated.get_absolute_url()).content.decode()
    assert "evidence/" not in client.get(edition.get_absolute_url()).content.decode()
