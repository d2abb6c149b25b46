"""Rows that match, on the engine of the test database."""

import pytest
from django.db.models import Count, Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import search
from search.index import TextIndex
from tests.search.models import Recipe

pytestmark = pytest.mark.django_db


def make(*titles, **fields):
    return [Recipe.objects.create(title=title, **fields) for title in titles]


def matching(text, recipes=None):
    recipes = Recipe.objects.all() if recipes is None else recipes
    return search.filter(recipes, Recipe.text_index, search.parse(text))


def test_match_in_the_title_ranks_above_the_summary(find):
    make("Soup of the day", summary="With lentils and lemon.")
    make("Lentils", summary="The soup is served cold.")
    make("Bread")

    assert find("soup ") == ["Soup of the day", "Lentils"]
    assert find("lentils ") == ["Lentils", "Soup of the day"]


def test_match_ranks_higher_for_the_better(find):
    make("Lentils")
    make("Soup", note="lentils")

    ranks = list(matching("lentils").order_by("title").values_list("rank", flat=True))

    assert ranks[0] > ranks[1] > 0


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("worker ", "Workers"),
        ("workers ", "Worker"),
        ("walking ", "We walked"),
        ("cafe ", "Café"),
        ("CAFÉ ", "cafe"),
        ("café ", "CAFÉ"),
        ("omega-3 ", "Rich in omega-3"),
        ("omega 3 ", "Rich in omega-3"),
        ("ankle ", "Knee/ankle"),
        ("0.5 ", "Dose 0.5 mg"),
        ("60 74 ", "Aged 60–74"),
        ("parkinsons ", "Parkinson’s disease"),
        ("parkinson's ", "Parkinson disease"),
        ("double-blind ", "A double-blind trial"),
        ("double blind ", "A double-blind trial"),
        ("vitamin A ", "Vitamin A deficiency"),
        ("the effect of tea on sleep ", "Tea: effects at sleep"),
        ("5mg ", "5mg a day"),
        ("żółw ", "Żółw"),
    ],
)
def test_match_finds_another_form(find, typed, title):
    make(title, "Something else")

    assert find(typed) == [title]


def test_match_needs_every_word(find):
    make("Ankle weights", "Ankle", "Weights")
    make("Ankle", summary="weights")

    assert find("ankle weights ") == ["Ankle weights", "Ankle"]


def test_match_needs_a_letter_that_could_be_a_stop_word(find):
    make("Vitamin A", "Vitamin D")

    assert find("vitamin a") == ["Vitamin A"]


def test_match_takes_the_last_word_as_a_beginning(find):
    make("Ankle weights", "Ankles", "Wrist weights")

    assert find("ankle wei") == ["Ankle weights"]
    assert find("ankle wei ") == []
    assert find("wei ankle") == []


def test_match_of_the_whole_word_ranks_above_its_beginnings(find):
    make("Ironwork", "Iron", "Ironwood")

    assert find("iron") == ["Iron", "Ironwork", "Ironwood"]


def test_match_of_a_phrase_needs_its_order(find):
    make("Body weight", "Weight of the body", "Body and weight")

    assert find('"body weight"') == ["Body weight"]


def test_match_leaves_out_excluded_words(find):
    make("Gait of adults", "Gait of children", "Gait of young adults")

    assert find("gait -children") == ["Gait of adults", "Gait of young adults"]
    assert find('gait -"young adults"') == ["Gait of adults", "Gait of children"]
    assert find("gait -children -young") == ["Gait of adults"]


@pytest.mark.parametrize(
    "typed", ["", " ", '"', "''", "-gait", "*", "🦵", "?!()", "\0", "NEAR", "AND OR NOT", "gait:*"]
)
def test_match_of_nothing_and_of_operators_is_harmless(find, typed):
    make("Gait")

    assert find(typed) == (["Gait"] if typed == "gait:*" else [])


