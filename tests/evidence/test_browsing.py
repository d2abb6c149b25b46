"""The studies browser agrees with the truth, found the slow way, on random evidence."""

import random
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from evidence.browsing import Filter, Matches, Vocabulary, bars, count, facets, study_rows, years
from evidence.browsing.answer import Answer
from evidence.browsing.drawings import drawings
from evidence.browsing.index import current, sets
from evidence.browsing.index import index as index_module
from evidence.models import Result
from tests.evidence.worlds import Truth, random_choice, random_world
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def labels(studies):
    return [study.label for study in studies]


# The law


@pytest.mark.parametrize("seed", range(8))
def test_counts_and_list_equal_the_truth(seed, monkeypatch):
    if seed % 2:
        # As if there were many: they are counted in another way.
        monkeypatch.setattr(index_module, "FEW", 0)
        monkeypatch.setattr(sets, "FEW", 0)
    world = random_world(seed)
    vocabulary = Vocabulary.load()
    truth = Truth()
    chance = random.Random(seed)

    for _ in range(12):
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary))
        counts = count(chosen)

        expected = truth.satisfying(chosen)
        assert set(chosen.apply().values_list("pk", flat=True)) == expected
        assert counts.total == len(expected) == chosen.in_order().count()
        assert dict(counts.without) == {
            key: len(truth.satisfying(chosen.without(key)))
            for key in [*vocabulary.axes, "q"]
            if chosen.is_on(key)
        }
        for axis in vocabulary.axes.values():
            others = chosen.without(axis.key)
            assert {slug: counts.of(axis.key, slug) for slug in axis.by_slug} == {
                slug: len(truth.satisfying(others.choosing(axis.key, slug))) for slug in axis.by_slug
            }, axis.key


@pytest.mark.parametrize("seed", range(3))
def test_sql_words_give_the_counts(seed):
    world = random_world(seed + 100)
    vocabulary = Vocabulary.load()
    chosen = Filter(vocabulary, **random_choice(random.Random(seed), world, vocabulary))

    counts = count(chosen)

    for axis in vocabulary.axes.values():
        others = chosen.without(axis.key)
        for slug in axis.by_slug:
            assert counts.of(axis.key, slug) == others.choosing(axis.key, slug).apply().count()


# The rules, one by one


def in_group(study, population, outcome, **fields):
    """A result for `outcome` in a subgroup of `study` that is all `population`."""
    whole = study.samples.filter(parent=None).first() or SampleFactory(study=study)
    sample = SampleFactory(study=study, parent=whole, label=population.name)
    PopulationShareFactory(sample=sample, population=population)
    return ResultFactory(study=study, sample=sample, outcome=outcome, **fields)


def test_filter_asks_all_of_one_result():
    older, students = PopulationFactory(slug="older"), PopulationFactory(slug="students")
    balance, strength = OutcomeFactory(slug="balance"), OutcomeFactory(slug="strength")
    both = StudyFactory(label="Both in one result")
    in_group(both, older, balance)
    apart = StudyFactory(label="Each in another result")
    in_group(apart, older, strength)
    in_group(apart, students, balance)
    vocabulary = Vocabulary.load()

    chosen = Filter(vocabulary).choosing("age", "older").choosing("outcome", "balance")

    assert labels(chosen.apply()) == ["Both in one result"]
    assert count(chosen).of("outcome", "strength") == 1
    assert count(chosen).of("age", "students") == 1


def test_parent_includes_descendants_and_counts_a_study_once():
    older = PopulationFactory(slug="older")
    oldest = PopulationFactory(slug="oldest", parent=older)
    walking = OutcomeFactory()
    study = StudyFactory()
    in_group(study, older, walking)
    in_group(study, oldest, walking)
    vocabulary = Vocabulary.load()

    counts = count(Filter(vocabulary))

    assert counts.values["age"] == {"older": 1, "oldest": 1}
    assert Filter(vocabulary).choosing("age", "older").apply().count() == 1


