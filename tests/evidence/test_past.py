"""Studies as of a day: what they were is found in their history, and nobody sees what was withdrawn."""

import datetime
import html
import importlib
import random
import re

import pytest
from django.db import connection
from django.utils import timezone

from evidence import changes
from evidence.browsing import Filter, Matches, Vocabulary, count, page, studies_then, study_rows_then
from evidence.browsing.index import caught_up, current, forget
from evidence.browsing.index import past as module
from evidence.browsing.index.bitmaps import slots
from evidence.models import Appraisal, Arm, PopulationShare, Report, Result, Sample, Study
from evidence.states import Given
from tests import factories
from tests.evidence.worlds import ABOUT_STUDIES, Truth, random_choice, random_world

pytestmark = pytest.mark.django_db

KEPT = (Study, Report, Sample, PopulationShare, Arm, Result, Appraisal)
FIRST = datetime.date(2026, 3, 1)
TITLE = re.compile(r"<h3><a href=\"/studies/([\w-]+)/\"")


def day(n):
    return FIRST + datetime.timedelta(days=n)


def date_back(n):
    """Let all that is written in the histories since the last call have been written on day `n`."""
    written = timezone.now() - datetime.timedelta(days=1)
    noon = datetime.datetime.combine(day(n), datetime.time(12), tzinfo=datetime.UTC)
    for model in KEPT:
        model.history.filter(history_date__gt=written).update(history_date=noon)


def as_of(n, **chosen):
    return Filter(Vocabulary.load(), as_of=day(n), **chosen)


def listed(response):
    return TITLE.findall(response.content.decode())


def words_of(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def random_write(chance, world):
    """Change something as people do, so that history is written."""
    study = chance.choice(list(Study.objects.order_by("pk")))
    result = chance.choice(list(Result.objects.order_by("pk")))
    share = chance.choice(list(PopulationShare.objects.order_by("pk")))

    def save(row, **fields):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()

    chance.choice(
        [
            lambda: save(study, state=chance.choice(["published", "draft", "retired"])),
            lambda: save(study, year=chance.choice([None, 1990, 2020]), integrity="retracted"),
            lambda: save(study, n_enrolled=chance.choice([5, 500])),
            lambda: save(result, outcome=chance.choice(world.outcomes), weeks=4),
            lambda: save(result, direction=chance.choice(["", "mixed"])),
            lambda: save(result.sample, age_mean=chance.choice([None, 66.7])),
            lambda: save(share, share=chance.choice(["all", "part", "excluded"])),
            lambda: share.delete(),
            lambda: result.arm.interventions.set(chance.sample(world.interventions, 2)),
            lambda: result.arm.interventions.clear(),
            lambda: Appraisal.objects.filter(study=study).delete(),
            lambda: factories.ResultFactory(study=study, outcome=chance.choice(world.outcomes)),
            lambda: result.delete() if Result.objects.count() > 5 else None,
        ]
    )()


def random_history(seed, n_days=4):
    """A world that people worked on for some days, and the truth of each."""
    chance, world, truths = random.Random(seed), random_world(seed, n_studies=9), []
    for n in range(n_days):
        if n:
            for _ in range(8):
                random_write(chance, world)
        date_back(n)
        truths.append(Truth())
    public = {study.pk for study in truths[-1].studies}
    withdrawn = [{study.pk for study in truth.studies} - public for truth in truths]
    for truth in truths:
        truth.studies = [study for study in truth.studies if study.pk in public]
    return chance, world, truths, withdrawn


@pytest.mark.parametrize("seed", range(4))
def test_past_equals_the_truth_of_that_day(seed):
    chance, world, truths, withdrawn = random_history(seed)
    vocabulary = Vocabulary.load()

    for n, truth in enumerate(truths):
        assert module.past(day(n), today=current()).withdrawn == withdrawn[n]
        for _ in range(3):
            chosen = random_choice(chance, world, vocabulary) | {"q": "", "as_of": day(n)}
            plain = Filter(vocabulary, **chosen)
            counts = count(plain)
            assert counts.total == len(truth.satisfying(plain))
            assert set(page(plain).keys) == truth.satisfying(plain)
            for key in ("age", "outcome", "intervention", "bias", "integrity"):
                for slug in vocabulary.axes[key].by_slug:
                    narrower = plain.without(key).choosing(key, slug)
                    assert counts.of(key, slug) == len(truth.satisfying(narrower)), (key, slug)


@pytest.mark.parametrize("seed", range(4, 7))
def test_rows_of_a_day_show_the_first_result_that_was_asked_for(seed):
    chance, world, truths, _ = random_history(seed, n_days=3)
    vocabulary, truth = Vocabulary.load(), truths[1]
    keys = [key for key in vocabulary.axes if key not in ABOUT_STUDIES]

    for _ in range(4):
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary) | {"q": "", "as_of": day(1)})
        matches = Matches(chosen)
        on = [key for key in keys if chosen.is_on(key)]
        enough = any if chosen.loosely and on else all
        for row in study_rows_then(page(chosen, matches=matches).keys, matches):
            results = [
                result
                for result in truth.results
                if result.study_id == row.study.pk
                and enough(truth._holds_of_result(result, key, chosen) for key in on)
            ]
            first = min(results, key=lambda result: (not result.is_primary, result.pk), default=None)
            assert row.result == first
            if first is not None:
                assert (row.result.outcome, row.result.arm, row.result.sample.age_mean) == (
                    first.outcome,
                    first.arm,
                    first.sample.age_mean,
                )


