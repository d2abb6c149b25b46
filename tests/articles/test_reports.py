import csv
import datetime
import io

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from articles import reports
from articles.models import MissedSearch, OutsideLink, Topic
from tests import factories
from tests.articles.findings import topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import touched, triaged
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
SECRET = "Zinc and the common cold"
each_report = pytest.mark.parametrize("slug", reports.REPORTS)
of_topics = pytest.mark.parametrize(
    "slug", sorted(reports.REPORTS.keys() - {"assess-again", "outside-links", "searches-without-a-result"})
)


def person(*rights):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def reader(client):
    """Somebody who may look at topics and do nothing else."""
    client.force_login(person("view_topic"))
    return client


def page_of(slug):
    return reverse("admin:report", args=[slug])


def file_of(slug):
    return reverse("admin:report_csv", args=[slug])


def rows_of(response):
    return list(csv.reader(io.StringIO(response.content.decode().removeprefix("\ufeff"))))


def one_of_each(**fields):
    """Something for every report: its first column says the short title."""
    topic = factories.TopicFactory(**fields)
    by = factories.UserFactory()
    factories.EditionFactory(topic=topic, is_minor=True, minor_reason="A typo.", published_by=by)
    study = factories.StudyFactory(state="draft")
    page = {
        "blocks": [],
        "topic": {"intervention": None},
        "populations": [],
        "studies": {study.slug: {"label": "Miller 1987", "integrity": "ok", "report": None}},
    }
    live = factories.EditionFactory(
        topic=topic, number=2, published_at=timezone.now() - DAY, content=page, published_by=by
    )
    live.studies.add(study)
    n = MissedSearch.objects.count()
    factories.OutsideLinkFactory(url=f"https://example.org/{n}/{topic.short_title}", on=live)
    factories.MissedSearchFactory(words=f"{topic.short_title} {n or ''}".strip())
    conclusion = factories.ConclusionFactory(
        intervention__name=topic.short_title, outcome__name="Sleep", slug=f"sleep-{n}"
    )
    factories.SignedAssessmentFactory(conclusion=conclusion)
    factories.ResultFactory(outcome=conclusion.outcome).arm.interventions.add(conclusion.intervention)
    triaged(conclusion)
    touched(conclusion)
    factories.SignOffFactory(topic=topic, note="Fine.")
    factories.EventFactory(topic=topic, comment="Please read.")


def values(report, at, **choices):
    lines = [report.line(row, at=at) for row in report.rows(at=at, **choices)]
    named = (reports.Topics, reports.Address, reports.OfConclusion)
    return [[str(value) if isinstance(value, named) else value for value in line] for line in lines]


# What they say


def test_ageing_counts_days_from_the_last_full_review_else_from_going_live(now):
    today = now.date()
    owner = factories.UserFactory(first_name="Ada", last_name="Byron")
    read = factories.TopicFactory(
        short_title="Read", reviewed_on=today - 2 * DAY, next_review=today - DAY, owner=owner
    )
    factories.EditionFactory(topic=read, published_at=now - 400 * DAY, expires_at=now + DAY)
    factories.EditionFactory(
        topic__short_title="Never read", topic__next_review=today, published_at=now - 5 * DAY
    )
    factories.EditionFactory(topic__short_title="Today", published_at=now)
    factories.EditionFactory(topic__short_title="Tomorrow", published_at=now, go_live_at=now + DAY)

    assert values(reports.AGEING, now) == [
        ["Never read", 1, today - 5 * DAY, None, 5, today, None, None, ""],
        ["Read", 1, today - 400 * DAY, today - 2 * DAY, 2, today - DAY, 1, now + DAY, "Ada Byron"],
        ["Today", 1, today, None, 0, None, None, None, ""],
    ]


def test_ageing_can_stand_by_the_next_review(now):
    for name, due in (("None", None), ("Late", now.date() - DAY), ("Soon", now.date() + DAY)):
        factories.EditionFactory(topic__short_title=name, topic__next_review=due)

    assert [row[0] for row in values(reports.AGEING, now, order="due")] == ["Late", "Soon", "None"]


def test_minor_changes_have_their_reason_and_who_made_them(now):
    by = factories.UserFactory(username="ada")
    topic = factories.TopicFactory(short_title="Zinc")
    factories.EditionFactory(topic=topic, number=1)
    factories.EditionFactory(
        topic=topic, number=2, is_minor=True, minor_reason="A typo.", published_by=by, published_at=now
    )

    assert values(reports.MINOR, now) == [["Zinc", 2, "A typo.", "", "ada", now]]


