"""Invented studies are valid, and the same each time."""

import pytest
from django.db import connection
from django.db.models import F

from benchmarks import generating, inventing
from evidence.models import (
    Appraisal,
    Arm,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
    Tool,
)

SIZE = 200
OF_STUDIES = (Study, Report, Sample, PopulationShare, Arm, Result, Appraisal)


@pytest.fixture(autouse=True)
def _few_words(monkeypatch):
    monkeypatch.setattr(inventing, "N_WORDS", 2500)


def write(world):
    for table, rows in world.terms():
        generating.write(table, rows)
    for _, tables in world.studies(SIZE):
        generating.write_together(tables)


@pytest.mark.django_db
def test_what_is_written_is_valid_and_derived_as_the_models_do():
    write(inventing.World())

    for model in (Population, Outcome, Intervention, Tool, *OF_STUDIES):
        for entry in model.objects.order_by("pk")[
            :: 40 if model in (Population, Outcome, Intervention) else 7
        ]:
            stored = {field.attname: getattr(entry, field.attname) for field in model._meta.concrete_fields}
            entry.full_clean()
            assert {name: getattr(entry, name) for name in stored} == stored
    connection.check_constraints()
    assert Study.objects.count() == SIZE
    assert 2 * SIZE < Result.objects.count() < 4 * SIZE
    assert not Result.objects.exclude(sample__study=F("study")).exists()


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    first, again, other = (next(inventing.World(seed=seed).studies(SIZE))[1] for seed in (1, 1, 2))

    assert first == again
    assert first[inventing.RESULTS] != other[inventing.RESULTS]


def test_fewer_studies_are_the_first_of_many(monkeypatch):
    monkeypatch.setattr(inventing, "CHUNK", 50)
    few = [tables for _, tables in inventing.World().studies(50)]
    many = [tables for _, tables in inventing.World().studies(100)]

    assert few == many[:1]
    assert many[1][inventing.STUDIES][0][0] == 51
