"""Checks: each finds what it is for, and says nothing where all is well."""

import datetime
import uuid

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import checks, freezing, publishing
from articles.checks import Facts, PageState
from tests.articles.test_publishing import full_topic
from tests.factories import (
    CalloutFactory,
    EditionFactory,
    EvidenceTableFactory,
    FigureFactory,
    HeadingFactory,
    KeyVariablesFactory,
    OutsideLinkFactory,
    ReportFactory,
    RichTextFactory,
    TopicFactory,
)

TODAY = datetime.date(2026, 11, 22)


def content(*blocks, studies=(), **changes):
    """A frozen page without a fault, of these blocks with uids u0, u1 ..."""
    topic = {
        "title": "Ankle weights",
        "subtitle": "",
        "short_title": "Ankle weights",
        "standfirst": "What they do.",
        "teaser": "What studies say.",
        "description": "What studies say about them.",
        "next_review": None,
    }
    page = {
        "topic": topic | {name: changes.pop(name) for name in list(changes) if name in topic},
        "key_points": "<p>They may help.</p>",
        "not_known": "",
        "populations": [],
        "blocks": [{"uid": f"u{place}", **block} for place, block in enumerate(blocks)],
        "studies": {study["slug"]: study for study in studies},
        "references": [study["slug"] for study in studies],
        "terms": {},
    }
    return page | changes


def study(slug="miller", integrity="ok", **report):
    return {
        "slug": slug,
        "label": "Miller 1987",
        "name": "Weighted walking",
        "integrity": integrity,
        "report": {"title": "", "bibliography": "verified", "link": "", "doi": None, "pmid": None} | report,
    }


def heading(text="Uses", anchor=None):
    return {"kind": "heading", "text": text, "anchor": anchor or text.lower()}


def text(html="<p>It may help.</p>"):
    return {"kind": "text", "text": html}


def callout(html="<p>Ask first.</p>"):
    return {"kind": "callout", "callout": "care", "title": "Get advice", "text": html}


def variables(*rows):
    return {"kind": "key variables", "caption": "Key variables", "rows": list(rows)}


def figure(alt="A leg", caption="", is_decorative=False):
    return {"kind": "figure", "alt": alt, "caption": caption, "is_decorative": is_decorative}


def table(*rows, introduction=""):
    return {
        "kind": "evidence table",
        "title": "Gait",
        "outcome": {"slug": "gait", "name": "Gait"},
        "introduction": introduction,
        "rows": list(rows),
    }


def row(slug="miller", state="reported"):
    return {"study": slug, "state": state, "finding": ""}


def found(page, name=None, **facts):
    """(level, uid or field) of each finding, of one check if it is named."""
    findings = checks.run(page, Facts(today=TODAY, **facts))
    return [
        (finding.level.value, finding.uid or finding.field)
        for finding in findings
        if name is None or finding.check == name
    ]


def test_a_page_without_a_fault_has_no_finding():
    page = content(
        heading(),
        text('<p>It <a href="study:miller">may help</a>.</p><h3>How</h3><h4>Why</h4>'),
        table(row()),
        callout(),
        variables({"variable": "Age", "why": "It may matter.", "evidence": ""}),
        figure(caption="From the side."),
        studies=[study()],
    )

    assert found(page) == []


# Structure


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (content(key_points=""), [("stop", "")]),
        (content(text("<p> </p>"), key_points=""), [("stop", "")]),
        (content(text(), key_points=""), []),
        (content(), []),
    ],
)
def test_empty_page(page, expected):
    assert found(page, "empty-page") == expected


def test_doubled_anchor():
    assert found(content(heading("A", "x"), text(), heading("B", "x"), text()), "doubled-anchor") == [
        ("stop", "u2")
    ]
    assert found(content(heading("A", "x"), text(), heading("B", "y"), text()), "doubled-anchor") == []


