"""The picture of a body of results: a forest plot where it was pooled, else where each result points."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import effects
from .forest import Forest, Line, Mark, forest

Said = Mapping[str, Any]
"""What a result says, as JSON values: `stating.said_in_picture`."""

SIGNS = {
    "favours intervention": "for",
    "favours comparator": "against",
    "no clear difference": "level",
    "changed": "changed",
    "mixed": "mixed",
}
"""The sign that is drawn for a direction; any other has none."""


@dataclass(frozen=True)
class Row:
    """One result in the picture. `mark` is None where there is no number on the scale of the plot.

    `is_left` says that a reader left it out of the pool: it is drawn, without a weight.
    """

    said: Said
    mark: Mark | None
    weight: str = ""
    sign: str = ""
    is_you: bool = False
    is_left: bool = False


@dataclass(frozen=True)
class Picture:
    """What is drawn: rows in the plot, rows left out of the pool, and the pool in words.

    `kind` is “forest” or “directions”; a forest has `drawn` and `pooled` (see `assessing.in_numbers`).
    """

    kind: str
    rows: tuple[Row, ...] = ()
    others: tuple[Row, ...] = ()
    measure: effects.Measure | None = None
    drawn: Forest | None = None
    pooled: Said = field(default_factory=dict)
    refusal: str = ""


def picture(
    results: Sequence[Said], pool: Said | None, *, you: Collection[str] = (), left: Collection[str] = ()
) -> Picture:
    """The picture of these results, with those of the studies `you` (their slugs) marked.

    The results `left` (as study/key) are drawn in the plot though they are out of the pool. `pool` is what
    `assessing.in_numbers` wrote, or None where nothing was weighed. Pure.
    """

    def row(said: Said, mark: Mark | None = None, weight: str = "") -> Row:
        sign = SIGNS.get(said["direction"], "")
        return Row(said, mark, weight, sign, said["study"] in you, _key(said) in left)

    pooled = None if pool is None else pool["pooled"]
    if pool is None or pooled is None:
        return Picture(
            kind="directions",
            rows=tuple(row(said) for said in results),
            refusal="" if pool is None or pool["refusal"] is None else pool["refusal"]["message"],
        )
    measure = effects.measure(pooled["measure"])
    weights = _weights(pooled["weights"])
    inside = [said for said in results if _key(said) in weights or _key(said) in left]
    lines = [_line(said, weights.get(_key(said))) for said in inside]
    low, high = map(float, pooled["interval"])
    prediction = pooled["prediction"]
    drawn = forest(
        measure,
        lines,
        pooled=Line(float(pooled["estimate"]), low, high),
        prediction=None if prediction is None else (float(prediction[0]), float(prediction[1])),
    )
    return Picture(
        kind="forest",
        rows=tuple(
            row(said, mark, f"{100 * weights[_key(said)]:.0f}%" if _key(said) in weights else "")
            for said, mark in zip(inside, drawn.marks, strict=True)
        ),
        others=tuple(row(said) for said in results if said not in inside),
        measure=measure,
        drawn=drawn,
        pooled=pooled,
    )


def _key(said: Said) -> str:
    return f"{said['study']}/{said['key']}"


def _weights(written: Mapping[str, str]) -> dict[str, float]:
    """The share of each result; arms that were combined share that of the whole."""
    found: dict[str, float] = {}
    for keys, weight in written.items():
        parts = keys.split("+")
        for key in parts:
            found[key] = float(weight) / len(parts)
    return found


def _line(said: Said, weight: float | None) -> Line | None:
    """A result on the analysis scale of its own measure; None without an estimate."""
    if said["estimate"] is None:
        return None
    to_analysis = effects.measure(said["measure"]).scale.to_analysis

    def placed(text: str | None) -> float | None:
        return None if text is None else to_analysis(float(text))

    return Line(to_analysis(float(said["estimate"])), placed(said["low"]), placed(said["high"]), weight)
