"""Publishing: what goes out, what does not, and what never changes."""

import datetime
import json

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from articles import freezing, publishing
from articles.models import Edition, Event, Topic
from tests.factories import (
    ArmFactory,
    CalloutFactory,
    EvidenceTableFactory,
    FigureFactory,
    HeadingFactory,
    KeyVariablesFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    RichTextFactory,
    SampleFactory,
    StudyFactory,
    TermFactory,
    TopicFactory,
    TopicPopulationFactory,
    UserFactory,
)
from tests.signing import publish_signed, sign

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


def full_topic(**fields):
    """A topic with a block of each kind, resting on one study of one group."""
    topic = TopicFactory(**fields)
    study = StudyFactory(label="Miller 1987", slug=f"miller-{topic.pk}", title="Weighted walking")
    ReportFactory(study=study, is_primary=True, authors=["Miller JF"], doi=f"10.1000/{topic.pk}")
    arm = ArmFactory(study=study, interventions=[topic.intervention])
    result = ResultFactory(study=study, arm=arm, unit="m/s", outcome__name="Gait speed")
    lens = TopicPopulationFactory(topic=topic)
    PopulationShareFactory(sample=result.sample, population=lens.population)
    term = TermFactory()
    HeadingFactory(parent=topic, text="What they are", anchor="what")
    RichTextFactory(
        parent=topic,
        text=f'<p>It <a href="study:{study.slug}">may help</a> the <a href="term:{term.slug}">limb</a>.</p>',
    )
    EvidenceTableFactory(parent=topic, outcome=result.outcome, title="Walking and gait")
    KeyVariablesFactory(parent=topic)
    CalloutFactory(parent=topic)
    FigureFactory(parent=topic)
    return topic


def test_publish_freezes_text_evidence_and_coverage(publisher, now):
    topic = full_topic(short_title="Ankle weights")
    lens = topic.lenses.get()
    study = topic.intervention.arms.get().study

    edition = publish_signed(topic=topic, by=publisher, at=now, change_note="First edition.")

    assert (edition.number, edition.go_live_at, edition.published_by) == (1, now, publisher)
    assert edition.digest == freezing.digest(edition.content)
    table = next(block for block in edition.content["blocks"] if block["kind"] == "evidence table")
    assert [row["study"] for row in table["rows"]] == [study.slug]
    assert table["rows"][0]["display"] == "1.0 (0.5 to 1.5) m/s"
    assert table["rows"][0]["history_id"] == study.results.get().history.latest().history_id
    assert table["coverage"] == {lens.population.slug: "direct"}
    assert edition.content["references"] == [study.slug]
    assert edition.page["coverage"] == [
        {"title": "Walking and gait", "anchor": f"table-{table['uid'][:8]}", "states": ["direct"]}
    ]


def test_publishing_again_without_a_change_makes_no_edition(publisher, now):
    topic = full_topic()
    first = publish_signed(topic=topic, by=publisher, at=now)

    again = publish_signed(topic=topic, by=publisher, at=now + HOUR)

    assert again == first
    assert Edition.objects.count() == 1


def test_a_change_of_text_or_of_evidence_makes_the_next_edition(publisher, now):
    topic = full_topic()
    publish_signed(topic=topic, by=publisher, at=now)
    result = topic.intervention.arms.get().results.get()
    result.estimate, result.ci_low, result.ci_high = 2.0, 1.0, 3.0
    result.full_clean()
    result.save()

    second = publish_signed(topic=topic, by=publisher, at=now + HOUR)

    assert second.number == 2
    assert "2.0 (1.0 to 3.0) m/s" in second.body_html
    assert "1.0 (0.5 to 1.5) m/s" in Edition.objects.get(number=1).body_html


