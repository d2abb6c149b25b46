"""Contents to compare: small ones by hand, and any ones for laws."""

import copy
import uuid

from hypothesis import strategies as st

TOPIC = {
    "uid": str(uuid.UUID(int=1)),
    "path": "movement/ankle-weights",
    "category": {"name": "Movement", "slug": "movement"},
    "title": "Ankle weights: benefits and limits",
    "subtitle": "",
    "short_title": "Ankle weights",
    "standfirst": "What they may do.",
    "teaser": "What the studies say.",
    "description": "What the studies say.",
    "tags": ["walking"],
    "search_words": ["leg weights"],
    "intervention": "ankle-weights",
    "research_to": "2026-10-01",
    "next_review": None,
}


def uid(number):
    return str(uuid.UUID(int=number))


def heading(number, text="What they are", **fields):
    return {
        "uid": uid(number),
        "kind": "heading",
        "text": text,
        "short_text": text,
        "anchor": f"part-{number}",
        **fields,
    }


def text(number, html="<p>It may help.</p>"):
    return {"uid": uid(number), "kind": "text", "text": html}


def result(study="miller", key="gait", **fields):
    return {
        "study": study,
        "key": key,
        "history_id": 1,
        "outcome": "Gait speed",
        "better": "higher",
        "instrument": "",
        "who": "Adults",
        "whole_who": "Adults",
        "people": 40,
        "arm": "Weights",
        "comparator": "Usual care",
        "weeks": "8",
        "state": "reported",
        "finding": "",
        "direction": "",
        "measure": "md",
        "measure_label": "Mean difference",
        "measure_short": "MD",
        "derivation": "reported",
        "unit": "m/s",
        "display": "1.0 (0.5 to 1.5) m/s",
        "estimate": "1",
        "low": "0.5",
        "high": "1.5",
        **fields,
    }


def table(number, *rows, **fields):
    return {
        "uid": uid(number),
        "kind": "evidence table",
        "title": "Walking and gait",
        "outcome": {"slug": "gait", "name": "Gait"},
        "introduction": "",
        "rows": list(rows),
        "coverage": {},
        **fields,
    }


def variables(number, *rows):
    return {
        "uid": uid(number),
        "kind": "key variables",
        "caption": "Key variables",
        "rows": [{"variable": name, "why": why, "evidence": ""} for name, why in rows],
    }


def study(label="Miller 1987", **fields):
    return {
        "label": label,
        "name": "Weighted walking",
        "integrity": "no concern",
        "people": 40,
        "history_id": 1,
        "report": {"title": "Weighted walking", "doi": None},
        **fields,
    }


def content(*blocks, **parts):
    """A content with these blocks; parts as keywords, `topic` only what differs."""
    return {
        "schema": 1,
        "topic": {**TOPIC, **parts.pop("topic", {})},
        "key_points": "",
        "not_known": "",
        "populations": [],
        "blocks": list(blocks),
        "studies": {},
        "references": [],
        "terms": {},
        "topics": {},
        **parts,
    }


# Any contents

words = st.sampled_from(["", "may", "help", "the", "0", "gait, in 0.5 m/s", "<b>&", "x\ny"])
html = st.sampled_from(
    [
        "",
        "<p>It may help.</p>",
        "<p>It <strong>may</strong> help.</p>",
        '<p>It <a href="study:miller">may</a> help.</p>',
        '<p>It <a href="https://example.org/?a=1&amp;b=2">may</a> help.</p>',
        "<ul><li><p>It may help.</p></li></ul>",
        "<ol><li><p>It may help.</p></li></ol>",
        "<p>It may&nbsp;help.</p>",
        "<p>It may</p><p>help.</p>",
    ]
)
slugs = st.sampled_from(["miller", "smith", "jones"])
results = st.lists(
    st.builds(
        result,
        study=slugs,
        key=st.sampled_from(["a", "b"]),
        display=words,
        estimate=st.sampled_from(["0", "1", None]),
        people=st.sampled_from([0, 40, None]),
        history_id=st.sampled_from([1, 2]),
    ),
    unique_by=lambda row: (row["study"], row["key"]),
    max_size=3,
)
numbers = st.integers(2, 6)
coverage = st.dictionaries(st.sampled_from(["older", "young"]), st.sampled_from(["direct", "none"]))
any_block = st.one_of(
    st.builds(heading, numbers, words, short_text=words),
    st.builds(text, numbers, html),
    st.builds(
        lambda number, rows, said, states: table(number, *rows, introduction=said, coverage=states),
        numbers,
        results,
        html,
        coverage,
    ),
    st.builds(
        lambda number, rows: variables(number, *rows), numbers, st.lists(st.tuples(words, words), max_size=3)
    ),
)
any_blocks = st.lists(any_block, unique_by=lambda block: (block["kind"], block["uid"]), max_size=5)
any_studies = st.dictionaries(
    slugs,
    st.builds(
        study,
        st.sampled_from(["Miller 1987", "Smith 2001"]),
        people=st.sampled_from([0, None]),
        report=st.none() | st.builds(dict, title=words),
    ),
)
group = st.builds(
    lambda slug, label: {"slug": slug, "name": "Group", "label": label},
    st.sampled_from(["older", "young"]),
    st.sampled_from(["Older", "Young"]),
)


@st.composite
def contents(draw):
    studies = draw(any_studies)
    return copy.deepcopy(
        content(
            *draw(any_blocks),
            topic={"title": draw(words), "subtitle": draw(words), "tags": draw(st.lists(words, max_size=2))},
            key_points=draw(html),
            not_known=draw(html),
            populations=draw(st.lists(group, unique_by=lambda one: one["slug"], max_size=2)),
            studies=studies,
            references=draw(st.permutations(sorted(studies))),
            terms=draw(
                st.dictionaries(
                    st.just("limb"), st.builds(lambda said: {"name": "Limb", "definition": said}, words)
                )
            ),
            topics=draw(st.dictionaries(st.sampled_from([uid(90), uid(91)]), words)),
        )
    )
