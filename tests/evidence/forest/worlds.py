"""Studies that a forest view can be drawn of."""

from tests.factories import (
    ArmFactory,
    PopulationShareFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
)


def trial(outcome, estimate=1.0, *, population=None, share="all", intervention=None, sample=None, **fields):
    """A trial with one result; `fields` are of the study, or of the result where they are named result_*."""
    of_result = {name[7:]: fields.pop(name) for name in list(fields) if name.startswith("result_")}
    study = StudyFactory(**fields)
    whole = SampleFactory(study=study, **(sample or {}))
    if population is not None:
        PopulationShareFactory(sample=whole, population=population, share=share)
    arm = ArmFactory(study=study, interventions=[] if intervention is None else [intervention])
    numbers = {"estimate": estimate, "ci_low": estimate - 0.5, "ci_high": estimate + 0.5, "unit": "mm Hg"}
    return ResultFactory(study=study, sample=whole, arm=arm, outcome=outcome, **{**numbers, **of_result})