def test_sign_offs_say_which_edition_they_are_for_and_whether_they_still_hold(now):
    topic = factories.TopicFactory(short_title="Zinc")
    factories.EditionFactory(topic=topic, number=1, digest="a" * 64)
    factories.EditionFactory(topic=topic, number=2, digest="b" * 64)
    ada = factories.UserFactory(username="ada")
    for hours, digest in enumerate("abc"):
        factories.SignOffFactory(
            topic=topic, by=ada, digest=digest * 64, at=now + datetime.timedelta(hours=hours), note=digest
        )

    assert [row[1:3] + row[4:] for row in values(reports.SIGN_OFFS, now)] == [
        ["Editorial", "ada", None, False, "c"],
        ["Editorial", "ada", 2, True, "b"],
        ["Editorial", "ada", 1, False, "a"],
    ]


def test_a_sign_off_is_not_taken_for_the_same_text_of_another_topic(now):
    factories.EditionFactory(digest="a" * 64)
    factories.SignOffFactory(digest="a" * 64)

    assert [row[4:6] for row in values(reports.SIGN_OFFS, now)] == [[None, False]]


def test_a_sign_off_holds_for_no_page_that_is_withdrawn(now):
    edition = factories.EditionFactory(digest="a" * 64, withdrawn_at=now, withdrawal_note="Wrong.")
    factories.SignOffFactory(topic=edition.topic, digest="a" * 64)

    assert [row[4:6] for row in values(reports.SIGN_OFFS, now)] == [[1, False]]


def test_history_is_newest_first_and_names_the_states(now):
    ada = factories.UserFactory(username="ada")
    topic = factories.TopicFactory(short_title="Zinc")
    factories.EventFactory(topic=topic, by=ada, at=now - DAY)
    factories.EventFactory(
        topic=topic,
        action="send back",
        from_state=Topic.State.IN_REVIEW,
        to_state=Topic.State.EDITING,
        by=None,
        at=now,
        comment="Sources?",
    )

    assert values(reports.HISTORY, now) == [
        ["Zinc", "Send back", "In review", "Editing", "", now, "Sources?"],
        ["Zinc", "Hand in", "Drafting", "Editing", "ada", now - DAY, ""],
    ]


def test_history_is_chosen_by_topic_and_action(now, reader):
    zinc = factories.TopicFactory(short_title="Zinc", slug="zinc-lozenges")
    factories.EventFactory(topic=zinc, action="hand in")
    factories.EventFactory(topic=zinc, action="hold")
    factories.EventFactory(topic__short_title="Iron", action="hold")

    def found(**choices):
        return [(row[0], row[1]) for row in values(reports.HISTORY, now, **choices)]

    assert found(topic="LOZENGE", action="hold") == [("Zinc", "Hold")]
    assert found(topic="iron") == [("Iron", "Hold")]
    assert found(action="hand in") == [("Zinc", "Hand in")]
    response = reader.get(file_of("site-history"), {"topic": "zinc", "action": "hold"})
    assert [row[:2] for row in rows_of(response)[1:]] == [["Zinc", "Hold"]]


def test_drift_says_what_changed_in_a_sentence(reader):
    one_of_each(short_title="Zinc")

    _, row = rows_of(reader.get(file_of("evidence-changed")))

    assert [row[0], row[1], row[3]] == ["Zinc", "2", "Miller 1987 was taken back to draft."]


def test_conclusions_to_assess_again_say_who_waits_for_what(now):
    topic, block, _ = topic_with_finding(in_group=0)
    edition = publish_signed(topic=topic, by=factories.UserFactory(), at=now)
    result_of(block.conclusion)
    touched(block.conclusion, by=factories.UserFactory(username="carol"), at=now)
    name, day = str(block.conclusion), now.date() + DAY
    moved = [name, "1 new.", "carol", now, edition.short_title]

    assert values(reports.ASSESS_AGAIN, now) == [[*moved, "Not assessed", "", None, False]]

    by = factories.UserFactory(username="edith")
    triaged(block.conclusion, verdict="unlikely to change", reason="Small.", by=by, at=now, assess_by=day)
    aside = [*moved, "Unlikely to change", "Small. (edith)", day]
    assert values(reports.ASSESS_AGAIN, now) == []
    assert values(reports.ASSESS_AGAIN, now, which="aside") == [[*aside, False]]
    assert values(reports.ASSESS_AGAIN, now + 2 * DAY) == [[*aside, True]]
    assert len(values(reports.ASSESS_AGAIN, now, which="all")) == 1


