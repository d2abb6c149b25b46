import pytest

from evidence.models import Appraisal
from evidence.plots import Light, traffic_lights
from tests.factories import (
    AppraisalFactory,
    DomainJudgementFactory,
    ResultFactory,
    ToolDomainFactory,
    ToolFactory,
)

pytestmark = pytest.mark.django_db


def lights_of(*results):
    return traffic_lights(results, Appraisal.objects.select_related("tool", "result__outcome"))


def test_traffic_light_has_a_row_for_each_appraisal_in_the_order_of_results():
    first, second = ResultFactory(), ResultFactory()
    tool = ToolFactory()
    late, early = ToolDomainFactory(tool=tool, position=2), ToolDomainFactory(tool=tool, position=1)
    ToolDomainFactory(tool=tool, position=3)
    of_second = AppraisalFactory(study=second.study, tool=tool, judgement="some")
    of_first = AppraisalFactory(study=first.study, result=first, tool=tool, judgement="high")
    DomainJudgementFactory(appraisal=of_second, domain=late, judgement="low")
    DomainJudgementFactory(appraisal=of_first, domain=early, judgement="high")

    [light] = lights_of(first, second)

    assert [code for code, _ in light.domains] == [early.code, late.code]
    assert [(row.study, row.outcome, row.overall) for row in light.rows] == [
        (first.study.slug, first.outcome.label, Light("high", "High")),
        (second.study.slug, "", Light("some", "Some concerns")),
    ]
    assert [cell for cell, _ in light.rows[0].cells] == [Light("high", "High"), None]
    assert light.key == [("high", "High"), ("low", "Low")]


def test_traffic_light_leaves_out_other_results_of_the_study():
    result = ResultFactory()
    other = ResultFactory(study=result.study)
    AppraisalFactory(study=result.study, result=other)

    assert lights_of(result) == []


def test_each_tool_has_a_traffic_light_of_its_own():
    result = ResultFactory()
    AppraisalFactory(study=result.study, tool=ToolFactory(name="ROBINS-I"))
    AppraisalFactory(study=result.study, tool=ToolFactory(name="PEDro"))

    assert [light.tool for light in lights_of(result)] == ["PEDro", "ROBINS-I"]
