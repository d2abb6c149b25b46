"""The zip that calculates the numbers of a conclusion again."""

import csv
import hashlib
import io
import json
import math
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from evidence import effects, reproducing, weighing
from evidence.models import Result
from evidence.reproducing.scripts import pool as script
from evidence.synthesis import Effect, Method, Model, Settings, pool
from tests.evidence.synthesis.bodies import SETS, published
from tests.evidence.test_assessing import a_body
from tests.evidence.test_bodies import result_of
from tests.factories import ArmFactory, ConclusionFactory, OutcomeFactory, ResultFactory

NUMBERS = (
    *("k", "estimate", "se", "ordinary_interval", "hartung_knapp_interval", "prediction_interval"),
    *("common_estimate", "tau2", "tau2_interval", "i2", "i2_interval", "q", "df", "p"),
)
"""What both say under the same name."""


def unpacked(body, folder):
    with zipfile.ZipFile(io.BytesIO(reproducing.archive(body))) as bundle:
        bundle.extractall(folder)
        return bundle.namelist()


def run(folder):
    """What the script prints, run by itself away from the site."""
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "pool.py")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def nearly(expected):
    if isinstance(expected, list | tuple):
        return [nearly(entry) for entry in expected]
    return expected if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-12)


def different(conclusion, n, *, step=0.15):
    """`n` trials that do not agree."""
    for place in range(n):
        result = result_of(conclusion, year=2000 + place)
        result.estimate = 1 + step * (-1) ** place * place
        result.ci_low, result.ci_high = (
            result.estimate - 0.3 - 0.05 * place,
            result.estimate + 0.3 + 0.05 * place,
        )
        result.derive()
        result.save()


@pytest.mark.django_db
@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("n", [2, 3, 11])
def test_script_prints_the_numbers_of_the_site(tmp_path, n, method, model):
    conclusion = ConclusionFactory(outcome=OutcomeFactory(unit="m/s"))
    different(conclusion, n)
    body = weighing.body(conclusion, settings=Settings(method=method, model=model, level=90))

    unpacked(body, tmp_path)
    printed = run(tmp_path)

    said = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["pool"]
    of_site = reproducing.pool_numbers(body.summary.pool)
    assert said == json.loads(json.dumps(of_site))
    assert {name: printed[name] for name in NUMBERS} == {name: nearly(said[name]) for name in NUMBERS}
    assert said["k"] == n


@pytest.mark.django_db
def test_script_pools_ratios_from_counts_with_a_cell_of_zero(tmp_path):
    conclusion = ConclusionFactory()
    for events, other in ((0, 4), (3, 9), (12, 15), (5, 4)):
        result = result_of(conclusion)
        Result.objects.filter(pk=result.pk).delete()
        ResultFactory(
            study=result.study,
            sample=result.sample,
            arm=result.arm,
            comparator=result.comparator,
            outcome=conclusion.outcome,
            measure="rr",
            estimate=None,
            ci_low=None,
            ci_high=None,
            arm_n=50,
            arm_events=events,
            comparator_n=52,
            comparator_events=other,
        )
    body = weighing.body(conclusion)

    unpacked(body, tmp_path)

    said = reproducing.pool_numbers(body.summary.pool)
    printed = run(tmp_path)
    assert {name: printed[name] for name in NUMBERS} == {name: nearly(said[name]) for name in NUMBERS}
    with (tmp_path / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["arm_events"] for row in csv.DictReader(file)] == ["0", "3", "12", "5"]


@pytest.mark.parametrize("name", sorted(SETS))
@pytest.mark.parametrize("method", list(Method))
def test_script_agrees_on_published_data(name, method):
    studies = published(name)
    of_site = reproducing.pool_numbers(pool(studies, Settings(method=method)))

    printed = script.pool(
        [study.yi for study in studies],
        [study.vi for study in studies],
        model="random",
        method=method.value,
        level=95.0,
    )

    for number in NUMBERS:
        assert printed[number] == nearly(of_site[number]), number


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=25),
    st.sampled_from([Method.PAULE_MANDEL, Method.DERSIMONIAN_LAIRD]),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_script_agrees_on_any_data(numbers, method):
    studies = [
        Effect(key=str(n), study=str(n), label=str(n), measure=effects.measure("smd"), yi=y, vi=v)
        for n, (y, v) in enumerate(numbers)
    ]
    of_site = pool(studies, Settings(method=method))

    printed = script.pool(
        [y for y, _ in numbers], [v for _, v in numbers], model="random", method=method.value, level=95.0
    )

    assert printed["estimate"] == pytest.approx(of_site.estimate.value, rel=1e-8, abs=1e-8)
    assert printed["tau2"] == pytest.approx(of_site.heterogeneity.tau2, rel=1e-7, abs=1e-7)
    assert math.isclose(printed["p"], of_site.heterogeneity.p, rel_tol=1e-8, abs_tol=1e-10)


