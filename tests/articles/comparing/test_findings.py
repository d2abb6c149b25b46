"""What happened to the findings between two editions."""

import pytest

from articles.comparing import FindingChange, Moved, Piece, compare_findings, moved_ratings
from tests.articles.comparing.contents import content, study, text, uid

OLDER = {"slug": "older-adults", "name": "Older adults (65 and over)", "label": "Older adults"}


def rating(certainty):
    return None if certainty is None else {"certainty": certainty}


def finding(number, *, certainty="low", older=None, coverage="other", studies=("miller",), **fields):
    return {
        "uid": uid(number),
        "kind": "finding",
        "name": "Walking",
        "statement": "It may help.",
        "assessment": rating(certainty),
        "studies": list(studies),
        "rows": [{"study": slug, "label": slug.title()} for slug in studies],
        "coverage": {"older-adults": coverage},
        "lenses": {
            "older-adults": {
                "state": coverage,
                "assessment": rating(older),
                "studies": list(studies) if older else [],
            }
        },
        **fields,
    }


def page(*blocks):
    return content(*blocks, populations=[OLDER], studies={"miller": study("Miller 1987")})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"certainty": "very low"}, {"ratings": (Moved("Everyone", "low", "very low"),)}),
        ({}, {"certainty": None}, {"ratings": (Moved("Everyone", "low", ""),)}),
        (
            {},
            {"older": "very low", "coverage": "direct"},
            {
                "ratings": (Moved("Older adults", "", "very low"),),
                "coverage": (Moved("Older adults", "studied in other people only", "studied directly"),),
            },
        ),
        (
            {},
            {"statement": "It probably helps."},
            {
                "sentence": (
                    Piece("same", "It"),
                    Piece("removed", " may help"),
                    Piece("added", " probably helps"),
                    Piece("same", "."),
                )
            },
        ),
        ({}, {"name": "Gait"}, {"name": "Gait", "was_name": "Walking"}),
        ({}, {"studies": ["miller", "smith"]}, {"studies_added": (("smith", "Smith"),)}),
        ({"studies": ["miller", "smith"]}, {}, {"studies_dropped": (("smith", "Smith"),)}),
    ],
)
def test_finding_that_differs_says_how(before, after, expected):
    same = finding(2, name="Balance")

    found = compare_findings(page(finding(1, **before), same), page(same, finding(1, **after)))

    assert found == (FindingChange(**{"name": "Walking", "change": "changed", **expected}),)


def test_finding_that_came_or_went_says_all_of_it():
    walking, none = page(finding(1)), page(text(3))

    [came], [went] = compare_findings(none, walking), compare_findings(walking, none)

    assert (came.change, went.change) == ("added", "removed")
    assert came.ratings == (Moved("Everyone", "", "low"),)
    assert went.ratings == (Moved("Everyone", "low", ""),)
    assert came.sentence == (Piece("added", "It may help."),)
    assert came.studies_added == went.studies_dropped == (("miller", "Miller 1987"),)


def test_what_is_no_finding_and_what_is_the_same_is_no_change():
    assert compare_findings(page(finding(1), text(2)), page(text(2, "<p>Other.</p>"), finding(1))) == ()


def test_ratings_moved_only_where_there_was_one_before_and_is_one_now():
    before = page(finding(1), finding(2, name="Gait", certainty=None))
    after = page(finding(1, certainty="moderate", older="low"), finding(2, name="Gait"), finding(3))

    assert moved_ratings(before, after) == [
        {"name": "Walking", "whom": "Everyone", "was": "low", "now": "moderate"}
    ]
