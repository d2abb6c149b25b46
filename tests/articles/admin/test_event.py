"""The history of the site: to look at only."""

import pytest
from django.urls import reverse

from articles.models import Event
from tests import factories

LIST = reverse("admin:articles_event_changelist")


@pytest.fixture
def events(db):
    first = factories.EventFactory(topic__short_title="Turmeric", comment="Ready, I think.")
    second = factories.EventFactory(
        topic__short_title="Zinc", action="retire", from_state="drafting", to_state="retired"
    )
    return first, second


def test_list_shows_who_did_what(editor, events):
    page = editor.get(LIST).content.decode()

    for words in ("Turmeric", "hand in", "drafting → editing", "Ready, I think.", events[0].by.username):
        assert words in page


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"action": "retire"}, ["Zinc"]),
        ({"to": "editing"}, ["Turmeric"]),
        ({"q": "think"}, ["Turmeric"]),
        ({"action": "burn"}, []),
    ],
)
def test_list_is_filtered(filters, found, editor, events):
    rows = editor.get(LIST, filters).context["cl"].result_list

    assert [event.topic.short_title for event in rows] == found


def test_nobody_changes_an_event(editor, events):
    change = reverse("admin:articles_event_change", args=[events[0].pk])

    answers = [
        editor.post(change, {"comment": "Something else"}),
        editor.post(reverse("admin:articles_event_delete", args=[events[0].pk]), {"post": "yes"}),
        editor.get(reverse("admin:articles_event_add")),
        editor.post(LIST, {"action": "delete_selected", "_selected_action": [events[0].pk], "post": "yes"}),
    ]

    assert [answer.status_code for answer in answers][:3] == [403, 403, 403]
    assert list(Event.objects.order_by("pk").values_list("comment", flat=True)) == ["Ready, I think.", ""]


def test_people_without_the_right_see_no_history(stranger, events):
    answer = stranger.get(LIST)

    assert answer.status_code == 403
    assert "Turmeric" not in answer.content.decode()
