"""Bodies of effects for tests: made up, and published ones with what metafor says of them."""

import json
from pathlib import Path

from evidence import effects
from evidence.synthesis import Effect

HERE = Path(__file__).parent

# R with metafor was asked once; the file holds its answers with the source of each data set.
METAFOR = json.loads((HERE / "metafor.json").read_text(encoding="utf-8"))
SETS = METAFOR["sets"]


def effect(yi, vi, *, study="a", measure="md", **more):
    """A difference in metres per second against the comparator of its study."""
    values = {
        "key": f"{study}-result",
        "study": study,
        "label": f"Study {study}",
        "unit": "m/s",
        "arms": frozenset({f"{study}-arm"}),
        "comparator": f"{study}-control",
    }
    return Effect(measure=effects.measure(measure), yi=yi, vi=vi, **{**values, **more})


def body(*numbers, **more):
    """One effect of a study of its own for each pair of effect and variance."""
    return [effect(yi, vi, study=str(place), **more) for place, (yi, vi) in enumerate(numbers)]


def published(name):
    """The effects of a published data set."""
    found = SETS[name]
    return [
        effect(
            row["yi"],
            row["vi"],
            study=f"{place}",
            label=row["label"],
            year=row.get("year"),
            measure=found["measure"],
        )
        for place, row in enumerate(found["data"])
    ]
