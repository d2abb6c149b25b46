"""Every public page costs the same number of queries however much there is."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Category, Topic
from evidence.models import Intervention, Outcome, Population
from tests.articles.test_publishing import full_topic
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    CategoryFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
    TermFactory,
)
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db

# The page and the most queries it may take.
PAGES = {
    "/": 4,
    "/explore/": 3,
    "/shelf/": 3,
    "/shelf/first-topic/": 3,
    "/shelf/first-topic/editions/1/": 3,
    "/shelf/first-topic/cite.bib": 1,
    "/glossary/": 2,
    "/about/": 1,
    "/contact/": 1,
    # Studies are counted first: too many are not ranked.
    "/search/?q=walking": 7,
    "/search/?q=wakling": 12,
    "/feeds/": 2,
    "/feeds/shelf/": 3,
    "/feeds/shelf/first-topic/": 3,
    "/sitemap.xml": 8,
    "/robots.txt": 0,
    "/health/": 1,
    "/studies/": 25,
    "/studies/?population=group&outcome=gait&q=walking": 30,
    "/studies/?population=group&outcome=gait&q=nothing-of-that-name": 40,
    "/studies/forest/": 21,
    "/studies/forest/?population=group&outcome=gait&q=walking": 30,
    "/studies/first-study/": 16,
    "/studies.csv": 12,
    "/studies.ris": 8,
    "/populations/group/": 17,
    "/outcomes/gait/": 17,
    "/interventions/weights/": 17,
}


def add_studies(number):
    """Studies of walking with all that a study can have."""
    group, gait, weights = (
        model.objects.get(slug=slug)
        for model, slug in ((Population, "group"), (Outcome, "gait"), (Intervention, "weights"))
    )
    for _ in range(number):
        study = StudyFactory(title="Walking with weights")
        ReportFactory(study=study, is_primary=True)
        sample = SampleFactory(study=study)
        PopulationShareFactory(sample=sample, population=group)
        PopulationShareFactory(
            sample=SampleFactory(study=study, parent=sample, label="Women"), population=group
        )
        arm = ArmFactory(study=study, interventions=[weights])
        ResultFactory(study=study, sample=sample, arm=arm, outcome=gait)
        ResultFactory(study=study, sample=sample, arm=arm, outcome=OutcomeFactory(parent=gait))
        AppraisalFactory(study=study)


def add_pages(number, publisher):
    """Topics on the one shelf, half of them below the first."""
    first = Topic.objects.filter(slug="first-topic").first()
    shelf = Category.objects.get(slug="shelf")
    for place in range(number):
        parent = first if first and place % 2 else None
        slug = {"slug": "first-topic"} if first is None and place == 0 else {}
        topic = full_topic(category=shelf, parent=parent, title="Walking", is_featured=True, **slug)
        publish_signed(topic=topic, by=publisher, at=timezone.now())
        first = first or topic
        TermFactory(definition="About walking.")


@pytest.mark.parametrize(("path", "most"), PAGES.items())
def test_page_costs_the_same_queries_for_little_and_for_much(client, publisher, path, most):
    CategoryFactory(slug="shelf")
    PopulationFactory(slug="group")
    OutcomeFactory(slug="gait")
    InterventionFactory(slug="weights")
    StudyFactory(slug="first-study", title="Walking first")
    add_studies(2)
    add_pages(2, publisher)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
            if response.streaming:
                b"".join(response.streaming_content)
        assert response.status_code == 200
        return len(queries)

    cost()
    few = cost()
    add_studies(12)
    add_pages(8, publisher)
    CategoryFactory.create_batch(3)
    PopulationFactory.create_batch(10)

    assert cost() == few
    assert few <= most


def test_demo_pages_stay_within_the_same_numbers(client, settings, django_assert_max_num_queries):
    call_command("load_demo", "--without-logins", verbosity=0)

    for path, most in {
        "/": 4,
        # Three, and what the evidence under its findings says today.
        "/wellness-therapies/ankle-weights/": 16,
        "/studies/?population=older-adults&outcome=gait-and-mobility": 30,
        "/studies/aw-duclos-2014/": 16,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200
