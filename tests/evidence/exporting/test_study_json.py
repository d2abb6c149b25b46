"""JSON: everything that is known of each study, in one object."""

import json

import pytest

from evidence import exporting
from evidence.browsing import Filter, Vocabulary
from evidence.exporting import loading
from evidence.exporting.study_json import MEMBERS
from tests.evidence.worlds import full_study
from tests.factories import (
    OutcomeFactory,
    ResultFactory,
    StudyFactory,
)

pytestmark = pytest.mark.django_db


def read(chosen=None):
    text = "".join(exporting.json_lines(chosen or Filter(Vocabulary.load())))

    def refuse(word):
        raise AssertionError(f"JSON has no {word}.")

    return json.loads(text, parse_constant=refuse)


def test_each_member_is_one_of_the_codebook():
    full_study(countries=["NL"])

    [study] = read()["studies"]

    nested = {"reports", "samples", "arms", "results", "appraisals"}
    columns = {name: [column.name for column in columns] for name, _, columns in MEMBERS}
    assert list(study) == [*columns[""], "reports", "samples", "arms", "results", "appraisals"]
    for name in nested:
        for entry in study[name]:
            inner = [key.partition(".")[2] for key in columns if key.startswith(f"{name}.")]
            assert list(entry) == columns[name] + inner
            for member in inner:
                assert all(list(each) == columns[f"{name}.{member}"] for each in entry[member])
    assert study["countries"] == ["NL"]
    assert study["reports"][0]["authors"] == ["Miller JF"]
    assert [sample["subgroup_of"] for sample in study["samples"]] == [None, "All participants"]
    assert (study["samples"][0]["age_mean"], study["samples"][0]["age_sd"]) == (0.0, None)
    assert [result["comparator"] is None for result in study["results"]] == [True, False]
    assert [appraisal["result"] is None for appraisal in study["appraisals"]] == [True, False]


def test_results_are_those_that_satisfy_the_filter():
    study = StudyFactory()
    ResultFactory(study=study, key="gait", outcome=OutcomeFactory(slug="gait"))
    ResultFactory(study=study, key="sleep")
    StudyFactory(state="draft")

    data = read(Filter(Vocabulary.load()).choosing("outcome", "gait"))

    assert (data["format"], data["filter"]) == (1, "outcome=gait")
    [found] = data["studies"]
    assert (found["n_results"], [result["result"] for result in found["results"]]) == (2, ["gait"])


def test_nothing_found_is_a_list_without_studies():
    assert read()["studies"] == []


def test_json_is_read_in_pieces_of_the_same_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(loading, "CHUNK", 2)
    for _ in range(3):
        full_study()

    # The studies, then eight for what belongs to each piece of them.
    with django_assert_num_queries(1 + 2 * 8):
        read_all = "".join(exporting.json_lines(Filter(Vocabulary({}))))

    assert len(json.loads(read_all)["studies"]) == 3
