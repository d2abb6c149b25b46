"""The moves of a topic in the admin: buttons, pages, many at once."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import checkpoints
from articles.models import Event, SignOff, Topic
from articles.permissions import Role
from tests import factories
from tests.evidence.admin.forms import filled, said
from tests.signing import publish_signed, sign

LIST = reverse("admin:articles_topic_changelist")
SECRET = "Zinc and the common cold"


def as_role(role):
    """A client signed in as somebody with one role."""
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def a_topic(state="drafting", **fields):
    topic = factories.TopicFactory(**{"short_title": "Ankle weights", "state": state, **fields})
    factories.HeadingFactory(parent=topic)
    return topic


def page(topic, slug):
    return reverse("admin:articles_topic_action", args=[topic.pk, slug])


def act(client, topic, slug, comment=""):
    seen = client.get(page(topic, slug)).context["seen"]
    return client.post(page(topic, slug), {"comment": comment, "seen": seen}, follow=True)


def state_of(topic):
    return Topic.objects.get(pk=topic.pk).state


# One topic


def buttons(client, topic):
    response = client.get(reverse("admin:articles_topic_change", args=[topic.pk]))
    return [move.label for move in response.context["workflow_moves"]]


@pytest.mark.django_db
def test_buttons_are_what_each_role_can_do_now():
    topic = a_topic("in review", risk="medicine")

    assert {role: buttons(as_role(role), topic) for role in Role} == {
        Role.WRITER: [],
        Role.EDITOR: ["Sign off as editor", "Send back", "Return to writer", "Put on hold", "Retire"],
        Role.REVIEWER: ["Sign off as scientist", "Send back"],
        Role.PUBLISHER: ["Send back"],
        Role.CURATOR: [],
    }


@pytest.mark.django_db
def test_page_of_a_move_says_what_will_happen():
    topic = a_topic()

    content = as_role(Role.WRITER).get(page(topic, "hand-in")).content.decode()

    assert "The draft goes to the editors." in content
    assert "Drafting → Editing" in content
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_move_is_made_and_written_down():
    topic, writer = a_topic(), as_role(Role.WRITER)

    response = act(writer, topic, "hand-in", "Please look at the table.")

    assert said(response) == ["Hand in: “Ankle weights” is editing now."]
    event = Event.objects.get()
    assert (event.by, event.action, event.comment) == (writer.user, "hand in", "Please look at the table.")
    assert state_of(topic) == "editing"


@pytest.mark.django_db
def test_move_that_needs_a_comment_asks_for_it():
    topic = a_topic("in review")

    response = act(as_role(Role.REVIEWER), topic, "send-back")

    assert response.context["form"].errors == {"comment": ["This field is required."]}
    assert state_of(topic) == "in review"


@pytest.mark.django_db
def test_move_that_is_refused_says_why_and_has_no_button():
    topic, editor = a_topic("in review"), as_role(Role.EDITOR)
    checkpoints.keep(topic=topic, by=editor.user, at=timezone.now())

    response = act(editor, topic, "sign-off-editorial")

    assert response.context["problems"][0].startswith("Nobody signs off own text")
    assert 'type="submit" class="default"' not in response.content.decode()
    assert not SignOff.objects.exists()


@pytest.mark.django_db
def test_sign_off_is_for_the_text_that_was_on_the_page():
    topic, reviewer = a_topic("in review", risk="children"), as_role(Role.REVIEWER)
    seen = reviewer.get(page(topic, "sign-off-scientific")).context["seen"]
    factories.RichTextFactory(parent=topic)

    late = reviewer.post(page(topic, "sign-off-scientific"), {"seen": seen})
    blind = reviewer.post(page(topic, "sign-off-scientific"), {})

    assert late.context["problems"] == [
        "The text changed while you were reading it. Look at it again, then decide."
    ]
    assert blind.context["form"].errors == {"seen": ["This field is required."]}
    assert not SignOff.objects.exists()


@pytest.mark.django_db
def test_whole_way_is_walked_by_the_right_people():
    topic = a_topic(risk="medicine")
    writer, editor, reviewer = (as_role(role) for role in (Role.WRITER, Role.EDITOR, Role.REVIEWER))
    states = []
    for client, slug, comment in (
        (writer, "hand-in", ""),
        (editor, "submit-for-review", ""),
        (reviewer, "send-back", "Which dose?"),
        (editor, "submit-for-review", "It is said now."),
        (reviewer, "sign-off-scientific", ""),
        (editor, "sign-off-editorial", ""),
    ):
        act(client, topic, slug, comment)
        states.append(state_of(topic))

    assert states == ["editing", "in review", "editing", "in review", "in review", "approved"]
    form = reviewer.get(reverse("admin:articles_topic_change", args=[topic.pk])).content.decode()
    assert f"Editorial sign-off: {editor.user.username}" in form
    assert f"Scientific sign-off: {reviewer.user.username}" in form


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["publish", "withdraw", "publish-minor-change", "burn"])
def test_other_actions_have_no_such_page(slug, editor):
    assert editor.get(page(a_topic("approved"), slug)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["987654", "x", "9" * 40, "²"])
def test_topic_that_is_not_there_is_not_found(key, editor):
    assert editor.get(f"/admin/articles/topic/{key}/action/hand-in/").status_code == 404


@pytest.mark.django_db
def test_move_needs_the_token_of_the_form(publisher):
    topic, client = a_topic(), Client(enforce_csrf_checks=True)
    client.force_login(publisher)

    assert client.post(page(topic, "hand-in"), {"seen": "x"}).status_code == 403
    assert not Event.objects.exists()


# Who sees what


EVERYBODY = {Role.WRITER, Role.EDITOR, Role.REVIEWER, Role.PUBLISHER, Role.CURATOR}
WALK = {
    "checks": EVERYBODY,
    "compare": EVERYBODY,
    "preview": EVERYBODY,
    "preview/page": EVERYBODY,
    "share": {Role.WRITER, Role.EDITOR},
    "restore/e1": {Role.WRITER, Role.EDITOR},
    "change": EVERYBODY,
    "delete": {Role.EDITOR},
    "history": EVERYBODY,
    "publish": {Role.PUBLISHER},
    "withdraw": {Role.PUBLISHER},
    "action/take-up": {Role.EDITOR},
    "action/hand-in": {Role.WRITER, Role.EDITOR},
    "action/submit-for-review": {Role.EDITOR},
    "action/sign-off-editorial": {Role.EDITOR},
    "action/sign-off-scientific": {Role.REVIEWER},
    "action/send-back": {Role.EDITOR, Role.REVIEWER, Role.PUBLISHER},
    "action/return-to-writer": {Role.EDITOR},
    "action/put-on-hold": {Role.EDITOR},
    "action/resume": {Role.EDITOR},
    "action/retire": {Role.EDITOR},
    "action/reopen": {Role.EDITOR},
}
ASKING = {"compare": "?from=e1&to=working"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*Role, None])
def test_pages_of_a_topic_are_open_to_their_roles_only(role, stranger):
    topic = a_topic("in review", title=SECRET, short_title=SECRET, slug="secret")
    publish_signed(topic=topic, by=None, at=timezone.now())
    Topic.objects.filter(pk=topic.pk).update(state="in review")
    client = stranger if role is None else as_role(role)
    before = list(Topic.objects.values_list("state", "title"))

    for name, roles in WALK.items():
        address = f"/admin/articles/topic/{topic.pk}/{name}/{ASKING.get(name, '')}"
        answer = client.get(address)
        assert answer.status_code == (200 if role in roles else 403), name
        assert (SECRET in answer.content.decode()) == (role in roles), name
        if role not in roles:
            refused = client.post(address, {"comment": "x", "seen": "x", "note": "x", "post": "yes"})
            absent = client.get(f"/admin/articles/topic/987654/{name}/")
            assert (refused.status_code, SECRET in refused.content.decode()) == (403, False), name
            # Django’s own pages lead back to the index, the others refuse.
            assert absent.status_code in (302, 403), name
    assert list(Topic.objects.values_list("state", "title")) == before


@pytest.mark.django_db
def test_readers_are_sent_to_sign_in(client):
    topic = a_topic()

    answer = client.get(page(topic, "hand-in"))

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("admin:login"))


# The form


def change_form(client, topic):
    return client.get(reverse("admin:articles_topic_change", args=[topic.pk]))


@pytest.mark.django_db
def test_writers_do_not_change_what_editors_plan():
    topic, writer = a_topic(risk="medicine", priority="high"), as_role(Role.WRITER)
    form = change_form(writer, topic)

    writer.post(form.request["PATH_INFO"], filled(form, risk="general", priority="low", title="New title"))

    stored = Topic.objects.get()
    assert (stored.title, stored.risk, stored.priority) == ("New title", "medicine", "high")


@pytest.mark.django_db
def test_change_of_the_risk_class_is_written_down():
    topic, editor = a_topic(risk="medicine"), as_role(Role.EDITOR)
    form = change_form(editor, topic)

    editor.post(form.request["PATH_INFO"], filled(form, risk="general"))

    assert Topic.objects.get().risk == "general"
    event = Event.objects.get()
    assert (event.action, event.by, event.comment) == (
        "change risk class",
        editor.user,
        "From Medicines and interactions to General lifestyle.",
    )


@pytest.mark.django_db
def test_new_topic_belongs_to_whoever_started_it():
    writer = as_role(Role.WRITER)
    form = writer.get(reverse("admin:articles_topic_add"))
    fields = {
        "category": factories.CategoryFactory().pk,
        "title": "Zinc",
        "short_title": "Zinc",
        "slug": "zinc",
        "standfirst": "x",
        "teaser": "x",
        "risk": "supplement",
    }

    writer.post(reverse("admin:articles_topic_add"), filled(form, **fields))

    topic = Topic.objects.get()
    assert (topic.owner, topic.risk, topic.state) == (writer.user, "supplement", "drafting")


@pytest.mark.django_db
def test_only_those_who_may_review_are_asked_to():
    editor, reviewer = as_role(Role.EDITOR), as_role(Role.REVIEWER)
    as_role(Role.WRITER)

    form = change_form(editor, a_topic()).context["adminform"].form

    assert set(form.fields["reviewer"].queryset) == {editor.user, reviewer.user}


# The list


@pytest.mark.django_db
def test_list_shows_the_sign_offs_on_the_saved_text(editor):
    now = timezone.now()
    signed, changed = (a_topic("in review", short_title=name) for name in ("Signed", "Changed"))
    a_topic("in review", short_title="Open", risk="medicine")
    a_topic("drafting", short_title="Draft")
    for topic in (signed, changed):
        checkpoints.keep(topic=topic, by=None, at=now)
        sign(topic, at=now)
    factories.RichTextFactory(parent=changed)
    checkpoints.keep(topic=changed, by=None, at=now + datetime.timedelta(minutes=1))

    changelist = editor.get(LIST).context["cl"]

    shown = {row.short_title: changelist.model_admin.sign_offs(row) for row in changelist.result_list}
    assert shown == {
        "Signed": "Complete",
        "Changed": "Missing: editorial",
        "Open": "Missing: editorial and scientific",
        "Draft": "",
    }

    def waiting(value):
        rows = editor.get(LIST, {"waiting": value}).context["cl"].result_list
        return sorted(row.short_title for row in rows)

    assert waiting("editorial") == ["Changed", "Open"]
    assert waiting("scientific") == ["Open"]
    assert waiting("publisher") == ["Signed"]


def select(client, action, topics, **more):
    data = {"action": action, "_selected_action": [topic.pk for topic in topics], **more}
    return client.post(LIST, data, follow=True)


@pytest.mark.django_db
def test_many_topics_are_listed_with_what_will_happen_to_each(editor):
    ready, early = a_topic("editing", short_title="Ready"), a_topic(short_title="Early")

    response = select(editor, "submit_selected", [ready, early])

    assert [(str(topic), state, refused) for topic, state, refused in response.context["rows"]] == [
        ("Ready", "In review", []),
        (
            "Early",
            "",
            ["The topic is drafting; “Submit for review” is for topics that are editing."],
        ),
    ]
    assert "Submit for review: 1 of 2" in response.content.decode()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_many_topics_are_moved_once_confirmed(editor):
    ready, early = a_topic("editing", short_title="Ready"), a_topic(short_title="Early")

    response = select(editor, "submit_selected", [ready, early], confirmed="yes", comment="")

    assert (state_of(ready), state_of(early)) == ("in review", "drafting")
    assert sorted(said(response)) == [
        "Submit for review: 1 topic moved.",
        "“Early” stays as it is. The topic is drafting; “Submit for review” is for topics that are editing.",
    ]


@pytest.mark.django_db
def test_holding_many_topics_needs_a_comment(editor):
    topics = [a_topic(), a_topic("editing")]

    refused = select(editor, "hold_selected", topics, confirmed="yes", comment=" ")
    states = [state_of(topic) for topic in topics]
    select(editor, "hold_selected", topics, confirmed="yes", comment="Waiting for a trial.")

    assert refused.context["form"].errors == {"comment": ["This field is required."]}
    assert states == ["drafting", "editing"]
    assert [state_of(topic) for topic in topics] == ["on hold", "on hold"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.WRITER, Role.REVIEWER, Role.PUBLISHER])
def test_moving_many_topics_is_for_editors(role):
    topic = a_topic("editing")

    select(as_role(role), "submit_selected", [topic], confirmed="yes")

    assert (state_of(topic), Event.objects.exists()) == ("editing", False)
