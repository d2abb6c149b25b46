import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Checkpoint, Edition, PreviewGrant, RichText
from tests import factories
from tests.evidence.admin.forms import filled, said

from .conftest import signed_in

DAY = datetime.timedelta(days=1)


def page(topic, name, *args):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk, *args])


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights", title="Ankle weights: a secret draft")
    factories.RichTextFactory(parent=topic, text="<p>Secret words.</p>")
    return topic


def directives(response):
    policy = response.headers["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in policy)


# Preview


def test_preview_frames_the_page_at_two_widths(editor, topic):
    response = editor.get(page(topic, "preview"))
    content = response.content.decode()

    assert content.count(f'src="{page(topic, "preview_page")}"') == 2
    assert directives(response)["frame-src"] == "'self'"
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("width", "frames"), [("phone", 1), ("desktop", 1), ("both", 2), ("x", 2)])
def test_preview_switches_between_widths(width, frames, editor, topic):
    content = editor.get(page(topic, "preview"), {"width": width}).content.decode()

    assert content.count("<iframe") == frames


def test_framed_page_is_the_public_page_for_our_own_frame_only(editor, topic):
    response = editor.get(page(topic, "preview_page"))
    content = response.content.decode()

    assert "<h1>Ankle weights: a secret draft</h1>" in content
    assert "Secret words." in content
    assert "Preview of the working copy, not public." in content
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "no-store" in response.headers["Cache-Control"]
    assert directives(response)["frame-ancestors"] == "'self'"
    assert directives(response)["script-src"] == "'self'"
    assert directives(response)["style-src"] == "'self'"
    assert not Edition.objects.exists()


def test_other_pages_are_not_framed(editor, client, topic):
    for response in (editor.get(page(topic, "share")), client.get("/explore/")):
        assert directives(response)["frame-ancestors"] == "'none'"
        assert "frame-src" not in directives(response)


@pytest.mark.parametrize("name", ["preview", "preview_page"])
@pytest.mark.parametrize(
    ("right", "status"), [("view_topic", 200), ("publish_topic", 200), ("view_term", 403)]
)
def test_preview_needs_the_right_to_look(name, right, status, topic):
    response = signed_in(right).get(page(topic, name))

    assert response.status_code == status
    assert ("Ankle weights" in response.content.decode()) == (status == 200)


@pytest.mark.parametrize("name", ["preview", "preview_page", "share"])
def test_preview_of_no_topic_is_404_for_those_who_may_and_403_for_others(name, editor, stranger):
    missing = reverse(f"admin:articles_topic_{name}", args=[999])

    assert (editor.get(missing).status_code, stranger.get(missing).status_code) == (404, 403)


@pytest.mark.parametrize("name", ["preview", "preview_page", "share"])
def test_public_is_sent_to_the_login(name, client, topic):
    response = client.get(page(topic, name))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


# Preview while typing


def typed(client, topic, **changes):
    form = filled(client.get(page(topic, "change")))
    return client.post(page(topic, "preview_typed"), {**form, **changes})


def test_what_is_typed_is_shown_and_not_saved(editor, topic):
    response = typed(
        editor,
        topic,
        **{"title": "A new title", "tags": "fresh", "articles_richtext_set-0-text": "<p>New words.</p>"},
    )
    content = response.content.decode()

    assert response.status_code == 200
    assert "<h1>A new title</h1>" in content
    assert "New words." in content
    assert "Secret words." not in content
    topic.refresh_from_db()
    assert topic.title == "Ankle weights: a secret draft"
    assert RichText.objects.get().text == "<p>Secret words.</p>"
    assert not topic.tags.exists()
    assert not Checkpoint.objects.exists()
    assert not LogEntry.objects.exists()


def test_what_is_typed_is_for_our_own_frame_only(editor, topic):
    response = typed(editor, topic)

    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert directives(response)["frame-ancestors"] == "'self'"
    assert directives(editor.get(page(topic, "change")))["frame-src"] == "'self'"


def test_preview_waits_for_what_is_wrong(editor, topic):
    response = typed(editor, topic, title="", **{"articles_richtext_set-0-text": ""})
    content = response.content.decode()

    assert response.status_code == 200
    assert "Secret" not in content
    assert "<li>Title: This field is required.</li>" in content
    assert "<li>Text, Text: This field is required.</li>" in content


def test_preview_while_typing_shows_the_image_that_is_chosen(editor, topic):
    figure = factories.FigureFactory(parent=topic)
    other = factories.ImageFactory()

    response = typed(editor, topic, **{"articles_figure_set-0-image": other.pk})

    assert response.status_code == 200
    assert other.file.url in response.content.decode()
    assert figure.image.file.url not in response.content.decode()
    figure.refresh_from_db()
    assert figure.image != other


def test_preview_while_typing_needs_the_right_to_change(editor, topic):
    form = filled(editor.get(page(topic, "change")))

    for right in ("view_topic", "publish_topic", "view_term"):
        assert signed_in(right).post(page(topic, "preview_typed"), form).status_code == 403
    assert editor.get(page(topic, "preview_typed")).status_code == 405


