"""BibTeX: an entry for each study, whose fields hold whatever people write."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from evidence.exporting import bibtex
from evidence.exporting.authors import author
from tests.factories import ReportFactory, StudyFactory

COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}
ESCAPED = re.compile("|".join(map(re.escape, COMMANDS)) + r"|\\([&%$#_])")


def read(text):
    """The entries as (kind, key, {field: value}), read by counting braces as BibTeX does."""
    entries, place = [], 0
    while (start := text.find("@", place)) >= 0:
        kind, key = re.match(r"@(\w+)\{([^\s,{}]+),\n", text[start:]).groups()
        place = start + len(kind) + len(key) + 4
        fields = {}
        while text[place] != "}":
            name = re.match(r"  (\w+) = \{", text[place:])[1]
            place += len(name) + 6
            end, depth = place, 1
            while depth:
                # BibTeX counts braces even behind a backslash.
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            fields[name] = text[place : end - 1]
            assert text[end : end + 2] == ",\n"
            place = end + 2
        entries.append((kind, key, fields))
    return entries


def plain(value):
    return ESCAPED.sub(lambda found: COMMANDS.get(found[0], found[1]), value)


def file_of(chosen=None):
    return "".join(exporting.bibtex_entries(chosen or Filter(Vocabulary.load())))


@pytest.mark.django_db
def test_entry_has_what_a_reference_needs(settings):
    settings.SITE_URL = "https://example.org"
    study = StudyFactory(slug="miller-1987", year=1987)
    ReportFactory(
        study=study,
        is_primary=True,
        bibliography="verified",
        title="50% of walkers: AB_C & {more}",
        authors=["Miller JF", "van der Berg A Jr", "WALK Study Group", "Salt and Pepper Group"],
        year=1987,
        journal="J Appl Physiol",
        volume="62",
        issue="4",
        pages="1497–1501",
        doi="10.1152/a_b{1987",
        pmid="3597221",
    )

    [(kind, key, fields)] = read(file_of())

    assert (kind, key) == ("article", "miller-1987")
    assert fields == {
        "author": "Miller, J. F. and van der Berg, Jr, A. and {WALK Study Group} and {Salt and Pepper Group}",
        "title": r"{50\% of walkers: AB\_C \& \textbraceleft{}more\textbraceright{}}",
        "journal": "J Appl Physiol",
        "year": "1987",
        "volume": "62",
        "number": "4",
        "pages": "1497--1501",
        "language": "en",
        "doi": "10.1152/a_b%7B1987",
        "pmid": "3597221",
        "url": "https://doi.org/10.1152/a_b%7B1987",
        "note": "Randomised trial, parallel groups. Read on https://example.org/studies/miller-1987/",
    }


@pytest.mark.django_db
def test_entry_says_what_is_retracted_and_what_nobody_verified():
    ReportFactory(study=StudyFactory(integrity="retracted", label="Doe 2001"), title="", year=None)

    [(kind, _, fields)] = read(file_of())

    assert (kind, fields["title"], fields["howpublished"]) == ("misc", "{Doe 2001}", "Journal article")
    assert fields["note"].startswith("Retracted. Bibliography not verified. ")
    assert "year" not in fields


@pytest.mark.django_db
def test_keys_differ_in_more_than_capital_letters():
    for slug in ("doe-2001", "Doe-2001", "waiting"):
        StudyFactory(slug=slug)

    keys = [key for _, key, _ in read(file_of())]

    assert {"doe-2001", "waiting"} < set(keys)
    assert len({key.lower() for key in keys}) == 3
    assert keys == [key for _, key, _ in read(file_of())]


@given(st.text())
@example("\\{}~^&%$#_\n@")
def test_any_text_is_read_back_from_bibtex_as_it_was(text):
    escaped = bibtex.escape(text)

    assert escaped.count("{") == escaped.count("}")
    assert plain(escaped) == " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())


@given(st.text())
@example("Kim {A} and B")
def test_no_name_of_an_author_breaks_an_entry(text):
    name = bibtex._name(text)

    assert name.count("{") == name.count("}")
    # Only what stands in braces may hold the word that separates authors.
    assert " and " not in re.sub(r"^\{.*\}$", "", name)


@pytest.mark.parametrize(
    ("text", "family", "initials", "suffix"),
    [
        ("Miller JF", "Miller", "JF", ""),
        ("van der Berg A Jr", "van der Berg", "A", "Jr"),
        ("Ångström Ö", "Ångström", "Ö", ""),
        ("Smith-Jones ABC 3rd", "Smith-Jones", "ABC", "3rd"),
        ("Cochrane", "Cochrane", "", ""),
        ("WHO EU", "WHO EU", "", ""),
        ("Miller, John F", "Miller, John F", "", ""),
        ("World Health Organization", "World Health Organization", "", ""),
    ],
)
def test_author_is_a_person_only_where_that_is_clear(text, family, initials, suffix):
    found = author(text)

    assert (found.family, found.initials, found.suffix) == (family, initials, suffix)
