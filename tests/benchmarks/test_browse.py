"""The benchmark of the browser asks what the browser understands, and reads its answers right."""

import pytest

from benchmarks import browse, generating, inventing

pytestmark = pytest.mark.django_db


def test_each_question_is_answered_as_sql_does(client, monkeypatch):
    monkeypatch.setattr(inventing, "N_WORDS", 2500)
    world = inventing.World()
    for table, rows in world.terms():
        generating.write(table, rows)
    for _, tables in world.studies(200):
        generating.write_together(tables)

    asked = browse.questions(world)
    said = [browse.counted(_as_answer(client.get(question.address))) for question in asked]

    assert said == [browse.chosen(question).apply().count() for question in asked]
    assert said[0] > said[1] > said[2]


def _as_answer(response):
    return browse.Answer(response.status_code, response.headers, response.content)
