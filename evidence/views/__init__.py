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
from .file import (
    codebook,
    codebook_csv,
    study_bibtex,
    study_csv,
    study_feed,
    study_json,
    study_ris,
    study_rows_csv,
    study_xlsx,
)
from .forest import (
    study_directions_svg,
    study_forest,
    study_forest_csv,
    study_forest_svg,
    study_forest_zip,
    study_funnel_svg,
)
from .map import study_map, study_map_csv, study_map_svg
from .node import intervention_detail, outcome_detail, population_detail
from .study import study_detail, study_list

__all__ = [
    "assessment_detail",
    "codebook",
    "codebook_csv",
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
    "study_bibtex",
    "study_csv",
    "study_detail",
    "study_directions_svg",
    "study_feed",
    "study_forest",
    "study_forest_csv",
    "study_forest_svg",
    "study_forest_zip",
    "study_funnel_svg",
    "study_json",
    "study_list",
    "study_map",
    "study_map_csv",
    "study_map_svg",
    "study_ris",
    "study_rows_csv",
    "study_xlsx",
]