def test_an_edition_still_says_what_it_said_when_evidence_is_deleted(publisher, now):
    topic = full_topic()
    edition = publish_signed(topic=topic, by=publisher, at=now)
    before = (edition.body_html, edition.references_html, json.dumps(edition.content, sort_keys=True))

    topic.intervention.arms.get().results.all().delete()
    edition.refresh_from_db()

    assert (edition.body_html, edition.references_html, json.dumps(edition.content, sort_keys=True)) == before


def test_stored_content_has_the_digest_it_was_signed_with(publisher, now):
    edition = publish_signed(topic=full_topic(), by=publisher, at=now)

    stored = Edition.objects.get(pk=edition.pk)

    assert freezing.digest(stored.content) == stored.digest


def test_rich_text_that_bypassed_the_form_is_cleaned_when_frozen(publisher, now):
    topic = TopicFactory(key_points="<p onclick=x>a<script>alert(1)</script></p>")
    RichTextFactory(
        parent=topic, text='<p>b<img src=x onerror=alert(2)><a href="javascript:alert(3)">c</a></p>'
    )

    edition = publish_signed(topic=topic, by=publisher, at=now)

    for bad in ("<script", "onclick", "onerror", "javascript:", "alert(1)"):
        assert bad not in edition.body_html
        assert bad not in json.dumps(edition.content)


def test_titles_of_studies_are_text_not_markup(publisher, now):
    topic = full_topic()
    study = topic.intervention.arms.get().study
    study.title = "<script>alert(1)</script> & trial"
    study.save()

    edition = publish_signed(topic=topic, by=publisher, at=now)

    assert "<script" not in edition.references_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; trial" in edition.references_html


def test_drafts_of_studies_do_not_leak_into_an_edition(publisher, now):
    topic = full_topic()
    secret = StudyFactory(label="Secret 2026", title="Unpublished finding", state="draft")
    ResultFactory(
        study=secret,
        arm=ArmFactory(study=secret, interventions=[topic.intervention]),
        outcome=topic.intervention.arms.first().results.get().outcome,
        finding="Unpublished finding",
    )

    edition = publish_signed(topic=topic, by=publisher, at=now)

    everything = edition.body_html + edition.references_html + json.dumps(edition.content)
    assert "Secret" not in everything
    assert "Unpublished finding" not in everything


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("study:nobody", "A link names “study:nobody”, but there is no published study of that name."),
        ("term:nothing", "A link names “term:nothing”, but there is no glossary term of that name."),
    ],
)
def test_a_page_with_a_broken_link_does_not_go_out(publisher, now, text, problem):
    topic = TopicFactory()
    RichTextFactory(parent=topic, text=f'<p><a href="{text}">x</a></p>')

    with pytest.raises(publishing.NotPublishable) as refusal:
        publish_signed(topic=topic, by=publisher, at=now)

    assert refusal.value.problems == [problem]
    assert not Edition.objects.exists()


def test_an_empty_page_and_doubled_anchors_do_not_go_out(publisher, now):
    empty, doubled = TopicFactory(), TopicFactory()
    HeadingFactory(parent=doubled, anchor="same")
    HeadingFactory(parent=doubled, anchor="same")
    HeadingFactory(parent=doubled, anchor="refs")

    with pytest.raises(publishing.NotPublishable) as refusal:
        publish_signed(topic=empty, by=publisher, at=now)
    assert refusal.value.problems == ["The page has no text yet."]

    with pytest.raises(publishing.NotPublishable) as refusal:
        publish_signed(topic=doubled, by=publisher, at=now)
    assert refusal.value.problems == [
        "Two headings have the anchor “same”.",
        "The anchor “refs” belongs to a standing part of the page.",
    ]


def test_a_link_to_a_topic_that_is_not_public_is_just_words(publisher, now):
    hidden, topic = TopicFactory(slug="hidden-topic"), TopicFactory()
    RichTextFactory(parent=topic, text=f'<p>See <a href="topic:{hidden.uid}">the other page</a>.</p>')

    edition = publish_signed(topic=topic, by=publisher, at=now)

    assert "<p>See the other page.</p>" in edition.body_html
    assert "hidden-topic" not in edition.body_html


