"""The evidence map agrees with the list that each cell leads to, and names each kind of gap."""

import random

import pytest

from evidence import evidence_map
from evidence.browsing import Filter, Matches, Vocabulary, count
from evidence.browsing.index import current
from evidence.evidence_map import Gap
from tests.evidence.worlds import random_choice, random_world
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    ConclusionFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ResultFactory,
    SampleFactory,
    SignedAssessmentFactory,
    StudyFactory,
    ToolFactory,
)

pytestmark = pytest.mark.django_db


def drawn(chosen, down, across):
    axes = chosen.vocabulary.axes
    return evidence_map.draw(Matches(chosen), down=axes[down], across=axes[across])


def cells(found):
    return {
        (row.option.slug, column.slug): cell
        for row in found.rows
        for column, cell in zip(found.columns, row.cells, strict=True)
    }


@pytest.mark.parametrize("seed", range(4))
def test_each_cell_counts_the_list_that_it_leads_to(seed):
    world = random_world(seed)
    vocabulary, chance = Vocabulary.load(), random.Random(seed)
    pairs = [("outcome", "age"), ("age", "intervention"), ("design", "outcome"), ("design", "bias")]

    for down, across in pairs:
        unit = chance.choice(["studies", "results", "people"]) if across != "bias" else "studies"
        chosen = Filter(vocabulary, unit=unit, **random_choice(chance, world, vocabulary))
        for (row, column), cell in cells(drawn(chosen, down, across)).items():
            narrower = evidence_map._with(
                evidence_map._with(chosen, vocabulary.axes[down], row), vocabulary.axes[across], column
            )
            counts = count(narrower)
            expected = {"studies": counts.total, "results": counts.n_results, "people": counts.n_people}
            if not (chosen.loosely and unit == "results"):
                assert cell.n == expected[unit], (down, row, across, column)


def study_of(population, outcome, *, share="all", state="reported", level=None):
    study = StudyFactory()
    sample = SampleFactory(study=study)
    PopulationShareFactory(sample=sample, population=population, share=share)
    ResultFactory(study=study, sample=sample, outcome=outcome, state=state)
    if level is not None:
        AppraisalFactory(study=study, tool=ToolFactory(), judgement=level)


def test_gaps_say_which_kind_they_are():
    older = PopulationFactory(slug="older", axis="age")
    PopulationFactory(slug="children", axis="age")
    names = ("fine", "mixed", "planned", "biased", "none")
    outcome = {name: OutcomeFactory(slug=name) for name in names}
    study_of(older, outcome["fine"])
    study_of(older, outcome["mixed"], share="part")
    study_of(older, outcome["planned"], state="planned")
    study_of(older, outcome["biased"], level="high")

    found = cells(drawn(Filter(Vocabulary.load()), "outcome", "age"))

    assert {name: (found[name, "older"].n, found[name, "older"].gap) for name in names} == {
        "fine": (1, None),
        "mixed": (0, Gap.INDIRECT),
        "planned": (1, Gap.NO_RESULT),
        "biased": (1, Gap.HIGH_RISK),
        "none": (0, Gap.NOTHING),
    }
    assert {found[name, "children"].gap for name in names} == {Gap.NOTHING}


def test_cell_shows_the_certainty_of_what_asks_exactly_this():
    older, gait = PopulationFactory(slug="older", axis="age"), OutcomeFactory(slug="gait")
    PopulationFactory(slug="children", axis="age")
    weights, other = InterventionFactory(slug="weights"), InterventionFactory(slug="other")
    conclusion = ConclusionFactory(population=older, outcome=gait, intervention=weights)
    assessment = SignedAssessmentFactory(conclusion=conclusion)
    SignedAssessmentFactory(conclusion=ConclusionFactory(outcome=gait, intervention=weights, population=None))
    study = StudyFactory()
    ResultFactory(study=study, outcome=gait, arm=ArmFactory(study=study, interventions=[weights]))
    vocabulary = Vocabulary.load()

    everything = cells(drawn(Filter(vocabulary), "outcome", "age"))
    of_other = cells(drawn(Filter(vocabulary).choosing("intervention", other.slug), "outcome", "age"))

    assert everything["gait", "older"].levels == (assessment.level,)
    assert everything["gait", "older"].level == assessment.level
    assert everything["gait", "children"].levels == ()
    assert of_other["gait", "older"].levels == ()


def test_map_page_links_each_cell_to_its_list(client):
    older, gait = PopulationFactory(slug="older", axis="age"), OutcomeFactory(slug="gait")
    PopulationFactory(slug="children", axis="age")
    OutcomeFactory(slug="sleep")
    study_of(older, gait)

    page = client.get("/studies/map/?year_from=1990").content.decode()

    assert 'href="/studies/?population=older&amp;outcome=gait&amp;year_from=1990"><b>1<' in page
    assert '<span class="gap">No studies</span>' in page
    assert client.get("/studies/?population=older&outcome=gait&year_from=1990").status_code == 200


def test_map_goes_along_as_csv_and_svg(client):
    older, gait = PopulationFactory(slug="older", axis="age"), OutcomeFactory(slug="gait", name="Gait <b>")
    PopulationFactory(slug="children", axis="age")
    OutcomeFactory(slug="sleep")
    study_of(older, gait, level="high")

    lines = client.get("/studies/map.csv").content.decode().splitlines()
    drawing = client.get("/studies/map.svg")

    assert lines[0] == "outcome,age,studies,certainty,gap"
    assert "gait,older,1,,only at high risk of bias" in lines
    assert "gait,children,0,,no studies" in lines
    assert drawing["Content-Type"] == "image/svg+xml"
    assert "Gait &lt;b&gt;" in drawing.content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("down=nothing", "There is no axis “nothing”."),
        ("across=year", "There is no axis “year”."),
        ("down=age&across=age", "This is what stands in the rows already."),
        ("population=unknown", "There is no value “unknown”."),
    ],
)
def test_map_names_what_it_does_not_understand(client, query, message):
    page = client.get(f"/studies/map/?{query}")
    file = client.get(f"/studies/map.csv?{query}")

    assert page.status_code == file.status_code == 400
    assert message in page.content.decode()
    assert message in file.content.decode()


@pytest.mark.parametrize("n", [2, 20])
def test_map_takes_the_same_queries_whatever_the_size(n, django_assert_num_queries):
    for _ in range(n):
        study_of(PopulationFactory(axis="age"), OutcomeFactory())
    index = current()
    chosen = Filter(index.vocabulary)

    with django_assert_num_queries(1):
        axes = index.vocabulary.axes
        evidence_map.draw(Matches(chosen, index=index), down=axes["outcome"], across=axes["age"])
