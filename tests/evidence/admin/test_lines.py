import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from evidence.admin.lines import LONGEST_LINE, MOST_LINES, CodesField, LinesField

entries = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and len(text.splitlines()) == 1
)


def test_lines_become_a_list_without_empty_ones():
    assert LinesField().clean("Miller JF\r\n\r\n  Stamford BA  \n") == ["Miller JF", "Stamford BA"]


def test_list_is_shown_one_entry_a_line():
    assert LinesField().prepare_value(["Miller JF", "Stamford BA"]) == "Miller JF\nStamford BA"


@given(st.lists(entries))
def test_list_survives_being_shown_and_typed_again(values):
    field = LinesField(required=False)

    assert field.clean(field.prepare_value(values)) == values
    assert not field.has_changed(values, field.prepare_value(values))


def test_nothing_typed_is_an_empty_list_where_that_is_allowed():
    assert LinesField(required=False).clean("") == []
    with pytest.raises(ValidationError):
        LinesField().clean(" \n ")


def test_spaces_alone_change_nothing():
    assert not LinesField().has_changed(["NL"], " NL \r\n\r\n")
    assert LinesField().has_changed(["NL"], "NL\nDE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fine\nnot\x00fine", "Line 2: Null characters are not allowed."),
        ("x" * (LONGEST_LINE + 1), f"Line 1 is longer than {LONGEST_LINE} characters."),
        ("x\n" * (MOST_LINES + 1), f"Give at most {MOST_LINES} lines."),
    ],
)
def test_refusals_name_the_line(text, message):
    with pytest.raises(ValidationError) as refusal:
        LinesField().clean(text)

    assert refusal.value.messages == [message]


def test_codes_become_an_object():
    assert CodesField().clean("mesh: D000368\nicd-11 : XT4G ") == {"mesh": "D000368", "icd-11": "XT4G"}


@pytest.mark.parametrize("text", ["mesh", "mesh:", ": D1", "mesh: D1\nmesh: D2"])
def test_codes_that_are_no_codes_are_refused(text):
    with pytest.raises(ValidationError):
        CodesField().clean(text)


@given(st.dictionaries(entries.filter(lambda text: ":" not in text), entries))
def test_codes_survive_being_shown_and_typed_again(values):
    field = CodesField(required=False)

    assert field.clean(field.prepare_value(values)) == values
