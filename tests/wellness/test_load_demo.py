"""Loading the demo."""

import datetime
import io
import json
import stat

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from articles import checks
from articles.models import (
    BLOCK_MODELS,
    Callout,
    Category,
    Checkpoint,
    Edition,
    EditionLens,
    Event,
    EvidenceTable,
    Figure,
    Finding,
    Heading,
    KeyVariables,
    Notice,
    RichText,
    SignOff,
    Term,
    Topic,
)
from articles.since import since
from evidence import models as evidence
from evidence.drift import drifts
from wellness.demo import loading, logins

CATEGORIES = """
[[categories]]
name = "Therapies"
slug = "therapies"
position = 1
description = "What is done with the body."
"""
TERMS = """
[[terms]]
name = "Gait"
slug = "gait"
synonyms = ["walking pattern"]
definition = "How somebody walks."
"""
TOPIC = """
category = "therapies"
title = "Weights: what studies found"
short_title = "Weights"
slug = "weights"
standfirst = "What they are."
teaser = "What studies found."
intervention = "ankle-weights"
populations = ["older-adults", "female"]
tags = ["exercise"]
search_words = ["cuffs"]
research_to = 2026-11-22
key_points = "<ul><li>Few people were studied.</li></ul>"

[[blocks]]
kind = "heading"
text = "What they are"
anchor = "what"

[[blocks]]
kind = "text"
text = '''
<p>See <a href="study:a-2014">one study</a>, <a href="term:gait">gait</a> and
<a href="topic:weights-walking">walking</a>.</p>
'''

[[blocks]]
kind = "key variables"
caption = "Key variables"
rows = [{variable = "Age", why = "It may matter."}]

[[blocks]]
kind = "evidence table"
title = "Walking"
outcome = "gait-speed"

[[blocks]]
kind = "callout"
callout = "note"
title = "Note"
text = "<p>Ask first.</p>"

[[blocks]]
kind = "figure"
file = "lever.png"
alt = "A leg as a lever"
"""
SUBTOPIC = """
category = "therapies"
parent = "weights"
title = "Walking with weights"
short_title = "Walking"
slug = "weights-walking"
standfirst = "What they do to walking."
teaser = "What they do."

[[blocks]]
kind = "text"
text = '<p>A part of <a href="topic:weights">weights</a>.</p>'
"""
STUDY = {
    "slug": "a-2014",
    "label": "A 2014",
    "design": "crossover trial",
    "state": "published",
    "reports": [],
}
FINDINGS = """
arrives_later = "c-2016"

[[conclusion]]
slug = "walk"
intervention = "ankle-weights"
comparator = "same without"
outcome = "gait-speed"

[[conclusion.exclusion]]
study = "a-2014"
reason = "Another weight."

[conclusion.assessment]
start = "low"
start_reason = "Chance played no part."
imprecision = 2
imprecision_reason = "Few people."
sentence = "With weights walking may change, but the evidence is very uncertain."
next_due_months = 12

[[conclusion]]
slug = "walk-young"
population = "young-adults"
intervention = "ankle-weights"
comparator = "same without"
outcome = "gait-speed"

[conclusion.assessment]
start = "low"
start_reason = "Chance played no part."
imprecision = 2
imprecision_reason = "Few people."
next_due_months = 12

[[finding]]
name = "Walking"
conclusion = "walk"
text = '<p>See <a href="topic:weights-walking">walking</a>.</p>'
after = "what"
replaces_table = "Walking"

[[finding]]
name = "More walking"
conclusion = "walk"
after = "what"

[[finding]]
name = "No section"
conclusion = "walk"
"""
WALKED = {
    "design": "crossover trial",
    "state": "published",
    "samples": [
        {"label": "All", "n": 9, "populations": [{"population": "young-adults", "share": "all"}]},
    ],
    "arms": [
        {"label": "Weights", "role": "experimental", "interventions": ["ankle-weights"]},
        {"label": "None", "role": "same without"},
    ],
    "results": [
        {
            "key": "speed",
            "sample": "All",
            "arm": "Weights",
            "comparator": "None",
            "outcome": "gait-speed",
            "measure": "direction_only",
            "direction": "changed",
            "finding": "Walking changed.",
        }
    ],
}
WITH_FINDINGS = {
    "topics/weights.toml": TOPIC.replace('"female"', '"young-adults"'),
    "findings/weights.toml": FINDINGS,
    "evidence.json": json.dumps(
        {
            "format": "wellness-evidence",
            "version": 1,
            "studies": [
                {**WALKED, "slug": "a-2014", "label": "A 2014"},
                {**WALKED, "slug": "b-2015", "label": "B 2015"},
                {**WALKED, "slug": "c-2016", "label": "C 2016"},
            ],
        }
    ),
}


