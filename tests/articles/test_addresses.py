"""Where readers of old addresses are led, and what the publisher is told of it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import addresses, publishing
from articles.addresses import Redirect
from articles.models import Category, Edition
from tests.articles.test_publishing import full_topic
from tests.factories import CategoryFactory, EditionFactory, TopicFactory
from tests.signing import publish_signed, sign

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


def moved(topic, **fields):
    """The working copy with another address."""
    for name, value in fields.items():
        setattr(topic, name, value)
    topic.save()
    return topic


@pytest.fixture
def herbs():
    return CategoryFactory(name="Herbs", slug="herbs")


# Redirects


def test_topic_that_never_was_public_leads_nobody(herbs, now):
    assert addresses.redirects(TopicFactory(category=herbs)) == []


def test_each_address_that_the_topic_had_leads_straight_to_the_coming_one(herbs, now):
    topic = TopicFactory(category=herbs, slug="first")
    EditionFactory(topic=topic, number=1)
    EditionFactory(topic=moved(topic, slug="second"), number=2)
    EditionFactory(topic=topic, number=3)
    EditionFactory(path="herbs/of-another-topic")

    found = addresses.redirects(moved(topic, slug="third"))

    assert found == [
        Redirect("/herbs/second/", "/herbs/third/"),
        Redirect("/herbs/first/", "/herbs/third/"),
    ]


def test_topic_that_moves_back_leads_from_where_it_was_meanwhile(herbs, now):
    topic = TopicFactory(category=herbs, slug="first")
    EditionFactory(topic=topic, number=1)
    EditionFactory(topic=moved(topic, slug="second"), number=2)

    found = addresses.redirects(moved(topic, slug="first"))

    assert found == [Redirect("/herbs/second/", "/herbs/first/")]


def test_address_that_was_called_off_was_never_public_and_leads_nowhere(herbs, now):
    topic = TopicFactory(category=herbs, slug="first")
    EditionFactory(topic=topic, go_live_at=now, withdrawn_at=now, withdrawal_note="Called off.")

    assert addresses.redirects(moved(topic, slug="second")) == []


def test_redirects_announced_are_those_that_happen(client, publisher, herbs):
    at = timezone.now() - HOUR
    topic = full_topic(category=herbs, slug="first")
    publish_signed(topic=topic, by=publisher, at=at)
    publish_signed(topic=moved(topic, slug="second"), by=publisher, at=at)
    announced = addresses.redirects(moved(topic, slug="third", category=CategoryFactory(slug="roots")))

    publish_signed(topic=topic, by=publisher, at=at)

    assert [(redirect.old, redirect.new) for redirect in announced] == [
        ("/herbs/second/", "/roots/third/"),
        ("/herbs/first/", "/roots/third/"),
    ]
    for redirect in announced:
        response = client.get(redirect.old)
        assert (response.status_code, response.headers["Location"]) == (301, redirect.new)
        assert client.get(response.headers["Location"]).status_code == 200


def test_address_of_another_topic_is_named_before_it_stops_publishing(publisher, herbs, now):
    first = TopicFactory(category=herbs, slug="first", short_title="Ginger")
    EditionFactory(topic=first)
    moved(first, slug="elsewhere")
    topic = full_topic(category=herbs, slug="first")
    sign(topic, at=now)

    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish(topic=topic, by=publisher, at=now)

    assert refusal.value.problems == [addresses.obstacle(topic)]
    assert addresses.obstacle(topic) == (
        "The address /herbs/first/ belonged to “Ginger”; its editions stay there."
    )
    assert addresses.obstacle(first) == ""


def test_citations_and_editions_of_an_old_address_lead_on(client, publisher, herbs):
    at = timezone.now() - HOUR
    topic = full_topic(category=herbs, slug="first")
    publish_signed(topic=topic, by=publisher, at=at)
    publish_signed(topic=moved(topic, slug="second"), by=publisher, at=at)

    led = {
        address: client.get(address).headers.get("Location")
        for address in (
            "/herbs/first/cite.bib",
            "/herbs/first/cite.ris",
            "/herbs/first/editions/2/",
            "/herbs/second/editions/1/",
        )
    }

    assert led == {
        "/herbs/first/cite.bib": "/herbs/second/cite.bib",
        "/herbs/first/cite.ris": "/herbs/second/cite.ris",
        "/herbs/first/editions/2/": "/herbs/second/editions/2/",
        "/herbs/second/editions/1/": "/herbs/first/editions/1/",
    }
    assert client.get("/herbs/first/editions/1/").status_code == 200
    assert client.get("/herbs/second/cite.bib").status_code == 200


def test_edition_that_waits_is_led_to_by_nobody_yet(client, publisher, herbs):
    at = timezone.now()
    topic = full_topic(category=herbs, slug="first", title="Secret plans")
    publish_signed(topic=topic, by=publisher, at=at - HOUR)
    moved(topic, slug="secret-slug")
    sign(topic, at=at)
    publishing.publish(topic=topic, by=publisher, at=at, change_note="Moved.", go_live_at=at + HOUR)

    answers = [
        client.get(address)
        for address in ("/herbs/secret-slug/", "/herbs/secret-slug/cite.ris", "/herbs/first/editions/2/")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get("/herbs/first/").status_code == 200


# Categories


def test_renamed_category_leads_from_its_old_address_and_its_old_feed(client, herbs):
    EditionFactory(topic__category=herbs, path="herbs/ginger")
    herbs.slug = "plants"
    herbs.full_clean()
    herbs.save()

    page, feed = client.get("/herbs/"), client.get("/feeds/herbs/")

    assert (page.status_code, page.headers["Location"]) == (301, "/plants/")
    assert (feed.status_code, feed.headers["Location"]) == (301, "/feeds/plants/")
    assert page.headers["Cache-Control"] == "max-age=3600"
    assert client.get("/plants/").status_code == 200


def test_pages_of_a_renamed_category_move_when_they_are_published_again(client, publisher, herbs):
    at = timezone.now() - HOUR
    topic = full_topic(category=herbs, slug="ginger")
    publish_signed(topic=topic, by=publisher, at=at)
    Category.objects.filter(pk=herbs.pk).update(slug="plants")
    topic.refresh_from_db()

    before = (client.get("/herbs/ginger/").status_code, client.get("/plants/ginger/").status_code)
    left = [edition.path for edition in addresses.left_behind(topic.category, at=timezone.now())]
    publish_signed(topic=topic, by=publisher, at=at)

    assert (before, left) == ((200, 404), ["herbs/ginger"])
    assert client.get("/herbs/ginger/").headers["Location"] == "/plants/ginger/"
    assert not addresses.left_behind(topic.category, at=timezone.now()).exists()
    assert addresses.former_slugs(topic.category) == ["herbs"]


def test_address_under_which_nothing_was_public_is_forgotten(client, herbs, now):
    EditionFactory(
        topic__category=herbs, path="herbs/secret", go_live_at=timezone.now() + HOUR, short_title="Secret"
    )
    Category.objects.filter(pk=herbs.pk).update(slug="plants")

    answers = [client.get("/herbs/"), client.get("/feeds/herbs/"), client.get("/nothing/")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert addresses.category_once_at("herbs", at=now) is None


def test_category_does_not_take_an_address_that_readers_are_led_from(herbs):
    EditionFactory(topic__category=herbs, path="herbs/ginger")
    Category.objects.filter(pk=herbs.pk).update(slug="plants")
    other = CategoryFactory.build(name="Other", slug="herbs")

    with pytest.raises(ValidationError) as refusal:
        other.full_clean()

    assert refusal.value.message_dict == {"slug": ["Pages of “Herbs” were published below this address."]}


def test_category_may_take_its_own_address_back(client, herbs):
    EditionFactory(topic__category=herbs, path="herbs/ginger")
    Category.objects.filter(pk=herbs.pk).update(slug="plants")
    herbs.refresh_from_db()
    herbs.slug = "herbs"

    herbs.full_clean()
    herbs.save()

    assert client.get("/herbs/").status_code == 200
    assert addresses.former_slugs(herbs) == []


def test_former_addresses_are_found_whole_not_by_their_beginning(herbs, now):
    EditionFactory(topic__category=herbs, path="herbs/ginger")
    Category.objects.filter(pk=herbs.pk).update(slug="plants")

    assert addresses.category_once_at("herb", at=now) is None
    assert addresses.category_once_at("herbs", at=now) == herbs
    assert Edition.objects.count() == 1
