"""The public pages: HTTP in, HTTP out."""

from .node import intervention_detail, outcome_detail, population_detail
from .study import study_csv, study_detail, study_list, study_ris

__all__ = [
    "intervention_detail",
    "outcome_detail",
    "population_detail",
    "study_csv",
    "study_detail",
    "study_list",
    "study_ris",
]
