import pytest
from django.urls import reverse

from articles.models import MissedSearch
from tests import factories

from .conftest import signed_in

LIST = reverse("admin:articles_missedsearch_changelist")
SECRET = "zinc and the common cold"


def remove(client, *searches):
    chosen = [search.pk for search in searches]
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    return client.post(LIST, data, follow=True)


def test_editors_take_out_what_was_dealt_with(db):
    done, open_ = factories.MissedSearchFactory.create_batch(2)

    remove(signed_in("edit_topic"), done)

    assert list(MissedSearch.objects.all()) == [open_]


@pytest.mark.parametrize("right", ["view_topic", "change_topic", "publish_topic"])
def test_those_who_may_look_at_topics_look_and_remove_nothing(right, db):
    search = factories.MissedSearchFactory(words=SECRET)
    client = signed_in(right)

    assert SECRET in client.get(LIST).content.decode()
    remove(client, search)
    assert client.post(reverse("admin:articles_missedsearch_delete", args=[search.pk])).status_code == 403

    assert list(MissedSearch.objects.all()) == [search]


@pytest.mark.parametrize("rights", [[], ["view_missedsearch", "delete_missedsearch"]])
def test_the_list_is_shut_to_those_who_may_not_see_topics(rights, db):
    search = factories.MissedSearchFactory(words=SECRET)
    client = signed_in(*rights)
    pages = [LIST, reverse("admin:articles_missedsearch_change", args=[search.pk])]

    answers = [client.get(page) for page in pages]
    remove(client, search)

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not any(SECRET in answer.content.decode() for answer in answers)
    assert MissedSearch.objects.count() == 1


def test_nobody_writes_the_words_of_readers(editor):
    search = factories.MissedSearchFactory(words=SECRET)

    answers = [
        editor.post(reverse("admin:articles_missedsearch_add"), {"words": "x"}),
        editor.post(reverse("admin:articles_missedsearch_change", args=[search.pk]), {"words": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert list(MissedSearch.objects.values_list("words", flat=True)) == [SECRET]
