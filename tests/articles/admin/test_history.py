"""The history of a topic in the admin: versions, their comparison, and the way back."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import checkpoints, freezing
from articles.models import Checkpoint, Topic
from tests import factories
from tests.articles.admin.conftest import signed_in
from tests.articles.test_publishing import full_topic
from tests.evidence.admin.forms import filled, said
from tests.signing import publish_signed

HOUR = datetime.timedelta(hours=1)
NONSENSE = [
    "",
    "c",
    "e",
    "c0",
    "e01",
    "c-1",
    "c1x",
    "x1",
    "working2",
    "c²",
    "9",
    "e" + "9" * 18,
    "c" + "9" * 30,
]


def page(topic, name, *args, **query):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk, *args], query=query)


def compare(topic, before, after):
    return page(topic, "compare", **{"from": before, "to": after})


def frozen(topic):
    return freezing.freeze(Topic.objects.select_related("category").get(pk=topic.pk))


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights", title="Ankle weights: benefits and limits")
    factories.HeadingFactory(parent=topic, text="What they are", anchor="what", ordering=10)
    factories.RichTextFactory(parent=topic, text="<p>It may help some people.</p>", ordering=20)
    return topic


@pytest.fixture
def reader(db):
    """Somebody who may look at topics, and no more."""
    return signed_in("view_topic")


def kept(topic, at=None, **fields):
    return checkpoints.keep(topic=topic, by=None, at=at or timezone.now(), **fields)


# Saving


def test_saving_keeps_a_checkpoint_of_everything_saved(writer, topic):
    kept(topic)
    change = page(topic, "change")
    data = filled(writer.get(change), title="New title")
    text = next(name for name, value in data.items() if value == "<p>It may help some people.</p>")

    writer.post(change, data | {text: "<p>It does help.</p>"})

    newest = Checkpoint.objects.newest_first().first()
    assert (newest.by, newest.note) == (writer.user, "")
    assert newest.content["topic"]["title"] == "New title"
    assert newest.content["blocks"][1]["text"] == "<p>It does help.</p>"
    assert newest.content == frozen(topic)


def test_saving_without_a_change_keeps_none(writer, topic):
    first = kept(topic)
    change = page(topic, "change")

    writer.post(change, filled(writer.get(change)))

    assert list(Checkpoint.objects.all()) == [first]


def test_first_save_keeps_what_was_there_before(writer, topic):
    before = frozen(topic)
    change = page(topic, "change")

    writer.post(change, filled(writer.get(change), title="New title"))

    after, baseline = Checkpoint.objects.newest_first()
    assert (baseline.content, baseline.by, baseline.note) == (
        before,
        None,
        "As it was before the first save here",
    )
    assert (after.content["topic"]["title"], after.by) == ("New title", writer.user)


def test_form_that_is_refused_keeps_none(writer, topic):
    change = page(topic, "change")

    response = writer.post(change, filled(writer.get(change), title=""))

    assert response.status_code == 200
    assert not Checkpoint.objects.exists()


# History


def test_history_lists_checkpoints_and_editions_newest_first(reader, topic, now):
    at = timezone.now().replace(microsecond=0) - 5 * HOUR
    first = kept(topic, at=at)
    edition = publish_signed(topic=topic, by=factories.UserFactory(username="anna"), at=at + HOUR)
    factories.RichTextFactory(parent=topic)
    second = kept(topic, at=at + 2 * HOUR, note="A <note>")

    content = reader.get(page(topic, "history"))

    versions = content.context["versions"]
    assert [version.ref for version in versions] == [f"c{second.pk}", "e1", f"c{first.pk}"]
    assert [version.is_live for version in versions] == [False, True, False]
    assert [version.by for version in versions] == [None, edition.published_by, None]
    html = content.content.decode()
    assert '<span class="state live">Live</span>' in html
    assert "A &lt;note&gt;" in html
    assert "anna" in html
    assert 'name="from" value="e1" aria-label="From: Edition 1" checked' in html


def test_history_knows_its_own_topic_alone(reader, topic):
    other = factories.TopicFactory()
    kept(other, note="Theirs")
    publish = factories.EditionFactory(topic=other, change_note="Theirs too")
    mine = kept(topic, note="Mine")

    html = reader.get(page(topic, "history")).content.decode()

    assert "Mine" in html
    assert f"c{mine.pk}" in html
    assert "Theirs" not in html
    assert publish.path not in html


def test_history_of_a_new_topic_is_empty(reader, topic):
    html = reader.get(page(topic, "history")).content.decode()

    assert "Nothing is kept yet: the first save makes a checkpoint." in html


def test_history_takes_the_same_queries_however_long(reader, topic):
    def count():
        with CaptureQueriesContext(connection) as queries:
            reader.get(page(topic, "history"))
        return len(queries)

    factories.CheckpointFactory(topic=topic)
    factories.EditionFactory(topic=topic)
    few = count()
    for n in range(20):
        factories.CheckpointFactory(topic=topic)
        factories.EditionFactory(topic=topic, number=n + 2, published_by=factories.UserFactory())

    assert count() == few
    assert few == 11


@pytest.mark.parametrize(
    ("asked", "shown"), [("1", 50), ("2", 10), ("99", 10), ("0", 10), ("-1", 10), ("x", 50), ("", 50)]
)
def test_history_has_pages(asked, shown, reader, topic):
    factories.CheckpointFactory.create_batch(60, topic=topic, by=None)

    response = reader.get(page(topic, "history", p=asked))

    assert len(response.context["versions"]) == shown


def test_withdrawn_and_special_editions_are_named(reader, topic, now):
    factories.EditionFactory(topic=topic, withdrawn_at=now - HOUR, withdrawal_note="Wrong", published_at=now)
    factories.EditionFactory(topic=topic, number=2, is_minor=True, minor_reason="A typing error")
    factories.EditionFactory(topic=topic, number=3, is_correction=True, change_note="A number was wrong")

    html = reader.get(page(topic, "history")).content.decode()

    for word in ("Minor", "A typing error", "Correction", "A number was wrong"):
        assert word in html


# Compare


def test_compare_marks_words_and_escapes_them(reader, topic):
    first = kept(topic)
    topic.articles_richtext_set.update(
        text="<p>It may help &lt;script&gt;alert(1)&lt;/script&gt; people.</p>"
    )

    html = reader.get(compare(topic, f"c{first.pk}", "working")).content.decode()

    assert "It may help" in html
    assert '<del><span class="visually-hidden"> [removed:</span> some<' in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert "1 block changed" in html
    assert "1 block not changed: What they are" in html


def test_compare_of_the_same_says_so(reader, topic):
    kept(topic)

    html = reader.get(compare(topic, "working", "working")).content.decode()

    assert "Nothing changed: both say exactly the same." in html


def test_compare_of_an_edition_with_the_working_copy(reader, topic, now):
    publish_signed(topic=topic, by=None, at=now)
    topic.title = "Ankle weights: limits"
    topic.save()

    response = reader.get(compare(topic, "e1", "working"))

    assert response.context["comparison"].summary == "1 field of the topic changed"
    back = reader.get(compare(topic, "working", "e1")).context["comparison"]
    assert [field.label for field in back.fields] == ["Title"]


def test_full_page_of_differences_can_be_drawn(reader, now):
    topic = full_topic(key_points="<p>It may help.</p>")
    empty = freezing.freeze(factories.TopicFactory())
    first = kept(topic)
    second = factories.CheckpointFactory(topic=topic, content=empty)

    for before, after in [(first, second), (second, first)]:
        response = reader.get(compare(topic, f"c{before.pk}", f"c{after.pk}"))
        assert response.status_code == 200
        html = response.content.decode()
        for words in ("Miller 1987", "Gait speed", "Populations that readers may ask about", "At a glance"):
            assert words in html


def test_version_of_another_topic_is_not_found(reader, editor, topic):
    kept(topic)
    other = factories.TopicFactory(title="Secret title")
    factories.RichTextFactory(parent=other, text="<p>Secret words.</p>")
    theirs = kept(other, note="Secret note")
    publish_signed(topic=other, by=None, at=timezone.now())

    for ref in (f"c{theirs.pk}", "e1"):
        for address in (compare(topic, ref, "working"), compare(topic, "working", ref)):
            answer = reader.get(address)
            assert answer.status_code == 404
            assert "Secret" not in answer.content.decode()
        for answer in (editor.get(page(topic, "restore", ref)), editor.post(page(topic, "restore", ref))):
            assert answer.status_code == 404
            assert "Secret" not in answer.content.decode()
    assert Topic.objects.get(pk=topic.pk).title == topic.title


@pytest.mark.parametrize("ref", NONSENSE)
def test_nonsense_names_no_version(ref, editor, topic):
    kept(topic)

    assert editor.get(compare(topic, ref, "working")).status_code == 404
    assert editor.get(compare(topic, "working", ref)).status_code == 404
    if ref:
        assert editor.get(page(topic, "restore", ref)).status_code == 404
        assert editor.post(page(topic, "restore", ref)).status_code == 404


def test_compare_without_versions_is_not_found(reader, topic):
    assert reader.get(page(topic, "compare")).status_code == 404


def test_version_in_a_form_of_its_own_is_refused_in_words(editor, topic):
    old = factories.CheckpointFactory(topic=topic, schema=0, content={"schema": 0})

    for address in (compare(topic, f"c{old.pk}", "working"), page(topic, "restore", f"c{old.pk}")):
        response = editor.get(address, follow=True)
        assert response.redirect_chain == [(page(topic, "history"), 302)]
        assert "is written in a form that cannot be read any more." in said(response)[0]


# Restore


def test_restore_asks_first(writer, topic):
    first = kept(topic)
    topic.articles_richtext_set.all().delete()

    html = writer.get(page(topic, "restore", f"c{first.pk}")).content.decode()

    assert "Restore this version" in html
    assert "1 block added" in html
    assert not topic.articles_richtext_set.exists()
    assert Checkpoint.objects.count() == 1


def test_restore_brings_an_edition_back(writer, topic, now):
    edition = publish_signed(topic=topic, by=None, at=now)
    topic.articles_richtext_set.all().delete()
    topic.title = "Another title"
    topic.save()

    response = writer.post(page(topic, "restore", "e1"), follow=True)

    assert frozen(topic) == edition.content
    assert response.redirect_chain[0][0] == page(topic, "change")
    assert said(response)[0].startswith("Edition 1 is the working copy again.")
    newest = Checkpoint.objects.newest_first().first()
    assert (newest.by, newest.note, newest.digest) == (writer.user, "Restored: Edition 1", edition.digest)
    assert LogEntry.objects.get().get_change_message() == "Restored: Edition 1."


def test_restore_tells_what_did_not_come_back(writer, topic):
    table = factories.EvidenceTableFactory(parent=topic, title="Walking", outcome__name="Gait")
    first = kept(topic)
    table.delete()
    table.outcome.delete()

    response = writer.post(page(topic, "restore", f"c{first.pk}"), follow=True)

    assert said(response)[1:] == [
        "Evidence table “Walking”: its outcome “Gait” does not exist any more. A callout stands in its place."
    ]


def test_restore_that_is_refused_says_why(writer, topic):
    content = frozen(topic)
    content["topic"]["title"] = ""
    bad = factories.CheckpointFactory(topic=topic, content=content)

    response = writer.post(page(topic, "restore", f"c{bad.pk}"))

    assert response.status_code == 200
    assert "Title: This field cannot be blank." in response.content.decode()
    assert Topic.objects.get().title == topic.title
    assert list(Checkpoint.objects.all()) == [bad]


def test_working_copy_cannot_be_restored(writer, topic):
    assert writer.post(page(topic, "restore", "working")).status_code == 404


def test_restoring_needs_the_token_of_the_form(publisher, topic):
    first = kept(topic)
    topic.articles_richtext_set.all().delete()
    client = Client(enforce_csrf_checks=True)
    client.force_login(publisher)

    assert client.post(page(topic, "restore", f"c{first.pk}")).status_code == 403
    assert not topic.articles_richtext_set.exists()


# Rights


def test_reader_sees_history_and_may_not_restore(reader, topic):
    first = kept(topic)
    topic.articles_richtext_set.all().delete()

    history = reader.get(page(topic, "history"))
    comparison = reader.get(compare(topic, f"c{first.pk}", "working"))
    answers = [
        reader.get(page(topic, "restore", f"c{first.pk}")),
        reader.post(page(topic, "restore", f"c{first.pk}")),
    ]

    assert [history.status_code, comparison.status_code] == [200, 200]
    for shown in (history, comparison):
        assert "/restore/" not in shown.content.decode()
    assert [answer.status_code for answer in answers] == [403, 403]
    assert not topic.articles_richtext_set.exists()


def test_writer_is_offered_to_restore(writer, topic):
    first = kept(topic)
    restore = f'href="{page(topic, "restore", f"c{first.pk}")}"'

    assert restore in writer.get(page(topic, "history")).content.decode()
    assert restore in writer.get(compare(topic, f"c{first.pk}", "working")).content.decode()


def test_stranger_learns_nothing(stranger, topic):
    first = kept(topic, note="Secret note")
    addresses = [
        page(topic, "history"),
        compare(topic, f"c{first.pk}", "working"),
        page(topic, "restore", f"c{first.pk}"),
        "/admin/articles/topic/987654/history/",
        "/admin/articles/topic/987654/compare/?from=c1&to=working",
        "/admin/articles/topic/987654/restore/c1/",
    ]

    answers = [stranger.get(address) for address in addresses]

    assert [answer.status_code for answer in answers] == [403] * 6
    for answer in answers:
        assert topic.title not in answer.content.decode()
        assert "Secret note" not in answer.content.decode()


def test_visitors_are_sent_to_sign_in(client, topic):
    first = kept(topic)

    for address in (
        page(topic, "history"),
        compare(topic, "working", "working"),
        page(topic, "restore", f"c{first.pk}"),
    ):
        assert client.get(address).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("key", ["987654", "x", "9" * 40, "²"])
@pytest.mark.parametrize("rest", ["history/", "compare/?from=working&to=working", "restore/c1/"])
def test_topic_that_is_not_there_is_not_found(rest, key, editor):
    assert editor.get(f"/admin/articles/topic/{key}/{rest}").status_code == 404


def test_publishing_page_leads_to_what_changed(editor, topic):
    publish_signed(topic=topic, by=None, at=timezone.now())

    html = editor.get(page(topic, "publish")).content.decode()

    assert f'href="{page(topic, "compare")}?from=e1&amp;to=working"' in html