def test_garbage_instead_of_a_form_is_refused(editor, topic):
    content = editor.post(page(topic, "preview_typed"), {}).content.decode()

    assert "<h1>The preview waits</h1>" in content
    assert "ManagementForm data is missing" in content


# Share


def test_sharing_makes_a_link_that_works_at_once(writer, client, topic):
    response = writer.post(page(topic, "share"), {"for_whom": "Dr Ada Byron", "days": "30"}, follow=True)

    grant = PreviewGrant.objects.get()
    assert (grant.topic, grant.made_by, grant.for_whom) == (topic, writer.user, "Dr Ada Byron")
    assert grant.expires_at - grant.made_at == 30 * DAY
    assert said(response) == ["The link for Dr Ada Byron is made. Copy it from the list."]
    assert grant.get_absolute_url() in response.content.decode()
    assert client.get(grant.get_absolute_url()).status_code == 200
    assert LogEntry.objects.get().get_change_message() == "Shared a preview with Dr Ada Byron."


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"for_whom": " ", "days": "7"},
        {"for_whom": "Ada", "days": "365"},
        {"for_whom": "Ada\0", "days": "7"},
        {"for_whom": "x" * 121, "days": "7"},
    ],
)
def test_sharing_refuses_what_is_incomplete(posted, editor, topic):
    response = editor.post(page(topic, "share"), posted)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not PreviewGrant.objects.exists()


def test_list_says_what_became_of_each_link(editor, topic):
    now = timezone.now()
    open_link = factories.PreviewGrantFactory(topic=topic, made_at=now)
    over = factories.PreviewGrantFactory(topic=topic, made_at=now - 8 * DAY)
    revoked = factories.PreviewGrantFactory(topic=topic, made_at=now, revoked_at=now)
    other = factories.PreviewGrantFactory(made_at=now, for_whom="Somebody else")
    factories.PreviewVisitFactory.create_batch(2, grant=open_link, at=now)

    content = editor.get(page(topic, "share")).content.decode()

    assert open_link.token in content
    assert "Opened 2 times, last" in content
    assert over.token not in content
    assert revoked.token not in content
    assert (content.count("<p>Expired"), content.count("<p>Revoked"), content.count("Not opened yet")) == (
        1,
        1,
        2,
    )
    assert other.token not in content
    assert "Somebody else" not in content


def test_revoked_link_stops_working(writer, client, topic):
    grant = factories.PreviewGrantFactory(topic=topic, made_at=timezone.now())

    response = writer.post(page(topic, "revoke", grant.pk), follow=True)

    assert said(response) == ["The link for A clinician does not work any more."]
    assert client.get(grant.get_absolute_url()).status_code == 404
    assert said(writer.post(page(topic, "revoke", grant.pk), follow=True)) == ["This link is over already."]


def test_link_of_another_topic_is_not_revoked(editor, topic):
    grant = factories.PreviewGrantFactory(made_at=timezone.now())

    editor.post(page(topic, "revoke", grant.pk))
    editor.post(page(topic, "revoke", 2**70))

    grant.refresh_from_db()
    assert grant.revoked_at is None


def test_looking_does_not_revoke(editor, topic):
    grant = factories.PreviewGrantFactory(topic=topic, made_at=timezone.now())

    assert editor.get(page(topic, "revoke", grant.pk)).status_code == 405


@pytest.mark.parametrize("right", ["view_topic", "publish_topic", "view_term"])
def test_links_are_for_those_who_may_change_the_topic(right, topic):
    grant = factories.PreviewGrantFactory(topic=topic, made_at=timezone.now())
    somebody = signed_in(right)

    seen = somebody.get(page(topic, "share"))
    made = somebody.post(page(topic, "share"), {"for_whom": "Me", "days": "7"})
    revoked = somebody.post(page(topic, "revoke", grant.pk))

    assert (seen.status_code, made.status_code, revoked.status_code) == (403, 403, 403)
    assert grant.token not in seen.content.decode()
    assert PreviewGrant.objects.get().revoked_at is None


def test_links_are_made_and_revoked_with_a_token_of_the_form_only(publisher, topic):
    grant = factories.PreviewGrantFactory(topic=topic, made_at=timezone.now())
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(publisher)

    assert forged.post(page(topic, "share"), {"for_whom": "Me", "days": "7"}).status_code == 403
    assert forged.post(page(topic, "revoke", grant.pk)).status_code == 403
    assert PreviewGrant.objects.get().revoked_at is None


def test_form_links_to_preview_and_to_sharing(topic):
    reader = signed_in("view_topic").get(page(topic, "change")).content.decode()
    writer = signed_in("view_topic", "change_topic").get(page(topic, "change")).content.decode()

    assert page(topic, "preview") in reader
    assert page(topic, "share") not in reader
    assert page(topic, "preview") in writer
    assert page(topic, "share") in writer
