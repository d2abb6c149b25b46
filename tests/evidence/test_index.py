"""The index in memory agrees with the database, whatever was written and however."""

import random
import threading

import pytest
from django.db import transaction

from evidence import changes
from evidence.browsing import Filter, Vocabulary, count
from evidence.browsing.counting import Matches
from evidence.browsing.index import FacetIndex, caught_up, current, forget, reading, sets
from evidence.browsing.index import index as index_module
from evidence.browsing.index.bitmaps import slots
from evidence.models import Appraisal, Outcome, PopulationShare, Result, Sample, Study
from tests import factories
from tests.evidence.worlds import Truth, random_choice, random_world


def _same(index, vocabulary, chosen):
    """What this index counts is what one made anew does."""
    assert count(chosen, index=index) == count(chosen)


def _random_write(chance, world):
    """Change something somewhere, past all saves and signals where that is possible."""
    study = chance.choice(list(Study.objects.order_by("pk")))
    result = chance.choice(list(Result.objects.order_by("pk")))
    node = chance.choice(world.outcomes)
    other = chance.choice([None, *(each for each in world.outcomes if each.pk < node.pk)])
    chance.choice(
        [
            lambda: Study.objects.filter(pk=study.pk).update(state=chance.choice(["published", "draft"])),
            lambda: Study.objects.filter(pk=study.pk).update(year=chance.choice([None, 1990, 2020])),
            lambda: Result.objects.filter(pk=result.pk).update(outcome=node, weeks=4),
            lambda: result.delete() if Result.objects.count() > 5 else None,
            lambda: factories.ResultFactory(study=study, outcome=node),
            lambda: factories.ResultFactory(),
            lambda: Sample.objects.filter(study=study).update(age_mean=24.1),
            lambda: PopulationShare.objects.filter(sample__study=study).update(share="part"),
            lambda: PopulationShare.objects.filter(sample__study=study).delete(),
            lambda: result.arm.interventions.set(world.interventions[:2]),
            lambda: Appraisal.objects.filter(study=study).delete(),
            lambda: Outcome.objects.filter(pk=node.pk).update(parent=other),
        ]
    )()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_caught_up_counts_as_a_new_one(seed):
    chance = random.Random(seed)
    world = random_world(seed, n_studies=8)
    index = caught_up(None, changes.now())

    for _ in range(6):
        for _ in range(chance.randrange(1, 4)):
            _random_write(chance, world)
        index = caught_up(index, changes.now())
        vocabulary = Vocabulary.load()
        for _ in range(2):
            _same(index, vocabulary, Filter(vocabulary, **random_choice(chance, world, vocabulary)))


@pytest.mark.django_db
def test_an_older_state_says_what_it_said():
    study = factories.ResultFactory(study__year=1990).study
    before = caught_up(None, changes.now())
    Study.objects.filter(pk=study.pk).update(year=2020)
    factories.ResultFactory(study__year=2020)

    after = caught_up(before, changes.now())

    for index, first, total in ((before, 1990, 1), (after, 2020, 2)):
        chosen = Filter(index.vocabulary, year_from=first, year_to=first)
        assert count(chosen, index=index).total == total
    assert count(Filter(before.vocabulary), index=before).total == 1


@pytest.mark.django_db
def test_an_index_read_in_lots_counts_as_one_read_at_once(monkeypatch):
    world = random_world(5)
    vocabulary, chance = Vocabulary.load(), random.Random(5)
    at_once = FacetIndex.build(changes.Moment())
    monkeypatch.setattr(reading, "LOT", 3)

    in_lots = FacetIndex.build(changes.Moment())

    assert in_lots.store.n_later == 0
    for _ in range(12):
        chosen = Filter(vocabulary, **random_choice(chance, world, vocabulary))
        assert count(chosen, index=in_lots) == count(chosen, index=at_once)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_units_equal_the_truth(seed, monkeypatch):
    if seed % 2:
        monkeypatch.setattr(index_module, "FEW", 0)
        monkeypatch.setattr(sets, "FEW", 0)
    world = random_world(seed)
    vocabulary, truth, chance = Vocabulary.load(), Truth(), random.Random(seed)
    people = {study.pk: study.n_people or 0 for study in truth.studies}

    for _ in range(6):
        chosen = {**random_choice(chance, world, vocabulary), "loosely": False}
        counts = {unit: count(Filter(vocabulary, unit=unit, **chosen)) for unit in ("results", "people")}

        plain = Filter(vocabulary, **chosen)
        if plain.is_about_results:
            assert counts["results"].n_results == len(truth.results_of(plain))
        assert counts["people"].n_people == sum(people[pk] for pk in truth.satisfying(plain))
        for key, axis in vocabulary.axes.items():
            for slug in axis.by_slug:
                narrower = plain.without(key).choosing(key, slug)
                assert counts["people"].of(key, slug) == sum(people[pk] for pk in truth.satisfying(narrower))
                if axis.about_results:
                    assert counts["results"].of(key, slug) == len(truth.results_of(narrower)), (key, slug)


@pytest.mark.django_db(transaction=True)
def test_the_index_of_a_process_is_asked_for_one_number(django_assert_num_queries):
    forget()
    factories.ResultFactory()
    assert count(Filter(current().vocabulary)).total == 1

    with django_assert_num_queries(1):
        index = current()
    with django_assert_num_queries(0):
        assert current(index.moment) is index
        assert count(Filter(index.vocabulary), index=index).total == 1

    factories.StudyFactory()
    assert count(Filter(current().vocabulary)).total == 2
    Study.objects.all().update(state="retired")
    assert count(Filter(current().vocabulary)).total == 0
    forget()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n_ahead", [1, 4, 50])
def test_lots_that_another_thread_reads_are_the_same(n_ahead, monkeypatch):
    monkeypatch.setattr(reading, "LOT", 3)
    monkeypatch.setattr(reading, "AHEAD", n_ahead)
    random_world(1, n_studies=20)
    with transaction.atomic():
        whole = FacetIndex.build(changes.now())

    in_lots = FacetIndex.build(changes.now())

    assert in_lots.store.n == whole.store.n
    nothing = Filter(whole.vocabulary)
    assert count(nothing, index=in_lots) == count(nothing, index=whole)
    assert in_lots.store.pk.values.tolist() == whole.store.pk.values.tolist()


@pytest.mark.django_db(transaction=True)
def test_a_lot_that_cannot_be_read_is_told_and_ends_the_thread(monkeypatch):
    monkeypatch.setattr(reading, "LOT", 3)
    random_world(1, n_studies=12)

    def refuse(first, last):
        raise OSError("no disk")

    monkeypatch.setattr(reading, "read_lot", refuse)
    threads = threading.active_count()

    with pytest.raises(OSError, match="no disk"):
        FacetIndex.build(changes.now())

    assert threading.active_count() == threads


@pytest.mark.django_db(transaction=True)
def test_what_may_be_taken_back_stays_with_its_transaction():
    forget()
    assert count(Filter(current().vocabulary)).total == 0

    with transaction.atomic():
        factories.StudyFactory()
        assert count(Filter(current().vocabulary)).total == 1
        transaction.set_rollback(True)

    assert count(Filter(current().vocabulary)).total == 0
    forget()


@pytest.mark.django_db
def test_keys_of_what_matches_come_back():
    study = factories.ResultFactory().study
    matches = Matches(Filter(Vocabulary.load()))

    assert matches.index.keys_of(slots(matches.studies)) == [study.pk]
    assert FacetIndex.build(changes.Moment()).studies_by_key([study.pk, 10**9]) == matches.studies
