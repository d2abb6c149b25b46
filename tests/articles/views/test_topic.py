"""The page of a topic as the public gets it."""

import datetime
import json
import re

import pytest
from django.utils import timezone

from articles import publishing
from articles.models import Edition
from tests.articles.test_publishing import full_topic
from tests.factories import CategoryFactory, EditionFactory, RichTextFactory, TopicFactory
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db


def test_page_shows_the_edition_and_not_the_working_copy(client, edition):
    topic = edition.topic
    topic.title = "Secret new title"
    topic.standfirst = "Secret standfirst"
    topic.save()
    RichTextFactory(parent=topic, text="<p>Secret draft</p>")

    page = client.get(edition.get_absolute_url()).content.decode()

    assert "Ankle weights: benefits and limits" in page
    assert "Secret" not in page


def test_page_costs_three_queries_whatever_its_length(client, publisher, django_assert_num_queries):
    short, long = TopicFactory(), full_topic()
    RichTextFactory(parent=short)
    for _ in range(40):
        RichTextFactory(parent=long)
    for place in range(5):
        child = TopicFactory(parent=long, position=place, category=long.category)
        RichTextFactory(parent=child)
        publish_signed(topic=child, by=publisher, at=timezone.now())
    short_page = publish_signed(topic=short, by=publisher, at=timezone.now())
    long_page = publish_signed(topic=long, by=publisher, at=timezone.now())

    for page in (short_page, long_page):
        with django_assert_num_queries(3):
            assert client.get(page.get_absolute_url()).status_code == 200


def test_page_sets_no_cookie_and_does_not_vary_by_cookie(client, edition):
    response = client.get(edition.get_absolute_url())

    assert not response.cookies
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_page_answers_304_to_its_etag_and_to_its_date(client, edition):
    url = edition.get_absolute_url()
    first = client.get(url)

    by_etag = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert re.fullmatch(r'"[0-9a-f]{32}"', first.headers["ETag"])
    assert (by_etag.status_code, by_etag.content) == (304, b"")
    assert (by_date.status_code, by_date.content) == (304, b"")
    assert by_etag.headers["ETag"] == first.headers["ETag"]


def test_page_is_new_to_its_old_etag_after_a_publish(client, publisher, edition):
    url = edition.get_absolute_url()
    old = client.get(url).headers["ETag"]
    edition.topic.standfirst = "Changed."
    edition.topic.save()
    publish_signed(topic=edition.topic, by=publisher, at=timezone.now())

    response = client.get(url, headers={"If-None-Match": old})

    assert response.status_code == 200
    assert "Changed." in response.content.decode()


def test_compressed_page_is_the_same_each_time_and_has_its_own_etag(client, edition):
    url = edition.get_absolute_url()
    plain = client.get(url)

    one = client.get(url, headers={"Accept-Encoding": "gzip"})
    two = client.get(url, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    refused = client.get(url, headers={"Accept-Encoding": "gzip;q=0"})

    assert one.headers["Content-Encoding"] == "gzip"
    assert one.content == two.content
    assert one.headers["ETag"] == plain.headers["ETag"][:-1] + '-gz"'
    assert "Content-Encoding" not in refused.headers


def test_page_lists_live_subtopics_only(client, publisher, edition):
    live = TopicFactory(parent=edition.topic, category=edition.topic.category, short_title="Live child")
    RichTextFactory(parent=live)
    publish_signed(topic=live, by=publisher, at=timezone.now())
    TopicFactory(parent=edition.topic, category=edition.topic.category, short_title="Secret child")
    EditionFactory(
        topic=TopicFactory(parent=edition.topic, category=edition.topic.category, short_title="Future child"),
        go_live_at=timezone.now() + datetime.timedelta(days=1),
    )

    page = client.get(edition.get_absolute_url()).content.decode()

    assert "Live child" in page
    assert "Secret child" not in page
    assert "Future child" not in page


def test_page_appears_and_goes_by_time_alone(client, edition):
    now = timezone.now()
    future = EditionFactory(go_live_at=now + datetime.timedelta(hours=1))
    expired = EditionFactory(expires_at=now - datetime.timedelta(hours=1))

    assert client.get(future.get_absolute_url()).status_code == 404
    assert client.get(expired.get_absolute_url()).status_code == 410


def test_withdrawn_page_answers_410_with_the_note_and_without_the_text(client, publisher, edition):
    publishing.withdraw(topic=edition.topic, by=publisher, at=timezone.now(), note="A study was retracted.")

    for url in (edition.get_absolute_url(), f"{edition.get_absolute_url()}editions/1/"):
        response = client.get(url)
        page = response.content.decode()
        assert response.status_code == 410
        assert "A study was retracted." in page
        assert "may help" not in page
    assert client.get(f"{edition.get_absolute_url()}cite.bib").status_code == 404


def test_page_that_moved_sends_readers_on(client, publisher, edition):
    topic = edition.topic
    topic.slug = "new-place"
    topic.save()
    new = publish_signed(topic=topic, by=publisher, at=timezone.now())

    response = client.get(edition.get_absolute_url())

    assert (response.status_code, response.headers["Location"]) == (301, new.get_absolute_url())


def test_unknown_page_is_404(client, edition):
    assert client.get("/wellness-therapies/nothing/").status_code == 404
    assert client.get(f"{edition.get_absolute_url()}editions/7/").status_code == 404


def test_page_describes_itself_in_json_ld_without_claiming_a_review(client, edition):
    page = client.get(edition.get_absolute_url()).content.decode()

    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])

    assert data["@type"] == ["Article", "MedicalWebPage"]
    assert data["version"] == "1"
    assert data["citation"][0]["name"] == "Weighted walking"
    assert "reviewedBy" not in data
    assert "lastReviewed" not in data