@pytest.fixture
def folder(tmp_path):
    """Call with files that differ from the small demo above; returns its folder."""

    def write(**changes):
        root = tmp_path / "demo"
        (root / "topics").mkdir(parents=True, exist_ok=True)
        (root / "figures").mkdir(exist_ok=True)
        (root / "findings").mkdir(exist_ok=True)
        # The file of the subtopic comes first by name.
        files = {
            "categories.toml": CATEGORIES,
            "glossary.toml": TERMS,
            "topics/weights.toml": TOPIC,
            "topics/a-walking.toml": SUBTOPIC,
            "evidence.json": json.dumps({"format": "wellness-evidence", "version": 1, "studies": [STUDY]}),
            **changes,
        }
        for name, content in files.items():
            (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        Image.new("RGB", (4, 3)).save(root / "figures" / "lever.png")
        return root

    return write


@pytest.fixture
def cast(db):
    """Those who bring the pages of the demo out."""
    return logins.cast_without_logins()


@pytest.fixture
def load(folder, now, cast):
    """Load the small demo with files that differ."""
    return lambda **changes: loading.load(at=now, cast=cast, folder=folder(**changes))


def rows():
    """How many rows there are of everything that the demo makes, with the history."""
    kept = (evidence.Study, evidence.Result, evidence.Population, evidence.Outcome)
    made = (Category, Term, Topic, Edition, EditionLens, SignOff, Event, Checkpoint, *BLOCK_MODELS)
    judged = (evidence.Conclusion, evidence.Exclusion, evidence.Assessment, evidence.AssessedResult)
    found = {model.__name__: model.objects.count() for model in (*made, *judged, *kept)}
    return found | {f"{model.__name__} history": model.history.count() for model in kept}


# What is loaded


def test_load_creates_the_content_and_publishes_it(load, now, cast):
    loaded = load()

    assert (loaded.categories, loaded.terms, loaded.topics, loaded.published) == (1, 1, 2, 2)
    assert (loaded.studies.created, loaded.studies.written) == (1, True)
    topic = Topic.objects.get(slug="weights")
    assert (topic.category.slug, topic.intervention.slug, topic.search_words) == (
        "therapies",
        "ankle-weights",
        ["cuffs"],
    )
    assert [lens.population.slug for lens in topic.lenses.order_by("position")] == ["older-adults", "female"]
    assert list(topic.tags.names()) == ["exercise"]
    assert Topic.objects.get(slug="weights-walking").parent == topic
    edition = Edition.objects.live(now).get(topic=topic)
    assert (edition.published_by, edition.published_at) == (cast.publisher, now)


def test_load_takes_each_page_through_the_workflow(load, now, cast):
    load(**{"topics/weights.toml": 'risk = "medicine"\n' + TOPIC})

    topic = Topic.objects.get(slug="weights")
    assert (topic.state, topic.owner, topic.reviewed_on) == ("drafting", cast.writer, now.date())
    assert list(topic.events.order_by("pk").values_list("action", "by__username")) == [
        ("hand in", "demo-writer"),
        ("submit for review", "demo-editor"),
        ("sign off editorial", "demo-editor"),
        ("sign off scientific", "demo-reviewer"),
        ("publish", "demo-publisher"),
    ]
    assert set(topic.sign_offs.values_list("kind", "digest", "note")) == {
        ("editorial", topic.editions.get().digest, loading.NOTE),
        ("scientific", topic.editions.get().digest, loading.NOTE),
    }
    subtopic = Topic.objects.get(slug="weights-walking")
    assert list(subtopic.sign_offs.values_list("kind", flat=True)) == ["editorial"]


def test_load_says_who_lacks_the_right_to_bring_a_page_out(load, cast):
    cast.editor.groups.clear()

    with pytest.raises(loading.InvalidDemo) as error:
        load()

    assert error.value.problems == [("topics/weights.toml", "You have no right to this: submit for review.")]


def test_load_creates_each_kind_of_block_in_order(load):
    load()

    topic = Topic.objects.get(slug="weights")
    blocks = [block for model in BLOCK_MODELS for block in model.objects.filter(parent=topic)]
    in_order = sorted(blocks, key=lambda block: block.ordering)
    assert [(type(block), block.ordering, block.region) for block in in_order] == [
        (Heading, 10, "main"),
        (RichText, 20, "main"),
        (KeyVariables, 30, "main"),
        (EvidenceTable, 40, "main"),
        (Callout, 50, "main"),
        (Figure, 60, "main"),
    ]
    assert Callout.objects.get().kind == "note"
    assert KeyVariables.objects.get().rows == [{"variable": "Age", "why": "It may matter.", "evidence": ""}]
    figure = Figure.objects.get()
    image = figure.image
    assert (image.width, image.height, image.title, image.alt) == (4, 3, "lever", figure.alt)
    assert default_storage.exists(image.file.name)


def test_load_turns_links_to_topics_into_links_by_uid(load, now):
    load()

    topics = {topic.slug: topic for topic in Topic.objects.all()}
    text = RichText.objects.get(parent=topics["weights"]).text
    assert f'href="topic:{topics["weights-walking"].uid}"' in text
    bodies = {edition.topic.slug: edition.body_html for edition in Edition.objects.live(now)}
    assert 'href="/therapies/weights-walking/"' in bodies["weights"]
    assert 'href="/therapies/weights/"' in bodies["weights-walking"]
    assert set(Edition.objects.values_list("number", flat=True)) == {1}


def _without_what_is_new_each_time(value):
    """Without history ids and names of files."""
    if isinstance(value, dict):
        return {
            key: _without_what_is_new_each_time(entry)
            for key, entry in value.items()
            if key not in ("history_id", "file") and not str(entry).startswith("images/")
        }
    return [_without_what_is_new_each_time(entry) for entry in value] if isinstance(value, list) else value


def test_load_into_two_empty_databases_freezes_the_same(load, now):
    contents = []
    for _ in range(2):
        with transaction.atomic():
            load()
            contents.append(
                {
                    edition.path: _without_what_is_new_each_time(edition.content)
                    for edition in Edition.objects.live(now)
                }
            )
            transaction.set_rollback(True)

    assert contents[0] == contents[1]
    assert sorted(contents[0]) == ["therapies/weights", "therapies/weights-walking"]


# Findings


def test_load_makes_conclusions_and_signs_them_as_the_reviewer(load, now, cast):
    loaded = load(**WITH_FINDINGS)

    assert loaded.conclusions == 2
    assert evidence.Exclusion.objects.get().reason == "Another weight."
    everyone, students = evidence.Assessment.objects.order_by("pk")
    assert (everyone.conclusion.slug, everyone.number, everyone.by) == ("walk", 1, cast.reviewer)
    assert (everyone.signed_at, everyone.is_demonstration, everyone.certainty) == (now, True, "very low")
    assert everyone.sentence == "With weights walking may change, but the evidence is very uncertain."
    assert (students.conclusion.slug, students.conclusion.population.slug) == ("walk-young", "young-adults")
    assert list(everyone.looked_at.values_list("study__slug", flat=True)) == ["b-2015"]
    assert everyone.next_due == datetime.date(now.year + 1, now.month, now.day)


def test_load_puts_findings_in_their_places(load):
    load(**WITH_FINDINGS)

    topic = Topic.objects.get(slug="weights")
    blocks = [block for model in BLOCK_MODELS for block in model.objects.filter(parent=topic)]
    in_order = sorted(blocks, key=lambda block: block.ordering)
    assert [type(block) for block in in_order] == [
        Heading,
        RichText,
        KeyVariables,
        Finding,
        Callout,
        Figure,
        Finding,
        Heading,
        Finding,
    ]
    assert [(block.name, block.anchor) for block in in_order if isinstance(block, Finding)] == [
        ("Walking", "walking"),
        ("More walking", "more-walking"),
        ("No section", "no-section"),
    ]
    assert in_order[-2].text == "What the research shows"


def test_load_enters_what_arrives_later_once_the_pages_are_out(load, now):
    loaded = load(**WITH_FINDINGS)

    assert (loaded.studies.created, loaded.arrived) == (2, 1)
    edition = Edition.objects.live(now).get(topic__slug="weights")
    assert "c-2016" not in edition.content["studies"]
    news = since(edition, at=now).news
    assert [(entry.study.slug, entry.how) for entry in news] == [("c-2016", "new")]
    assert sorted(edition.lenses.values_list("population", flat=True)) == ["older-adults", "young-adults"]


def test_load_again_with_findings_changes_nothing(load):
    load(**WITH_FINDINGS)
    before = rows()

    again = load(**WITH_FINDINGS)

    assert (again.conclusions, again.published, again.arrived, again.without_findings) == (0, 0, 0, ())
    assert rows() == before


def test_load_leaves_a_topic_without_findings_as_it_is(load):
    load(**{"topics/weights.toml": WITH_FINDINGS["topics/weights.toml"]})

    again = load(**WITH_FINDINGS)

    assert (again.conclusions, again.without_findings) == (0, ("weights",))
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"gait-speed"',
            '"none"',
            (" > conclusion[0] > outcome", "There is no outcome “none” in the vocabulary."),
        ),
        (
            'study = "a-2014"',
            'study = "none"',
            (" > conclusion[0] > exclusion[0] > study", "There is no study “none”."),
        ),
        (
            'study = "a-2014"',
            'study = "a-2014"\nresult = "none"',
            (" > conclusion[0] > exclusion[0] > result", "The study “a-2014” has no result “none”."),
        ),
        (
            'start = "low"',
            'start = "middling"',
            (" > conclusion[0] > assessment > start", "Input should be 'high' or 'low'."),
        ),
        (
            'imprecision_reason = "Few people."',
            "",
            (" > conclusion[0] > assessment > imprecision_reason", "Imprecision: say why."),
        ),
        (
            "With weights walking may change, but the evidence is very uncertain.",
            "Weights improve walking.",
            (" > conclusion[0] > assessment", None),
        ),
        (
            'after = "what"',
            'after = "no"',
            (" > finding[0] > after", "There is no heading with the anchor “no”."),
        ),
        (
            'replaces_table = "Walking"',
            'replaces_table = "Running"',
            (" > finding[0] > replaces_table", "There is no evidence table “Running” in its section."),
        ),
        (
            'conclusion = "walk"',
            'conclusion = "run"',
            (" > finding[0] > conclusion", "There is no conclusion “run” in this file."),
        ),
        ('"c-2016"', '"d-2017"', (" > arrives_later", "There is no study “d-2017” in evidence.json.")),
    ],
)
def test_load_says_what_is_wrong_with_findings_and_writes_nothing(load, old, new, problem):
    files = {**WITH_FINDINGS, "findings/weights.toml": FINDINGS.replace(old, new, 1)}

    with pytest.raises(loading.InvalidDemo) as error:
        load(**files)

    where, why = problem
    assert error.value.problems[0][0] == f"findings/weights.toml{where}"
    assert why is None or error.value.problems[0][1] == why
    assert set(rows().values()) == {0}


