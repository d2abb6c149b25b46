"""The benchmark of the browser asks what the browser understands, and reads its answers right."""

import pytest

from benchmarks import browse, generating, inventing
from evidence.views.study import study_list


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_studies_are_counted_as_sql_does_with_four_queries_a_page(
    client, rf, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(inventing, "N_WORDS", 2500)
    world = inventing.World()
    for table, rows in world.terms():
        generating.write(table, rows)
    for _, tables in world.studies(10_000):
        generating.write_together(tables)
    asked = browse.questions(world)

    said = [browse.counted(_as_answer(client.get(question.address))) for question in asked]

    assert said == [browse.chosen(question).apply().count() for question in asked]
    assert said[0] > said[1] > said[2]
    for question in asked:
        with django_assert_max_num_queries(4):
            response = study_list(rf.get(question.address))
        # The menu is not of this page.
        with django_assert_max_num_queries(1):
            response.render()


def _as_answer(response):
    return browse.Answer(response.status_code, response.headers, response.content)
