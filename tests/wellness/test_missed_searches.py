"""Searches on the public pages that found nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from articles.models import MissedSearch
from evidence.models import Study
from tests import factories

pytestmark = pytest.mark.django_db
SEARCH, STUDIES = reverse("search"), reverse("evidence:study_list")
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def reader():
    return Client(headers={"User-Agent": PERSON})


def rows():
    return list(MissedSearch.objects.order_by("place", "words").values_list("place", "words", "count"))


def test_words_without_a_result_are_noted_with_their_place(reader):
    factories.TermFactory(name="Zinc")
    factories.StudyFactory(label="Miller 1987")

    for words in ("zinc", "zorptang", " ZORPTANG ", "", "!!"):
        reader.get(SEARCH, {"q": words})
    for words in ("miller", "zorptang"):
        reader.get(STUDIES, {"q": words})

    assert rows() == [("site", "zorptang", 2), ("studies", "zorptang", 1)]


def test_words_that_only_other_filters_hide_are_not_noted(reader):
    factories.StudyFactory(label="Miller 1987", year=1987)

    reader.get(STUDIES, {"q": "miller", "year_from": "2000"})
    reader.get(STUDIES, {"q": "zorptang", "year_from": "2000"})
    reader.get(STUDIES, {"year_from": "2050"})
    reader.get(STUDIES, {"q": "zorptang", "unknown": "1"})
    reader.get(STUDIES, {"q": "zorptang", "page": "7"})

    assert rows() == []


def test_what_only_a_draft_holds_is_missed(reader):
    factories.StudyFactory(label="Secretson 1987", state=Study.State.DRAFT)

    reader.get(STUDIES, {"q": "secretson"})

    assert rows() == [("studies", "secretson", 1)]


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "bingbot/2.0"},
        {"User-Agent": "curl/8.0"},
        {"User-Agent": "python-requests/2"},
        {"User-Agent": ""},
        {"User-Agent": PERSON, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": PERSON, "Purpose": "prefetch"},
        {"User-Agent": PERSON, "X-Moz": "prefetch"},
    ],
)
def test_what_no_person_asked_for_is_not_noted(headers):
    for page in (SEARCH, STUDIES):
        Client(headers=headers).get(page, {"q": "zorptang"})

    assert rows() == []


def test_asking_for_the_head_of_a_page_is_not_noted(reader):
    reader.head(SEARCH, {"q": "zorptang"})

    assert rows() == []


def test_words_that_may_be_about_a_person_are_not_noted(reader):
    for words in ("ada@example.org", "0171 234 567"):
        reader.get(SEARCH, {"q": words})

    assert rows() == []


@pytest.mark.parametrize("page", [SEARCH, STUDIES])
def test_the_answer_stays_as_cacheable_as_it_was(page, reader):
    robot = Client(headers={"User-Agent": "bingbot/2.0"})

    noted, other = reader.get(page, {"q": "zorptang"}), robot.get(page, {"q": "zorptang"})

    assert noted.content == other.content
    assert noted.headers["ETag"] == other.headers["ETag"]
    assert noted.headers["Cache-Control"] == other.headers["Cache-Control"] == "public, max-age=60"
    assert noted.cookies == {}
    again = reader.get(page, {"q": "zorptang"}, headers={"If-None-Match": noted.headers["ETag"]})
    assert again.status_code == 304


def test_a_reader_gets_the_page_where_the_note_cannot_be_written(reader):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "articles_missedsearch" RENAME TO "elsewhere"')

    response = reader.get(SEARCH, {"q": "zorptang"})

    assert response.status_code == 200
    assert "Nothing found for “zorptang”" in response.content.decode()