def test_subgroup_takes_over_only_axes_it_does_not_set():
    women = PopulationFactory(slug="women", axis="sex")
    older, young = PopulationFactory(slug="older"), PopulationFactory(slug="young")
    study = StudyFactory()
    whole = SampleFactory(study=study)
    PopulationShareFactory(sample=whole, population=older)
    PopulationShareFactory(sample=whole, population=women)
    in_group(study, young, OutcomeFactory())
    vocabulary = Vocabulary.load()

    counts = count(Filter(vocabulary))

    assert counts.values["age"] == {"young": 1}
    assert counts.values["sex"] == {"women": 1}
    assert Filter(vocabulary).choosing("age", "older").apply().count() == 0


def test_part_of_a_sample_counts_only_when_asked_for():
    older = PopulationFactory(slug="older")
    study = StudyFactory()
    PopulationShareFactory(sample=SampleFactory(study=study), population=older, share="part")
    ResultFactory(study=study)
    vocabulary = Vocabulary.load()

    strict = Filter(vocabulary).choosing("age", "older")
    loose = Filter(vocabulary, with_part=True).choosing("age", "older")

    assert strict.apply().count() == 0
    assert count(strict).of("age", "age-not-reported") == 1
    assert loose.apply().count() == 1
    assert count(loose).of("age", "age-not-reported") == 0


def test_choice_on_an_axis_leaves_its_siblings_their_counts():
    StudyFactory(design="parallel trial")
    StudyFactory(design="crossover trial")
    StudyFactory(design="case report")
    vocabulary = Vocabulary.load()

    counts = count(Filter(vocabulary).choosing("design", "crossover-trial"))

    assert counts.total == 1
    assert counts.values["design"] == {
        "randomised-trials": 2,
        "parallel-trial": 1,
        "crossover-trial": 1,
        "observational-studies": 1,
        "case-report": 1,
    }


def test_chosen_value_without_studies_stays_with_all_above_it():
    top = OutcomeFactory(name="Gait")
    middle = OutcomeFactory(name="Speed", parent=top)
    deep = OutcomeFactory(name="Fast", slug="fast", parent=middle)
    OutcomeFactory(name="Slow", parent=middle)
    vocabulary = Vocabulary.load()
    chosen = Filter(vocabulary).choosing("outcome", deep.slug)

    facet = next(facet for facet in facets(chosen, count(chosen)) if facet.key == "outcome")

    assert [(value.label, value.depth, value.count, value.chosen) for value in facet.flat()] == [
        ("Gait", 0, 0, False),
        ("Speed", 1, 0, False),
        ("Fast", 2, 0, True),
    ]


def test_facet_hides_narrower_terms_without_studies_and_inactive_roots():
    top = InterventionFactory(name="Exercise")
    InterventionFactory(name="Rowing", parent=top)
    InterventionFactory(name="Old word", is_active=False)
    vocabulary = Vocabulary.load()
    nothing = Filter(vocabulary)

    facet = next(facet for facet in facets(nothing, count(nothing)) if facet.key == "intervention")

    assert [value.label for value in facet.flat()] == ["Exercise", "No intervention named"]


def test_study_without_results_is_in_the_list_but_satisfies_no_result_filter():
    older = PopulationFactory(slug="older")
    study = StudyFactory()
    PopulationShareFactory(sample=SampleFactory(study=study), population=older)
    vocabulary = Vocabulary.load()

    assert Filter(vocabulary).apply().count() == 1
    assert count(Filter(vocabulary)).values["age"] == {}
    assert Filter(vocabulary).choosing("age", "older").apply().count() == 0


def test_drafts_and_retired_studies_are_not_counted():
    for state in ("draft", "retired"):
        ResultFactory(study=StudyFactory(state=state))

    counts = count(Filter(Vocabulary.load()))

    assert counts.total == 0
    assert counts.values["outcome"] == {}


# How it is written