def test_json_ld_cannot_end_its_element(client, publisher):
    topic = TopicFactory(title="</script><script>alert(1)</script>")
    RichTextFactory(parent=topic)
    edition = publish_signed(topic=topic, by=publisher, at=timezone.now())

    page = client.get(edition.get_absolute_url()).content.decode()

    assert "<script>alert(1)" not in page


def test_page_is_cited_as_bibtex_and_ris(client, settings, edition):
    settings.SITE_NAME = "Evidence & Co"

    bibtex = client.get(f"{edition.get_absolute_url()}cite.bib").content.decode()
    ris = client.get(f"{edition.get_absolute_url()}cite.ris").content.decode()

    assert bibtex.startswith("@misc{ankle-weights-1,\n  title = {{Ankle weights: benefits and limits}},\n")
    assert "author = {{Evidence \\& Co}}" in bibtex
    assert ris.startswith("TY  - ELEC\r\nTI  - Ankle weights: benefits and limits\r\nAU  - Evidence & Co\r\n")
    assert ris.endswith("ER  - \r\n")


def test_old_edition_stays_readable_and_says_so(client, publisher, edition):
    edition.topic.standfirst = "Changed."
    edition.topic.save()
    publish_signed(topic=edition.topic, by=publisher, at=timezone.now())

    old = client.get(f"{edition.get_absolute_url()}editions/1/").content.decode()

    assert "This is an old edition." in old
    assert "Changed." not in old
    assert '<meta name="robots" content="noindex">' in old
    assert Edition.objects.count() == 2


def test_explore_lists_each_live_topic_under_its_letter(client, edition, django_assert_num_queries):
    TopicFactory(short_title="Secret topic", category=CategoryFactory())

    page = client.get("/explore/").content.decode()

    assert page.count("Ankle weights") == 2
    assert 'href="#letter-a"' in page
    assert 'href="#letter-b"' not in page
    assert "Secret topic" not in page


@pytest.mark.parametrize("path", ["/explore/", "/", "/category-x/"])
def test_lists_cost_the_same_queries_for_few_and_many(client, path, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    category = CategoryFactory(slug="category-x")
    EditionFactory.create_batch(2, topic__category=category)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    EditionFactory.create_batch(20, topic__category=category)

    with CaptureQueriesContext(connection) as many:
        assert client.get(path).status_code == 200

    assert len(many) == len(few)
    assert len(many) <= 4


def test_withdrawn_edition_stays_withdrawn_when_the_next_one_is_out(client, publisher, edition):
    publishing.withdraw(topic=edition.topic, by=publisher, at=timezone.now(), note="A harmful mistake.")
    edition.topic.standfirst = "Put right."
    edition.topic.save()
    publish_signed(topic=edition.topic, by=publisher, at=timezone.now())

    old = client.get(edition.get_lasting_url())
    page = client.get(edition.get_absolute_url()).content.decode()

    assert old.status_code == 410
    assert "may help" not in old.content.decode()
    assert "Withdrawn: A harmful mistake." in page
    assert edition.get_lasting_url() not in page


def test_page_changed_since_when_a_subtopic_was_withdrawn(client, publisher, edition):
    child = TopicFactory(parent=edition.topic, category=edition.topic.category)
    RichTextFactory(parent=child)
    publish_signed(topic=child, by=publisher, at=timezone.now() - datetime.timedelta(minutes=5))
    before = client.get(edition.get_absolute_url()).headers["Last-Modified"]
    publishing.withdraw(topic=child, by=publisher, at=timezone.now(), note="Why")

    response = client.get(edition.get_absolute_url(), headers={"If-Modified-Since": before})

    assert response.status_code == 200


def test_working_copy_tells_the_public_neither_its_address_nor_its_shelf(client, publisher, edition):
    topic = edition.topic
    topic.slug, topic.category = "secret-slug", CategoryFactory(slug="secret-shelf", name="Secret shelf")
    topic.save()

    page = client.get(edition.get_absolute_url()).content.decode()

    assert "secret-slug" not in page
    assert "Ankle weights" not in client.get("/secret-shelf/").content.decode()
    assert "Ankle weights" in client.get(edition.category.get_absolute_url()).content.decode()
    assert "Ankle weights" not in client.get("/feeds/secret-shelf/").content.decode()


def test_an_address_with_editions_is_given_to_no_other_topic(publisher, edition):
    edition.topic.slug = "moved"
    edition.topic.save()
    other = full_topic(slug="ankle-weights", category=edition.category)

    with pytest.raises(publishing.NotPublishable) as refusal:
        publish_signed(topic=other, by=publisher, at=timezone.now())

    assert refusal.value.problems == [
        f"The address /{edition.path}/ belonged to “Ankle weights”; its editions stay there."
    ]


def test_head_answers_with_the_headers_of_get_and_no_body(client, edition):
    url = edition.get_absolute_url()

    get, head = client.get(url), client.head(url)

    assert head.content == b""
    assert {name: head.headers[name] for name in ("ETag", "Content-Length", "Last-Modified")} == {
        name: get.headers[name] for name in ("ETag", "Content-Length", "Last-Modified")
    }
