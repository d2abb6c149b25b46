import copy
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from articles.comparing import Piece, compare

from .contents import content, contents, heading, result, study, table, text, uid, variables


def changes(comparison):
    return [(block.uid, block.change, block.is_moved) for block in comparison.blocks]


def rows(comparison):
    (block,) = comparison.blocks
    return [
        (row.change, row.title, [(one.label, one.pieces, one.notes) for one in row.fields])
        for row in block.rows
    ]


# Laws


@settings(deadline=None)
@given(contents(), contents())
def test_comparison_is_empty_exactly_if_both_say_the_same(before, after):
    assert compare(before, after).is_empty == (before == after)


@settings(deadline=None)
@given(contents())
def test_content_with_itself_has_no_difference(one):
    comparison = compare(one, copy.deepcopy(one))

    assert comparison.is_empty
    assert comparison.summary == "nothing changed"
    assert all(block.words == "not changed" for block in comparison.blocks)


@settings(deadline=None)
@given(contents(), contents())
def test_what_came_one_way_went_the_other(before, after):
    there, back = compare(before, after), compare(after, before)

    def of(comparison, change):
        return {(block.kind, block.uid) for block in comparison.blocks if block.change == change}

    assert of(there, "added") == of(back, "removed")
    assert of(there, "removed") == of(back, "added")
    assert of(there, "changed") == of(back, "changed")
    assert sum(block.is_moved for block in there.blocks) == sum(block.is_moved for block in back.blocks)


@settings(deadline=None)
@given(contents(), contents())
def test_every_block_of_both_is_there_once(before, after):
    blocks = compare(before, after).blocks

    assert [block.uid for block in blocks if block.after] == [block["uid"] for block in after["blocks"]]
    assert sorted(block.uid for block in blocks if block.before) == sorted(
        block["uid"] for block in before["blocks"]
    )
    assert len({(block.kind, block.uid) for block in blocks}) == len(blocks)


@settings(deadline=None)
@given(st.integers(2, 12), st.data())
def test_moving_one_block_marks_exactly_one(count, data):
    before = content(*(text(number) for number in range(2, count + 2)))
    start, end = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    assume(start != end)
    after = copy.deepcopy(before)
    after["blocks"].insert(end, after["blocks"].pop(start))

    comparison = compare(before, after)

    assert [block.is_moved for block in comparison.blocks].count(True) == 1
    assert comparison.summary == "1 block moved"


# Blocks


def test_removed_block_stands_where_it_stood():
    before = content(heading(2), text(3), text(4), text(5))
    after = content(heading(2), text(4), text(6))

    assert changes(compare(before, after)) == [
        (uid(2), "same", False),
        (uid(3), "removed", False),
        (uid(4), "same", False),
        (uid(5), "removed", False),
        (uid(6), "added", False),
    ]


def test_block_can_be_changed_and_moved():
    before = content(text(2), text(3), text(4, "<p>Old words.</p>"))
    after = content(text(4, "<p>New words.</p>"), text(2), text(3))

    comparison = compare(before, after)

    first = comparison.blocks[0]
    assert (first.words, first.before, first.after) == ("changed and moved", 3, 1)
    assert comparison.summary == "1 block changed, 1 block moved"


def test_changed_text_has_its_words_marked():
    (block,) = compare(
        content(text(2, "<p>It may help.</p>")), content(text(2, "<p>It can help.</p>"))
    ).blocks

    assert (block.title, block.text) == ("It can help.", "It can help.")
    (field,) = block.fields
    assert (field.label, field.pieces, field.notes) == (
        "Text",
        (Piece("same", "It"), Piece("removed", " may"), Piece("added", " can"), Piece("same", " help.")),
        (),
    )


def test_link_in_the_same_words_is_named_by_its_study():
    before = content(text(2, "<p>It may help.</p>"))
    after = content(text(2, '<p>It <a href="study:miller">may</a> help.</p>'), studies={"miller": study()})

    comparison = compare(before, after)

    assert comparison.blocks[0].fields[0].notes == ("“may” now links to the study Miller 1987.",)
    assert [(row.change, row.title) for row in comparison.studies] == [("added", "Miller 1987")]


def test_short_text_that_is_the_text_is_told_once():
    (block,) = compare(content(heading(2, "Old")), content(heading(2, "New"))).blocks

    assert [field.label for field in block.fields] == ["Text"]


def test_added_block_says_what_it_says():
    comparison = compare(content(), content(heading(2, "What they are")))

    assert [(field.label, field.pieces) for field in comparison.blocks[0].fields] == [
        ("Text", (Piece("added", "What they are"),)),
        ("Anchor", (Piece("added", "part-2"),)),
    ]


def test_block_of_another_kind_in_the_place_is_another_block():
    before, after = content(text(2)), content(heading(2))

    assert [(block.kind, block.change) for block in compare(before, after).blocks] == [
        ("text", "removed"),
        ("heading", "added"),
    ]


# Rows


