import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories

from .conftest import signed_in


def page(topic, name):
    return reverse(f"admin:articles_topic_{name}", args=[topic.pk])


@pytest.fixture
def topic(db):
    topic = factories.TopicFactory(short_title="Ankle weights", meta_description="What is known about them.")
    factories.HeadingFactory(parent=topic, text="Uses", anchor="uses", ordering=10)
    factories.RichTextFactory(parent=topic, text="<p>It may help.</p>", ordering=20)
    factories.RichTextFactory(parent=topic, text="<p>It boosts gait.</p>", ordering=30)
    factories.RichTextFactory(parent=topic, text="<p>It is a miracle that boosts gait.</p>", ordering=40)
    return topic


def groups(client, topic):
    checks = client.get(page(topic, "checks")).context["checks"]
    return [
        (group["place"], group["url"], [finding.level.value for finding in group["findings"]])
        for group in checks["groups"]
    ]


def test_checks_are_listed_by_place_with_stops_first(editor, topic):
    form = page(topic, "change")

    assert groups(editor, topic) == [
        (
            "Text “It is a miracle that boosts gait.”",
            f"{form}#articles_richtext_set-2",
            ["stop", "warning"],
        ),
        ("Text “It boosts gait.”", f"{form}#articles_richtext_set-1", ["warning"]),
    ]


def test_places_are_in_the_form(editor, topic):
    topic.meta_description, topic.key_points = "", "<p>A cure?</p>"
    topic.next_review = timezone.localdate().replace(year=2020)
    topic.save()
    factories.CalloutFactory(parent=topic, text="<p></p>", ordering=50)

    form = editor.get(page(topic, "change")).content.decode()
    places = [url.split("#")[1] for _, url, _ in groups(editor, topic)]

    assert len(places) == 6
    assert all(f'id="{place}"' in form for place in places)


def test_form_counts_what_the_checks_find(editor, topic):
    content = editor.get(page(topic, "change")).content.decode()

    assert f'<a href="{page(topic, "checks")}">Checks: 1 stop, 2 warnings</a>' in content


def test_form_with_errors_still_counts(editor, topic):
    response = editor.post(page(topic, "change"), {"title": ""})

    assert response.status_code == 200
    assert response.context["checks"]["count"] == "1 stop, 2 warnings"


def test_new_topic_has_no_checks(editor):
    assert "checks" not in editor.get(reverse("admin:articles_topic_add")).context


def test_page_without_findings_says_so(editor):
    topic = factories.TopicFactory(meta_description="What is known.")
    factories.RichTextFactory(parent=topic)

    content = editor.get(page(topic, "checks")).content.decode()

    assert "The checks found nothing." in content
    assert "words, about 1 minute to read" in content


@pytest.mark.parametrize(
    ("right", "status"), [("view_topic", 200), ("publish_topic", 200), ("view_term", 403)]
)
def test_checks_need_the_right_to_look(right, status, topic):
    response = signed_in(right).get(page(topic, "checks"))

    assert response.status_code == status
    assert ("miracle" in response.content.decode()) == (status == 200)


def test_checks_of_no_topic_are_404_for_those_who_may_look_and_403_for_others(editor, stranger):
    missing = reverse("admin:articles_topic_checks", args=[999])

    assert (editor.get(missing).status_code, stranger.get(missing).status_code) == (404, 403)