def test_links_have_their_pages_and_the_worst_stand_first(now):
    zinc = factories.EditionFactory(topic__short_title="Zinc")
    iron = factories.EditionFactory(topic__short_title="Iron")
    over = factories.EditionFactory(topic__short_title="Over", expires_at=now)
    unused = factories.OutsideLinkFactory(status="broken")
    unused.editions.add(over)
    for status in ("works", "unchecked", "moved", "unclear", "broken"):
        link = factories.OutsideLinkFactory(url=f"https://example.org/{status}", status=status)
        link.editions.add(zinc, iron, over)
    OutsideLink.objects.filter(status="broken").update(answer="404 Not Found", failing_since=now - DAY)
    OutsideLink.objects.filter(status="moved").update(moved_to="https://example.org/new")

    rows = values(reports.OUTSIDE_LINKS, now)

    assert [row[1] for row in rows] == ["Broken", "Unclear", "Moved for good", "Not checked yet", "Works"]
    assert rows[0] == [
        "https://example.org/broken",
        "Broken",
        "404 Not Found",
        "Iron; Zinc",
        now - DAY,
        None,
        None,
    ]
    assert rows[2][6] == "https://example.org/new"
    assert [row[1] for row in values(reports.OUTSIDE_LINKS, now, status="moved")] == ["Moved for good"]


def test_page_of_links_leads_to_them_and_to_their_pages_but_nowhere_else(reader):
    edition = factories.EditionFactory(topic__short_title="<Zinc>")
    factories.OutsideLinkFactory(
        url="https://example.org/a?b&c", moved_to="javascript:alert(1)", status="moved", on=edition
    )

    html = reader.get(page_of("outside-links")).content.decode()

    assert 'class="address" href="https://example.org/a?b&amp;c" rel="noopener noreferrer"' in html
    assert (
        f'<a href="{reverse("admin:articles_topic_change", args=[edition.topic_id])}">&lt;Zinc&gt;</a>'
        in html
    )
    assert 'href="javascript' not in html


def test_missed_searches_stand_by_how_often_they_were_wanted(now):
    factories.MissedSearchFactory(words="iron", last_on=now.date())
    factories.MissedSearchFactory(words="zinc", count=3, place="studies", last_on=now.date())

    first = datetime.date(2026, 11, 1)
    assert values(reports.MISSED_SEARCHES, now) == [
        ["zinc", "The studies", 3, first, now.date()],
        ["iron", "The whole site", 1, first, now.date()],
    ]
    assert [row[0] for row in values(reports.MISSED_SEARCHES, now, place="site")] == ["iron"]


def test_only_those_who_may_remove_missed_searches_are_led_to_their_list(reader, client):
    address = f'href="{reverse("admin:articles_missedsearch_changelist")}"'
    page = page_of("searches-without-a-result")
    assert f"<p>Something was done about it? <a {address}" not in reader.get(page).content.decode()

    client.force_login(person("edit_topic"))
    assert f"<p>Something was done about it? <a {address}" in client.get(page).content.decode()


# Pages and files


@each_report
def test_page_shows_every_column_of_every_row(slug, reader):
    one_of_each(short_title="Zinc")

    response = reader.get(page_of(slug))

    assert response.status_code == 200
    columns = [column.label for column in reports.REPORTS[slug].columns]
    assert [len(values) for values in response.context["lines"]] == [len(columns)]
    html = response.content.decode()
    assert [label for label in columns if f'<th scope="col">{label}</th>' not in html] == []


@of_topics
def test_page_leads_to_the_topic_of_each_row(slug, reader):
    one_of_each(short_title="Zinc")

    html = reader.get(page_of(slug)).content.decode()

    topic = Topic.objects.get()
    link = reverse("admin:articles_topic_change", args=[topic.pk])
    assert f'<th scope="row"><a href="{link}">Zinc</a></th>' in html


@each_report
def test_file_has_the_rows_of_the_page(slug, reader):
    one_of_each(short_title="Zinc")

    response = reader.get(file_of(slug))

    heading, *rows = rows_of(response)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="{slug}-{timezone.localdate()}.csv"'
    )
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert heading == [column.label for column in reports.REPORTS[slug].columns]
    first = {
        "assess-again": "Zinc: Sleep, everybody",
        "outside-links": "https://example.org/0/Zinc",
    }.get(slug, "Zinc")
    assert [row[0] for row in rows] == [first]


