"""The studies browser: what a reader has chosen, which studies satisfy it, and what else could be chosen."""

from .counting import Counts, Matches, count, loosely
from .facets import Facet, facets
from .filters import SORTS, Chip, Filter
from .paging import page
from .past_rows import studies_then, study_rows_then
from .rows import StudyRow, study_rows
from .saying import said
from .suggesting import Suggestion, suggestion
from .visible import shown
from .vocabulary import Axis, Option, Vocabulary
from .years import bars

__all__ = [
    "SORTS",
    "Axis",
    "Chip",
    "Counts",
    "Facet",
    "Filter",
    "Matches",
    "Option",
    "StudyRow",
    "Suggestion",
    "Vocabulary",
    "bars",
    "count",
    "facets",
    "loosely",
    "page",
    "said",
    "shown",
    "studies_then",
    "study_rows",
    "study_rows_then",
    "suggestion",
]
