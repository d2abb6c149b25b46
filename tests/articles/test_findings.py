"""Findings on pages: what is frozen, drawn, checked, compared and restored of them."""

import datetime
import re

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles import checks, freezing, rendering
from articles.comparing import compare
from articles.models import Edition, EditionLens
from articles.publishing import NotPublishable
from articles.restoring import restore
from articles.since import since
from evidence.models import Result
from tests import factories
from tests.articles.findings import AT, assessed, topic_with_finding
from tests.evidence.test_bodies import result_of
from tests.evidence.triages import DAY, triaged
from tests.signing import publish_signed

pytestmark = pytest.mark.django_db


def out(topic, **fields):
    """The topic published now by somebody."""
    return publish_signed(topic=topic, by=factories.UserFactory(), at=timezone.now(), **fields)


def frozen(topic):
    content = freezing.freeze(topic)
    return content, next(block for block in content["blocks"] if block["kind"] == "finding")


def stops(topic):
    content = freezing.freeze(topic)
    facts = checks.Facts.read(content, at=timezone.now())
    return [remark.check for remark in checks.stops(content, facts)]


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def without_notes(html):
    """The words of a page without those of the lens."""
    html = re.sub(r'<div class="youbox">.*?</div></div>', "", html, flags=re.DOTALL)
    html = re.sub(r'<p class="youline">.*?</p>', "", html, flags=re.DOTALL)
    html = re.sub(r'<li class="you-only">.*?</li>', "", html, flags=re.DOTALL)
    return words(re.sub(r'<span class="vh you-only">, in [^<]*</span>', "", html))


def test_finding_says_what_its_assessment_says():
    topic, _, results = topic_with_finding()

    _, block = frozen(topic)

    assert block["statement"] == block["glance"] == block["assessment"]["sentence"]
    assert (block["n_studies"], block["n_people"]) == (3, 120)
    assert sorted(block["studies"]) == sorted(result.study.slug for result in results)
    assert block["assessment"]["certainty"] == "low"
    assert block["assessment"]["pool"]["pooled"]["k"] == 3


def test_finding_keeps_to_what_was_assessed():
    topic, block, _ = topic_with_finding()
    before = freezing.digest(freezing.freeze(topic))

    result_of(block.conclusion)

    assert freezing.digest(freezing.freeze(topic)) == before


def test_coverage_of_a_finding_comes_from_its_samples():
    topic, _, _ = topic_with_finding(in_group=1)
    nobody, _, _ = topic_with_finding(in_group=0)

    assert list(frozen(topic)[1]["coverage"].values()) == ["direct"]
    assert list(frozen(nobody)[1]["coverage"].values()) == ["other"]


def test_lens_has_the_rating_of_the_narrower_conclusion():
    topic, _, results = topic_with_finding(n=3, in_group=2)

    _, block = frozen(topic)

    [said] = block["lenses"].values()
    assert (said["state"], said["assessment"]["certainty"]) == ("direct", "very low")
    assert sorted(said["studies"]) == sorted(result.study.slug for result in results[:2])


@pytest.mark.parametrize("in_group", [0, 1, 3])
def test_lens_adds_notes_and_changes_nothing_else(in_group):
    topic, _, _ = topic_with_finding(in_group=in_group)
    content = freezing.freeze(topic)

    everyone = rendering.render(content).body
    [(slug, body)] = rendering.lenses(content).items()

    assert slug == content["populations"][0]["slug"]
    assert body != everyone
    assert without_notes(body) == words(everyone)


def test_lens_says_the_four_things_of_a_group():
    topic, _, _ = topic_with_finding(in_group=1)

    [body] = rendering.lenses(freezing.freeze(topic)).values()

    note = words(re.search(r'<div class="youbox">.*?</div></div>', body, re.DOTALL).group())
    assert note.startswith("Older adults Studied directly Very low certainty for this group")
    assert "1 of 3 studies included this group. It was faster." in note
    assert "Not known: Whether falls change." in note


