import pytest
from hypothesis import given, settings

from articles.comparing.rich_text import mark, plain

from .contents import html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("<p>One<br>two</p>", "One\ntwo"),
        ("<p>It is:</p><ul><li><p>one</p></li><li><p>two</p></li></ul>", "It is:\n• one\n• two"),
        ("<ul><li>one</li></ul><p>After.</p>", "• one\nAfter."),
        ("<p>\n A  <strong>b</strong>c </p>", "A bc "),
        ("<p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3"),
        ("", ""),
    ],
)
def test_plain_is_a_line_for_each_paragraph(source, text):
    assert plain(source) == text


@settings(deadline=None)
@given(html, html)
def test_mark_gives_back_both_texts(before, after):
    pieces, _ = mark(before, after)

    assert "".join(piece.text for piece in pieces if piece.how != "added") == plain(before)
    assert "".join(piece.text for piece in pieces if piece.how != "removed") == plain(after)


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        ("<p>It may help.</p>", "<p>It <strong>may</strong> help.</p>", ["“may” is now bold."]),
        ("<p>It <em>may help</em>.</p>", "<p>It may help.</p>", ["“may help” is no longer italic."]),
        (
            "<p>It may help.</p>",
            '<p>It <a href="study:a">may help</a>.</p>',
            ["“may help” now links to STUDY:A."],
        ),
        (
            '<p>It <a href="study:a">may help</a>.</p>',
            '<p>It <a href="study:b">may help</a>.</p>',
            ["“may help” now links to STUDY:B, before to STUDY:A."],
        ),
        ('<p><a href="study:a">Yes</a></p>', "<p>Yes</p>", ["“Yes” no longer links to STUDY:A."]),
        ("<p>Yes</p>", '<p>Yes <a href="https://a.b">more</a></p>', ["“more” links to HTTPS://A.B."]),
        ('<p>Yes <a href="https://a.b">more</a></p>', "<p>Yes</p>", ["“more” linked to HTTPS://A.B."]),
        # The words were rewritten, the target is the same.
        ('<p><a href="study:a">may help</a></p>', '<p><a href="study:a">could work</a></p>', []),
        (
            "<p>One two</p>",
            "<ul><li><p>One two</p></li></ul>",
            ["“two” is now a point of a list, before a paragraph."],
        ),
        (
            "<ul><li><p>One</p></li></ul>",
            "<ol><li><p>One</p></li></ol>",
            ["“• One” is now a point of a numbered list, before a point of a list."],
        ),
    ],
)
def test_notes_say_what_words_do_not_show(before, after, notes):
    assert list(mark(before, after, str.upper)[1]) == notes
