"""Extracts with the found words marked."""

import re

import pytest
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import search

pytestmark = pytest.mark.django_db


def snippet(text, typed, **options):
    return search.snippets({1: text}, search.parse(typed), **options)[1]


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("All workers walked.", "worker walk ", "All <mark>workers walked</mark>."),
        ("Un café noir", "cafe ", "Un <mark>café</mark> noir"),
        ("Rich in omega-3 fat", "omega-3 ", "Rich in <mark>omega-3</mark> fat"),
        ("Knee/ankle", "ankle ", "Knee/<mark>ankle</mark>"),
        ("The body weight of adults", '"body weight" ', "The <mark>body weight</mark> of adults"),
        ("Weights", "wei", "<mark>Weights</mark>"),
        ("Gait of adults", "gait -children", "<mark>Gait</mark> of adults"),
        ("Only one of them", "one two ", "Only <mark>one</mark> of them"),
        ("Nothing here", "gait", "Nothing here"),
        ("Nothing here", "", "Nothing here"),
        ("", "gait", ""),
        ("Gait 🦵 of “adults”", "adults gait ", "<mark>Gait</mark> 🦵 of “<mark>adults</mark>”"),
        ("Gait\0 of\n\n  adults", "adults ", "Gait of <mark>adults</mark>"),
        ("a \ufdd0gait\ufdd1 b", "b ", "a gait <mark>b</mark>"),
        ("Sum of 3 %s & {x}", "sum ", "<mark>Sum</mark> of 3 %s &amp; {x}"),
    ],
)
def test_snippet_marks_what_the_engine_finds(text, typed, marked):
    assert snippet(text, typed) == marked


def test_snippet_escapes_everything_else():
    text = "<script>alert('gait')</script> & \"gait\" <mark>"

    marked = snippet(text, "gait alert ")

    assert isinstance(marked, SafeString)
    assert marked == (
        "&lt;script&gt;<mark>alert</mark>(&#x27;<mark>gait</mark>&#x27;)&lt;/script&gt;"
        " &amp; &quot;<mark>gait</mark>&quot; &lt;mark&gt;"
    )


def test_snippet_of_html_has_no_tags_and_finds_none():
    text = '<h2 id="gait">Ankle</h2><p>The <b>ga</b>it &amp; the <a href="/strong/">knee</a>.</p><p>End</p>'

    assert (
        snippet(text, "gait strong h2 knee ", html=True)
        == "Ankle The <mark>gait</mark> &amp; the <mark>knee</mark>. End"
    )


def test_snippet_of_html_escapes_what_entities_hide():
    assert snippet("<p>&lt;script&gt; gait</p>", "gait ", html=True) == "&lt;script&gt; <mark>gait</mark>"


def test_snippet_shows_the_place_with_most_words():
    filler = "Nothing is said about it in this sentence at all. " * 8
    text = f"{filler}One ankle is here. {filler}The ankle weights changed gait. {filler}"

    marked = snippet(text, "ankle weights gait ")

    assert marked.startswith("… The <mark>ankle weights</mark> changed <mark>gait</mark>. Nothing")
    assert marked.endswith("at all. …")


def test_snippet_prefers_different_words_to_one_again():
    filler = "Nothing is said about it in this sentence at all. " * 8
    text = f"Gait gait, gait of gait. {filler}The ankle changed gait. {filler}"

    assert snippet(text, "ankle gait ").startswith("… The <mark>ankle</mark> changed <mark>gait</mark>.")


def test_snippet_begins_and_ends_at_words_where_sentences_are_long():
    text = " ".join(f"word{n}" for n in range(300)) + " gait " + " ".join(f"word{n}" for n in range(300, 600))

    marked = snippet(text, "gait ")

    shown = strip_tags(marked).removeprefix("… ").removesuffix(" …")
    assert marked.startswith("… word")
    assert marked.endswith(" …")
    assert f" {shown} " in f" {text} "
    assert 150 <= len(shown) <= 250


def test_snippet_near_the_end_keeps_its_length():
    text = "Some words that do not matter here. " * 20 + "The gait."

    shown = strip_tags(snippet(text, "gait "))

    assert shown.endswith("The gait.")
    assert 150 <= len(shown) <= 260


def test_snippet_without_a_length_is_whole():
    text = "gait " * 200

    assert snippet(text, "gait ", length=None) == f"<mark>{text.strip()}</mark>"


def test_snippets_keep_keys_and_order():
    texts = {"b": "Gait", "a": "Knee", 3: "gait"}

    assert list(search.snippets(texts, search.parse("gait")).items()) == [
        ("b", "<mark>Gait</mark>"),
        ("a", "Knee"),
        (3, "<mark>gait</mark>"),
    ]


@pytest.mark.parametrize("n", [1, 25])
def test_snippets_of_a_page_take_one_query_at_most(n, django_assert_max_num_queries):
    texts = dict.fromkeys(range(n), "Gait of adults")

    with django_assert_max_num_queries(1):
        assert len(search.snippets(texts, search.parse("gait"))) == n


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text("ab <>&\"'./-é.🦵\n", max_size=700) | st.text(max_size=300),
    typed=st.text('abé -"', max_size=20),
    length=st.sampled_from([40, 200]),
    html=st.booleans(),
)
def test_snippet_is_balanced_escaped_and_short(text, typed, length, html):
    marked = snippet(text, typed, length=length, html=html)

    assert re.sub("<mark>[^<>]*</mark>", "", marked).count("<") == 0
    shown = marked.replace("<mark>", "").replace("</mark>", "")
    unescaped = re.sub("&(amp|lt|gt|quot|#x27);", "x", shown)
    assert "&" not in unescaped
    assert len(unescaped) <= length * 1.5 + 4