def test_reserved_anchor():
    assert found(content(heading("A", "refs"), text()), "reserved-anchor") == [("stop", "u0")]
    assert found(content(heading("A", "uses"), text()), "reserved-anchor") == []


def test_doubled_heading():
    page = content(heading("Its uses", "a"), text(), heading("its uses!", "b"), text())

    assert found(page, "doubled-heading") == [("warning", "u2")]
    assert found(content(heading("Uses"), text(), heading("Harms"), text()), "doubled-heading") == []


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (content(heading(), text("<h4>b</h4>")), [("warning", "u1")]),
        (content(heading(), text("<h3>a</h3>"), heading("Harms"), text("<h4>b</h4>")), [("warning", "u3")]),
        (content(text("<h3>a</h3>"), key_points=""), [("warning", "u0")]),
        (content(callout(), key_points=""), [("warning", "u0")]),
        (content(heading(), text("<h3>a</h3><h4>b</h4><h3>c</h3>"), text("<h4>d</h4>")), []),
        (content(heading(), callout(), text("<h4>b</h4>")), []),
        (content(callout()), []),
        (content(text(), table(row()), key_points="", populations=[{"slug": "x"}], studies=[study()]), []),
    ],
)
def test_heading_order(page, expected):
    assert found(page, "heading-order") == expected


@pytest.mark.parametrize("block", [text("<p>&nbsp;</p>"), callout("<p></p>"), variables()])
def test_empty_block(block):
    assert found(content(block), "empty-block") == [("warning", "u0")]


def test_empty_section():
    assert found(content(heading("A"), heading("B"), text()), "empty-section") == [("warning", "u0")]
    assert found(content(heading("A"), text(), heading("B")), "empty-section") == [("warning", "u2")]
    assert found(content(heading("A"), text()), "empty-section") == []


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (figure(alt=" "), [("stop", "u0")]),
        (figure(alt="", is_decorative=True), []),
        (figure(alt="A leg.", caption="a leg"), [("warning", "u0")]),
        (figure(alt="A leg", caption="A leg as a lever"), []),
    ],
)
def test_text_alternative(block, expected):
    assert found(content(block), "text-alternative") == expected


# Links


@pytest.mark.parametrize("target", ["study:nobody", "term:nothing", "topic:nowhere"])
def test_broken_link(target):
    link = f'<p><a href="{target}">x</a></p>'
    page = content(text(link + link), table(introduction=link), key_points=link, not_known=link)

    assert found(page, "broken-link") == [
        ("stop", "key_points"),
        ("stop", "u0"),
        ("stop", "u1"),
        ("stop", "not_known"),
    ]


def test_a_link_to_what_is_there_is_not_broken():
    links = "".join(
        f'<a href="{target}">x</a>' for target in ("study:miller", "term:limb", "topic:a", "https://b.c")
    )
    page = content(text(f"<p>{links}</p>"), studies=[study()], terms={"limb": {}})

    assert found(page, "broken-link", topics={"a": ("A", PageState.LIVE)}) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PageState.LIVE, []),
        (PageState.DRAFT, [("warning", "u0")]),
        (PageState.SCHEDULED, [("warning", "u0")]),
        (PageState.WITHDRAWN, [("warning", "u0")]),
    ],
)
def test_link_without_page(state, expected):
    page = content(text('<p><a href="topic:a">x</a></p>'))

    assert found(page, "link-without-page", topics={"a": ("A", state)}) == expected


