"""Reproducing: everything behind the numbers of a pool, to be calculated again elsewhere.

`data.csv` holds every result of the body with what became of it, `filter.json` the question and
`settings.json` the choices behind the pool: these three are the inputs. `results.json` says what came of them
here, with versions, and `pool.py` and `pool.R` calculate it again. The same inputs give the same bytes.
"""

import csv
import hashlib
import io
import json
import platform
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.models import prefetch_related_objects

from .. import exporting
from ..assessing import in_numbers
from ..stating import number
from ..synthesis import RULE, Effect, Model, Pool, Settings
from ..weighing import Weighed

FORMAT = 1
"""The layout of these files; it grows when a name or its meaning changes."""

_HERE = Path(__file__).resolve().parent
_SCRIPTS = _HERE / "scripts"
# The oldest date that the format knows, so that nothing depends on when it was asked.
_DATE = (1980, 1, 1, 0, 0, 0)

COLUMNS = [
    "key",
    "study",
    "label",
    "year",
    "design",
    "integrity",
    *(column.name for column in exporting.RESULT_COLUMNS),
    "risk_of_bias",
    "whole_sample_in_population",
    "pooled",
    "weight",
    "reason",
]
"""The columns of `data.csv`. Those that the list of studies has too mean the same there."""


def settings_of(body: Weighed) -> dict[str, Any]:
    """The choices behind the pool."""
    settings = body.settings or Settings()
    return {
        "model": settings.model.value,
        "method": settings.method.value,
        "hartung_knapp": settings.hartung_knapp,
        "level": settings.level,
        "rule": RULE,
    }


def rows(body: Weighed) -> list[dict[str, Any]]:
    """One row for each result, and one for each set of arms that was put together.

    The number of queries is constant.
    """
    prefetch_related_objects(
        list(body.results),
        *("arm__interventions", "sample__shares__population", "sample__parent__shares__population"),
    )
    selection, pool = body.summary.selection, body.summary.pool
    refused = "" if body.summary.refusal is None else f"Nothing is pooled: {body.summary.refusal}"
    fates = {dropped.effect.key: dropped.words for dropped in selection.dropped}
    for combined in selection.combined:
        for part in combined.parts:
            fates[part.key] = f"Put together with other arms of its study, as {combined.effect.key}"
    weights = {} if pool is None else _weights(pool)
    found = []
    for key, result in body.effects.items():
        row: dict[str, Any] = {
            "key": key,
            "study": result.study.slug,
            "label": result.study.label,
            "year": result.study.year,
            "design": result.study.get_design_display(),
            "integrity": result.study.integrity,
            **{column.name: column.read(result) for column in exporting.RESULT_COLUMNS},
            "risk_of_bias": body.levels.get(result.pk, "not appraised"),
            "whole_sample_in_population": result.pk not in body.partly,
        }
        found.append(row | _fate(key, weights, fates, refused))
    for combined in selection.combined:
        found.append(_of_combined(combined.effect) | _fate(combined.effect.key, weights, fates, refused))
    return found


def _weights(pool: Pool) -> dict[str, float]:
    is_random = pool.settings.model is Model.RANDOM
    return {weight.effect.key: weight.random if is_random else weight.common for weight in pool.weights}


def _fate(key: str, weights: dict[str, float], fates: dict[str, str], refused: str) -> dict[str, Any]:
    """Whether it is in the pool, with which share, or why not."""
    return {"pooled": key in weights, "weight": weights.get(key), "reason": fates.get(key, refused)}


def _of_combined(effect: Effect) -> dict[str, Any]:
    numbers = {} if effect.numbers is None else vars(effect.numbers)
    return {
        "key": effect.key,
        "study": effect.study,
        "label": effect.label,
        "year": effect.year,
        "unit": effect.unit,
        "measure": effect.measure.label,
        "measure_code": effect.measure.code,
        "analysis_scale": effect.measure.scale.value,
        "yi": effect.yi,
        "vi": effect.vi,
        **{name: value for name, value in numbers.items() if name in COLUMNS},
    }