def test_bound_loosely_a_row_shows_the_first_of_any_results():
    study, gait = factories.StudyFactory(), factories.OutcomeFactory(slug="gait")
    unknown = factories.SampleFactory(study=study)
    sample = factories.SampleFactory(study=study, parent=unknown, label="Women")
    # Of a sample without a history nothing is known, so that its results are left out.
    for of, outcome, direction in ((unknown, gait, ""), (sample, gait, ""), (sample, None, "mixed")):
        factories.ResultFactory(
            study=study, sample=of, outcome=outcome or factories.OutcomeFactory(), direction=direction
        )
    unknown.history.all().delete()
    date_back(0)
    values = frozenset({("outcome", "gait"), ("direction", "mixed")})

    [row] = study_rows_then([study.pk], Matches(as_of(0, values=values, loosely=True)))
    bound = Matches(as_of(0, values=values))

    assert (row.result.sample, row.result.outcome) == (sample, gait)
    assert not bound.studies


def test_studies_then_are_those_that_are_public_today():
    study = factories.StudyFactory()
    date_back(0)
    Study.objects.update(state="draft")

    assert studies_then([study.pk], day(0)) == []


def test_past_that_caught_up_is_one_made_anew():
    chance, world, _, _ = random_history(1, n_days=2)
    bare, back = factories.StudyFactory(), factories.StudyFactory()
    date_back(0)
    today = caught_up(None, changes.now())
    known = module._made(day(0), today)

    for n in range(4):
        for _ in range(4):
            random_write(chance, world)
        if n == 1:
            bare.delete()
        back.state = "draft" if n == 0 else "published"
        back.save()
        today = caught_up(today, changes.now())
        known = module._caught_up(known, today)
        anew = module._made(day(0), today)
        everything = Filter(today.vocabulary)
        assert known.withdrawn == anew.withdrawn
        assert known.index.moment == today.moment
        assert count(everything, index=known.index) == count(everything, index=anew.index)


def test_late_history_is_seen_though_the_day_is_over():
    study = factories.StudyFactory(year=1990)
    date_back(0)
    today = caught_up(None, changes.now())
    known = module._made(day(3), today)
    study.year = 2020
    study._history_date = datetime.datetime.combine(day(2), datetime.time(9), tzinfo=datetime.UTC)
    study.save()

    known = module._caught_up(known, caught_up(today, changes.now()))

    assert known.index.store.year.values[slots(known.index.alive)].tolist() == [2020]