def test_broken_outside_link_is_named_beside_its_block_or_as_a_reference():
    link = '<p><a href="https://Example.org/a#b">x</a> <a href="https://example.org/c">x</a></p>'
    page = content(heading(), text(link + link), studies=[study(doi="10.1000/x")], key_points=link)
    broken = {"https://example.org/a": "404 Not Found", "https://doi.org/10.1000/x": "410 Gone"}

    findings = checks.run(page, Facts(today=TODAY, broken=broken))

    assert found(page, "broken-outside-link") == []
    assert [
        (finding.level.value, finding.uid or finding.field, finding.message)
        for finding in findings
        if finding.check == "broken-outside-link"
    ] == [
        (
            "warning",
            "key_points",
            "A link leads to https://example.org/a, where nothing is any more (404 Not Found).",
        ),
        (
            "warning",
            "u1",
            "A link leads to https://example.org/a, where nothing is any more (404 Not Found).",
        ),
        (
            "warning",
            "",
            "The reference Miller 1987 leads to https://doi.org/10.1000/x, where nothing is any more "
            "(410 Gone).",
        ),
    ]


# Evidence


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (table(), [("warning", "u0")]),
        (table(row(state="planned"), row(state="not reported")), [("warning", "u0")]),
        (table(row(state="planned"), row()), []),
    ],
)
def test_table_without_result(block, expected):
    assert found(content(block, studies=[study()]), "table-without-result") == expected


CITES = '<p>It <a href="study:miller">helps</a>.</p>'


@pytest.mark.parametrize(
    ("page", "now", "expected"),
    [
        (content(text(CITES), studies=[study()]), {"miller": "ok"}, []),
        (content(text(CITES), studies=[study()]), {"miller": "retracted"}, [("stop", "u0")]),
        (content(text(CITES), studies=[study(integrity="retracted")]), {}, [("stop", "u0")]),
        (content(key_points=CITES, studies=[study(integrity="retracted")]), {}, [("stop", "key_points")]),
        (
            content(text(CITES + "<p>It was retracted.</p>"), studies=[study(integrity="retracted")]),
            {},
            [("warning", "u0")],
        ),
        (content(table(row()), studies=[study(integrity="retracted")]), {}, [("warning", "u0")]),
        (content(table(row()), studies=[study()]), {"miller": "retracted"}, [("stop", "u0")]),
        (content(table(row()), studies=[study()]), {"miller": "concern"}, []),
    ],
)
def test_retracted_study(page, now, expected):
    assert found(page, "retracted-study", integrity=now) == expected


@pytest.mark.parametrize(
    ("now", "expected"), [("concern", [("warning", "u0"), ("warning", "u1")]), ("ok", []), ("retracted", [])]
)
def test_study_of_concern(now, expected):
    page = content(text(CITES + CITES), table(row(), row(), introduction=CITES), studies=[study()])

    assert found(page, "study-of-concern", integrity={"miller": now}) == expected


def test_unverified_bibliography():
    page = content(
        studies=[study("a"), study("b", bibliography="partly verified"), study("c") | {"report": None}]
    )

    findings = checks.run(page, Facts(today=TODAY))

    assert [(finding.check, finding.level, finding.message) for finding in findings] == [
        (
            "unverified-bibliography",
            "hint",
            "2 of 3 references have details that nobody has compared with the source.",
        )
    ]
    assert found(content(studies=[study("a")]), "unverified-bibliography") == []


# About the page


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("", [("warning", "meta_description")]),
        ("What studies say.", [("warning", "meta_description")]),
        ("What is known.", []),
    ],
)
def test_meta_description(description, expected):
    assert found(content(description=description), "meta-description") == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [(None, []), ("2026-11-22", []), ("2026-11-21", [("warning", "next_review")])],
)
def test_review_passed(due, expected):
    assert found(content(next_review=due), "review-passed") == expected


