import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Category, Edition
from tests import factories
from tests.evidence.admin.forms import errors, filled, said

from .conftest import signed_in


def page(category):
    return reverse("admin:articles_category_change", args=[category.pk])


@pytest.fixture
def herbs(db):
    category = factories.CategoryFactory(name="Herbs", slug="herbs")
    factories.EditionFactory(topic__category=category, path="herbs/ginger", short_title="Ginger")
    return category


def test_form_says_before_a_change_of_the_address_what_it_would_do(editor, herbs):
    content = editor.get(page(herbs)).content.decode()

    assert "readers of /herbs/ and of its feed are led to the new address at once" in content
    assert "1 page is live here: each keeps its address until its next edition" in content
    assert "These addresses lead here already" not in content


def test_renaming_says_what_stays_until_it_is_published_again(editor, herbs):
    response = editor.post(
        page(herbs), filled(editor.get(page(herbs)), slug="plants", _continue="1"), follow=True
    )

    content = response.content.decode()
    topic = reverse("admin:articles_topic_change", args=[Edition.objects.get().topic_id])
    assert Category.objects.get().slug == "plants"
    assert said(response)[0] == (
        "Readers of /herbs/ are led to /plants/ now. "
        "1 page stays below the address of before until the next edition."
    )
    assert "<li>/herbs/</li>" in content
    assert f'<a href="{topic}">Ginger</a>, /herbs/ginger/' in content


def test_address_of_before_of_another_category_is_refused(editor, herbs):
    Category.objects.filter(pk=herbs.pk).update(slug="plants")
    other = factories.CategoryFactory()

    response = editor.post(page(other), filled(editor.get(page(other)), slug="herbs"))

    assert errors(response) == {"slug": ["Pages of “Herbs” were published below this address."]}


def test_new_category_has_no_addresses_yet(editor):
    assert (
        "who is led where" not in editor.get(reverse("admin:articles_category_add")).content.decode().lower()
    )


def test_form_costs_the_same_queries_for_any_number_of_pages(editor, herbs):
    Category.objects.filter(pk=herbs.pk).update(slug="plants")
    with CaptureQueriesContext(connection) as few:
        editor.get(page(herbs))
    for number in range(10):
        factories.EditionFactory(topic__category=herbs, path=f"herbs/{number}")

    with CaptureQueriesContext(connection) as many:
        editor.get(page(herbs))

    assert len(many) == len(few)


def test_categories_are_shut_to_those_without_the_right(herbs):
    response = signed_in("view_topic").get(page(herbs))

    assert response.status_code == 403
    assert "Ginger" not in response.content.decode()
