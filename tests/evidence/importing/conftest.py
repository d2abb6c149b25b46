"""What tests of the import share: a small vocabulary and a count of all that could have been written."""

import pytest

from evidence import models
from tests import factories

TRACKED = (
    models.Study,
    models.Report,
    models.Sample,
    models.PopulationShare,
    models.Arm,
    models.Result,
    models.Appraisal,
    models.DomainJudgement,
)


@pytest.fixture
def vocabulary(db):
    """The terms and the tool that the records of these tests name."""
    factories.PopulationFactory(slug="older-adults", axis="age")
    factories.PopulationFactory(slug="female", axis="sex")
    factories.InterventionFactory(slug="ankle-weights")
    factories.InterventionFactory(slug="walking")
    factories.OutcomeFactory(slug="gait-speed")
    factories.OutcomeFactory(slug="balance")
    tool = factories.ToolFactory(slug="rob-2", name="RoB 2")
    factories.ToolDomainFactory(tool=tool, code="D1", name="Randomisation")
    factories.ToolDomainFactory(tool=tool, code="D2", name="Deviations")


@pytest.fixture
def counts(vocabulary):
    """Rows and history rows of every model that an import writes: {name: (rows, history)}."""
    return lambda: {model.__name__: (model.objects.count(), model.history.count()) for model in TRACKED}
