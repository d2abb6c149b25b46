"""Words for places in a file."""

from evidence.importing.places import place, printable

FILE = {
    "studies": [
        {
            "slug": "duclos-2014",
            "results": [{"key": "gait-speed"}],
            "reports": [{"title": "A title"}, {"doi": "10.1/x", "title": "B"}],
        },
        "nonsense",
    ]
}


def test_place_names_the_entries_on_the_way():
    words = place(("studies", 0, "results", 0, "ci_low"), FILE)

    assert words == 'studies[0] (slug "duclos-2014") > results[0] (key "gait-speed") > ci_low'


def test_place_uses_the_first_name_that_an_entry_has():
    assert place(("studies", 0, "reports", 0), FILE).endswith('reports[0] (title "A title")')
    assert place(("studies", 0, "reports", 1), FILE).endswith('reports[1] (doi "10.1/x")')


def test_place_survives_a_path_that_the_value_does_not_have():
    assert place(("studies", 1, "results", 9, "x"), FILE) == "studies[1] > results[9] > x"


def test_place_of_nothing_is_the_file():
    assert place((), FILE) == "the file"


def test_printable_escapes_and_shortens():
    assert printable("a\x1b[31m\ud800\n" + "b" * 90) == "a\\u001b[31m\\ud800\\n" + "b" * 52 + "…"