def test_load_says_that_findings_have_no_topic(load):
    with pytest.raises(loading.InvalidDemo) as error:
        load(**{"findings/nothing.toml": ""})

    assert error.value.problems == [("findings/nothing.toml", "There is no topic “nothing”.")]


# Again


def test_load_again_changes_nothing(load):
    load()
    before = rows()

    again = load()

    assert (again.categories, again.terms, again.topics, again.published) == (0, 0, 0, 0)
    assert again.studies.records == 0
    assert rows() == before
    # One image and its only other size.
    assert len(default_storage.listdir("images")[1]) == 2


def test_load_again_leaves_alone_what_editors_changed(load):
    load()
    before = rows()
    Topic.objects.filter(slug="weights").update(slug="cuffs", title="Edited", teaser="Edited")
    Heading.objects.update(text="Edited")
    Category.objects.update(slug="body")
    Term.objects.update(slug="gait-edited")
    evidence.Study.objects.update(label="Edited")
    evidence.Population.objects.filter(slug="female").update(name="Edited")

    load()

    assert rows() == before
    assert Topic.objects.get(slug="cuffs").title == "Edited"
    assert Heading.objects.get().text == "Edited"
    assert evidence.Study.objects.get().label == "Edited"
    assert evidence.Population.objects.get(slug="female").name == "Edited"


