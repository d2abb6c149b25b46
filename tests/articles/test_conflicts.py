"""Merging what two people changed: nothing that one of them said is lost without asking."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import conflicts
from articles.conflicts import Version, arrange, merge

NAMES = st.sampled_from(["title", "teaser", "slug"])
SAYS = st.sampled_from(["a", "b", "c"])
KEYS = st.sampled_from([f"texts-{n}" for n in range(4)])


@st.composite
def versions(draw):
    """A version with all fields and some of the rows, each row in the order of the page."""
    rows = draw(st.dictionaries(KEYS, st.tuples(SAYS)))
    fields = {name: draw(SAYS) for name in ("title", "teaser", "slug")}
    return Version(fields=fields, rows=rows, order=draw(st.permutations(sorted(rows))))


def kept(found, mine, theirs):
    """The fields that come out of a merge."""
    return {
        name: (mine if take == "mine" else theirs).fields[name]
        for name, take in found.fields.items()
        if take != "ask"
    }


@given(versions(), versions(), versions())
def test_what_only_one_of_them_changed_is_kept(base, mine, theirs):
    found = merge(base=base, mine=mine, theirs=theirs)

    for name, said in kept(found, mine, theirs).items():
        changed = {version.fields[name] for version in (mine, theirs)} - {base.fields[name]}
        assert {said} == (changed or {base.fields[name]})


@given(versions(), versions(), versions())
def test_asked_is_exactly_what_both_changed_differently(base, mine, theirs):
    found = merge(base=base, mine=mine, theirs=theirs)

    for name, take in found.fields.items():
        before, my_word, their_word = (version.fields[name] for version in (base, mine, theirs))
        assert (take == "ask") == (my_word != before != their_word and my_word != their_word)


@given(versions(), versions(), versions())
def test_merge_does_not_depend_on_who_is_who(base, mine, theirs):
    other = {"mine": "theirs", "theirs": "mine"}

    one = merge(base=base, mine=mine, theirs=theirs).fields
    swapped = merge(base=base, mine=theirs, theirs=mine).fields

    assert one == {name: other.get(take, take) for name, take in swapped.items()}


@given(versions(), versions())
def test_whoever_changed_nothing_asks_nothing(base, theirs):
    unchanged = Version(fields=base.fields, rows=base.rows, order=base.order)

    found = merge(base=base, mine=unchanged, theirs=theirs)

    assert found.is_settled
    assert "mine" not in (*found.fields.values(), *found.rows.values(), found.order)


@given(versions(), versions())
def test_without_the_version_opened_everything_that_differs_is_asked(mine, theirs):
    found = merge(base=None, mine=mine, theirs=theirs)

    assert {name for name, take in found.fields.items() if take == "ask"} == {
        name for name in mine.fields if mine.fields[name] != theirs.fields[name]
    }
    assert set(found.fields.values()) <= {"same", "ask"}


@given(versions(), versions(), versions(), st.sampled_from(["mine", "theirs"]))
def test_answers_settle_a_merge(base, mine, theirs, answer):
    found = merge(base=base, mine=mine, theirs=theirs)
    keys = [*found.fields, *found.rows, "order"]

    settled = found.settled(dict.fromkeys(keys, answer))

    assert settled.is_settled
    assert all(settled.fields[name] == "mine" for name, take in found.fields.items() if take == "mine")


@given(versions(), versions(), versions())
def test_answers_that_are_none_settle_nothing(base, mine, theirs):
    found = merge(base=base, mine=mine, theirs=theirs)

    assert found.settled({"title": "both", "nothing": "mine"}) == found


@pytest.mark.parametrize(
    ("before", "mine", "theirs", "take"),
    [
        (("a",), ("b",), ("a",), "mine"),
        (("a",), ("a",), ("b",), "theirs"),
        (("a",), ("b",), ("b",), "same"),
        (("a",), ("b",), ("c",), "ask"),
        (("a",), None, ("a",), "mine"),
        (("a",), None, ("b",), "ask"),
    ],
)
def test_row_is_kept_deleted_or_asked(before, mine, theirs, take):
    found = merge(
        base=Version(rows={"texts-1": before}),
        mine=Version(rows={"texts-1": mine}),
        theirs=Version(rows={"texts-1": theirs}),
    )

    assert found.rows == {"texts-1": take}


@pytest.mark.parametrize(("mine", "take"), [(("a",), "theirs"), (("b",), "ask"), (None, "same")])
def test_row_that_is_gone_goes_unless_it_was_changed(mine, take):
    found = merge(
        base=Version(rows={"texts-1": ("a",)}), mine=Version(rows={"texts-1": mine}), theirs=Version()
    )

    assert found.rows == {"texts-1": take}


def test_row_that_a_form_does_not_mention_stays():
    there = Version(rows={"texts-1": ("a",)})

    assert merge(base=there, mine=Version(), theirs=there).rows == {"texts-1": "same"}
    assert merge(base=None, mine=Version(), theirs=there).rows == {"texts-1": "same"}


@given(st.permutations(string.ascii_lowercase[:6]), st.permutations(string.ascii_lowercase[2:8]), st.data())
def test_arranged_are_all_that_are_kept_once_in_the_order_of_the_first(first, second, data):
    keep = data.draw(st.sets(st.sampled_from(string.ascii_lowercase[:8])))

    arranged = arrange(first=first, second=second, keep=keep)

    assert sorted(arranged) == sorted(keep & {*first, *second})
    assert [key for key in arranged if key in first] == [key for key in first if key in keep]


def test_what_only_the_second_has_stands_after_what_it_follows_there():
    assert arrange(first="abcd", second="axbcyd", keep="abcdxy") == list("axbcyd")
    assert arrange(first="dcba", second="axbcyd", keep="abcdxy") == list("dcybax")
    assert arrange(first="abcd", second="xa", keep="abcdx") == list("xabcd")


@given(versions())
def test_token_brings_the_same_version_back(version):
    assert Version.read(version.token(7), 7) == version


@given(versions())
def test_token_is_of_one_topic_and_not_to_be_forged(version):
    token = version.token(7)

    assert Version.read(token, 8) is None
    assert Version.read(token[:-1] + ("A" if token[-1] != "A" else "B"), 7) is None


@given(st.text())
def test_any_other_text_is_no_token(text):
    assert Version.read(text, 7) is None


def test_same_version_has_the_same_token():
    one = Version(fields={"a": "1"}, rows={"x-1": ("2",)}, order=["x-1"])

    assert one.token(7) == conflicts.Version(fields={"a": "1"}, rows={"x-1": ("2",)}, order=["x-1"]).token(7)
