"""What a study planned against what it reported."""

import pytest

from evidence.registering import compared
from tests.factories import OutcomeFactory, ReportFactory, ResultFactory, StudyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return StudyFactory(slug="walking")


def planned(study, outcome, *, kind="registration", is_primary=False):
    report = ReportFactory(study=study, kind=kind)
    nothing = {"measure": "narrative", "estimate": None, "ci_low": None, "ci_high": None}
    return ResultFactory(
        study=study, outcome=outcome, state="planned", report=report, is_primary=is_primary, **nothing
    )


def differences(study):
    return [
        (entry.outcome.name, entry.difference)
        for entry in compared(study.results.order_by("pk").select_related("outcome", "report"))
    ]


def test_outcomes_are_compared_with_their_differences(study):
    same, less, more, gone, new = (OutcomeFactory(name=name) for name in ("S", "L", "M", "G", "N"))
    for outcome, is_primary in ((same, True), (less, True), (more, False), (gone, False)):
        planned(study, outcome, is_primary=is_primary)
    for outcome, is_primary in ((same, True), (less, False), (more, True), (new, False)):
        ResultFactory(study=study, outcome=outcome, is_primary=is_primary)

    assert differences(study) == [
        ("S", ""),
        ("L", "Planned as a primary outcome, not reported as one"),
        ("M", "Reported as a primary outcome, not planned as one"),
        ("G", "No result of it is known"),
        ("N", "Not among the outcomes entered from the registration or protocol"),
    ]


def test_result_that_nobody_saw_is_measured(study):
    outcome = OutcomeFactory(name="Falls")
    planned(study, outcome, kind="protocol")
    ResultFactory(study=study, outcome=outcome, state="not reported", finding="Counted.")

    assert differences(study) == [("Falls", "Measured, its result was not seen in the source")]


def test_nothing_is_compared_unless_both_sides_are_known(study):
    planned(study, OutcomeFactory())
    planned(study, OutcomeFactory(), kind="article")

    assert differences(study) == []

    study.results.all().delete()
    ResultFactory(study=study)

    assert differences(study) == []


def test_study_page_shows_planned_beside_reported(client, study):
    outcome = OutcomeFactory(name="Falls")
    planned(study, outcome, is_primary=True)
    ResultFactory(study=study, outcome=outcome, weeks=12, key="falls-12")

    page = client.get("/studies/walking/").content.decode()

    assert "Planned and reported" in page
    assert "Planned as a primary outcome, not reported as one" in page
    assert '<a href="#result-falls-12">Not primary, after 12 weeks</a>' in page
