"""Check constraints in Python say what the database says."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models as fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import models
from evidence.identifiers import IdentifierField
from evidence.importing import constraints

MODELS = (
    models.Study,
    models.Report,
    models.Sample,
    models.Arm,
    models.Result,
    models.Outcome,
    models.Population,
)
CASES = [
    pytest.param(model, constraint, id=constraint.name)
    for model in MODELS
    for constraint in model._meta.constraints
    if isinstance(constraint, fields.CheckConstraint)
]

VALUES = {
    # Others become one of these, or NULL, on their way to the database.
    IdentifierField: st.sampled_from(["10.1/x", "x"]),
    fields.FloatField: st.sampled_from([-1.0, 0.0, 0.5, 1.0, 50.0, 60.0, 95.0, 100.0, 101.0]),
    fields.DecimalField: st.sampled_from([-1, 0, 1]),
    fields.IntegerField: st.sampled_from([0, 1, 2, 38, 39, 1799, 1800, 2100, 2101]),
    fields.BooleanField: st.booleans(),
    fields.DateField: st.dates(),
    fields.CharField: st.sampled_from(["", "none", "retracted", "rr", "md", "hr", "10.1/x", "10.1/X", "x"]),
}


def _values(field):
    strategy = next(strategy for kind, strategy in VALUES.items() if isinstance(field, kind))
    return st.none() | strategy if field.null else strategy


def _fields_of(condition):
    for child in condition.children:
        if isinstance(child, fields.Q):
            yield from _fields_of(child)
        else:
            yield child[0].partition("__")[0]
            if isinstance(child[1], fields.F):
                yield child[1].name
            elif hasattr(child[1], "source_expressions"):
                yield from (source.name for source in child[1].source_expressions)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "constraint"), CASES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_constraints_hold_as_in_the_database(model, constraint, data):
    names = sorted(set(_fields_of(constraint.condition)))
    row = model(**{name: data.draw(_values(model._meta.get_field(name)), label=name) for name in names})
    try:
        constraint.validate(model, row)
    except ValidationError:
        accepted = False
    else:
        accepted = True

    assert constraints.holds(constraint.condition, row) == accepted


def test_violations_are_the_messages_of_the_constraints():
    sample = models.Sample(n=0, age_min=70, age_max=60)

    assert constraints.violations(sample) == [
        "A sample has at least one person.",
        "The youngest age must not be above the oldest.",
    ]


@pytest.mark.django_db
def test_violations_ask_the_database_about_conditions_unknown_here(monkeypatch):
    known = models.Sample._meta.constraints
    unknown = fields.CheckConstraint(
        condition=fields.Q(label__icontains="people"),
        name="sample_label",
        violation_error_message="No people.",
    )
    monkeypatch.setattr(models.Sample._meta, "constraints", [*known, unknown])

    assert constraints.violations(models.Sample(label="All people")) == []
    assert constraints.violations(models.Sample(label="Nobody")) == ["No people."]