@pytest.mark.parametrize(
    "typed", ['gait"', "gait'", "gait\0", "gait 🦵", "gait\\", "(gait", "gait & !", "title:gait"]
)
def test_match_survives_what_is_not_a_word(find, typed):
    make("Gait title")

    assert find(typed) == ["Gait title"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(typed=st.text(max_size=250) | st.text("ab \"'-*:()&|!\\^~<>@\0é²①ſ\u0301👍", max_size=40))
def test_match_never_raises(typed):
    query = search.parse(typed)
    Recipe.objects.create(title=f"a b {' '.join(query.words)}")

    found = list(search.filter(Recipe.objects.all(), Recipe.text_index, query).order_by("-rank")[:3])
    snippets = search.snippets({1: typed, 2: "Gait <b>of</b> adults"}, query)

    assert len(found) <= 3
    assert list(snippets) == [1, 2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(word=st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_match_finds_every_word_that_was_saved(word):
    recipe = Recipe.objects.create(title=f"first {word} last")

    found = matching(f'"{word}" ')

    assert list(found) == [recipe]
    recipe.delete()


def test_matching_rows_stay_an_ordinary_queryset():
    soup, bread = make("Lentil soup", "Lentil bread")
    hidden = Recipe.objects.create(title="Lentil secret", is_public=False)
    lentils = matching("lentil ")

    assert lentils.count() == 3
    assert lentils.exists()
    assert set(lentils.filter(is_public=True)) == {soup, bread}
    assert set(lentils.exclude(pk=soup.pk)) == {bread, hidden}
    assert len(lentils.order_by("-rank", "pk")[1:3]) == 2
    assert set(lentils.values_list("pk", flat=True)) == {soup.pk, bread.pk, hidden.pk}
    assert lentils.filter(rank__gt=0).count() == 3
    assert lentils.order_by("pk").first() == soup
    assert lentils.in_bulk([bread.pk]) == {bread.pk: bread}
    assert set(Recipe.objects.filter(Q(pk__in=lentils.values("pk")) & Q(is_public=False))) == {hidden}
    assert set(Recipe.objects.filter(pk__in=lentils.order_by("-rank").values("pk")[:3])) == {
        soup,
        bread,
        hidden,
    }
    assert (
        lentils.values("is_public").annotate(n=Count("pk")).order_by("n").values_list("n", flat=True)[1] == 2
    )
    assert lentils.aggregate(n=Count("pk")) == {"n": 3}
    assert set(lentils.union(matching("soup "))) == {soup, bread, hidden}
    assert (
        set(matching("soup ", lentils.defer("summary").filter(is_public=True).values("pk").none())) == set()
    )
    assert lentils.update(note="found") == 3
    assert lentils.filter(note="found").delete()[0] == 3


def test_matching_ids_are_a_condition_among_others():
    soup, bread, cake = make("Lentil soup", "Lentil bread", "Cake")
    ids = search.matching_ids(Recipe.text_index, search.parse("lentil -bread"))

    assert list(Recipe.objects.filter(pk__in=ids)) == [soup]
    assert list(Recipe.objects.filter(~Q(pk__in=ids)).order_by("pk")) == [bread, cake]
    assert list(Recipe.objects.filter(Q(pk__in=ids) | Q(title="Cake")).order_by("pk")) == [soup, cake]
    assert list(Recipe.objects.filter(pk__in=Recipe.objects.filter(pk__in=ids))) == [soup]


def test_matching_ids_of_an_empty_query_are_none():
    (soup,) = make("Lentil soup")
    ids = search.matching_ids(Recipe.text_index, search.parse("-bread"))

    assert list(Recipe.objects.filter(pk__in=ids)) == []
    assert list(Recipe.objects.exclude(pk__in=ids)) == [soup]


def test_empty_query_keeps_the_annotation():
    assert list(matching("").order_by("-rank").values("pk", "rank")) == []


def test_match_takes_one_query(django_assert_num_queries):
    make("Lentil soup", "Lentil bread")

    with django_assert_num_queries(1):
        assert len(matching("lentil").order_by("-rank", "pk")) == 2


def test_filter_refuses_the_index_of_another_table():
    index = TextIndex(name="other", table="other", columns={"title": "A"})

    with pytest.raises(ValueError, match=r"^The text index 'other' is of 'other', not of 'search_recipe'"):
        search.filter(Recipe.objects.all(), index, search.parse("soup"))
