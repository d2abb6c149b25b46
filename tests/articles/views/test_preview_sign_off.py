"""The form at the end of a shared preview, for people without an account."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import previewing
from articles.models import Event, SignOff, Topic
from tests.factories import PreviewGrantFactory, RichTextFactory, TopicFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
REFUSED = "This form does not belong to this link."


@pytest.fixture
def client():
    """A browser of somebody outside: without a cookie, and with Django looking for its token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def grant():
    topic = TopicFactory(title="A secret draft", state=Topic.State.IN_REVIEW, takes_outside_sign_off=True)
    RichTextFactory(parent=topic, text="<p>Secret words.</p>")
    return PreviewGrantFactory(topic=topic, made_at=timezone.now(), may_sign=True)


def address(grant):
    return reverse("articles:shared_preview_sign_off", args=[grant.token])


def seen(client, grant):
    page = client.get(grant.get_absolute_url()).content.decode()
    return re.search(r'name="seen" value="([^"]+)"', page)[1]


def typed(client, grant, **more):
    return {"name": "Dr Ada Byron", "note": "", "stands": "on", "seen": seen(client, grant), **more}


def test_reader_signs_exactly_what_the_page_shows(client, grant):
    response = client.post(address(grant), typed(client, grant, note="Well said."), follow=True)
    page = response.content.decode()

    sign_off = SignOff.objects.get()
    assert response.redirect_chain == [(f"{grant.get_absolute_url()}#sign-off", 302)]
    assert (sign_off.name, sign_off.note, sign_off.grant) == ("Dr Ada Byron", "Well said.", grant)
    assert sign_off.digest == previewing.preview(grant.topic, at=timezone.now()).digest
    assert "Thank you. This text is signed off." in page
    assert "<form" not in page.partition('id="sign-off"')[2]


def test_form_needs_no_cookie_no_script_and_prints_its_link_nowhere(client, grant):
    page = client.get(grant.get_absolute_url())
    answer = client.post(address(grant), typed(client, grant))

    assert grant.token not in page.content.decode()
    assert "csrf" not in page.content.decode()
    assert not page.cookies
    assert not answer.cookies
    for response in (page, answer):
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_form_stands_on_pages_that_may_be_signed_only(client, grant):
    reading = PreviewGrantFactory(topic=grant.topic, made_at=timezone.now())

    assert "sign-off" not in client.get(reading.get_absolute_url()).content.decode()
    Topic.objects.update(takes_outside_sign_off=False)
    assert "sign-off" not in client.get(grant.get_absolute_url()).content.decode()


def test_page_says_when_there_is_nothing_to_sign(client, grant):
    Topic.objects.update(state=Topic.State.EDITING)

    page = client.get(grant.get_absolute_url()).content.decode()

    assert "The text is not in review at the moment." in page
    assert 'name="seen"' not in page


def test_text_that_changed_meanwhile_is_shown_again_and_not_signed(client, grant):
    data = typed(client, grant)
    RichTextFactory(parent=grant.topic, text="<p>New words.</p>")

    response = client.post(address(grant), data)
    page = response.content.decode()

    assert response.status_code == 409
    assert "The text changed while you were reading it. Look at it again, then decide." in page
    assert "New words." in page
    assert 'value="Dr Ada Byron"' in page
    assert not SignOff.objects.exists()
    again = re.search(r'name="seen" value="([^"]+)"', page)[1]
    assert client.post(address(grant), {**data, "seen": again}).status_code == 302


def test_form_that_is_sent_twice_signs_once(client, grant):
    data = typed(client, grant)

    answers = [client.post(address(grant), data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 409]
    assert SignOff.objects.count() == Event.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"note": "x" * 2001}, "note"),
        ({"stands": ""}, "stands"),
        ({"seen": ""}, "__all__"),
        ({"seen": "a" * 64}, "__all__"),
        ({"seen": "x" * 5000}, "__all__"),
        ({"seen": "é:é"}, "__all__"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(changes, field, client, grant):
    response = client.post(address(grant), typed(client, grant, **changes))

    assert response.status_code == 422
    assert list(response.context["outside"]["form"].errors) == [field]
    assert not SignOff.objects.exists()


def test_what_another_link_showed_is_refused(client, grant):
    other = PreviewGrantFactory(
        topic=TopicFactory(state="in review", takes_outside_sign_off=True),
        made_at=timezone.now(),
        may_sign=True,
    )
    same = PreviewGrantFactory(topic=grant.topic, made_at=timezone.now(), may_sign=True)

    for elsewhere in (other, same):
        response = client.post(address(grant), typed(client, grant, seen=seen(client, elsewhere)))
        assert response.context["outside"]["form"].errors == {"__all__": [REFUSED]}
        assert REFUSED in response.content.decode()
    assert not SignOff.objects.exists()


def test_links_that_may_not_sign_get_one_same_answer(client, grant):
    now = timezone.now()
    data = typed(client, grant)
    expired = PreviewGrantFactory(topic=grant.topic, made_at=now - 8 * DAY, may_sign=True)
    revoked = PreviewGrantFactory(topic=grant.topic, made_at=now, revoked_at=now, may_sign=True)
    reading = PreviewGrantFactory(topic=grant.topic, made_at=now)
    closed = PreviewGrantFactory(topic=TopicFactory(state="in review"), made_at=now, may_sign=True)
    urls = [address(found) for found in (expired, revoked, reading, closed)]

    answers = [client.post(url, data) for url in (*urls, f"/preview/{'A' * 43}/sign-off/")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "ecret" not in answers[0].content.decode()
    assert not SignOff.objects.exists()


def test_address_takes_posts_only(client, grant):
    assert client.get(address(grant)).status_code == 405
    assert client.head(address(grant)).status_code == 405


def test_what_is_typed_is_text_not_markup(client, grant):
    client.post(address(grant), typed(client, grant, name="<script>alert(1)</script>"))

    page = client.get(grant.get_absolute_url()).content.decode()

    assert SignOff.objects.exists()
    assert "<script>alert" not in page


def test_errors_name_their_field_for_those_who_do_not_see_it(client, grant):
    page = client.post(address(grant), typed(client, grant, name="")).content.decode()

    assert 'id="form-errors"' in page
    assert '<a href="#id_name">Your name, and what makes you an expert</a>' in page
