import datetime

import pytest

from articles.resting import findings_on
from evidence import assessing
from tests.evidence.test_assessing import a_body
from tests.factories import AssessmentFactory, EditionFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def rated(now):
    conclusion, results = a_body()
    assessing.sign(assessment=AssessmentFactory(conclusion=conclusion), by=UserFactory(), at=now)
    return conclusion, results[0].study


def finding(conclusion, **more):
    return {
        "kind": "finding",
        "name": "Walking and gait",
        "anchor": "gait",
        "statement": "People may walk faster.",
        "conclusion": {"slug": conclusion.slug},
        **more,
    }


def page(study, blocks, **fields):
    edition = EditionFactory(content={"blocks": blocks}, **fields)
    edition.studies.add(study)
    return edition


def in_short(found):
    return {
        key: [(resting.edition.pk, resting.population, resting.statement) for resting in entries]
        for key, entries in found.items()
    }


def test_findings_of_live_pages_are_found_with_their_sentences(now):
    conclusion, study = rated(now)
    narrow, _ = rated(now)
    lens = {"conclusion": {"slug": narrow.slug}, "assessment": {"sentence": "It is unclear."}}
    unrated = {"conclusion": None, "assessment": None}
    live = page(study, [{"kind": "heading"}, finding(conclusion, lenses={"older": lens, "young": unrated})])
    page(study, [finding(conclusion)], withdrawn_at=now - DAY, withdrawal_note="Wrong.")
    page(study, [finding(conclusion)], go_live_at=now + DAY)

    found = findings_on([conclusion, narrow], at=now)

    assert in_short(found) == {
        conclusion.pk: [(live.pk, "", "People may walk faster.")],
        narrow.pk: [(live.pk, "older", "It is unclear.")],
    }
    assert found[conclusion.pk][0].url == f"{live.get_absolute_url()}#gait"


def test_conclusion_that_nobody_rated_is_on_no_page(now, django_assert_num_queries):
    conclusion, _ = a_body()

    with django_assert_num_queries(1):
        assert findings_on([conclusion], at=now) == {}


def test_pages_are_read_with_two_queries(now, django_assert_num_queries):
    conclusion, study = rated(now)
    for _ in range(3):
        page(study, [finding(conclusion)])

    with django_assert_num_queries(2):
        assert len(findings_on([conclusion], at=now)[conclusion.pk]) == 3