def test_query_is_the_same_however_the_values_were_chosen():
    for slug in ("b", "a"):
        PopulationFactory(slug=slug)
    vocabulary = Vocabulary.load()

    one = Filter(vocabulary, year_from=1990, q="gait").choosing("age", "a").choosing("age", "b")
    other = Filter(vocabulary, q="gait", year_from=1990).choosing("age", "b", "a")

    assert one == other
    assert one.as_query() == other.as_query() == "q=gait&population=b&population=a&year_from=1990"


def test_chips_remove_one_choice_each():
    PopulationFactory(slug="older", name="Older adults")
    vocabulary = Vocabulary.load()
    chosen = Filter(
        vocabulary, q="gait", year_from=1990, year_to=2000, people_min=20, with_part=True, sort="oldest"
    )
    chosen = chosen.choosing("age", "older", "age-not-reported").choosing("bias", "low", "not-appraised")

    chips = {chip.label: chip.query for chip in chosen.chips()}

    assert list(chips) == [
        "“gait”",
        "Older adults",
        "Age: not reported, or mixed",
        "Risk of bias: low",
        "Risk of bias: not appraised",
        "Year 1990 to 2000",
        "Number of people from 20",
        "Mixed groups too",
    ]
    assert chips["Year 1990 to 2000"] == (
        "q=gait&population=older&population=age-not-reported&bias=low&bias=not-appraised"
        "&people_min=20&part=yes&sort=oldest"
    )


def test_order_without_words_is_newest_even_if_best_match_was_asked_for():
    vocabulary = Vocabulary.load()

    assert Filter(vocabulary, sort="match").order == "newest"
    assert Filter(vocabulary, sort="match").as_query() == ""
    assert Filter(vocabulary, q="gait").order == "match"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["New", "Old", "Undated"]),
        ("newest", ["New", "Old", "Undated"]),
        ("oldest", ["Old", "New", "Undated"]),
        ("people", ["Undated", "Old", "New"]),
        ("design", ["Old", "New", "Undated"]),
    ],
)
def test_list_is_in_the_order_chosen(sort, expected):
    StudyFactory(label="Undated", year=None, n_enrolled=90, design="case report")
    StudyFactory(label="Old", year=1990, n_enrolled=None, n_analysed=50, design="meta-analysis")
    StudyFactory(label="New", year=2020, n_enrolled=None, n_analysed=None, design="parallel trial")

    assert labels(Filter(Vocabulary.load(), sort=sort).in_order()) == expected


# Addresses


@pytest.mark.parametrize("seed", range(3))
def test_query_says_what_the_parameters_do_and_bars_replace_the_year(seed):
    world = random_world(seed)
    vocabulary, chance = Vocabulary.load(), random.Random(seed)

    for _ in range(40):
        sort = chance.choice(["", "oldest", "match"])
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary), sort=sort)
        assert chosen.as_query() == urlencode(chosen.parameters())
        assert chosen.as_query(with_sort=False) == urlencode(chosen.parameters(with_sort=False))
        for bar in bars(chosen, {1990: 1, 2004: 2}):
            of_years = replace(chosen.without("year"), year_from=bar.first, year_to=bar.last)
            assert bar.query == of_years.as_query()


def test_bars_are_a_step_of_years_wide_from_the_first_to_the_last(monkeypatch):
    monkeypatch.setattr(years, "MOST_BARS", 4)
    chosen = Filter(Vocabulary.load(), year_from=1994, year_to=1995)

    found = bars(chosen, {1991: 1, 1994: 3, 1995: 1, 1999: 2, 2003: 0})

    assert [(bar.label, bar.n, bar.tall, bar.is_chosen) for bar in found] == [
        ("1990 to 1994", 4, 40.0, True),
        ("1995 to 1999", 3, 30.0, True),
    ]
    assert bars(chosen, {1991: 1, 1992: 0}) == []


# Rows


def rows_of(chosen, index=None):
    return study_rows(chosen.in_order().values_list("pk", flat=True), Matches(chosen, index=index))