def test_results_are_added_dropped_and_changed_by_study_and_key():
    studies = {"miller": study(), "smith": study("Smith 2001"), "jones": study("Jones 2010")}
    before = content(table(2, result("miller"), result("smith")), studies=studies)
    after = content(
        table(2, result("jones", people=0), result("miller", display="0.0 (-0.5 to 0.5) m/s", estimate="0")),
        studies=studies,
    )

    assert rows(compare(before, after)) == [
        (
            "added",
            "Jones 2010: Gait speed",
            [
                ("Result", (Piece("added", "1.0 (0.5 to 1.5) m/s"),), ()),
                ("Who", (Piece("added", "Adults"),), ()),
                ("People", (Piece("added", "0"),), ()),
            ],
        ),
        (
            "changed",
            "Miller 1987: Gait speed",
            [
                (
                    "Result",
                    (
                        Piece("removed", "1.0 (0.5 to 1.5) m/s"),
                        Piece("added", "0.0 (-0.5 to 0.5) m/s"),
                    ),
                    (),
                )
            ],
        ),
        (
            "removed",
            "Smith 2001: Gait speed",
            [
                ("Result", (Piece("removed", "1.0 (0.5 to 1.5) m/s"),), ()),
                ("Who", (Piece("removed", "Adults"),), ()),
                ("People", (Piece("removed", "40"),), ()),
            ],
        ),
    ]


def test_result_that_was_only_saved_again_says_so():
    before, after = (content(table(2, result(history_id=n)), studies={"miller": study()}) for n in (1, 2))

    assert rows(compare(before, after)) == [
        (
            "changed",
            "Miller 1987: Gait speed",
            [("Record", (), ("Saved again in the evidence, without a change that is shown.",))],
        )
    ]


def test_coverage_is_told_by_the_label_of_the_group():
    groups = [{"slug": "older", "name": "Older adults", "label": "Older"}]
    before = content(table(2, coverage={"older": "none"}), populations=groups)
    after = content(table(2, coverage={"older": "direct"}), populations=groups)

    (block,) = compare(before, after).blocks

    assert [(field.label, field.pieces) for field in block.fields] == [
        ("Coverage: Older", (Piece("removed", "none"), Piece("added", "direct")))
    ]


def test_variables_are_told_by_their_name():
    age, load, time_of_day = ("Age", "It may matter."), ("Load", "Heavier is harder."), ("Time", "Unclear.")
    before = content(variables(2, age, load, time_of_day))
    after = content(variables(2, load, time_of_day, ("Age", "It does matter.")))

    assert [(change, title) for change, title, _ in rows(compare(before, after))] == [("changed", "Age")]


def test_variable_that_only_stands_elsewhere_moved():
    age, load, time_of_day = ("Age", "It may matter."), ("Load", "Heavier is harder."), ("Time", "Unclear.")

    comparison = compare(
        content(variables(2, age, load, time_of_day)), content(variables(2, load, time_of_day, age))
    )

    assert rows(comparison) == [("moved", "Age", [])]


# The topic


def test_fields_of_the_topic_are_told_in_their_order():
    after = content(
        topic={"title": "Ankle weights: limits", "tags": ["gait", "walking"], "next_review": "2027-01-01"}
    )

    comparison = compare(content(), after)

    assert [field.label for field in comparison.fields] == ["Title", "Tags", "Next review"]
    assert comparison.fields[2].pieces == (Piece("added", "2027-01-01"),)
    assert comparison.summary == "3 fields of the topic changed"


def test_key_points_are_compared_by_words():
    comparison = compare(content(key_points="<p>Yes</p>"), content(key_points="<p>No</p>"))

    assert [(field.label, field.pieces) for field in comparison.fields] == [
        ("At a glance", (Piece("removed", "Yes"), Piece("added", "No")))
    ]


def test_groups_come_go_and_move():
    one, two, three = ({"slug": slug, "name": slug, "label": slug} for slug in ("one", "two", "three"))

    comparison = compare(content(populations=[one, two]), content(populations=[three, one]))

    assert [(row.change, row.title) for row in comparison.populations] == [
        ("added", "three"),
        ("removed", "two"),
    ]


def test_retraction_of_a_study_is_told():
    before, after = (
        content(studies={"miller": study(integrity=said)}) for said in ("no concern", "retracted")
    )

    ((row),) = compare(before, after).studies

    assert (row.change, row.title, [field.label for field in row.fields]) == (
        "changed",
        "Miller 1987",
        ["Integrity"],
    )


@pytest.mark.parametrize("step", [0, 1])
def test_long_page_is_compared_at_once(step):
    words = " ".join(f"word{n % 90}" for n in range(200))
    blocks = [text(number, f"<p>Block {number}: {words}</p>") for number in range(2, 122)]
    after = copy.deepcopy(blocks)
    for number, block in enumerate(after):
        block["text"] = block["text"].replace(f"word{number % 90}", "another") * (1 + step)

    start = time.process_time()
    comparison = compare(content(*blocks), content(*after))

    assert comparison.summary == "120 blocks changed"
    assert time.process_time() - start < 2