def test_a_link_to_a_public_topic_leads_to_its_page(publisher, now):
    other, topic = full_topic(), TopicFactory()
    publish_signed(topic=other, by=publisher, at=now)
    RichTextFactory(parent=topic, text=f'<p>See <a href="topic:{other.uid}">the other page</a>.</p>')

    edition = publish_signed(topic=topic, by=publisher, at=now)

    assert f'<a href="/{other.path}/">the other page</a>' in edition.body_html


def test_editions_refuse_to_change_or_to_lose_their_topic(publisher, now):
    edition = publish_signed(topic=full_topic(), by=publisher, at=now)
    edition.title = "Something else"

    with pytest.raises(ValidationError):
        edition.save()
    with pytest.raises(ValidationError):
        edition.save(update_fields=["title"])
    with pytest.raises(ProtectedError):
        edition.topic.delete()

    edition.refresh_from_db()
    assert edition.title == edition.topic.title


def test_withdrawing_takes_every_edition_out_of_force(publisher, now):
    topic = full_topic()
    publish_signed(topic=topic, by=publisher, at=now)
    topic.title = "New title"
    topic.save()
    publish_signed(topic=topic, by=publisher, at=now + HOUR)

    withdrawn = publishing.withdraw(
        topic=topic, by=publisher, at=now + 2 * HOUR, note="A study was retracted."
    )

    assert [edition.number for edition in withdrawn] == [1, 2]
    assert not Edition.objects.live(now + 2 * HOUR).exists()
    assert Edition.objects.live(now + HOUR).get().number == 2
    assert [edition.withdrawn_by for edition in Edition.objects.all()] == [publisher, publisher]


def test_withdrawing_needs_a_page_and_a_note(publisher, now):
    topic = full_topic()

    with pytest.raises(publishing.NotPublishable):
        publishing.withdraw(topic=topic, by=publisher, at=now, note="Why")
    publish_signed(topic=topic, by=publisher, at=now)
    with pytest.raises(publishing.NotPublishable):
        publishing.withdraw(topic=topic, by=publisher, at=now + HOUR, note="  ")

    assert Edition.objects.live(now + HOUR).count() == 1


def test_a_withdrawn_topic_can_be_published_again(publisher, now):
    topic = full_topic()
    publish_signed(topic=topic, by=publisher, at=now)
    publishing.withdraw(topic=topic, by=publisher, at=now + HOUR, note="Under repair.")

    edition = publish_signed(topic=topic, by=publisher, at=now + 2 * HOUR)

    assert edition.number == 2
    assert list(Edition.objects.live(now + 2 * HOUR)) == [edition]


def test_freezing_costs_the_same_queries_for_any_number_of_blocks(publisher, django_assert_max_num_queries):
    topic = full_topic()
    outcome = topic.intervention.arms.get().results.get().outcome
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        freezing.freeze(topic)
    for _ in range(10):
        RichTextFactory(parent=topic)
        EvidenceTableFactory(parent=topic, outcome=outcome)
        HeadingFactory(parent=topic)
    for _ in range(10):
        study = StudyFactory()
        ResultFactory(
            study=study, arm=ArmFactory(study=study, interventions=[topic.intervention]), outcome=outcome
        )

    with CaptureQueriesContext(connection) as many:
        freezing.freeze(topic)

    assert len(many) == len(few)
    assert len(few) <= 27


class TestFreezing(HypothesisTestCase):
    @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["heading", "text", "callout", "variables"]),
                st.text(
                    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30
                ),
            ),
            max_size=6,
        )
    )
    def test_freezing_twice_gives_the_same_digest(self, blocks):
        topic = TopicFactory()
        for kind, words in blocks:
            if kind == "heading":
                HeadingFactory(parent=topic, text=words)
            elif kind == "text":
                RichTextFactory(parent=topic, text=f"<p>{words}</p>")
            elif kind == "callout":
                CalloutFactory(parent=topic, text=words)
            else:
                KeyVariablesFactory(parent=topic, rows=[{"variable": words, "why": words}])

        first = freezing.freeze(topic)
        again = freezing.freeze(type(topic).objects.get(pk=topic.pk))

        assert freezing.canonical(first) == freezing.canonical(again)
        assert freezing.digest(first) == freezing.digest(json.loads(freezing.canonical(first)))