def test_load_does_not_publish_drafts_of_editors(load):
    load()
    own = Topic.objects.create(
        category=Category.objects.get(),
        title="Own",
        short_title="Own",
        slug="own",
        standfirst="x",
        teaser="x",
    )

    load()

    assert not own.editions.exists()


def test_load_adds_what_is_missing_later(load):
    load()

    again = load(**{"topics/more.toml": SUBTOPIC.replace("weights-walking", "weights-later")})

    assert (again.topics, again.published) == (1, 1)
    assert Topic.objects.get(slug="weights-later").parent.slug == "weights"


# What is wrong


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"glossary.toml": "[[terms"},
            (
                "glossary.toml",
                "It is not TOML: Expected ']]' at the end of an array declaration (at end of document).",
            ),
        ),
        ({"glossary.toml": b"\xff"}, ("glossary.toml", "It is not UTF-8: byte 0.")),
        (
            {"glossary.toml": TERMS + 'colour = "red"'},
            ("glossary.toml > terms[0] > colour", "Unknown field."),
        ),
        (
            {"categories.toml": CATEGORIES.replace('"therapies"', '"studies"')},
            ("categories.toml > categories[0] > slug", "“studies” is the address of another page."),
        ),
        (
            {"topics/weights.toml": TOPIC.replace('"therapies"', '"nowhere"')},
            ("topics/weights.toml > category", "There is no category “nowhere”."),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('parent = "weights"', 'parent = "nothing"')},
            ("topics/a-walking.toml > parent", "There is no topic “nothing”."),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('parent = "weights"', 'parent = "weights-walking"')},
            ("topics/a-walking.toml > parent", "A topic cannot stand below itself."),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('href="topic:weights"', 'href="topic:none"')},
            (
                "topics/a-walking.toml > blocks[0] > text",
                "A link names the topic “none”, which there is not.",
            ),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('href="topic:weights"', 'href="study:none"')},
            (
                "topics/a-walking.toml",
                "A link names “study:none”, but there is no published study of that name.",
            ),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('href="topic:weights"', 'href="javascript:x"')},
            ("topics/a-walking.toml > blocks[0] > text", "A link has an address that pages may not hold."),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace("<p>A part", "<p><img src=x>A part")},
            ("topics/a-walking.toml > blocks[0] > text", "Pages may not hold: <img>."),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('"Walking"', '"' + "x" * 61 + '"')},
            (
                "topics/a-walking.toml > short_title",
                "Ensure this value has at most 60 characters (it has 61).",
            ),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('kind = "text"', 'kind = "poem"')},
            (
                "topics/a-walking.toml > blocks[0]",
                "“poem” is not one of: heading, text, key variables, evidence table, callout, figure.",
            ),
        ),
        (
            {"topics/a-walking.toml": SUBTOPIC.replace('"weights-walking"', '"weights"')},
            ("topics/weights.toml > slug", "Another file has this slug."),
        ),
        (
            {"topics/weights.toml": TOPIC.replace('"gait-speed"', '"none"')},
            ("topics/weights.toml > blocks[3] > outcome", "There is no outcome “none” in the vocabulary."),
        ),
        (
            {"topics/weights.toml": TOPIC.replace('"female"', '"none"')},
            ("topics/weights.toml > populations[1]", "There is no population “none” in the vocabulary."),
        ),
        (
            {"topics/weights.toml": TOPIC.replace("lever.png", "../evidence.json")},
            (
                "topics/weights.toml > blocks[5] > file",
                "There is no file “../evidence.json” among the figures.",
            ),
        ),
        (
            {"topics/weights.toml": TOPIC.replace("A leg as a lever", "")},
            (
                "topics/weights.toml > blocks[5] > alt",
                "The library has no text alternative for this image: give one, or say that the "
                "image is decorative.",
            ),
        ),
        (
            {"evidence.json": "x"},
            (
                "evidence.json",
                "The file is not JSON: Expecting value in line 1, column 1.",
            ),
        ),
        (
            {
                "evidence.json": json.dumps(
                    {"format": "wellness-evidence", "version": 1, "studies": [STUDY | {"year": 1}]}
                )
            },
            ('evidence.json > studies[0] (slug "a-2014")', "Give a year between 1800 and 2100."),
        ),
    ],
)
def test_load_says_what_is_wrong_and_writes_nothing(load, changes, problem):
    with pytest.raises(loading.InvalidDemo) as error:
        load(**changes)

    assert error.value.problems == [problem]
    assert set(rows().values()) == {0}


