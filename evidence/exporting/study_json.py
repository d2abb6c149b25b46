"""JSON: everything that is known of each study, in one object."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from django.conf import settings

from ..browsing import Filter
from .column import Column, Kind
from .loading import Loaded, with_all
from .tables import APPRAISALS, ARMS, JUDGEMENTS, REPORTS, RESULTS, SAMPLE_POPULATIONS, SAMPLES, STUDIES

FORMAT = 1
"""The layout of this file; it grows when a name or its meaning changes."""

SHARE_COLUMNS = tuple(
    column for column in SAMPLE_POPULATIONS.columns if column.name in ("population", "share")
)
JUDGEMENT_COLUMNS = tuple(
    column for column in JUDGEMENTS.columns if column.name not in ("study", "result", "tool")
)

MEMBERS: list[tuple[str, str, tuple[Column, ...]]] = [
    (
        "",
        "The study",
        (
            *STUDIES.columns,
            Column(
                "n_results",
                "Results of the study on this site, whether they satisfy the filter or not",
                attrgetter("n_results"),
                kind=Kind.INTEGER,
                unit="results",
                bounds=(0, None),
            ),
        ),
    ),
    ("reports", "Its publications, the main one first", REPORTS.within_study()),
    ("samples", "Who took part, the whole sample first", SAMPLES.within_study()),
    ("samples.populations", "Which populations they belong to", SHARE_COLUMNS),
    (
        "arms",
        "Its groups",
        (
            *ARMS.within_study(),
            Column(
                "interventions",
                "What the group received: short names",
                lambda arm: sorted(node.slug for node in arm.interventions.all()),
                kind=Kind.LIST,
            ),
        ),
    ),
    ("results", "Those of its results that satisfy the filter", RESULTS.within_study()),
    ("appraisals", "Risk of bias of the study or of a result", APPRAISALS.within_study()),
    ("appraisals.judgements", "The judgements of single domains", JUDGEMENT_COLUMNS),
]
"""The members of the object of a study, with what each holds. The empty name stands for the object itself."""

_COLUMNS = {name: columns for name, _, columns in MEMBERS}


def json_lines(chosen: Filter) -> Iterator[str]:
    """One JSON object with the studies of what is filtered, in the order chosen, piece by piece."""
    head = {
        "format": FORMAT,
        "site": settings.SITE_URL,
        "filter": chosen.as_query(),
        "results": "Of each study those that satisfy the filter; “n_results” counts all of them.",
    }
    yield _dump(head)[:-1] + ', "studies": ['
    for place, study in enumerate(with_all(chosen)):
        yield (",\n" if place else "\n") + _dump(study_object(study))
    yield "\n]}\n"


def study_object(study: Loaded) -> dict[str, Any]:
    """Everything that is known of one study, loaded by `with_all`."""
    return {
        **_read("", study),
        "reports": [_read("reports", report) for report in study.reports_in_order],
        "samples": [
            {**_read("samples", sample), "populations": _each("samples.populations", sample.shares_in_order)}
            for sample in study.samples_in_order
        ],
        "arms": _each("arms", study.arms_in_order),
        "results": _each("results", study.matching_results),
        "appraisals": [
            {
                **_read("appraisals", appraisal),
                "judgements": _each("appraisals.judgements", appraisal.judgements_in_order),
            }
            for appraisal in study.appraisals_in_order
        ],
    }


def _each(member: str, rows: Iterable[Loaded]) -> list[dict[str, Any]]:
    return [_read(member, row) for row in rows]


def _read(member: str, row: Loaded) -> dict[str, Any]:
    return {column.name: _value(column.read(row)) for column in _COLUMNS[member]}


def _value(value: Any) -> Any:
    """An empty text says nothing, as null does."""
    if value == "":
        return None
    return value.isoformat() if isinstance(value, datetime.date) else value


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