# Wording


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (content(title="A miracle"), [("stop", "title")]),
        (content(description="Boosts mood."), [("warning", "meta_description")]),
        (content(teaser="Boosts mood.", description="Boosts mood."), [("warning", "teaser")]),
        (content(heading("Detox"), text()), [("warning", "u0")]),
        (content(variables({"variable": "Age", "why": "It cures.", "evidence": ""})), [("stop", "u0")]),
        (content(figure(alt="A detox tea")), [("warning", "u0")]),
        (
            content(table(row(), introduction="<p>It boosts gait.</p>"), studies=[study()]),
            [("warning", "u0")],
        ),
        (content(text("<p>It is no cure.</p><p>It cures.</p>")), [("warning", "u0"), ("stop", "u0")]),
        (content(not_known="<p>Whether it is a cure.</p>"), [("warning", "not_known")]),
        (
            content(text("<p>See A cure for gait.</p>"), studies=[study(title="A cure for gait")]),
            [],
        ),
    ],
)
def test_promise(page, expected):
    assert sorted(found(page, "promise")) == sorted(expected)


def test_long_sentence():
    long, short = " ".join(["word"] * 31) + ".", " ".join(["word"] * 30) + "."

    findings = checks.run(content(text(f"<p>{long}</p>"), text(f"<p>{short}</p>")), Facts(today=TODAY))

    assert [(finding.check, finding.uid, finding.message) for finding in findings] == [
        ("long-sentence", "u0", "A sentence of 31 words: “word word word word word word…”.")
    ]


def test_hard_to_read():
    hard = (
        "<p>"
        + "Considerable methodological heterogeneity necessitates careful interpretation. " * 20
        + "</p>"
    )

    assert found(content(text(hard)), "hard-to-read") == [("hint", "")]
    assert found(content(text("<p>" + "The cat sat on the mat. " * 20 + "</p>")), "hard-to-read") == []


# All together


def test_findings_follow_the_page_and_name_their_place():
    page = content(
        text("<p>It cures most pains that people have.</p>"),
        figure(alt=""),
        title="A miracle",
        not_known="<p>A cure?</p>",
        studies=[study(bibliography="unverified")],
    )

    assert [finding.place for finding in checks.run(page, Facts(today=TODAY))] == [
        "Title",
        "Text “It cures most pains that people have.”",
        "Figure",
        "What is not known",
        "Page",
    ]


def test_stops_are_what_keeps_a_page_in():
    page = content(text("<p>It cures. It boosts.</p>"), figure(alt=""))

    assert [finding.check for finding in checks.stops(page, Facts(today=TODAY))] == [
        "promise",
        "text-alternative",
    ]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], ""),
        (["hint"], "1 hint"),
        (["hint", "stop", "hint"], "1 stop, 2 hints"),
        (["warning"] * 2, "2 warnings"),
    ],
)
def test_count_names_each_level(levels, expected):
    findings = [checks.Remark("x", checks.Level(level), "", "") for level in levels]

    assert checks.count(findings) == expected


def test_reading_counts_words_and_minutes():
    reading = checks.reading(content(text("<p>" + "The cat sat on it. " * 100 + "</p>")))

    # Three words of the standfirst and three of the key points come along.
    assert (reading.words, reading.minutes) == (506, 2)
    assert checks.reading(content()).minutes == 1


# Facts


@pytest.mark.django_db
def test_facts_know_the_state_of_each_linked_topic(now):
    day = datetime.timedelta(days=1)
    live, coming, gone, draft, beside, other = TopicFactory.create_batch(6)
    EditionFactory(topic=live, go_live_at=now)
    EditionFactory(topic=coming, go_live_at=now + day)
    EditionFactory(topic=gone, withdrawn_at=now - day, withdrawal_note="Wrong.")
    linked = [live, coming, gone, draft, beside]
    uids = [*(topic.uid for topic in linked), uuid.uuid4(), "x"]
    page = content(text("".join(f'<p><a href="topic:{uid}">x</a></p>' for uid in uids)))

    facts = Facts.read(page, at=now, together_with=[beside, other])

    assert facts.topics == {
        str(live.uid): (live.short_title, "live"),
        str(coming.uid): (coming.short_title, "scheduled"),
        str(gone.uid): (gone.short_title, "withdrawn"),
        str(draft.uid): (draft.short_title, "draft"),
        str(beside.uid): (beside.short_title, "live"),
    }
    assert facts.today == TODAY


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of_study", "of_report", "worst"),
    [
        ("ok", "none", "ok"),
        ("ok", "concern", "concern"),
        ("concern", "retracted", "retracted"),
        ("retracted", "concern", "retracted"),
    ],
)
def test_facts_take_the_worst_of_study_and_reports(of_study, of_report, worst, now):
    report = ReportFactory(study__slug="miller", study__integrity=of_study, retraction=of_report)
    ReportFactory(study=report.study)

    assert Facts.read(content(studies=[study()]), at=now).integrity == {"miller": worst}


