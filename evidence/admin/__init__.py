"""The editors' side of the evidence: one file for each noun."""

from . import (  # noqa: F401  importing registers
    appraisal,
    arm,
    assessment,
    conclusion,
    intervention,
    outcome,
    population,
    report,
    result,
    sample,
    study,
    tool,
)
