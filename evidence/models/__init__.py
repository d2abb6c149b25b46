"""The nouns of the evidence: one concept a file."""

from .appraisal import Appraisal, DomainJudgement, Tool, ToolDomain
from .arm import Arm
from .assessment import AssessedResult, Assessment
from .change import Change, Stamp
from .conclusion import ComparatorClass, Conclusion, Exclusion
from .intervention import Intervention
from .node import Node
from .outcome import Outcome
from .population import Population
from .report import Report
from .result import Result
from .sample import PopulationShare, Sample
from .study import Study
from .triage import Touch, Triage

__all__ = [
    "Appraisal",
    "Arm",
    "AssessedResult",
    "Assessment",
    "Change",
    "ComparatorClass",
    "Conclusion",
    "DomainJudgement",
    "Exclusion",
    "Intervention",
    "Node",
    "Outcome",
    "Population",
    "PopulationShare",
    "Report",
    "Result",
    "Sample",
    "Stamp",
    "Study",
    "Tool",
    "ToolDomain",
    "Touch",
    "Triage",
]
