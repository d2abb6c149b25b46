"""The public pages: HTTP in, HTTP out."""

from .conclusion import (
    assessment_detail,
    conclusion_csv,
    conclusion_detail,
    conclusion_directions,
    conclusion_forest,
    conclusion_funnel,
    conclusion_json,
    conclusion_list,
    conclusion_reproduce,
)
from .node import intervention_detail, outcome_detail, population_detail
from .study import study_csv, study_detail, study_list, study_ris

__all__ = [
    "assessment_detail",
    "conclusion_csv",
    "conclusion_detail",
    "conclusion_directions",
    "conclusion_forest",
    "conclusion_funnel",
    "conclusion_json",
    "conclusion_list",
    "conclusion_reproduce",
    "intervention_detail",
    "outcome_detail",
    "population_detail",
    "study_csv",
    "study_detail",
    "study_list",
    "study_ris",
]
