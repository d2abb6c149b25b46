import datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from articles.models import Edition, OutsideLink, Topic
from articles.reports import REPORTS
from evidence.models import Study
from tests import factories

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
DAY = datetime.timedelta(days=1)
SECRET = "Zinc and the common cold"


def person(*rights):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def a_full_desk(user, *, times=1):
    """Something in every pile of `user`, and something beside it that must not be counted."""
    now = timezone.now()
    today = timezone.localdate(now)
    for _ in range(times):
        for state in Topic.State:
            factories.TopicFactory(state=state, owner=user, next_review=today + 60 * DAY)
            factories.TopicFactory(state=state, risk=Topic.Risk.MEDICINE, next_review=today + 61 * DAY)
            factories.TopicFactory(state=state, reviewer=user)
        factories.CommentFactory(topic=factories.TopicFactory(owner=user, state=Topic.State.RETIRED))
        factories.CommentFactory(topic__state=Topic.State.RETIRED)
        factories.EditionFactory(published_at=now, go_live_at=now + 6 * DAY)
        factories.EditionFactory(published_at=now, go_live_at=now + 8 * DAY)
        factories.EditionFactory(published_at=now)
        factories.MessageFactory()
        factories.MessageFactory(answered_at=now)
        draft = factories.ReportFactory(study__state=Study.State.DRAFT).study
        changed_under(draft, at=now)
        edition = factories.EditionFactory(published_at=now)
        for status in OutsideLink.Status:
            factories.OutsideLinkFactory(status=status, on=edition)
            factories.OutsideLinkFactory(status=status)
        factories.ReportFactory(retraction_checked_on=today)


def changed_under(study, *, at):
    """A live page that names a study, which was public when the page went out."""
    content = {
        "blocks": [],
        "topic": {"intervention": None},
        "populations": [],
        "studies": {study.slug: {"label": study.label, "integrity": "ok", "report": None}},
    }
    factories.EditionFactory(content=content, published_at=at - DAY).studies.add(study)


ALL = [
    "Waiting for me",
    "My drafts",
    "Due for review in 60 days",
    "Evidence changed under a live page",
    "Scheduled this week",
    "Latest editions",
    "My topics with open comments",
    "Broken links",
    "Messages without an answer",
    "Studies in draft",
    "Reports never checked for retraction",
]


@pytest.mark.parametrize(
    "rights", [["edit_topic"], ["review_topic"], ["publish_topic"], ["edit_topic", "review_topic"]]
)
def test_every_number_is_the_number_of_rows_in_its_list(rights, client):
    user = person(
        *rights, "view_topic", "view_edition", "view_message", "change_study", "change_report", "view_study"
    )
    client.force_login(user)
    a_full_desk(user, times=2)

    context = client.get(INDEX).context
    shown = context["piles"] + context["latest"]
    piles = [(pile, url) for pile, _, url in shown] + context["counts"]

    assert [pile.title for pile, _ in piles] == ALL
    assert [(pile.title, rows_at(client, url), pile.count > 0) for pile, url in piles] == [
        (pile.title, pile.count, True) for pile, _ in piles
    ]


def rows_at(client, url):
    """How many rows there are in a list of the admin, or in a report."""
    context = client.get(url).context
    return context["page"].paginator.count if "page" in context else context["cl"].result_count