def csv_text(body: Weighed) -> str:
    """`data.csv`: every result with its numbers; UTF-8 with a byte order mark, safe for spreadsheets."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows(body):
        writer.writerow([exporting.safe_cell(row.get(name)) for name in COLUMNS])
    return exporting.BYTE_ORDER_MARK + file.getvalue()


def inputs(body: Weighed) -> dict[str, bytes]:
    """The three files that everything follows from."""
    return {
        "data.csv": csv_text(body).encode(),
        "filter.json": _json(body.asked),
        "settings.json": _json(settings_of(body)),
    }


def results(body: Weighed, given: dict[str, bytes] | None = None) -> dict[str, Any]:
    """What came of the inputs here: the pool or the refusal, with versions and a hash of the inputs."""
    given = inputs(body) if given is None else given
    pool, said = body.summary.pool, in_numbers(body.summary)
    return {
        "format": FORMAT,
        "conclusion": body.asked.get("conclusion"),
        "question": body.question,
        "studies": body.n_studies,
        "results": len(body.results),
        "people": body.n_people,
        "pool": None if pool is None else pool_numbers(pool),
        "refusal": said["refusal"],
        "left_out": said["dropped"],
        "combined": said["combined"],
        "inputs_sha256": hashlib.sha256(b"".join(given[name] for name in sorted(given))).hexdigest(),
        "versions": versions(),
    }


def pool_numbers(pool: Pool) -> dict[str, Any]:
    """The numbers of a pool on the analysis scale, with 12 digits, under the names that `pool.py` prints."""
    spread, hartung_knapp = pool.heterogeneity, pool.hartung_knapp
    return {
        "k": pool.k,
        "people": pool.people,
        "measure": pool.measure.code,
        "analysis_scale": pool.measure.scale.value,
        "unit": pool.unit,
        "display": pool.display,
        "headline_interval": "hartung_knapp" if pool.is_hartung_knapp_headline else "ordinary",
        "estimate": _rounded(pool.estimate.value),
        "se": _rounded(pool.estimate.se),
        "ordinary_interval": _rounded(pool.estimate.interval),
        "hartung_knapp_interval": _rounded(None if hartung_knapp is None else hartung_knapp.interval),
        "prediction_interval": _rounded(pool.prediction),
        "common_estimate": _rounded(pool.common.value),
        "tau2": _rounded(spread.tau2),
        "tau2_interval": _rounded(spread.tau2_interval),
        "i2": _rounded(spread.i2),
        "i2_interval": _rounded(spread.i2_interval),
        "q": _rounded(spread.q),
        "df": spread.df,
        "p": _rounded(spread.p),
        "cautions": list(pool.cautions),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_rounded(entry) for entry in value]
    text = number(value)
    return None if text is None else float(text)


@cache
def versions() -> dict[str, str]:
    """With what it was calculated: tables of the site, Python, and a digest of the code that calculates."""
    leaf = MigrationLoader(None).graph.leaf_nodes("evidence")[0]
    code = hashlib.sha256()
    for package in ("effects", "synthesis"):
        for path in sorted((_HERE.parent / package).glob("*.py")):
            code.update(path.read_bytes())
    return {"schema": leaf[1], "python": platform.python_version(), "synthesis": code.hexdigest()[:16]}


def archive(body: Weighed) -> bytes:
    """All of it in one zip file; the same inputs and versions give the same bytes."""
    given = inputs(body)
    files = {
        **given,
        "results.json": _json(results(body, given)),
        "pool.py": (_SCRIPTS / "pool.py").read_bytes(),
        "pool.R": _r_script(body).encode(),
        "README.txt": _readme(body).encode(),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, files[name])
    return written.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _r_script(body: Weighed) -> str:
    """`pool.R` with the choices behind this pool in its first lines."""
    settings = body.settings or Settings()
    script = (_SCRIPTS / "pool.R").read_text(encoding="utf-8")
    for line, chosen in (
        ('model <- "random"', f'model <- "{settings.model.value}"'),
        ('method <- "REML"', f'method <- "{settings.method.value.upper()}"'),
        ("level <- 95", f"level <- {settings.level:g}"),
    ):
        script = script.replace(line, chosen, 1)
    return script


def _readme(body: Weighed) -> str:
    refusal = body.summary.refusal
    outcome = "" if refusal is None else f"\nNothing is pooled here. {refusal}\n"
    return f"""{body.question}

data.csv       every result that answers this question: raw numbers, yi and vi on the analysis scale,
               whether it is in the pool, its weight, or the reason why it is not
filter.json    the question, and what is left out of it with reasons
settings.json  how results are pooled, and the rule by which one result of each study is taken
results.json   what this site calculated, with versions
pool.py        calculates it again; needs Python 3.10 or newer and nothing else:  python pool.py
pool.R         calculates it again with the package metafor:  Rscript pool.R
{outcome}
Numbers are on the analysis scale: ratios as natural logarithms. pool.py prints the names that stand under
"pool" in results.json. "inputs_sha256" there is the SHA-256 of data.csv, filter.json and settings.json, one
after the other: cat data.csv filter.json settings.json | sha256sum

The random-effects estimate is the default, with the interval of Hartung, Knapp, Sidik and Jonkman from three
studies on; it is never narrower than the ordinary one. The prediction interval uses t with k - 1 degrees of
freedom and the ordinary standard error.
"""