def test_page_of_a_group_is_drawn_once_and_stored(client):
    topic, _, _ = topic_with_finding()
    edition = out(topic)
    [group] = edition.page["lenses"]

    page = client.get(f"{edition.get_absolute_url()}?for={group['slug']}")
    unknown = client.get(f"{edition.get_absolute_url()}?for=nobody")

    assert page.status_code == 200
    assert EditionLens.objects.get(edition=edition).body_html in page.content.decode()
    assert (unknown.status_code, unknown.headers["Location"]) == (302, edition.get_absolute_url())
    assert not page.cookies


def test_chip_names_as_many_studies_as_the_list_behind_it(client):
    topic, block, _ = topic_with_finding()
    edition = out(topic)
    result_of(block.conclusion)
    page = client.get(edition.get_absolute_url()).content.decode()

    address = re.search(r'class="chip" href="([^"]+)"', page).group(1).replace("&amp;", "&")

    assert client.get(address).context["counts"].total == 3
    assert "3 studies" in words(page)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"conclusion": None}, "unassessed-finding"),
        ({"statement": "Training improves walking speed."}, "unhedged-finding"),
        ({"glance": "Faster walking."}, "unhedged-finding"),
    ],
)
def test_finding_that_claims_too_much_stops_the_page(change, check):
    topic, block, _ = topic_with_finding()
    assert stops(topic) == []

    for name, value in change.items():
        setattr(block, name, value)
    block.save()

    assert check in stops(topic)


def test_finding_without_an_assessment_stops_the_page():
    topic = factories.TopicFactory()
    factories.FindingFactory(parent=topic)

    assert "unassessed-finding" in stops(topic)


def test_group_that_was_studied_has_to_be_rated():
    topic, _, _ = topic_with_finding(in_group=1, rated=False)

    assert stops(topic) == ["unrated-group"]


def test_moved_evidence_stops_a_full_edition_and_lets_a_minor_one_pass():
    topic, block, _ = topic_with_finding()
    out(topic)
    result_of(block.conclusion)
    block.text = "<p>People walked on a long track.</p>"
    block.save()

    with pytest.raises(NotPublishable, match="The evidence moved since"):
        out(topic, change_note="Longer.")

    assert Edition.objects.filter(topic=topic).count() == 1


def test_nothing_moved_right_after_publishing():
    edition = out(topic_with_finding()[0])

    assert since(edition, at=timezone.now()).level in ("none", "overdue")
    assert since(edition, at=timezone.now()).news == ()


def test_new_study_shows_on_the_page_and_changes_no_rating(client):
    topic, block, _ = topic_with_finding()
    edition = out(topic)
    before = client.get(edition.get_absolute_url()).content.decode()

    new = result_of(block.conclusion, title="Brisk steps")
    page = client.get(edition.get_absolute_url()).content.decode()

    moved = since(edition, at=timezone.now())
    assert [(entry.study, entry.how) for entry in moved.news] == [(new.study, "new")]
    assert "1 new study" in words(page)
    assert "Brisk steps" in page
    assert "Brisk steps" not in before
    assert words(edition.body_html) in words(page)


def test_retraction_that_was_taken_back_is_news(client):
    topic, block, results = topic_with_finding(in_group=0)
    study = results[0].study
    study.integrity = "retracted"
    study.save()
    assessed(block.conclusion)
    edition = out(topic)

    study.integrity = "ok"
    study.save()

    [entry] = since(edition, at=AT).news
    assert (entry.study, entry.how) == (study, "no longer retracted")
    assert "No longer retracted" in client.get(edition.get_absolute_url()).content.decode()


def test_study_that_is_not_public_is_not_named(client):
    topic, _, results = topic_with_finding()
    edition = out(topic)

    results[0].study.state, results[0].study.title = "draft", "Secret steps"
    results[0].study.save()

    assert "Secret steps" not in client.get(edition.get_absolute_url()).content.decode()


def test_retraction_stands_at_the_top_at_once(client):
    topic, _, results = topic_with_finding()
    edition = out(topic)

    results[0].study.integrity = "retracted"
    results[0].study.save()

    assert "A study behind this page was retracted" in client.get(edition.get_absolute_url()).content.decode()


