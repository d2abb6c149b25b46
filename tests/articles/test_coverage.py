"""Coverage of a finding, held against a slow and obvious count over samples."""

import random

import pytest

from articles import freezing
from evidence.models import PopulationShare
from tests import factories
from tests.articles.findings import assessed
from tests.evidence.test_bodies import result_of
from tests.evidence.worlds import AXES

pytestmark = pytest.mark.django_db


def is_under(node, top):
    while node is not None and node != top:
        node = node.parent
    return node is not None


def covered(results, group):
    """The words of the guide, said once more: direct, else part, else not read for all, else others only."""
    said = []
    for result in results:
        sample = result.sample
        rows = PopulationShare.objects.select_related("population")
        about = [row for row in rows.filter(sample=sample) if row.population.axis == group.axis]
        if not about and sample.parent is not None:
            about = [row for row in rows.filter(sample=sample.parent) if row.population.axis == group.axis]
        said.append(about)
    shares = {row.share for about in said for row in about if is_under(row.population, group)}
    if "all" in shares or "most" in shares:
        return "direct"
    if "part" in shares:
        return "part"
    return "not_assessed" if any(not about for about in said) else "other"


@pytest.mark.parametrize("seed", range(8))
def test_coverage_of_a_finding_is_what_its_samples_say(seed):
    chance = random.Random(seed)
    trees = {}
    for axis in AXES[:2]:
        nodes = []
        for _ in range(4):
            nodes.append(factories.PopulationFactory(axis=axis, parent=chance.choice([None, *nodes])))
        trees[axis] = nodes
    every = [node for nodes in trees.values() for node in nodes]
    conclusion = factories.ConclusionFactory()
    results = [result_of(conclusion) for _ in range(chance.randint(1, 4))]
    for result in results:
        whole = result.sample
        if chance.random() < 0.5:
            result.sample = factories.SampleFactory(study=result.study, parent=whole, label="Some of them")
            result.save()
        for sample in {whole, result.sample}:
            for population in chance.sample(every, chance.randrange(3)):
                share = chance.choice(["all", "most", "part", "excluded", "excluded"])
                factories.PopulationShareFactory(sample=sample, population=population, share=share)
    assessed(conclusion)
    topic = factories.TopicFactory(intervention=conclusion.intervention)
    for population in every:
        factories.TopicPopulationFactory(topic=topic, population=population)
    factories.FindingFactory(parent=topic, conclusion=conclusion)

    [block] = freezing.freeze(topic)["blocks"]

    assert block["coverage"] == {group.slug: covered(results, group) for group in every}
    assert {slug: said["state"] for slug, said in block["lenses"].items()} == block["coverage"]