def test_publisher_is_kept_even_without_rights_of_their_own(now):
    somebody = UserFactory()

    edition = publish_signed(topic=full_topic(), by=somebody, at=now)

    assert edition.published_by == somebody


def test_a_plan_covers_nobody_yet(publisher, now):
    topic = full_topic()
    topic.intervention.arms.get().results.update(state="planned", estimate=None, ci_low=None, ci_high=None)

    edition = publish_signed(topic=topic, by=publisher, at=now)

    assert edition.page["coverage"][0]["states"] == ["not_assessed"]


def test_a_subgroup_is_named_beside_its_result(publisher, now):
    topic = full_topic()
    result = topic.intervention.arms.get().results.get()
    women = SampleFactory(study=result.study, parent=result.sample, label="Women", description="Women only.")
    ResultFactory(study=result.study, sample=women, arm=result.arm, outcome=result.outcome)

    edition = publish_signed(topic=topic, by=publisher, at=now)
    table = next(block for block in edition.content["blocks"] if block["kind"] == "evidence table")

    assert [(row["who"], row["people"]) for row in table["rows"]] == [
        ("All participants", 40),
        ("Women only.", None),
    ]
    assert edition.body_html.count("In: Women only.") == 1


def test_a_review_does_not_count_the_people_of_its_trials_again(publisher, now):
    topic = full_topic()
    outcome = topic.intervention.arms.get().results.get().outcome
    for design, people in (("meta-analysis", 5000), ("protocol only", 48)):
        study = StudyFactory(design=design, n_enrolled=people)
        arm = ArmFactory(study=study, interventions=[topic.intervention])
        ResultFactory(study=study, arm=arm, outcome=outcome)

    page = publish_signed(topic=topic, by=publisher, at=now).page

    assert (page["n_studies"], page["n_reviews"], page["n_people"], page["n_protocols"]) == (2, 1, 40, 1)


def test_words_for_search_leave_the_standing_parts_out(publisher, now):
    edition = publish_signed(topic=full_topic(), by=publisher, at=now)

    assert "It may help the limb." in edition.text
    assert "Studied directly" not in edition.text
    assert "<" not in edition.text


def test_a_publish_that_waited_for_another_adds_no_second_edition(publisher, now):
    topic = full_topic()
    first = publish_signed(topic=topic, by=publisher, at=now + HOUR)

    late = publish_signed(topic=topic, by=publisher, at=now)

    assert late == first


def test_a_withdrawal_that_waited_takes_the_newer_edition_along(publisher, now):
    topic = full_topic()
    publish_signed(topic=topic, by=publisher, at=now + HOUR)

    publishing.withdraw(topic=topic, by=publisher, at=now, note="Why")

    assert not Edition.objects.live(now + 2 * HOUR).exists()


@pytest.mark.parametrize("anchor", ["ref-1", "term-gait", "what-h", "table-1", "site-search", "who"])
def test_a_heading_takes_no_anchor_of_the_frame(publisher, now, anchor):
    topic = TopicFactory()
    HeadingFactory(parent=topic, anchor=anchor)
    RichTextFactory(parent=topic)

    with pytest.raises(publishing.NotPublishable):
        publish_signed(topic=topic, by=publisher, at=now)


def test_an_empty_paragraph_is_no_page(publisher, now):
    topic = TopicFactory()
    RichTextFactory(parent=topic, text="<p></p>")

    with pytest.raises(publishing.NotPublishable) as refusal:
        publish_signed(topic=topic, by=publisher, at=now)

    assert refusal.value.problems == ["The page has no text yet."]


