import datetime

import pytest
from django.utils import timezone

from articles import drift
from evidence.models import Report, Study
from tests import factories
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    """After all that the histories know: they are written by the clock."""
    return timezone.now() + datetime.timedelta(hours=1)


class Page:
    """A live page on ankle weights with a table of gait: two studies in it, a third one in its text."""

    def __init__(self, at, name="Ankle weights"):
        self.weights = factories.InterventionFactory()
        self.gait = factories.OutcomeFactory(name="Gait")
        self.miller, self.graves, self.named = (
            factories.StudyFactory(label=label, slug=f"{label}-{name}".lower().replace(" ", "-"), year=year)
            for label, year in (("Miller 1987", 1987), ("Graves 1988", 1988), ("Named 1989", 1989))
        )
        self.report = factories.ReportFactory(study=self.miller, is_primary=True)
        self.results = [
            factories.ResultFactory(
                study=study,
                key=key,
                outcome=self.gait,
                arm=factories.ArmFactory(study=study, interventions=[self.weights]),
            )
            for study, key in ((self.miller, "a"), (self.miller, "b"), (self.graves, "a"))
        ]
        self.topic = factories.TopicFactory(short_title=name, intervention=self.weights)
        self.group = factories.PopulationFactory(name="Older adults")
        factories.TopicPopulationFactory(topic=self.topic, population=self.group)
        factories.HeadingFactory(parent=self.topic)
        factories.EvidenceTableFactory(parent=self.topic, outcome=self.gait, title="Walking")
        text = f'<p>See <a href="study:{self.named.slug}">Named</a>.</p>'
        factories.RichTextFactory(parent=self.topic, text=text)
        # Before everything that the histories know of it, so that only the comparison can clear a study.
        self.edition = publish_signed(topic=self.topic, by=None, at=at)


@pytest.fixture
def page(today):
    return Page(today - DAY)


def found(at):
    return [
        (drifted.edition.short_title, [change.says for change in drifted.changes])
        for drifted in drift.changed_under_live_pages(at=at)
    ]


def changed(thing, **fields):
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


def test_nothing_changed_says_nothing(page, today):
    assert found(today) == []


def test_what_no_page_shows_does_not_count(page, today):
    changed(page.miller, summary="Read again.", caveats=["Small."])
    changed(page.report, licence="CC BY", retraction_checked_on=today.date())
    changed(page.results[0], quote="p. 3", place="Table 2")
    changed(page.results[0].arm, description="1 kg")
    factories.AppraisalFactory(study=page.miller)

    assert found(today) == []


def test_what_was_changed_and_changed_back_does_not_count(page, today):
    changed(page.results[0], estimate=0.9)
    changed(page.results[0], estimate=1.0)

    assert found(today) == []


def test_results_are_counted_by_study(page, today):
    for result in page.results:
        changed(result, finding="It was slower.")

    assert found(today) == [
        ("Ankle weights", ["1 result of Graves 1988 changed", "2 results of Miller 1987 changed"])
    ]


def test_results_that_come_in_or_go_out_are_told_apart(page, today):
    page.results[1].delete()
    changed(page.results[2], outcome=factories.OutcomeFactory())
    factories.ResultFactory(study=page.miller, key="new", outcome=page.gait, arm=page.results[0].arm)
    factories.ResultFactory(study=page.miller, key="other", arm=page.results[0].arm)

    assert found(today) == [
        (
            "Ankle weights",
            [
                "1 result of Graves 1988 went out",
                "1 result of Miller 1987 came in",
                "1 result of Miller 1987 went out",
            ],
        )
    ]


def test_a_retraction_stands_first(page, today):
    changed(page.results[0], finding="It was slower.")
    changed(page.named, integrity=Study.Integrity.RETRACTED)
    changed(page.graves, integrity=Study.Integrity.CONCERN)

    assert found(today) == [
        (
            "Ankle weights",
            [
                "an expression of concern was published about Graves 1988",
                "Named 1989 was retracted",
                "1 result of Miller 1987 changed",
            ],
        )
    ]


def test_a_retracted_report_is_enough_also_if_it_is_not_the_main_one(page, today):
    factories.ReportFactory(study=page.miller, retraction=Report.Retraction.RETRACTED)

    assert found(today) == [("Ankle weights", ["Miller 1987 was retracted"])]


