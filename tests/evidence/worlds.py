"""Small random worlds of evidence, and what is true in them, found the slow way."""

import random
from dataclasses import dataclass, field

from django.utils.text import slugify

from evidence.browsing.filters import RANGES
from evidence.models import Appraisal, Arm, PopulationShare, Result, Study
from evidence.models.study import Design
from tests.factories import (
    AppraisalFactory,
    ArmFactory,
    DomainJudgementFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ReportFactory,
    ResultFactory,
    SampleFactory,
    StudyFactory,
    ToolDomainFactory,
    ToolFactory,
)

ABOUT_STUDIES = ("design", "integrity", "bias", "year", "people")
DESIGNS = [Design.PARALLEL, Design.CROSSOVER, Design.META_ANALYSIS, Design.CASE_SERIES]
AXES = ["age", "sex", "life stage"]


@dataclass
class World:
    """Slugs with that of their parent, in a random forest for each kind of term."""

    populations: dict[str, list] = field(default_factory=dict)
    outcomes: list = field(default_factory=list)
    interventions: list = field(default_factory=list)


def _forest(chance, factory, n, **fields):
    nodes = []
    for _ in range(n):
        parent = chance.choice([None, *nodes])
        nodes.append(factory(parent=parent, position=chance.randrange(5), **fields))
    return nodes


def random_world(seed, n_studies=14):
    """A world with subgroups, shares of all kinds, several results a study, drafts and gaps everywhere."""
    chance = random.Random(seed)
    world = World()
    for axis in AXES:
        world.populations[axis] = _forest(chance, PopulationFactory, 5, axis=axis)
    world.outcomes = _forest(chance, OutcomeFactory, 5)
    world.interventions = _forest(chance, InterventionFactory, 5)
    tools = [ToolFactory(), ToolFactory()]
    every_population = [node for nodes in world.populations.values() for node in nodes]
    for _ in range(n_studies):
        study = StudyFactory(
            design=chance.choice(DESIGNS),
            year=chance.choice([None, 1990, 2000, 2010, 2020]),
            n_enrolled=chance.choice([None, 5, 50, 500]),
            n_analysed=None,
            state=chance.choice(["published", "published", "published", "draft", "retired"]),
            integrity=chance.choice(["ok", "ok", "concern", "retracted"]),
            summary=chance.choice(["Gait was faster.", "Sleep was longer.", ""]),
        )
        whole = SampleFactory(study=study, **_numbers_of_people(chance))
        samples = [
            whole,
            *(
                SampleFactory(study=study, parent=whole, label=f"S{i}", **_numbers_of_people(chance))
                for i in range(2)
            ),
        ]
        for sample in samples:
            for population in chance.sample(every_population, chance.randrange(4)):
                PopulationShareFactory(
                    sample=sample,
                    population=population,
                    share=chance.choice(["all", "all", "most", "part", "excluded"]),
                )
        arms = [
            ArmFactory(study=study, interventions=chance.sample(world.interventions, chance.randrange(3)))
            for _ in range(2)
        ]
        for place in range(chance.randrange(4)):
            ResultFactory(
                study=study,
                key=f"r{place}",
                sample=chance.choice(samples),
                arm=chance.choice(arms),
                comparator=None,
                outcome=chance.choice(world.outcomes),
                direction=chance.choice(["", "mixed", "favours intervention", "no clear difference"]),
                weeks=chance.choice([None, 0, 4, 12.5]),
            )
        for tool in chance.sample(tools, chance.randrange(3)):
            AppraisalFactory(study=study, tool=tool, judgement=chance.choice(["low", "some", "high"]))
        result = study.results.first()
        if result is not None and chance.random() < 0.5:
            # The judgement of one result is not one of the study.
            AppraisalFactory(study=study, tool=tools[0], result=result, judgement="high")
    return world


def _numbers_of_people(chance):
    return {
        "age_mean": chance.choice([None, 24.1, 66.7, 80]),
        "percent_female": chance.choice([None, 0, 50, 100]),
    }


def random_choice(chance, world, vocabulary):
    """A random filter, as keyword arguments of `Filter`."""
    values = set()
    keys = [slugify(axis) for axis in AXES]
    keys += ["outcome", "intervention", "direction", "design", "bias", "integrity", "year", "people"]
    for key in chance.sample(keys, chance.randrange(4)):
        slugs = list(vocabulary.axes[key].by_slug)
        values |= {(key, slug) for slug in chance.sample(slugs, min(len(slugs), chance.randrange(1, 4)))}
    excluded = set()
    for key in chance.sample([*keys, "weeks"], chance.choice([0, 0, 0, 1, 2])):
        slugs = sorted(set(vocabulary.axes[key].by_slug) - {slug for on, slug in values if on == key})
        excluded |= {(key, slug) for slug in chance.sample(slugs, min(len(slugs), 1))}
    chosen = {
        "values": frozenset(values),
        "excluded": frozenset(excluded),
        "with_part": chance.random() < 0.3,
        "loosely": chance.random() < 0.2,
    }
    if chance.random() < 0.2:
        name, bound = chance.choice(
            [("mean_age_min", 66.7), ("mean_age_max", 66.7), ("female_max", 0), ("weeks_min", 4)]
        )
        chosen[name] = bound
    if chance.random() < 0.2:
        chosen["year_from"] = chance.choice([1995, 2005])
    if chance.random() < 0.2:
        chosen["people_max"] = chance.choice([10, 100])
    if chance.random() < 0.2:
        chosen["q"] = "gait"
    return chosen