@pytest.mark.parametrize(
    ("mine", "found"), [("owner", ["Own"]), ("reviewer", ["Asked"]), ("x", ["Asked", "Own"])]
)
def test_list_of_topics_is_filtered_by_who_has_to_do_with_them(mine, found, client):
    user = person("view_topic")
    client.force_login(user)
    factories.TopicFactory(short_title="Asked", reviewer=user)
    factories.TopicFactory(short_title="Own", owner=user)

    rows = client.get(reverse("admin:articles_topic_changelist"), {"mine": mine}).context["cl"].result_list

    assert [row.short_title for row in rows] == found


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("live", ["Ending", "New"]),
        ("scheduled", ["Month", "Week"]),
        ("week", ["Ending", "Week"]),
        ("ending", ["Ending"]),
        ("expired", ["Over"]),
        ("withdrawn", ["Gone"]),
        ("earlier", ["Old"]),
    ],
)
def test_list_of_editions_is_filtered_by_state(state, found, client):
    now = timezone.now()
    client.force_login(person("view_edition"))
    factories.EditionFactory(topic__short_title="Gone", withdrawn_at=now, withdrawal_note="Wrong.")
    factories.EditionFactory(topic__short_title="Month", go_live_at=now + 30 * DAY)
    factories.EditionFactory(topic__short_title="Week", go_live_at=now + DAY)
    factories.EditionFactory(topic__short_title="Ending", expires_at=now + DAY)
    factories.EditionFactory(topic__short_title="Over", expires_at=now - DAY)
    old = factories.EditionFactory(topic__short_title="Old")
    factories.EditionFactory(topic=old.topic, number=2, short_title="New")

    rows = client.get(reverse("admin:articles_edition_changelist"), {"state": state}).context["cl"].queryset

    assert sorted(row.short_title for row in rows) == found


def test_every_line_leads_to_its_row(client, publisher):
    client.force_login(publisher)
    a_full_desk(publisher)

    response = client.get(INDEX)

    links = [
        reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[line.pk])
        for pile, opts, _ in response.context["piles"] + response.context["latest"]
        for line in pile.lines
    ]
    html = response.content.decode()
    assert links
    assert [link for link in links if f'href="{link}"' not in html] == []
    assert {client.get(link).status_code for link in set(links)} == {200}


def test_an_empty_pile_says_so_in_a_line(client):
    client.force_login(person("view_topic", "view_edition"))

    html = client.get(INDEX).content.decode()

    for nothing in (
        "Nothing is waiting for you.",
        "You have no draft at hand.",
        "No review is due in the next 60 days.",
        "Every live page says what the evidence says.",
        "Nothing goes live or off by itself in the next seven days.",
        "Nothing was published yet.",
    ):
        assert html.count(nothing) == 1
    assert "Also open" not in html


def test_reports_are_linked_for_those_who_may_see_them(client):
    addresses = [f'href="{reverse("admin:report", args=[slug])}"' for slug in REPORTS]

    client.force_login(person("view_topic"))
    assert [client.get(INDEX).content.decode().count(address) for address in addresses] == [1] * len(REPORTS)

    client.force_login(person("view_message"))
    assert [client.get(INDEX).content.decode().count(address) for address in addresses] == [0] * len(REPORTS)


def test_desk_of_somebody_without_rights_holds_nothing(client):
    user = person()
    client.force_login(user)
    factories.TopicFactory(title=SECRET, short_title=SECRET, owner=user, reviewer=user, state="in review")
    factories.EditionFactory(topic__short_title=SECRET)
    factories.MessageFactory(text=SECRET)
    changed_under(factories.StudyFactory(label=SECRET, state=Study.State.DRAFT), at=timezone.now())
    factories.OutsideLinkFactory(
        url=f"https://example.org/{SECRET}",
        status="broken",
        on=Edition.objects.get(number=1, short_title=SECRET),
    )

    response = client.get(INDEX)

    assert (response.context["piles"], response.context["counts"]) == ([], [])
    assert SECRET not in response.content.decode()
    assert 'class="desk"' not in response.content.decode()


def test_titles_are_text_not_markup(client, publisher):
    client.force_login(publisher)
    factories.TopicFactory(short_title="<script>alert(1)</script>", owner=publisher)

    html = client.get(INDEX).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_index_takes_as_many_queries_for_many_rows_as_for_few(client, publisher, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(publisher)
    a_full_desk(publisher)
    client.get(INDEX)
    with CaptureQueriesContext(connection) as few:
        client.get(INDEX)
    a_full_desk(publisher, times=10)

    with django_assert_num_queries(len(few)):
        client.get(INDEX)

    assert len(few) <= 38