@pytest.mark.django_db
def test_facts_name_the_links_that_are_known_to_be_broken(now):
    for status in ("broken", "unclear", "moved"):
        OutsideLinkFactory(url=f"https://example.org/{status}", status=status, answer="404 Not Found")
    OutsideLinkFactory(url="https://doi.org/10.1000/x", status="broken", answer="410 Gone")
    OutsideLinkFactory(url="https://example.org/elsewhere", status="broken")
    links = "".join(
        f'<p><a href="https://Example.org/{path}#part">x</a></p>'
        for path in ("broken", "unclear", "moved", "new")
    )

    facts = Facts.read(content(text(links), studies=[study(doi="10.1000/x")]), at=now)

    assert facts.broken == {
        "https://example.org/broken": "404 Not Found",
        "https://doi.org/10.1000/x": "410 Gone",
    }


@pytest.mark.django_db
def test_facts_cost_four_queries_at_most(now, django_assert_num_queries):
    topics = TopicFactory.create_batch(5)
    links = "".join(f'<p><a href="topic:{topic.uid}">x</a></p>' for topic in topics)

    with django_assert_num_queries(4):
        Facts.read(content(text(links), studies=[study(doi="10.1000/x")]), at=now)
    with django_assert_num_queries(0):
        Facts.read(content(), at=now)


@pytest.mark.django_db
def test_a_page_with_a_stop_does_not_go_out(publisher, now):
    topic = full_topic()
    RichTextFactory(parent=topic, text="<p>It is a miracle. It is a miracle.</p>")
    page = freezing.freeze(topic)

    assert publishing.problems(checks.run(page, Facts.read(page, at=now))) == [
        "“miracle” may promise too much. Say what was found, in whom, and how certain it is."
    ]


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
HTML = st.lists(
    st.one_of(
        WORDS,
        st.sampled_from(
            [
                "<h3>",
                "</h3>",
                "<h4>x</h4>",
                "<p>",
                '<a href="topic:x">',
                '<a href="study:miller">y</a>',
                "</a>",
                "A miracle. ",
                "“",
                '"',
            ]
        ),
    ),
    max_size=5,
).map("".join)


class TestRunning(HypothesisTestCase):
    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["heading", "text", "callout", "variables", "table", "figure"]), HTML, WORDS
            ),
            max_size=6,
        ),
        HTML,
    )
    def test_run_reads_whatever_was_frozen(self, blocks, key_points):
        topic = TopicFactory(key_points=key_points)
        for kind, html, words in blocks:
            if kind == "heading":
                HeadingFactory(parent=topic, text=words, anchor=words[:60])
            elif kind == "text":
                RichTextFactory(parent=topic, text=html)
            elif kind == "callout":
                CalloutFactory(parent=topic, title=words, text=html)
            elif kind == "table":
                EvidenceTableFactory(parent=topic, title=words, introduction=html)
            elif kind == "figure":
                FigureFactory(parent=topic, alt=f"a{words}", caption=words)
            else:
                KeyVariablesFactory(parent=topic, caption=words, rows=[{"variable": words, "why": html}])
        page = freezing.freeze(topic)

        findings = checks.run(page, Facts(today=TODAY))

        assert {finding.uid for finding in findings} <= {None, *(block["uid"] for block in page["blocks"])}
        assert all(finding.place and finding.message for finding in findings)