def test_load_finds_topics_that_stand_below_each_other(load):
    with pytest.raises(loading.InvalidDemo) as error:
        load(**{"topics/weights.toml": 'parent = "weights-walking"\n' + TOPIC})

    assert error.value.problems == [
        ("topics/a-walking.toml > parent", "A topic cannot stand below itself."),
        ("topics/weights.toml > parent", "A topic cannot stand below itself."),
    ]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(start=st.integers(0, len(TOPIC)), length=st.integers(0, 40), new=st.text(max_size=10))
def test_load_answers_a_damaged_file_in_its_own_words(load, start, length, new):
    damaged = (TOPIC[:start] + new + TOPIC[start + length :]).encode("utf-8", "surrogatepass")
    with transaction.atomic():
        try:
            loaded = load(**{"topics/weights.toml": damaged}).topics
        except loading.InvalidDemo as error:
            loaded = len(error.problems)
        transaction.set_rollback(True)

    assert loaded >= 1


# The command


@pytest.fixture
def demo(db, settings, tmp_path):
    """Run the command as the demo does; returns what it printed."""
    settings.DEMO = True
    settings.VAR_DIR = tmp_path / "var"
    # Passwords are hashed as everywhere, only faster.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def run(*options):
        out = io.StringIO()
        call_command("load_demo", *options, stdout=out)
        return out.getvalue()

    return run


