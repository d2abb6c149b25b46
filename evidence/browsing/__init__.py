"""The studies browser: what a reader has chosen, which studies satisfy it, and what else could be chosen."""

from .counting import Counts, count
from .facets import Facet, facets
from .filters import SORTS, Chip, Filter
from .rows import StudyRow, study_rows
from .vocabulary import Axis, Option, Vocabulary

__all__ = [
    "SORTS",
    "Axis",
    "Chip",
    "Counts",
    "Facet",
    "Filter",
    "Option",
    "StudyRow",
    "Vocabulary",
    "count",
    "facets",
    "study_rows",
]