@pytest.mark.django_db
def test_archive_holds_everything_under_plain_names_and_is_the_same_twice(tmp_path):
    conclusion, _ = a_body()

    first = reproducing.archive(weighing.body(conclusion))
    second = reproducing.archive(weighing.body(conclusion))

    names = unpacked(weighing.body(conclusion), tmp_path)
    assert first == second
    assert names == [
        "README.txt",
        "data.csv",
        "filter.json",
        "pool.R",
        "pool.py",
        "results.json",
        "settings.json",
    ]
    with zipfile.ZipFile(io.BytesIO(first)) as bundle:
        assert {entry.date_time for entry in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.django_db
def test_results_hash_the_inputs_and_name_the_versions(tmp_path):
    conclusion, _ = a_body()
    unpacked(weighing.body(conclusion), tmp_path)

    said = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))

    together = b"".join(
        (tmp_path / name).read_bytes() for name in ("data.csv", "filter.json", "settings.json")
    )
    assert said["inputs_sha256"] == hashlib.sha256(together).hexdigest()
    assert set(said["versions"]) == {"schema", "python", "synthesis"}
    assert said["versions"]["schema"].startswith("0")


@pytest.mark.django_db
def test_r_script_carries_the_settings(tmp_path):
    conclusion, _ = a_body()

    unpacked(weighing.body(conclusion, settings=Settings(method=Method.PAULE_MANDEL, level=90)), tmp_path)

    lines = (tmp_path / "pool.R").read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[0].strip() for line in lines[2:5]] == [
        'model <- "random"',
        'method <- "PM"',
        "level <- 90",
    ]


@pytest.mark.django_db
def test_archive_of_nothing_to_pool_says_why(tmp_path):
    conclusion, results = a_body(n=1)

    unpacked(weighing.body(conclusion), tmp_path)

    said = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert (said["pool"], said["refusal"]["reason"]) == (None, "too few")
    assert run(tmp_path) == {"k": 0, "refusal": "Nothing is pooled; results.json says why."}
    assert "Nothing is pooled here." in (tmp_path / "README.txt").read_text(encoding="utf-8")
    [row] = csv.DictReader((tmp_path / "data.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (row["key"], row["pooled"]) == (f"{results[0].study.slug}/{results[0].key}", "no")
    assert row["reason"].startswith("Nothing is pooled:")


@pytest.mark.django_db
def test_archive_of_an_empty_body_is_a_file_all_the_same(tmp_path):
    unpacked(weighing.body(ConclusionFactory()), tmp_path)

    assert (tmp_path / "data.csv").read_text(encoding="utf-8-sig").count("\n") == 1
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["studies"] == 0


@pytest.mark.django_db
def test_data_says_what_became_of_each_result(tmp_path):
    conclusion, results = a_body()
    retracted = result_of(conclusion, integrity="retracted")
    counts = {"arm_n": 30, "arm_sd": 1.0, "comparator_n": 30, "comparator_mean": 1.0, "comparator_sd": 1.0}
    first = results[0]
    no_number = {"estimate": None, "ci_low": None, "ci_high": None}
    Result.objects.filter(pk=first.pk).delete()
    arms = [
        ResultFactory(
            study=first.study,
            sample=first.sample,
            arm=ArmFactory(study=first.study, interventions=[conclusion.intervention]),
            comparator=first.comparator,
            outcome=conclusion.outcome,
            **no_number,
            **counts,
            arm_mean=mean,
        )
        for mean in (1.5, 2.5)
    ]

    body = weighing.body(conclusion)
    rows = {row["key"]: row for row in reproducing.rows(body)}
    unpacked(body, tmp_path)

    slug = first.study.slug
    together = f"{slug}/{arms[0].key}+{slug}/{arms[1].key}"
    assert rows[f"{retracted.study.slug}/{retracted.key}"]["reason"] == "Retracted"
    assert rows[f"{slug}/{arms[0].key}"]["reason"] == (
        f"Put together with other arms of its study, as {together}"
    )
    assert rows[together]["pooled"]
    assert rows[together]["arm_n"] == 60
    assert math.fsum(row["weight"] for row in rows.values() if row["pooled"]) == pytest.approx(1)
    assert run(tmp_path)["k"] == 3


@pytest.mark.django_db
def test_data_never_holds_a_formula_nor_an_unpublished_study():
    conclusion, results = a_body()
    results[0].finding = "=HYPERLINK(1)"
    results[0].save()
    hidden = result_of(conclusion, state="draft", label="Marker Draft")
    conclusion.exclusions.create(study=hidden.study, reason="Marker reason.")

    body = weighing.body(conclusion)

    text = reproducing.csv_text(body)
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text
    assert b"Marker" not in b"".join(reproducing.inputs(body).values())