def _printed_passwords(text):
    lines = text.split("Logins for")[1].splitlines()[1:]
    return {line.split()[0]: line.split()[1] for line in lines}


def test_load_demo_loads_the_content_of_the_project_once(demo, settings):
    first = demo()
    before = rows()

    second = demo()

    assert "created: 0 vocabulary terms" not in first
    assert second.splitlines()[0] == (
        "created: 0 vocabulary terms, 0 studies, 0 categories, 0 glossary terms, 0 topics, 0 conclusions; "
        "published: 0 topics; arrived afterwards: 0 studies"
    )
    assert rows() == before
    assert "left as they are" not in second
    assert Category.objects.count() == 5
    assert evidence.Study.objects.published().exists()
    assert all(topic.editions.exists() for topic in Topic.objects.all())


def test_load_demo_brings_findings_out_that_hold(demo):
    printed = demo()

    assert "36 conclusions; published: 13 topics; arrived afterwards: 1 studies" in printed.splitlines()[0]
    assert (evidence.Conclusion.objects.count(), Finding.objects.count()) == (36, 13)
    signed = evidence.Assessment.objects.in_force()
    assert signed.filter(is_demonstration=True, by__username="reviewer").count() == 36
    on = timezone.localdate()
    moved = {entry.conclusion.slug for entry in signed if not drifts([entry], on=on)[entry.pk].is_empty}
    at = timezone.now()
    drifted = {}
    for edition in Edition.objects.live(at).select_related("topic"):
        facts = checks.Facts.read(edition.content, at=at)
        assert checks.stops(edition.content, facts) == []
        remarks = checks.run(edition.content, facts)
        assert [entry for entry in remarks if entry.check == "unhedged-finding"] == []
        names = {finding.name for entry in since(edition, at=at).news for finding in entry.findings}
        if names:
            drifted[edition.topic.slug] = names
        has_findings = any(block["kind"] == "finding" for block in edition.content["blocks"])
        groups = {group["slug"] for group in edition.content["populations"]} if has_findings else set()
        assert set(edition.lenses.values_list("population", flat=True)) == groups
    assert drifted == {"ankle-weights": {"Energy use"}}
    assert moved == {
        "ankle-weights-energy",
        "ankle-weights-energy-healthy",
    }


