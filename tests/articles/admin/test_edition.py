import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Edition
from tests import factories

LIST = reverse("admin:articles_edition_changelist")


def test_edition_is_shown_and_cannot_be_changed(editor):
    edition = factories.EditionFactory(number=3, text="It may help.")
    change = reverse("admin:articles_edition_change", args=[edition.pk])

    content = editor.get(change).content.decode()

    address = reverse("articles:edition_detail", args=[*edition.path.split("/"), 3])
    assert f'<a href="{address}">Edition 3, as readers see it</a>' in content
    assert 'name="_save"' not in content
    assert editor.post(change, {"title": "Changed"}).status_code == 403
    editor.post(LIST, {"action": "delete_selected", "_selected_action": [edition.pk], "post": "yes"})
    assert Edition.objects.get().title == edition.title


@pytest.mark.parametrize(
    ("state", "numbers"), [("live", [2]), ("earlier", [1]), ("withdrawn", [3]), ("x", [1, 2, 3])]
)
def test_list_is_filtered_by_state(state, numbers, editor):
    topic = factories.TopicFactory()
    factories.EditionFactory(topic=topic, number=1)
    factories.EditionFactory(topic=topic, number=2)
    factories.EditionFactory(topic=topic, number=3, withdrawn_at=timezone.now(), withdrawal_note="Wrong.")

    found = editor.get(LIST, {"state": state}).context["cl"].result_list

    assert sorted(edition.number for edition in found) == numbers