def test_row_shows_the_first_result_that_satisfies_the_filter():
    gait, sleep = OutcomeFactory(slug="gait", unit="m/s"), OutcomeFactory(slug="sleep")
    study = StudyFactory(summary="All in all.")
    ResultFactory(study=study, outcome=sleep, is_primary=True, finding="Slept longer.")
    arm = ArmFactory(study=study, weeks=12)
    in_group(
        study, PopulationFactory(name="Older adults"), gait, arm=arm, unit="m/s", finding="Walked faster."
    )
    vocabulary = Vocabulary.load()

    [row] = rows_of(Filter(vocabulary))
    chosen = Filter(vocabulary).choosing("outcome", "gait")
    [narrow] = rows_of(chosen)

    assert (row.result.outcome, row.finding, row.length) == (sleep, "All in all.", "")
    assert (narrow.result.outcome, narrow.finding, narrow.length) == (gait, "Walked faster.", "12 weeks")
    assert (narrow.number, narrow.who) == ("1.0 (0.5 to 1.5) m/s", "Older adults")
    assert narrow.places.x_null == "4.0%"


@pytest.mark.parametrize("seed", range(3))
def test_row_shows_the_first_result_of_what_is_true(seed):
    world = random_world(seed)
    vocabulary, chance = Vocabulary.load(), random.Random(seed)
    first = Result.objects.order_by("pk").first()
    Result.objects.filter(study=first.study).update(is_primary=False)
    Result.objects.filter(study=first.study).exclude(pk=first.pk).update(position=0, is_primary=True)
    index = current()

    for _ in range(12):
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary))
        for row in rows_of(chosen, index):
            assert row.result == chosen.results().filter(study=row.study).in_order().first(), chosen


def test_row_shows_the_first_result_behind_a_conclusion():
    gait, sleep = OutcomeFactory(), OutcomeFactory()
    study = StudyFactory()
    ResultFactory(study=study, outcome=sleep, is_primary=True)
    behind = ResultFactory(study=study, outcome=gait)
    answer = Answer("gait", None, "Gait, today", frozenset({behind.pk}))

    [row] = rows_of(Filter(Vocabulary.load(), answer=answer))

    assert row.result == behind


def test_row_is_one_for_a_study_with_several_reports_and_subgroups():
    study = StudyFactory()
    whole = SampleFactory(study=study, label="Everybody", percent_female=40)
    for n in range(2):
        PopulationShareFactory(sample=whole, population=PopulationFactory(name=f"Group {n}"))
        SampleFactory(study=study, parent=whole, label=f"Subgroup {n}")
    PopulationShareFactory(sample=whole, share="part")
    ReportFactory(study=study, is_primary=False, year=1990, language="fr")
    main = ReportFactory(study=study, is_primary=True, year=2000, language="de", bibliography="verified")
    nothing = Matches(Filter(Vocabulary.load()))

    [row] = study_rows([study.pk, study.pk + 1], nothing)

    assert (row.report, row.report.language, row.report.bibliography) == (main, "de", "verified")
    assert row.who == "Group 0, Group 1, 40% women"


def test_row_names_groups_by_their_axis_and_outcomes_by_their_short_name():
    outcome = OutcomeFactory(name="Time to rise from a chair", short_name="Chair rise")
    result = ResultFactory(outcome=outcome)
    for name, short_name, axis in (("Women", "", "sex"), ("People over 65", "Older adults", "age")):
        population = PopulationFactory(name=name, short_name=short_name, axis=axis)
        PopulationShareFactory(sample=result.sample, population=population)

    [row] = rows_of(Filter(Vocabulary.load()))

    assert (row.who, row.result.outcome.label) == ("Older adults, Women", "Chair rise")


def test_row_leaves_out_what_came_in_after_the_index_was_asked():
    result = ResultFactory()
    PopulationShareFactory(
        sample=result.sample, population=PopulationFactory(name="Older adults", axis="age")
    )
    matches = Matches(Filter(Vocabulary.load()))
    PopulationShareFactory(sample=result.sample, population=PopulationFactory(name="Women", axis="sex"))
    Result.objects.update(outcome=OutcomeFactory())

    [row] = study_rows([result.study_id], matches)

    assert (row.who, row.result) == ("Older adults", None)