@pytest.mark.django_db(transaction=True)
def test_a_day_is_read_once(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(module, "MOST_DAYS", 2)
    forget()
    module.forget_days()
    factories.ResultFactory()
    date_back(0)
    today = current()
    module.past(day(0), today=today)
    with django_assert_num_queries(0):
        assert len(module.past(day(0), today=today).index.alive) == 1
        assert not module.is_too_large(day(0))
    for n in (1, 2):
        module.past(day(n), today=today)
    assert list(module._kept) == [day(1), day(2)]
    module.forget_days()
    forget()


# What readers meet


def test_list_as_of_a_day_is_about_that_day(client):
    study = factories.StudyFactory(slug="old", title="Old title", year=1990, n_enrolled=12)
    factories.StudyFactory(slug="later")
    sample = factories.SampleFactory(study=study, description="Women over 70.")
    walking, weights = factories.InterventionFactory(slug="walking"), factories.InterventionFactory(slug="w")
    arm = factories.ArmFactory(study=study, interventions=[walking], weeks=4)
    gait = factories.OutcomeFactory(slug="gait", name="Gait speed")
    result = factories.ResultFactory(study=study, sample=sample, arm=arm, outcome=gait, estimate=1.2)
    date_back(0)
    Study.history.filter(slug="later").update(history_date=timezone.now())
    arm.interventions.set([weights])
    for row, fields in (
        (study, {"slug": "new", "title": "New title", "year": 2020, "integrity": "retracted"}),
        (sample, {"description": "Men."}),
        (arm, {"weeks": 26}),
        (result, {"estimate": 0.75, "outcome": factories.OutcomeFactory(slug="balance")}),
    ):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()

    response = client.get(f"/studies/?as_of={day(0)}&intervention=walking&outcome=gait&year_to=1990")

    words = words_of(response)
    assert response.status_code == 200
    assert listed(response) == ["new"]
    for said in ("Old title", "1990", "12 people", "4 weeks", "Women over 70", "Gait speed", "1.2 ("):
        assert said in words
    assert "Retracted since" in words
    assert "As of 1 March 2026 : studies as this site had recorded them" in words
    assert "New title" not in words
    assert listed(client.get(f"/studies/?as_of={day(0)}&intervention=w")) == []
    assert listed(client.get(f"/studies/?as_of={timezone.localdate()}&intervention=w")) == ["new"]


def test_what_was_withdrawn_is_a_number_that_no_filter_moves(client):
    factories.StudyFactory(slug="public", year=2020)
    away = factories.StudyFactory(slug="away", title="Away", year=1990)
    gone = factories.StudyFactory(slug="gone", title="Gone", year=1990)
    factories.StudyFactory(slug="draft", title="Draft", state="draft")
    date_back(0)
    away.state = "draft"
    away.save()
    gone.delete()

    for query in ("", "&year_from=2000", "&year_to=1990"):
        response = client.get(f"/studies/?as_of={day(0)}{query}")
        assert "2 studies that were public then are not public any more" in words_of(response)
        for hidden in ("away", "gone", "Draft"):
            assert hidden not in response.content.decode().lower().replace("go away", "")
        answer = client.get(f"/api/facets?as_of={day(0)}{query}").json()
        assert answer["withdrawn"] == 2
        assert answer["count"] == (0 if "year_to" in query else 1)


def test_api_gives_the_studies_of_the_page(client):
    study = factories.StudyFactory(slug="miller", title="Old title")
    date_back(0)
    study.title, study.integrity = "New title", "concern"
    study.save()

    answer = client.get(f"/api/studies?as_of={day(0)}").json()
    today = client.get("/api/studies").json()

    [item] = answer["items"]
    assert (item["title"], item["integrity"], item["integrity_today"]) == ("Old title", "ok", "concern")
    assert (answer["count"], answer["withdrawn"]) == (1, 0)
    assert (today["items"][0]["integrity_today"], today["withdrawn"]) == (None, None)


def test_a_day_stays_in_every_address_but_those_of_today(client):
    for _ in range(30):
        factories.StudyFactory()
    date_back(0)

    response = client.get(f"/studies/?as_of={day(0)}&design=parallel-trial")

    content = response.content.decode()
    assert 'href="/studies/?design=parallel-trial"><span><span class="vh">Remove filter </span>As' in content
    assert f'value="{day(0)}"' in content
    assert "/studies.csv" not in content
    assert "/studies.atom" not in content
    assert 'href="/studies/map/?design=parallel-trial"' in content
    following = html.unescape(re.search(r'<a rel="next" href="([^"]+)"', content)[1])
    assert f"as_of={day(0)}" in following
    assert len(listed(client.get("/studies/" + following))) == 5
    # A cursor is one of its day.
    other = following.replace(str(day(0)), str(day(1)))
    assert client.get("/studies/" + other).status_code == 400


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("as_of=yesterday", "Give a day as year, month and day"),
        ("as_of=2026-02-30", "Give a day as year, month and day"),
        ("as_of=9999-12-31", "This day has not come yet"),
        ("as_of=2026-03-01&as_of=2026-03-02", "Given more than once"),
        ("as_of=2026-03-01&q=gait", "Words are looked for in studies as they are today"),
        ("as_of=2026-03-01&conclusion=x", "What was behind a conclusion is kept by assessment"),
    ],
)
def test_a_day_that_is_not_understood_is_named(client, query, words):
    factories.ConclusionFactory(slug="x")
    for address in ("/studies/", "/api/studies", "/api/facets"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 400
        assert "as_of" in response.content.decode()
        assert words in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        *("/studies/map/", "/studies/forest/", "/studies.csv", "/studies.xlsx", "/studies.atom"),
        *("/api/results", "/api/samples"),
    ],
)
def test_what_shows_only_today_refuses_a_day(client, address):
    response = client.get(f"{address}?as_of=2026-03-01")

    assert response.status_code == 400
    assert "Only the list of studies, and its counts, can be shown as of a day" in response.content.decode()