def test_a_concern_that_was_lifted_is_told(today):
    page = Page(today - DAY)
    changed(page.graves, integrity=Study.Integrity.CONCERN)
    publish_signed(topic=page.topic, by=None, at=today - DAY / 2)
    changed(page.graves, integrity=Study.Integrity.OK)

    assert found(today) == [("Ankle weights", ["Graves 1988 is not marked as of concern any more"])]


@pytest.mark.parametrize(
    ("state", "says"), [("draft", "was taken back to draft"), ("retired", "was retired")]
)
def test_a_study_that_is_not_public_any_more_is_told(state, says, page, today):
    changed(page.named, state=state)

    assert found(today) == [("Ankle weights", [f"Named 1989 {says}"])]


def test_a_study_that_was_deleted_is_told(page, today):
    page.named.delete()

    assert found(today) == [("Ankle weights", ["Named 1989 was deleted, or has another name"])]


def test_a_study_that_was_never_on_a_page_may_go(page, today):
    factories.StudyFactory().delete()

    assert found(today) == []


def test_the_record_of_a_study_is_compared_with_its_report(page, today):
    changed(page.graves, n_enrolled=41)
    changed(page.report, journal="Ergonomics")
    factories.ReportFactory(study=page.named)

    assert found(today) == [
        (
            "Ankle weights",
            [
                "1 result of Graves 1988 changed",
                "the record of Graves 1988 changed",
                "the record of Miller 1987 changed",
                "the record of Named 1989 changed",
            ],
        )
    ]


def test_who_was_studied_is_compared(page, today):
    factories.PopulationShareFactory(sample=page.miller.samples.get(), population=page.group)

    assert found(today) == [("Ankle weights", ["who was studied changed in “Walking”"])]


def test_a_line_names_the_gravest_changes_and_counts_the_others(page, today):
    for result in page.results:
        changed(result, finding="It was slower.")
    changed(page.report, journal="Ergonomics")
    changed(page.named, integrity=Study.Integrity.RETRACTED)
    changed(page.miller, n_enrolled=41)
    (drifted,) = drift.changed_under_live_pages(at=today)

    assert drifted.says_in_short == (
        "Named 1989 was retracted; 1 result of Graves 1988 changed; 2 results of Miller 1987 changed; "
        "and 1 more"
    )


def test_only_the_live_edition_counts(page, today):
    changed(page.results[0], finding="It was slower.")
    publish_signed(topic=page.topic, by=None, at=today - DAY / 2)

    assert found(today) == []


def test_a_draft_of_the_page_changes_nothing(page, today):
    changed(page.topic, title="Another title")
    factories.EvidenceTableFactory(parent=page.topic, outcome=factories.OutcomeFactory())

    assert found(today) == []


def test_pages_stand_by_gravity_then_by_age(today):
    first, second, third = (
        Page(today - DAY / days, name=name) for days, name in ((1, "Old"), (2, "New"), (3, "Newest"))
    )
    for page in (first, second):
        changed(page.results[0], finding="It was slower.")
    changed(third.named, integrity=Study.Integrity.RETRACTED)

    assert [name for name, _ in found(today)] == ["Newest", "Old", "New"]


def test_an_outcome_without_its_old_name_still_lets_results_be_compared(page, today):
    changed(page.gait, slug="walking")
    changed(page.results[0], finding="It was slower.")

    assert found(today) == [("Ankle weights", ["1 result of Miller 1987 changed"])]


def test_quiet_evidence_costs_few_queries(today, django_assert_num_queries):
    Page(today + 10 * DAY)

    # The live editions, six histories, and what was deleted.
    with django_assert_num_queries(8):
        assert drift.changed_under_live_pages(at=today + 20 * DAY) == []


def test_queries_do_not_grow_with_what_changed(today, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def drifted(n):
        page = Page(today - DAY, name=f"Page {n}")
        for result in page.results:
            changed(result, finding="It was slower.")
        changed(page.named, integrity=Study.Integrity.RETRACTED)

    drifted(0)
    with CaptureQueriesContext(connection) as one:
        drift.changed_under_live_pages(at=today)
    for n in range(1, 6):
        drifted(n)

    with django_assert_num_queries(len(one)):
        assert len(drift.changed_under_live_pages(at=today)) == 6
    assert len(one) <= 25
