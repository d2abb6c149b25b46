"""The studies behind a conclusion, in the studies browser."""

import random

import pytest
from django.urls import reverse

from evidence.browsing import Filter, Vocabulary, count
from evidence.browsing.answer import Answer
from evidence.models import AssessedResult, Result
from tests.evidence.test_assessing import a_body, signed
from tests.evidence.test_bodies import result_of
from tests.evidence.worlds import Truth, random_choice, random_world

pytestmark = pytest.mark.django_db


def studies_at(client, **parameters):
    response = client.get(reverse("evidence:study_list"), parameters)
    assert response.status_code == 200, response.context["form"].problems
    return response.context["counts"].total, {row.study.label for row in response.context["rows"]}


def test_studies_of_an_assessment_stay_those_it_looked_at(client):
    conclusion, results = a_body()
    assessment = signed(conclusion)
    new = result_of(conclusion)

    pinned = studies_at(client, conclusion=conclusion.slug, assessment=assessment.number)
    today = studies_at(client, conclusion=conclusion.slug)

    assert pinned == (3, {result.study.label for result in results})
    assert today == (4, {result.study.label for result in [*results, new]})


def test_studies_of_an_assessment_can_be_filtered_further(client):
    conclusion, results = a_body()
    assessment = signed(conclusion)
    Result.objects.filter(pk=results[0].pk).update(direction="mixed")
    # The same study says “mixed” of something else only.
    elsewhere = result_of(a_body()[0])
    Result.objects.filter(pk=elsewhere.pk).update(direction="mixed", study=results[1].study)

    found = studies_at(client, conclusion=conclusion.slug, assessment=assessment.number, direction="mixed")

    assert found == (1, {results[0].study.label})


def test_addresses_that_name_no_answer_are_refused_by_name(client):
    conclusion, _ = a_body()

    for parameters, param, message in [
        ({"conclusion": "nothing"}, "conclusion", "There is no such conclusion."),
        (
            {"conclusion": conclusion.slug, "assessment": 7},
            "assessment",
            "This conclusion has no assessment 7.",
        ),
        ({"assessment": 1}, "assessment", "Of which conclusion? “conclusion” says it."),
    ]:
        response = client.get(reverse("evidence:study_list"), parameters)
        assert response.status_code == 400
        assert (param, message) in response.context["form"].problems


def test_answer_stands_in_links_and_files(client):
    conclusion, _ = a_body()
    signed(conclusion)
    chosen = Filter(Vocabulary.load(), answer=Answer.read(conclusion.slug, 1))

    assert chosen.as_query() == f"conclusion={conclusion.slug}&assessment=1"
    assert [chip.query for chip in chosen.chips()] == [""]
    assert not chosen.is_empty
    file = b"".join(
        client.get(reverse("evidence:study_csv"), {"conclusion": conclusion.slug}).streaming_content
    )
    assert file.decode().count("\n") == 4


@pytest.mark.parametrize("seed", range(4))
def test_counts_of_an_answer_agree_with_the_database(seed):
    world, chance = random_world(seed), random.Random(seed)
    vocabulary = Vocabulary.load()
    results = list(Result.objects.values_list("pk", flat=True))
    for _ in range(4):
        answer = Answer("x", 1, "x", frozenset(chance.sample(results, len(results) // 2)))
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary), answer=answer)
        truth = Truth()
        truth.results = [result for result in truth.results if result.pk in answer.results]
        inside = {result.study_id for result in truth.results}

        counts = count(chosen)

        found = set(chosen.apply().values_list("pk", flat=True))
        assert found == {pk for pk in truth.satisfying(chosen) if pk in inside}
        assert counts.total == len(found)
        for key, options in counts.values.items():
            for slug, n in options.items():
                assert n == chosen.without(key).choosing(key, slug).apply().count(), (key, slug)


def test_assessed_results_outlive_their_rows():
    conclusion, results = a_body()
    assessment = signed(conclusion)

    results[0].delete()

    assert AssessedResult.objects.filter(assessment=assessment).count() == 3