def test_next_edition_takes_the_news_in_and_the_old_one_says_what_it_said(client):
    topic, block, _ = topic_with_finding()
    old = out(topic)
    result_of(block.conclusion)
    assessed(block.conclusion, seen="Four studies.")

    new = out(topic, change_note="One study more.")

    assert since(new, at=timezone.now()).news == ()
    assert new.content["blocks"][0]["n_studies"] == 4
    assert Edition.objects.get(pk=old.pk).content["blocks"][0]["n_studies"] == 3


def test_page_takes_as_many_queries_for_many_findings_as_for_one(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (1, 4):
        topic, block, _ = topic_with_finding()
        for place in range(1, n):
            factories.FindingFactory(parent=topic, conclusion=block.conclusion, ordering=10 * place)
        edition = out(topic)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(edition.get_absolute_url()).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_comparison_names_what_changed_in_a_finding():
    topic, block, _ = topic_with_finding()
    before = freezing.freeze(topic)
    assessed(block.conclusion, imprecision=0, imprecision_reason="")

    found = compare(before, freezing.freeze(topic))

    [change] = [block for block in found.blocks if block.kind == "finding"]
    assert "Certainty" in [entry.label for entry in change.fields]
    assert compare(before, before).is_empty


def test_restoring_brings_a_finding_back(now):
    topic, block, _ = topic_with_finding(glance="Walking may be faster.")
    content = freezing.freeze(topic)
    block.delete()

    reports = restore(topic=topic, content=content, by=factories.UserFactory(), at=now)

    assert reports == []
    assert freezing.digest(freezing.freeze(topic)) == freezing.digest(content)


def test_words_of_a_finding_are_found_by_search():
    topic, _, _ = topic_with_finding(name="Brisk walking")

    assert "Brisk walking" in freezing.words(freezing.freeze(topic))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 4), retracted=st.booleans(), yi=st.floats(-5, 5))
def test_drift_is_empty_after_signing_and_not_after_a_new_result(n, retracted, yi):
    topic, block, results = topic_with_finding(n=n, in_group=0)
    Result.objects.filter(pk=results[0].pk).update(yi=yi)
    if retracted:
        results[0].study.integrity = "retracted"
        results[0].study.save()
    assessed(block.conclusion)
    edition = out(topic)

    assert since(edition, at=AT).news == ()

    result_of(block.conclusion)

    assert [entry.how for entry in since(edition, at=AT).news] == ["new"]


def test_overdue_findings_are_named_by_date_alone():
    topic, block, _ = topic_with_finding()
    edition = out(topic)

    later = datetime.datetime(2027, 12, 1, tzinfo=datetime.UTC)

    assert since(edition, at=later).level == "overdue"
    late = since(edition, at=later).overdue[0]
    assert (late.name, late.anchor, late.since) == (block.name, block.anchor, datetime.date(2027, 6, 1))


def test_old_edition_tells_what_changed_in_its_findings_since(client):
    topic, block, _ = topic_with_finding()
    old = out(topic)
    new = result_of(block.conclusion, title="Brisk steps")
    assessed(block.conclusion, imprecision=0, imprecision_reason="")
    live = out(topic, change_note="One study more.")

    page = client.get(old.get_lasting_url()).content.decode()
    body, compared = words(old.body_html), words(page[: page.index(old.body_html)])

    assert "This is an old edition." in compared
    assert 'content="noindex"' in page
    assert f"{block.name} Certainty: low then, moderate now." in compared
    assert f"Studies added: {new.study.label} ." in compared
    assert "Studies dropped" not in compared
    assert body in words(page)
    assert "compared-h" not in client.get(live.get_lasting_url()).content.decode()


def test_old_edition_says_that_no_finding_changed(client):
    topic, block, _ = topic_with_finding()
    old = out(topic)
    block.text = "<p>On a long track.</p>"
    block.save()
    out(topic, change_note="Longer.")

    assert "No finding, rating, sentence" in words(client.get(old.get_lasting_url()).content.decode())


def test_edition_that_moved_a_rating_says_so_among_the_changes(client):
    topic, block, _ = topic_with_finding()
    out(topic)
    assessed(block.conclusion, imprecision=0, imprecision_reason="")
    edition = out(topic, change_note="Rated again.")

    page = words(client.get(edition.get_absolute_url()).content.decode())

    assert f"Rated again. Certainty of “{block.name}”: from low to moderate." in page