@pytest.mark.parametrize("slug", sorted(reports.REPORTS.keys() - {"outside-links"}))
def test_file_holds_no_formula(slug, reader):
    one_of_each(short_title='=HYPERLINK("x")')

    rows = rows_of(reader.get(file_of(slug)))

    assert rows[1][0].startswith('\'=HYPERLINK("x")')


def test_file_writes_times_and_answers_that_sort(reader):
    factories.SignOffFactory(topic__short_title="Zinc", by__username="ada")

    _, row = rows_of(reader.get(file_of("sign-offs")))

    assert row == ["Zinc", "Editorial", "ada", "2026-11-01 12:00+00:00", "", "no", ""]


@each_report
def test_page_of_nothing_says_so(slug, reader):
    response = reader.get(page_of(slug))

    assert response.status_code == 200
    assert "There is nothing to show." in response.content.decode()
    assert len(rows_of(reader.get(file_of(slug)))) == 1


@each_report
@pytest.mark.parametrize("rights", [[], ["view_edition", "view_signoff", "view_event", "view_study"]])
def test_report_is_shut_to_those_who_may_not_see_topics(rights, slug, client):
    one_of_each(title=SECRET, short_title=SECRET)
    client.force_login(person(*rights))

    answers = [client.get(page_of(slug)), client.get(file_of(slug))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not any(SECRET in answer.content.decode() for answer in answers)


@each_report
def test_report_asks_strangers_to_sign_in(slug, client):
    one_of_each(short_title=SECRET)

    answers = [client.get(page_of(slug)), client.get(file_of(slug))]

    assert [answer.headers["Location"] for answer in answers] == [
        f"{reverse('admin:login')}?next={address}" for address in (page_of(slug), file_of(slug))
    ]


def test_report_that_is_not_there_is_not_found(reader, client):
    assert [reader.get(page_of("x")).status_code, reader.get(file_of("x")).status_code] == [404, 404]

    client.force_login(person())
    assert [client.get(page_of("x")).status_code, client.get(file_of("x")).status_code] == [403, 403]


@pytest.mark.parametrize(
    ("slug", "choice", "field"),
    [
        ("ageing-content", {"order": "x"}, "order"),
        ("site-history", {"action": "x"}, "action"),
        ("site-history", {"topic": "\x00"}, "topic"),
        ("site-history", {"topic": "x" * 121}, "topic"),
        ("outside-links", {"status": "x"}, "status"),
        ("searches-without-a-result", {"place": "x"}, "place"),
        ("assess-again", {"which": "x"}, "which"),
    ],
)
def test_choice_that_makes_no_sense_is_named(slug, choice, field, reader):
    one_of_each()

    page, file = reader.get(page_of(slug), choice), reader.get(file_of(slug), choice)

    assert (page.status_code, file.status_code) == (400, 400)
    assert list(page.context["form"].errors) == [field]
    assert page.context["lines"] == []
    assert file.content.decode().startswith(f"{field}: ")


@pytest.mark.parametrize(("asked", "shown"), [("1", 50), ("2", 3), ("99", 3), ("x", 50), ("-1", 3)])
def test_pages_have_fifty_rows(asked, shown, reader):
    topic = factories.TopicFactory(short_title="Zinc")
    for _ in range(53):
        factories.EventFactory(topic=topic, by=None)

    response = reader.get(page_of("site-history"), {"page": asked, "topic": "zinc"})

    assert len(response.context["lines"]) == shown
    html = response.content.decode()
    assert ('href="?page=2&amp;topic=zinc"' in html) == (shown == 50)
    assert f'href="{file_of("site-history")}?topic=zinc"' in html


@each_report
def test_report_takes_as_many_queries_for_thirty_rows_as_for_three(slug, reader, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        one_of_each()
    reader.get(page_of(slug))
    with CaptureQueriesContext(connection) as three:
        reader.get(page_of(slug))
    with CaptureQueriesContext(connection) as three_in_a_file:
        reader.get(file_of(slug))
    for _ in range(27):
        one_of_each()

    with django_assert_num_queries(len(three)):
        page = reader.get(page_of(slug))
    with django_assert_num_queries(len(three_in_a_file)):
        file = reader.get(file_of(slug))

    assert (len(page.context["lines"]), len(rows_of(file))) == (30, 31)
    assert len(three) <= (30 if slug in (reports.DRIFT.slug, reports.ASSESS_AGAIN.slug) else 9)
