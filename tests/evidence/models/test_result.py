"""Results: what must always be true of them, and the words that choose them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from evidence import trees
from evidence.models import Population, Result
from tests.factories import (
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


def test_result_derives_its_effect_from_an_interval():
    result = ResultFactory(measure="md", estimate=0.0, ci_low=-1.96, ci_high=1.96)

    assert result.derivation == "estimate_and_interval"
    assert result.yi == 0.0
    assert result.vi == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ({"estimate": 2.0, "ci_low": 3.0, "ci_high": 4.0}, "ci_low"),
        ({"arm_sd": -1.0}, "arm_sd"),
        ({"measure": "rr", "estimate": 0.0, "ci_low": None, "ci_high": None}, "estimate"),
        ({"measure": "rr", "arm_events": 11, "arm_n": 10}, "arm_events"),
        ({"ci_level": 100.0}, "ci_level"),
    ],
)
def test_result_refuses_impossible_numbers_by_their_field(numbers, field):
    result = ResultFactory()
    for name, value in numbers.items():
        setattr(result, name, value)

    with pytest.raises(ValidationError) as refusal:
        result.full_clean()

    assert field in refusal.value.message_dict


@pytest.mark.parametrize(
    "numbers",
    [
        {"ci_low": 2.0, "ci_high": 1.0, "estimate": None},
        {"estimate": 9.0},
        {"arm_sd": -0.1},
        {"arm_events": 3, "arm_n": 2},
        {"comparator_events": 3, "comparator_n": 2},
        {"measure": "hr", "estimate": 0.0, "ci_low": None, "ci_high": None},
        {"ci_level": 0.95},
        {"vi": -1.0},
        {"yi": None, "vi": 1.0},
    ],
)
def test_database_refuses_impossible_numbers_by_any_path(numbers):
    result = ResultFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.filter(pk=result.pk).update(**numbers)

    result.refresh_from_db()
    assert (result.estimate, result.ci_low, result.ci_high) == (1.0, 0.5, 1.5)


def test_zero_is_a_value():
    result = ResultFactory(estimate=0.0, ci_low=0.0, ci_high=0.0, arm_n=10, arm_mean=0.0)

    result.full_clean()

    assert (result.yi, result.arm_mean) == (0.0, 0.0)


@pytest.mark.parametrize("field", ["sample", "arm", "comparator", "report"])
def test_result_refuses_parts_of_another_study(field):
    result = ResultFactory()
    other = {"sample": SampleFactory, "arm": ArmFactory, "comparator": ArmFactory, "report": ReportFactory}[
        field
    ]()
    setattr(result, field, other)

    with pytest.raises(ValidationError) as refusal:
        result.full_clean()

    assert refusal.value.message_dict == {field: ["This belongs to another study."]}


def test_an_arm_is_not_compared_with_itself():
    result = ResultFactory()
    result.comparator = result.arm

    with pytest.raises(ValidationError) as refusal:
        result.full_clean()

    assert refusal.value.message_dict == {"comparator": ["An arm is not compared with itself."]}


def test_results_in_a_population_with_what_lies_below_it():
    older = PopulationFactory()
    oldest = PopulationFactory(parent=older)
    included, mostly, partly, excluded, unknown = (ResultFactory() for _ in range(5))
    PopulationShareFactory(sample=included.sample, population=oldest)
    PopulationShareFactory(sample=mostly.sample, population=older, share="most")
    PopulationShareFactory(sample=partly.sample, population=older, share="part")
    PopulationShareFactory(sample=excluded.sample, population=older, share="excluded")

    found = Result.objects.in_population(trees.branch(older))

    assert set(found) == {included, mostly}
    assert unknown not in found


def test_a_subgroup_inherits_only_the_axes_it_does_not_set():
    young, old = PopulationFactory(), PopulationFactory()
    women = PopulationFactory(axis=Population.Axis.SEX)
    study = StudyFactory()
    whole = SampleFactory(study=study)
    PopulationShareFactory(sample=whole, population=young)
    PopulationShareFactory(sample=whole, population=women)
    subgroup = SampleFactory(study=study, parent=whole, label="Older")
    PopulationShareFactory(sample=subgroup, population=old)
    result = ResultFactory(study=study, sample=subgroup)

    in_population = Result.objects.in_population

    assert list(in_population({old.pk})) == [result]
    assert list(in_population({women.pk})) == [result]
    assert list(in_population({young.pk})) == []


def test_results_that_say_nothing_on_an_axis():
    age, sex = PopulationFactory(), PopulationFactory(axis=Population.Axis.SEX)
    told, untold, excluded = (ResultFactory() for _ in range(3))
    PopulationShareFactory(sample=told.sample, population=age)
    PopulationShareFactory(sample=untold.sample, population=sex)
    PopulationShareFactory(sample=excluded.sample, population=age, share="excluded")

    assert set(Result.objects.without_population_on("age")) == {untold, excluded}


def test_choices_bind_to_the_same_result():
    older, students = PopulationFactory(), PopulationFactory()
    balance, strength = OutcomeFactory(), OutcomeFactory()
    study = StudyFactory()
    whole = SampleFactory(study=study)
    old_part = SampleFactory(study=study, parent=whole, label="Older")
    young_part = SampleFactory(study=study, parent=whole, label="Students")
    PopulationShareFactory(sample=old_part, population=older)
    PopulationShareFactory(sample=young_part, population=students)
    ResultFactory(study=study, sample=old_part, outcome=strength)
    ResultFactory(study=study, sample=young_part, outcome=balance)

    assert not Result.objects.in_population({older.pk}).measuring({balance.pk}).exists()
    assert Result.objects.in_population({older.pk}).measuring({strength.pk}).count() == 1


def test_an_intervention_counts_in_the_arm_not_in_the_comparator():
    weights = InterventionFactory()
    study = StudyFactory()
    with_weights, without = ArmFactory(study=study, interventions=[weights]), ArmFactory(study=study)
    result = ResultFactory(study=study, arm=with_weights, comparator=without)
    ResultFactory(study=study, arm=without, comparator=with_weights)

    assert list(Result.objects.of_intervention({weights.pk})) == [result]


def test_drafts_and_retired_studies_are_not_public():
    published = ResultFactory()
    ResultFactory(study__state="draft")
    ResultFactory(study__state="retired")

    assert list(Result.objects.published()) == [published]