# Signed, minor, corrected


def put(topic, state):
    Topic.objects.filter(pk=topic.pk).update(state=state)


def refusal(**asked):
    with pytest.raises(publishing.NotPublishable) as error:
        publishing.publish(**asked)
    return error.value.problems


def published(by, now, **fields):
    topic = full_topic(**fields)
    publish_signed(topic=topic, by=by, at=now)
    RichTextFactory(parent=topic, text="<p>One more sentence.</p>")
    return topic


@pytest.mark.parametrize("risk", Topic.Risk)
def test_edition_needs_the_sign_offs_of_its_risk_class(publisher, now, risk):
    topic = full_topic(risk=risk)
    put(topic, "approved")
    both = "Missing on exactly this text: the editorial sign-off and the scientific sign-off."
    one = "Missing on exactly this text: the editorial sign-off."

    assert refusal(topic=topic, by=publisher, at=now) == [one if risk == "general" else both]
    sign(topic, at=now)
    assert publishing.publish(topic=topic, by=publisher, at=now).number == 1


def test_sign_offs_on_another_text_are_worth_nothing(publisher, now):
    topic = full_topic()
    sign(topic, at=now)
    RichTextFactory(parent=topic, text="<p>One word more.</p>")

    assert refusal(topic=topic, by=publisher, at=now) == [
        "Missing on exactly this text: the editorial sign-off."
    ]
    assert not Edition.objects.exists()


def test_evidence_that_moved_after_the_sign_off_needs_another(publisher, now):
    topic = full_topic()
    sign(topic, at=now)
    result = topic.intervention.arms.get().results.get()
    result.finding = "Another finding."
    result.save()

    assert refusal(topic=topic, by=publisher, at=now) == [
        "Missing on exactly this text: the editorial sign-off."
    ]


@pytest.mark.parametrize("state", sorted(set(Topic.State.values) - {"approved"}))
def test_only_what_is_approved_goes_out(publisher, now, state):
    topic = full_topic()
    sign(topic, at=now)
    put(topic, state)

    assert refusal(topic=topic, by=publisher, at=now) == [
        f"The topic is {state}; “Publish” is for topics that are approved."
    ]


def test_full_edition_opens_the_next_draft_and_moves_the_date_of_the_review(publisher, now):
    topic = full_topic(review_due_on=now.date())
    sign(topic, at=now)

    edition = publishing.publish(topic=topic, by=publisher, at=now, change_note="First.")

    topic.refresh_from_db()
    assert (topic.state, topic.reviewed_on, topic.review_due_on) == ("drafting", now.date(), None)
    event = Event.objects.get()
    assert (event.action, event.from_state, event.to_state) == ("publish", "approved", "drafting")
    assert (event.by, event.at, event.comment, event.digest) == (publisher, now, "First.", edition.digest)


def test_day_of_the_review_is_the_day_of_the_site(publisher, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    topic = full_topic()
    at = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)

    publish_signed(topic=topic, by=publisher, at=at)

    topic.refresh_from_db()
    assert topic.reviewed_on == datetime.date(2026, 11, 23)


def test_minor_change_moves_no_review_date(publisher, now):
    topic = published(publisher, now)

    edition = publishing.publish(
        topic=topic, by=publisher, at=now + 48 * HOUR, is_minor=True, minor_reason=" A comma. "
    )

    topic.refresh_from_db()
    assert (edition.number, edition.is_minor, edition.minor_reason) == (2, True, "A comma.")
    assert (topic.reviewed_on, topic.state) == (now.date(), "drafting")
    event = Event.objects.newest_first().first()
    assert (event.action, event.comment, event.digest) == (
        "publish minor change",
        "A comma.",
        edition.digest,
    )


def test_first_edition_is_never_minor(publisher, now):
    topic = full_topic()

    assert refusal(topic=topic, by=publisher, at=now, is_minor=True, minor_reason="Small.") == [
        "A minor change is made to a live page only, and this topic has none."
    ]


