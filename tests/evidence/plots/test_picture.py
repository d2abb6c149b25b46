import pytest

from evidence import weighing
from evidence.assessing import in_numbers
from evidence.plots import picture
from evidence.stating import said_in_picture
from tests.evidence.test_assessing import a_body
from tests.evidence.test_bodies import result_of

pytestmark = pytest.mark.django_db


def picture_of(conclusion, **options):
    body = weighing.body(conclusion)
    return picture([said_in_picture(result) for result in body.results], in_numbers(body.summary), **options)


def test_picture_of_a_pool_is_a_forest():
    conclusion, results = a_body()

    drawn = picture_of(conclusion)

    assert drawn.kind == "forest"
    assert [row.said["study"] for row in drawn.rows] == sorted(result.study.slug for result in results)
    assert [row.weight for row in drawn.rows] == ["33%", "33%", "33%"]
    assert (drawn.pooled["k"], drawn.pooled["display"]) == (3, "1.0 (0.4 to 1.6) m/s")
    assert drawn.others == ()


def test_picture_keeps_what_is_not_pooled_beside_it():
    conclusion, _ = a_body()
    retracted = result_of(conclusion, integrity="retracted")

    drawn = picture_of(conclusion)

    assert [row.said["study"] for row in drawn.others] == [retracted.study.slug]
    assert len(drawn.rows) == 3


def test_picture_without_a_pool_says_why_and_where_each_points():
    conclusion, results = a_body(n=1)
    results[0].direction = "favours intervention"
    results[0].save()

    drawn = picture_of(conclusion)

    assert (drawn.kind, drawn.rows[0].sign) == ("directions", "for")
    assert drawn.refusal == "A single study is left to pool."


def test_picture_marks_the_studies_of_a_group():
    conclusion, results = a_body()

    drawn = picture_of(conclusion, you=[results[1].study.slug])

    assert {row.said["study"] for row in drawn.rows if row.is_you} == {results[1].study.slug}


def test_picture_of_nothing_is_empty():
    assert picture([], None).rows == ()
