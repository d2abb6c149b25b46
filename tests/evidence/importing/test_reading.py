"""From bytes to records."""

import json

import pytest

from evidence.importing.reading import UnreadableFile, flaws, read_json, read_studies

from .records import file_of, record


def test_read_studies_returns_the_records():
    assert read_studies(file_of(record("a"), record("b"))) == [record("a"), record("b")]


def test_read_studies_accepts_a_byte_order_mark():
    assert read_studies(b"\xef\xbb\xbf" + file_of(record())) == [record()]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b" \n\t", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is not JSON: Expecting value in line 1, column 1."),
        (b'{\n"a": }', "The file is not JSON: Expecting value in line 2, column 6."),
        (b'{\n"a": "\xff"}', "The file is not UTF-8: byte 0xff in line 2, column 7."),
        ('{"a": 1}'.encode("utf-16"), "The file is not UTF-8: byte 0xff in line 1, column 1."),
        (b"[" * 100_000, "The file is nested too deeply to be read."),
        (b"[]", "The file holds a list where an object with “format” is expected."),
        (b"null", "The file holds nothing where an object with “format” is expected."),
        (b"{}", "format: Expected “wellness-evidence”."),
        (b'{"format": "other", "version": 1}', "format: Expected “wellness-evidence”."),
        (file_of(version=2), "version: Expected 1; this program knows no other version."),
        (file_of(version=True), "version: Expected 1; this program knows no other version."),
        (file_of(version=None), "version: Expected 1; this program knows no other version."),
        (file_of(extra=1), "extra: Unknown field."),
        (b'{"format": "wellness-evidence", "version": 1}', "studies: Expected a list, found nothing."),
        (file_of(studies={}), "studies: Expected a list, found an object."),
        (file_of(studies=7), "studies: Expected a list, found a number."),
        (b'{"format": 1, "format": 2}', "The key “format” is given more than once."),
        (file_of(version=float("nan")), "version: “NaN” is not a number; use null for what is not known."),
    ],
)
def test_read_studies_says_what_is_wrong_and_where(data, message):
    with pytest.raises(UnreadableFile) as error:
        read_studies(data)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('{"a": NaN}', ("a",), "“NaN” is not a number; use null for what is not known."),
        ('{"a": [-Infinity]}', ("a", 0), "“-Infinity” is not a number; use null for what is not known."),
        ('{"a": 1e400}', ("a",), "The number 1e400 is too large."),
        ('{"a": ' + "9" * 30 + "}", ("a",), f"The number {'9' * 30} is too large."),
        ('{"a": ' + "9" * 6000 + "}", ("a",), f"The number {'9' * 60}… is too large."),
        ('{"a": "x\\u0000"}', ("a",), "The text holds a NUL character, which cannot be stored."),
        ('{"a": "\\ud800"}', ("a",), "The text holds the character U+D800, which cannot be stored."),
        ('{"a": "\\u000b"}', ("a",), "The text holds the character U+000B, which cannot be stored."),
        ('{"b": {"a\\u0000": 1}}', ("b",), "The text holds a NUL character, which cannot be stored."),
        ('{"b": {"a": 1, "c": 2, "a": 3}}', ("b",), "The key “a” is given more than once."),
    ],
)
def test_flaws_locate_what_no_database_can_hold(text, path, message):
    assert list(flaws(read_json(text.encode()))) == [(path, message)]


def test_flaws_find_nothing_in_ordinary_text():
    value = {"a": "Überschuss 1,3 °C\n\tzweite Zeile 🙂", "b": [1, 2.5, None, True, 10**19]}

    assert list(flaws(read_json(json.dumps(value).encode()))) == []


def test_flaws_stop_at_nesting_that_no_record_has():
    found = list(flaws(read_json(b"[" * 500 + b"]" * 500)))

    assert found == [((0,) * 40, "This is nested too deeply.")]


def test_flaws_do_not_recurse():
    value: list = []
    for _ in range(100_000):
        value = [value]

    assert list(flaws(value)) == [((0,) * 40, "This is nested too deeply.")]