def test_withdrawn_page_does_not_come_back_as_a_minor_change(publisher, now):
    topic = published(publisher, now)
    publishing.withdraw(topic=topic, by=publisher, at=now + HOUR, note="Wrong.")

    assert refusal(topic=topic, by=publisher, at=now + HOUR, is_minor=True, minor_reason="Small.") == [
        "A minor change is made to a live page only, and this topic has none."
    ]


@pytest.mark.parametrize("state", ["on hold", "retired"])
def test_minor_change_waits_while_work_rests(publisher, now, state):
    topic = published(publisher, now)
    put(topic, state)

    assert refusal(topic=topic, by=publisher, at=now + HOUR, is_minor=True, minor_reason="Small.") == [
        f"The topic is {state}; “Publish a minor change” is for topics that are "
        "drafting or editing or in review or approved."
    ]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"is_minor": True, "minor_reason": "  "}, "Say why the change is minor."),
        ({"change_note": " "}, "Say for readers what changed."),
        ({"is_correction": True}, "Say for readers what was wrong."),
        (
            {"is_correction": True, "is_minor": True, "minor_reason": "x", "change_note": "x"},
            "A correction is not minor: something was wrong, so the page is read and signed again.",
        ),
    ],
)
def test_edition_says_what_it_has_to_say(publisher, now, asked, problem):
    topic = published(publisher, now)
    sign(topic, at=now)

    assert refusal(topic=topic, by=publisher, at=now + HOUR, **asked) == [problem]
    assert Edition.objects.count() == 1


def test_first_edition_corrects_nothing(publisher, now):
    topic = full_topic()
    sign(topic, at=now)

    assert refusal(topic=topic, by=publisher, at=now, is_correction=True, change_note="x") == [
        "A first edition corrects nothing."
    ]


def test_correction_is_signed_and_says_what_was_wrong(publisher, now):
    topic = published(publisher, now)
    note = "We wrote fifty people; it was forty."

    unsigned = refusal(topic=topic, by=publisher, at=now + HOUR, is_correction=True, change_note=note)
    sign(topic, at=now + HOUR)
    edition = publishing.publish(
        topic=topic, by=publisher, at=now + HOUR, is_correction=True, change_note=note
    )

    assert unsigned == ["The topic is drafting; “Publish” is for topics that are approved."]
    assert (edition.is_correction, edition.is_minor, edition.change_note) == (True, False, note)


def test_text_that_was_not_seen_does_not_go_out(publisher, now):
    topic = published(publisher, now)

    problems = refusal(
        topic=topic, by=publisher, at=now + HOUR, is_minor=True, minor_reason="x", seen="0" * 64
    )

    assert problems == ["The text changed while you were reading it. Look at it again, then publish."]


def test_approved_text_that_is_live_already_opens_the_next_draft(publisher, now):
    topic = full_topic()
    first = publish_signed(topic=topic, by=publisher, at=now)
    put(topic, "approved")

    again = publishing.publish(topic=topic, by=publisher, at=now + HOUR)

    assert (again, Edition.objects.count()) == (first, 1)
    assert Topic.objects.get(pk=topic.pk).state == "drafting"
    assert Event.objects.newest_first().first().comment == "Nothing had changed since edition 1."


def test_withdrawing_is_written_down(publisher, now):
    topic = published(publisher, now)
    put(topic, "in review")

    publishing.withdraw(topic=topic, by=publisher, at=now + HOUR, note=" A number was wrong. ")

    event = Event.objects.newest_first().first()
    assert (event.action, event.from_state, event.to_state) == ("withdraw", "in review", "in review")
    assert (event.by, event.at, event.comment) == (publisher, now + HOUR, "A number was wrong.")


def test_refused_publishing_leaves_nothing_behind(publisher, now):
    topic = published(publisher, now)
    before = Event.objects.count()

    refusal(topic=topic, by=publisher, at=now + HOUR, change_note="New.")

    assert Event.objects.count() == before