class Truth:
    """Which studies satisfy a filter: every rule said once more, in plain loops over plain rows."""

    def __init__(self):
        self.studies = [study for study in Study.objects.order_by("pk") if study.state == "published"]
        self.results = list(
            Result.objects.order_by("pk").select_related("sample__parent", "arm", "outcome", "study")
        )
        self.shares = list(PopulationShare.objects.order_by("pk").select_related("population"))
        self.received = {arm.pk: list(arm.interventions.order_by("pk")) for arm in Arm.objects.order_by("pk")}
        self.appraisals = list(Appraisal.objects.order_by("pk"))

    def satisfying(self, chosen):
        """The primary keys of the studies that satisfy the filter."""
        return {study.pk for study in self.studies if self._holds(study, chosen)}

    def _holds(self, study, chosen):
        if chosen.q and "gait" not in study.summary.lower():
            return False
        for key in ABOUT_STUDIES:
            if chosen.is_on(key) and not self._holds_of_study(study, key, chosen):
                return False
        keys = [key for key in chosen.vocabulary.axes if key not in ABOUT_STUDIES and chosen.is_on(key)]
        own = [result for result in self.results if result.study_id == study.pk]
        if chosen.loosely:
            return all(any(self._holds_of_result(result, key, chosen) for result in own) for key in keys)
        return not keys or any(
            all(self._holds_of_result(result, key, chosen) for key in keys) for result in own
        )

    def results_of(self, chosen):
        """The primary keys of the results that satisfy a filter that is not loose."""
        keys = [key for key in chosen.vocabulary.axes if key not in ABOUT_STUDIES and chosen.is_on(key)]
        studies = self.satisfying(chosen)
        return {
            result.pk
            for result in self.results
            if result.study_id in studies and all(self._holds_of_result(result, key, chosen) for key in keys)
        }

    def _holds_of_study(self, study, key, chosen):
        slugs, excluded = chosen.chosen(key), chosen.excluded_on(key)
        if excluded and self._study_has(study, key, excluded, (None, None)):
            return False
        bounds = chosen.bounds(key) if key in RANGES else (None, None)
        return bool(not slugs and bounds == (None, None)) or self._study_has(study, key, slugs, bounds)

    def _study_has(self, study, key, slugs, bounds):
        if key == "design":
            groups = {slugify(name): designs for name, designs in Design.groups()}
            return slugify(study.design) in slugs or any(
                study.design in groups.get(slug, []) for slug in slugs
            )
        if key == "integrity":
            return study.integrity in slugs
        if key == "bias":
            levels = [a.level for a in self.appraisals if a.study_id == study.pk and a.result_id is None]
            return ("not-appraised" in slugs and not levels) or any(
                slugify(level) in slugs for level in levels
            )
        number = study.year if key == "year" else study.n_people
        return "not-reported" in slugs if number is None else self._is_inside(number, bounds)

    @staticmethod
    def _is_inside(number, bounds):
        least, most = bounds
        if least is None and most is None:
            return False
        return (least is None or number >= least) and (most is None or number <= most)

    def _holds_of_result(self, result, key, chosen):
        slugs, excluded = chosen.chosen(key), chosen.excluded_on(key)
        if excluded and self._result_has(result, key, excluded, (None, None), chosen):
            return False
        bounds = chosen.bounds(key) if key in RANGES else (None, None)
        is_free = not slugs and bounds == (None, None)
        return is_free or self._result_has(result, key, slugs, bounds, chosen)

    def _result_has(self, result, key, slugs, bounds, chosen):
        if key in RANGES:
            number = {
                "weeks": result.weeks,
                "mean-age": result.sample.age_mean,
                "female": result.sample.percent_female,
            }[key]
            return f"{key}-not-reported" in slugs if number is None else self._is_inside(number, bounds)
        if key == "direction":
            return (slugify(result.direction) if result.direction else "direction-not-stated") in slugs
        if key == "outcome":
            return self._is_under(result.outcome, slugs)
        if key == "intervention":
            received = self.received[result.arm_id]
            return any(self._is_under(node, slugs) for node in received) or (
                "intervention-not-reported" in slugs and not received
            )
        own = [
            s for s in self.shares if s.sample_id == result.sample_id and slugify(s.population.axis) == key
        ]
        if not own and result.sample.parent_id is not None:
            own = [
                s
                for s in self.shares
                if s.sample_id == result.sample.parent_id and slugify(s.population.axis) == key
            ]
        counted = {"all", "most", "part"} if chosen.with_part else {"all", "most"}
        groups = [s.population for s in own if s.share in counted]
        if not groups:
            return f"{key}-not-reported" in slugs
        return any(self._is_under(node, slugs) for node in groups)

    @staticmethod
    def _is_under(node, slugs):
        while node is not None:
            if node.slug in slugs:
                return True
            node = node.parent
        return False


def full_study(**fields):
    """A study with something of everything."""
    study = StudyFactory(**fields)
    ReportFactory(study=study, is_primary=True, authors=["Miller JF"], retracted_on=None)
    whole = SampleFactory(study=study, age_mean=0.0)
    PopulationShareFactory(sample=whole, population=PopulationFactory())
    SampleFactory(study=study, parent=whole, label="Women")
    arm = ArmFactory(
        study=study, label="Weights", interventions=[InterventionFactory(), InterventionFactory()]
    )
    result = ResultFactory(study=study, sample=whole, arm=arm, comparator=None)
    ResultFactory(study=study, sample=whole, arm=arm)
    for about in (None, result):
        appraisal = AppraisalFactory(study=study, result=about)
        DomainJudgementFactory(appraisal=appraisal, domain=ToolDomainFactory(tool=appraisal.tool))
    return study