def test_a_past_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(module, "MOST_STATES", {Study: 1})
    factories.StudyFactory()
    date_back(0)
    assert client.get(f"/studies/?as_of={day(0)}").status_code == 200
    factories.StudyFactory()
    date_back(0)

    response = client.get(f"/studies/?as_of={day(0)}")

    assert response.status_code == 400
    assert "more was recorded than can be read" in response.content.decode()
    assert client.get(f"/studies/?as_of={day(-1)}").status_code == 200


def test_first_and_last_days_are_answered(client):
    factories.StudyFactory()

    assert listed(client.get("/studies/?as_of=0001-01-01")) == []
    assert len(listed(client.get(f"/studies/?as_of={timezone.localdate()}"))) == 1


@pytest.mark.parametrize("n", [2, 12])
def test_list_as_of_a_day_takes_the_same_queries_whatever_the_size(client, n, django_assert_num_queries):
    for _ in range(n):
        study = factories.StudyFactory()
        sample = factories.SampleFactory(study=study)
        factories.PopulationShareFactory(sample=sample)
        arm = factories.ArmFactory(study=study, interventions=[factories.InterventionFactory()])
        factories.ResultFactory(study=study, sample=sample, arm=arm)
        factories.ReportFactory(study=study, is_primary=True)
        factories.AppraisalFactory(study=study)
    date_back(0)

    # Ten for an index of today, six for one of that day, two for its size, nine for the rows, the menu.
    with django_assert_num_queries(29):
        client.get(f"/studies/?as_of={day(0)}&bias=low&year_from=1990")


def test_migration_gives_past_states_of_arms_what_they_have_today():
    arm = factories.ArmFactory(interventions=[factories.InterventionFactory()])
    arm.label = "Other"
    arm.save()
    Given.objects.all().delete()
    migration = importlib.import_module("evidence.migrations.0007_arm_interventions_history")

    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)

    assert set(Given.objects.values_list("history", "intervention")) == {
        (state, arm.interventions.get().pk) for state in arm.history.values_list("pk", flat=True)
    }
