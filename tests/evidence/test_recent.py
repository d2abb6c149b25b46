"""What is new or changed among studies, and its feed: told of what readers could see, the newest first."""

import datetime
import xml.etree.ElementTree as ET

import pytest

from evidence import recent as module
from evidence.browsing import Filter, Vocabulary
from evidence.models import Arm, Result, Sample
from evidence.recent import recent
from tests.evidence.worlds import full_study
from tests.factories import OutcomeFactory, ReportFactory, ResultFactory, StudyFactory

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def on(day, hour=12):
    return datetime.datetime(2026, 10, day, hour, tzinfo=datetime.UTC)


def save(row, at, **fields):
    """Save a row as if it were then."""
    for name, value in fields.items():
        setattr(row, name, value)
    row._history_date = at
    row.save()
    return row


def study_at(at, **fields):
    study = StudyFactory(**fields)
    study.history.all().update(history_date=at)
    return study


def told(chosen=None):
    return [(item.study.slug, item.words) for item in recent(chosen or Filter(Vocabulary.load()))]


def entries(response):
    return list(ET.fromstring(response.content).iter(f"{ATOM}entry"))  # noqa: S314


def test_new_studies_are_told_newest_first_and_drafts_are_not():
    study_at(on(1), slug="old")
    study_at(on(3), slug="new")
    study_at(on(4), slug="draft", state="draft")

    assert told() == [("new", "New on this site."), ("old", "New on this site.")]


def test_changes_of_the_last_day_are_said_in_words():
    study = study_at(on(1), slug="miller")
    save(study, on(2), setting="Laboratory")
    save(study, on(5, 9), title="Walking", n_enrolled=12)
    report = ReportFactory(study=study)
    report.history.update(history_date=on(5, 10))
    results = [ResultFactory(study=study) for _ in range(3)]
    passing = ResultFactory(study=study, arm=results[0].arm, comparator=results[0].comparator)
    key = passing.pk
    passing.delete()
    for model in (Sample, Arm, Result):
        model.history.update(history_date=on(1))
    Result.history.filter(id=key).update(history_date=on(5, 11))
    for result in results[:2]:
        save(result, on(5, 11), unit="m/s")

    [item] = recent(Filter(Vocabulary.load()))

    assert item.words == "Changed: title, people who entered. 1 report added. 2 results changed."
    assert (item.at, item.public_since, item.day) == (on(5, 11), on(1), datetime.date(2026, 10, 5))


def test_what_was_done_before_anybody_could_see_it_is_not_told():
    study = study_at(on(1), slug="miller", state="draft")
    save(study, on(2, 8), summary="Secret.")
    save(study, on(2, 9), state="published")
    save(study, on(2, 10), title="A slip mended")

    assert told() == [("miller", "New on this site.")]

    save(study, on(3), state="retired")
    assert told() == []
    save(study, on(4), state="published")
    assert told() == [("miller", "Back on this site.")]


def test_retraction_is_named_and_stays_named():
    study = study_at(on(1), slug="doe")
    report = ReportFactory(study=study)
    report.history.update(history_date=on(1))
    save(report, on(2), retraction="retracted")
    assert told() == [("doe", "1 report was retracted. 1 report changed.")]

    save(study, on(2, 13), integrity="retracted")
    assert told() == [("doe", "Retracted. 1 report was retracted. 1 report changed.")]

    save(study, on(6), setting="Laboratory")
    assert told() == [("doe", "Changed: setting. It is retracted.")]


def test_only_studies_of_the_filter_are_told_and_no_newer_one_is_passed_over(monkeypatch):
    gait = OutcomeFactory(slug="gait")
    for day in range(1, 7):
        study = study_at(on(day), slug=f"s{day}")
        result = ResultFactory(study=study, outcome=gait if day != 5 else OutcomeFactory())
        for row in (result, result.sample, result.arm, result.comparator):
            row.history.update(history_date=on(day))
    chosen = Filter(Vocabulary.load()).choosing("outcome", "gait")

    assert [item.study.slug for item in recent(chosen)] == ["s6", "s4", "s3", "s2", "s1"]
    assert [item.study.slug for item in recent(chosen, most=2)] == ["s6", "s4"]
    # Two arms a study: the window of four rows ends with the second study.
    monkeypatch.setattr(module, "WINDOW", 4)
    assert [item.study.slug for item in recent(chosen)] == ["s6", "s4"]


@pytest.mark.parametrize("n", [1, 4])
def test_recent_takes_the_same_queries_whatever_the_size(n, django_assert_num_queries):
    for _ in range(n):
        full_study()
    chosen = Filter(Vocabulary.load())

    # Eight histories to find the studies, they themselves, eight to say what happened.
    with django_assert_num_queries(17):
        assert len(recent(chosen)) == n


def test_feed_has_an_entry_for_a_study_and_a_day(client, settings):
    settings.SITE_URL = "https://wellness.example"
    study = study_at(on(1), slug="doe", label="Doe <2001>", title="A\x0bB", integrity="retracted")

    first, again = client.get("/studies.atom?integrity=retracted&sort=oldest"), client.get("/studies.atom")

    [entry], root = entries(first), ET.fromstring(first.content)  # noqa: S314
    assert first["Content-Type"].startswith("application/atom+xml")
    assert first["X-Robots-Tag"] == "noindex"
    assert first["ETag"]
    assert root.findtext(f"{ATOM}title") == "Wellness: studies, Integrity: retracted"
    assert [link.get("href") for link in root.findall(f"{ATOM}link")] == [
        "https://wellness.example/studies/?integrity=retracted",
        "https://wellness.example/studies.atom?integrity=retracted",
    ]
    assert entry.findtext(f"{ATOM}title") == "Retracted: Doe <2001>: AB"
    assert entry.findtext(f"{ATOM}summary") == "New on this site. It is retracted."
    assert entry.findtext(f"{ATOM}id") == "https://wellness.example/studies/doe/#2026-10-01"
    assert entry.findtext(f"{ATOM}updated") == "2026-10-01T12:00:00+00:00"
    assert entry.find(f"{ATOM}link").get("href") == "https://wellness.example/studies/doe/"
    save(study, on(3), setting="Laboratory")
    [later] = entries(client.get("/studies.atom"))
    assert [each.findtext(f"{ATOM}id") for each in (*entries(again), later)] == [
        "https://wellness.example/studies/doe/#2026-10-01",
        "https://wellness.example/studies/doe/#2026-10-03",
    ]


def test_feed_of_a_nonsense_address_is_400_and_says_why(client):
    response = client.get("/studies.atom?year_from=soon")

    assert response.status_code == 400
    assert "year_from: Enter a whole number.\n" in response.content.decode()


def test_list_leads_to_its_feed(client):
    page = client.get("/studies/?integrity=ok").content.decode()

    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert page.count('href="/studies.atom?integrity=ok"') == 2