def test_load_demo_prints_the_same_logins_each_time(demo, settings):
    first = _printed_passwords(demo())
    second = _printed_passwords(demo())

    assert first == second
    assert sorted(first) == ["admin", "curator", "editor", "publisher", "reviewer", "writer"]
    assert all(len(password) >= 16 for password in first.values())
    assert len(set(first.values())) == 6
    for username, password in first.items():
        assert get_user_model().objects.get(username=username).check_password(password)
    mode = (settings.VAR_DIR / "demo-logins.txt").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_load_demo_gives_each_login_its_role_and_an_address_and_tells_nobody(demo):
    demo()

    users = {user.username: user for user in get_user_model().objects.all()}
    groups = {name: [group.name for group in user.groups.all()] for name, user in users.items()}
    assert groups == {
        "writer": ["writer"],
        "editor": ["editor"],
        "reviewer": ["scientific reviewer"],
        "publisher": ["publisher"],
        "curator": ["evidence curator"],
        "admin": [],
    }
    assert all(user.is_staff for user in users.values())
    assert [name for name, user in users.items() if user.is_superuser] == ["admin"]
    assert not any(user.user_permissions.exists() for user in users.values())
    assert {user.email for user in users.values()} == {f"{name}@demo.invalid" for name in logins.USERNAMES}
    assert not Notice.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_load_demo_does_not_touch_accounts_that_exist(demo):
    user = get_user_model().objects.create_user("admin", password="chosen by somebody")

    printed = demo()

    user.refresh_from_db()
    assert user.check_password("chosen by somebody")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert "admin     (the password was changed)" in printed


def test_load_demo_refuses_logins_outside_the_demo(demo, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="--without-logins"):
        demo()

    assert (get_user_model().objects.count(), Topic.objects.count()) == (0, 0)
    assert not (settings.VAR_DIR / "demo-logins.txt").exists()


def test_load_demo_without_logins_creates_nobody_who_can_sign_in(demo, settings):
    settings.DEMO = False

    printed = demo("--without-logins")

    assert "Logins" not in printed
    users = get_user_model().objects.all()
    assert [
        (user.username, user.is_staff, user.has_usable_password()) for user in users.order_by("username")
    ] == [(name, False, False) for name in ("demo-editor", "demo-publisher", "demo-reviewer", "demo-writer")]
    assert set(Edition.objects.values_list("published_by__username", flat=True)) == {"demo-publisher"}
    assert not (settings.VAR_DIR / "demo-logins.txt").exists()


def test_load_demo_says_that_the_file_of_logins_is_damaged(demo, settings):
    settings.VAR_DIR.mkdir()
    (settings.VAR_DIR / "demo-logins.txt").write_bytes(b"\xff\xfe")

    with pytest.raises(CommandError, match=r"demo-logins.txt cannot be used"):
        demo()

    assert get_user_model().objects.count() == 0