def test_old_edition_takes_as_many_queries_for_many_findings_as_for_one(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (1, 4):
        topic, block, _ = topic_with_finding()
        for place in range(1, n):
            factories.FindingFactory(parent=topic, conclusion=block.conclusion, ordering=10 * place)
        old = out(topic)
        assessed(block.conclusion, imprecision=0, imprecision_reason="")
        out(topic, change_note="Rated again.")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(old.get_lasting_url()).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] == 3


def moved_page():
    """A live page under whose finding for everybody a study came in, and the conclusion of that."""
    topic, block, results = topic_with_finding(in_group=0)
    edition = publish_signed(topic=topic, by=factories.UserFactory(), at=AT)
    result_of(block.conclusion, title="Brisk steps")
    return edition, block, results


def changes_of(client, edition):
    page = client.get(edition.get_absolute_url()).content.decode()
    return page, words(page[page.index('id="changes"') : page.index('id="about"')])


@pytest.mark.parametrize(
    ("verdict", "level", "says"),
    [
        (None, "new studies", "About Walking speed (not assessed)."),
        ("unlikely to change", "new studies", "Unlikely to change Walking speed . A small study more. To be"),
        ("could change", "could change a finding", "Could change Walking speed . A small study more. To be"),
    ],
)
def test_page_says_what_editors_think_of_what_moved(verdict, level, says, client):
    edition, block, _ = moved_page()
    day = timezone.localdate() + 10 * DAY
    if verdict is not None:
        triaged(block.conclusion, verdict=verdict, at=timezone.now(), assess_by=day)

    page, changes = changes_of(client, edition)

    assert since(edition, at=timezone.now()).level == level
    assert says in changes
    assert (f"{day:%-d %B %Y}" in changes) == (verdict is not None)
    # Nothing else moves: the tag stands beside the finding only if what moved could change it.
    assert ("New evidence could change this" in page) == (verdict == "could change")
    tag = '<p><a class="tag new" href="#since">New evidence could change this</a></p>'
    assert edition.body_html in page.replace(tag, "")


def test_further_study_makes_a_triage_say_nothing():
    edition, block, _ = moved_page()
    triaged(block.conclusion, at=AT)

    result_of(block.conclusion)

    assert since(edition, at=AT).level == "new studies"
    assert [finding.outlook for finding in since(edition, at=AT).findings] == ["not assessed"]


def test_retraction_marks_the_finding_whatever_was_said_of_it(client):
    edition, block, results = moved_page()
    triaged(block.conclusion, verdict="unlikely to change", at=AT)

    results[0].study.integrity = "retracted"
    results[0].study.save()

    assert since(edition, at=AT).level == "could change a finding"
    assert "New evidence could change this" in client.get(edition.get_absolute_url()).content.decode()


def test_promise_that_was_not_kept_is_overdue(client):
    edition, block, _ = moved_page()
    triaged(block.conclusion, verdict="unlikely to change", at=AT, assess_by=AT.date() + DAY)

    assert since(edition, at=AT + DAY).level == "new studies"
    late = since(edition, at=AT + 2 * DAY)
    assert (late.level, late.overdue_since) == ("overdue", AT.date() + DAY)
    assert "overdue since 2 November 2026" in changes_of(client, edition)[1]


def test_conclusion_that_was_assessed_again_waits_for_the_next_edition(client):
    edition, block, _ = moved_page()
    triaged(block.conclusion, at=AT, assess_by=AT.date() + DAY)

    assessed(block.conclusion)

    assert since(edition, at=AT + 2 * DAY).overdue == ()
    assert "(assessed again, for the next edition)" in changes_of(client, edition)[1]


def test_study_that_went_is_said_by_the_finding_alone(client):
    edition, _, results = moved_page()
    Result.objects.exclude(pk__in=[result.pk for result in results]).delete()
    results[0].study.state, results[0].study.title = "draft", "Secret steps"
    results[0].study.save()

    page, changes = changes_of(client, edition)

    assert (since(edition, at=AT).news, len(since(edition, at=AT).findings)) == ((), 1)
    assert "Nothing above uses what moved since" in changes
    assert "Secret steps" not in page