def test_rows_of_one_outcome_and_unit_share_an_axis():
    gait = OutcomeFactory()
    one, other = StudyFactory(label="A"), StudyFactory(label="B")
    ResultFactory(study=one, outcome=gait, estimate=1, ci_low=0, ci_high=2)
    ResultFactory(study=other, outcome=gait, estimate=3, ci_low=2, ci_high=4)
    nothing = Matches(Filter(Vocabulary.load()))

    rows = study_rows([one.pk, other.pk], nothing)

    assert [(row.places.x_low, row.places.x_estimate, row.places.x_high) for row in rows] == [
        ("4.0%", "27.0%", "50.0%"),
        ("50.0%", "73.0%", "96.0%"),
    ]


def test_row_without_a_result_or_report_has_no_number():
    StudyFactory(summary="")
    nothing = Filter(Vocabulary.load())

    [row] = rows_of(nothing)

    assert (row.report, row.result, row.finding, row.who, row.length, row.number, row.places) == (
        None,
        None,
        "",
        "",
        "",
        "",
        None,
    )


# Queries


def build(n):
    parent = OutcomeFactory()
    for _ in range(n):
        study = StudyFactory(summary="Gait was faster.")
        whole = SampleFactory(study=study)
        PopulationShareFactory(sample=whole)
        in_group(study, PopulationFactory(axis="sex"), OutcomeFactory(parent=parent))
        ReportFactory(study=study, is_primary=True)
        AppraisalFactory(study=study)
        study.arms.first().interventions.add(InterventionFactory())


@pytest.mark.parametrize("n", [2, 20])
def test_counting_takes_the_same_queries_whatever_the_size(n, django_assert_num_queries):
    build(n)

    # Three trees, the lots, and what studies and results hold.
    with django_assert_num_queries(10):
        index = current()
    nothing = Filter(index.vocabulary)
    with django_assert_num_queries(0):
        assert count(nothing, index=index).total == n
    everything_on = Filter(index.vocabulary, q="gait")
    for axis in index.vocabulary.axes.values():
        everything_on = everything_on.choosing(axis.key, *list(axis.by_slug)[:60])
    with django_assert_num_queries(1):
        count(everything_on, index=index)
    # One more for the keys.
    with django_assert_num_queries(4):
        assert len(rows_of(nothing, index)) == n


# Drawings


def test_drawings_share_an_axis_only_where_numbers_compare():
    gait = OutcomeFactory()
    one = ResultFactory(outcome=gait, unit="points", estimate=1, ci_low=0, ci_high=2)
    same = ResultFactory(outcome=gait, unit="points", estimate=2, ci_low=0, ci_high=4)
    other_scale = ResultFactory(
        outcome=gait, unit="points", instrument="Long form", estimate=50, ci_low=0, ci_high=100
    )

    places = drawings([one, same, other_scale])

    assert [places[result.pk].x_high for result in (one, same, other_scale)] == ["50.0%", "96.0%", "96.0%"]


def test_ratios_of_different_outcomes_share_an_axis_unless_asked_apart():
    one = ResultFactory(measure="rr", estimate=2, ci_low=1, ci_high=4)
    other = ResultFactory(measure="rr", estimate=4, ci_low=1, ci_high=16)

    assert drawings([one, other])[one.pk].x_high == "50.0%"
    assert drawings([one, other], per_outcome=True)[one.pk].x_high == "96.0%"


def test_interval_that_reaches_infinity_is_not_drawn():
    result = ResultFactory.build(
        measure="rr", yi=0.0, vi=1e9, study=None, sample=None, arm=None, outcome=None
    )
    plain = ResultFactory.build(
        measure="rr", yi=None, vi=None, study=None, sample=None, arm=None, outcome=None
    )
    result.pk, plain.pk = 1, 2

    places = drawings([result, plain])

    assert list(places) == [1]
    assert (places[1].x_estimate, places[1].x_low, places[1].x_high) == ("50.0%", None, None)
