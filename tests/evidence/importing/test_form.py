"""The form and the models: the same fields with the same defaults."""

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from evidence import models
from evidence.importing import form

DERIVED = {"id", "added_at", "changed_at", "level", "yi", "vi", "derivation"}


@pytest.mark.parametrize(
    ("entity", "model", "owners", "nested"),
    [
        (form.StudyForm, models.Study, set(), {"reports", "samples", "arms", "results", "appraisals"}),
        (form.ReportForm, models.Report, {"study"}, set()),
        (form.SampleForm, models.Sample, {"study"}, {"populations"}),
        (form.ShareForm, models.PopulationShare, {"sample"}, set()),
        (form.ArmForm, models.Arm, {"study"}, {"interventions"}),
        (form.ResultForm, models.Result, {"study"}, set()),
        (form.AppraisalForm, models.Appraisal, {"study"}, {"domains"}),
        (form.DomainJudgementForm, models.DomainJudgement, {"appraisal"}, set()),
    ],
)
def test_form_has_the_fields_and_defaults_of_the_model(entity, model, owners, nested):
    fields = {field.name: field for field in model._meta.concrete_fields}

    assert set(entity.model_fields) - nested == set(fields) - owners - DERIVED
    for name, entry in entity.model_fields.items():
        if name not in nested and not fields[name].is_relation and entry.default is not PydanticUndefined:
            assert entry.default == fields[name].get_default(), name


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"year": "2014"}, ("year",), "Expected a whole number."),
        ({"year": 2014.0}, ("year",), "Expected a whole number."),
        ({"year": True}, ("year",), "Expected a whole number."),
        ({"year": 99999}, ("year",), "This number must be at most 32767."),
        ({"n_enrolled": 10**400}, ("n_enrolled",), "This number must be at most 2147483647."),
        ({"n_enrolled": -1}, ("n_enrolled",), "This number must be at least 0."),
        ({"label": None}, ("label",), "Expected a text."),
        ({"label": "  "}, ("label",), "This text is empty."),
        ({"interests_declared": 1}, ("interests_declared",), "Expected true or false."),
        ({"countries": "NL"}, ("countries",), "Expected a list."),
        (
            {"countries": ["nl"]},
            ("countries", 0),
            "Expected a two-letter country code in capitals, for example NL.",
        ),
        ({"countries": ["NL\n"]}, None, None),
        (
            {"sources": ["javascript:alert(1)"]},
            ("sources", 0),
            "Expected an address that starts with http:// or https://, or words.",
        ),
        ({"colour": "red"}, ("colour",), "Unknown field."),
        (
            {"reports": [{"retracted_on": "1 May 2020"}]},
            ("reports", 0, "retracted_on"),
            "Write a day as year-month-day, for example 2026-11-22.",
        ),
        (
            {"reports": [{"retracted_on": "2020-02-30"}]},
            ("reports", 0, "retracted_on"),
            "There is no day 2020-02-30.",
        ),
        (
            {"reports": [{"retracted_on": 20200101}]},
            ("reports", 0, "retracted_on"),
            "Expected a day as text, for example 2026-11-22.",
        ),
        ({"reports": ["x"]}, ("reports", 0), "Expected an object."),
        (
            {"samples": [{"age_mean": 1e16}]},
            ("samples", 0, "age_mean"),
            "This number must be at most 1000000000000000.0.",
        ),
        ({"samples": [{"age_mean": 10**400}]}, ("samples", 0, "age_mean"), "Expected a number."),
        ({"samples": [{"age_mean": "70"}]}, ("samples", 0, "age_mean"), "Expected a number."),
    ],
)
def test_form_refuses_wrong_kinds_of_values(fields, path, message):
    record = {"slug": "a", "label": "A", "design": "crossover trial", **fields}

    if path is None:
        assert form.StudyForm.model_validate(record).countries == ["NL"]
        return
    with pytest.raises(ValidationError) as error:
        form.StudyForm.model_validate(record)

    assert [(entry["loc"], form.sentence(entry)) for entry in error.value.errors()] == [(path, message)]


def test_form_accepts_whole_numbers_where_numbers_are_asked():
    assert form.SampleForm.model_validate({"age_mean": 70}).age_mean == 70.0


def test_form_names_what_is_missing():
    with pytest.raises(ValidationError) as error:
        form.StudyForm.model_validate({})

    assert [(entry["loc"], form.sentence(entry)) for entry in error.value.errors()] == [
        (("slug",), "This field is missing."),
        (("label",), "This field is missing."),
        (("design",), "This field is missing."),
    ]
