"""Invented studies: the same seed gives the same rows, whatever the database.

Nothing here is a finding about anybody. Names, numbers and texts are drawn by chance; how often each comes up
follows Zipf's law, as in real collections.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence.effects import measure
from evidence.effects.effect import normal_quantile
from evidence.models import (
    Appraisal,
    Arm,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
    Tool,
)
from evidence.models.study import Design

SEED = 20_26
CHUNK = 5_000
"""Studies are drawn in chunks of this many, each from a seed of its own: few are the first of many."""

LAST_YEAR = 2026
N_YEARS = 67
N_WORDS = 40_000
TITLE_WORDS = 12
SUMMARY_WORDS = 40

# How many of the studies say something of each axis, and how many nodes it has: 1.86 axes a study, 300 nodes.
AXES = {
    Population.Axis.AGE: (0.75, 44),
    Population.Axis.SEX: (0.35, 16),
    Population.Axis.CONDITION: (0.35, 80),
    Population.Axis.ACTIVITY: (0.12, 40),
    Population.Axis.FUNCTION: (0.08, 40),
    Population.Axis.LIFE_STAGE: (0.08, 30),
    Population.Axis.SETTING: (0.07, 30),
    Population.Axis.CONTEXT: (0.06, 20),
}
N_POPULATIONS = sum(nodes for _, nodes in AXES.values())
N_OUTCOMES = 500
N_INTERVENTIONS = 2_000

DESIGNS = (
    Design.PARALLEL,
    Design.PROSPECTIVE_COHORT,
    Design.CROSSOVER,
    Design.CROSS_SECTIONAL,
    Design.META_ANALYSIS,
    Design.PRE_POST,
    Design.NON_RANDOMISED,
    Design.PILOT,
    Design.CLUSTER,
    Design.CASE_CONTROL,
)
STATES = ((Study.State.PUBLISHED, 0.98), (Study.State.DRAFT, 0.015), (Study.State.RETIRED, 0.005))
INTEGRITY = (
    (Study.Integrity.OK, 0.99),
    (Study.Integrity.CONCERN, 0.005),
    (Study.Integrity.RETRACTED, 0.005),
)
SHARES = (
    (PopulationShare.Share.ALL, 0.62),
    (PopulationShare.Share.MOST, 0.22),
    (PopulationShare.Share.PART, 0.11),
    (PopulationShare.Share.EXCLUDED, 0.05),
)
COMPARATORS = (
    (Arm.Role.USUAL_CARE, 0.3),
    (Arm.Role.SHAM, 0.25),
    (Arm.Role.ACTIVE, 0.2),
    (Arm.Role.NO_TREATMENT, 0.15),
    (Arm.Role.WAIT_LIST, 0.1),
)
RESULT_STATES = (
    (Result.State.REPORTED, 0.94),
    (Result.State.NOT_REPORTED, 0.05),
    (Result.State.PLANNED, 0.01),
)
JUDGEMENTS = (("some concerns", 0.45), ("high", 0.3), ("low", 0.2), ("unclear", 0.05))
MEASURES = ("smd", "md", "rr")
COUNTRIES = ("US", "GB", "NL", "DE", "JP", "AU", "BR", "CN", "CA", "IT")
FINDINGS = {
    Result.Direction.INTERVENTION: "The groups differed, in favour of what was tried.",
    Result.Direction.COMPARATOR: "The groups differed, in favour of the comparison.",
    Result.Direction.NO_CLEAR: "The groups did not clearly differ.",
    Result.Direction.CHANGED: "The groups differed.",
    "": "",
}
ADDED_AT = "2026-01-01 00:00:00"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Rows of one model: the columns that are given, in the order of each row. Others keep their default."""

    model: Any
    columns: tuple[str, ...]


_NODE = ("id", "parent_id", "position", "name", "slug")
POPULATIONS = Table(Population, (*_NODE, "axis"))
OUTCOMES = Table(Outcome, (*_NODE, "better", "unit"))
INTERVENTIONS = Table(Intervention, (*_NODE, "kind"))
TOOLS = Table(Tool, ("id", "slug", "name", "judgements"))
STUDIES = Table(
    Study,
    (
        *("id", "label", "slug", "title", "design", "state", "integrity", "year", "countries"),
        *("n_enrolled", "n_analysed", "funding", "is_preregistered", "summary", "added_at", "changed_at"),
    ),
)
REPORTS = Table(
    Report, ("id", "study_id", "kind", "is_primary", "title", "authors", "year", "journal", "doi", "nct")
)
SAMPLES = Table(Sample, ("id", "study_id", "parent_id", "label", "n", "age_mean", "age_sd", "percent_female"))
POPULATION_SHARES = Table(PopulationShare, ("id", "sample_id", "population_id", "share"))
ARMS = Table(Arm, ("id", "study_id", "label", "role", "n", "times_a_week", "minutes", "weeks"))
ARM_INTERVENTIONS = Table(Arm.interventions.through, ("id", "arm_id", "intervention_id"))
RESULTS = Table(
    Result,
    (
        *("id", "study_id", "key", "sample_id", "arm_id", "comparator_id", "outcome_id", "unit", "weeks"),
        *("phase", "is_primary", "position", "state", "finding", "direction", "measure"),
        *("estimate", "ci_low", "ci_high", "yi", "vi", "derivation", "report_id"),
    ),
)
APPRAISALS = Table(Appraisal, ("id", "study_id", "tool_id", "judgement", "level"))

OF_STUDIES = (
    STUDIES,
    REPORTS,
    SAMPLES,
    POPULATION_SHARES,
    ARMS,
    ARM_INTERVENTIONS,
    RESULTS,
    APPRAISALS,
)


@dataclass(frozen=True)
class Forest:
    """Nodes of one tree, or of one axis of it, with how popular each is by itself."""

    keys: np.ndarray
    parents: tuple[int | None, ...]
    popularity: np.ndarray

    @classmethod
    def grow(cls, first: int, size: int, roots: int) -> "Forest":
        """`size` nodes from the key `first` on, of three levels where there is room, under `roots` roots."""
        middles = min(size - roots, roots * 5) if size > roots * 12 else 0
        parents: list[int | None] = [None] * roots
        weights = [1 / (root + 1) ** 1.3 for root in range(roots)]
        for place in range(roots, size):
            is_middle = place < roots + middles
            among = roots if is_middle or not middles else middles
            start = roots if middles and not is_middle else 0
            above = start + (place - roots) % among
            rank = (place - roots) // among
            parents.append(first + above)
            weights.append(weights[above] * 2 / (rank + 1.5))
        popularity = np.array(weights)
        return cls(np.arange(first, first + size), tuple(parents), popularity / popularity.sum())

    def draw(self, chance: np.random.Generator, size: int) -> np.ndarray:
        return self.keys[_draw(chance, self.popularity, size)]


class World:
    """Trees and words that studies are drawn from. Ask for its `terms` once, then for its `studies`."""

    def __init__(self, *, seed: int = SEED, summary_words: int = SUMMARY_WORDS) -> None:
        self.seed = seed
        self.summary_words = summary_words
        self.words = np.array(_words(np.random.default_rng([seed, 0]), N_WORDS), dtype=object)
        self._reach = np.cumsum(1 / np.arange(1, N_WORDS + 1))
        self._reach /= self._reach[-1]
        self.populations: dict[str, Forest] = {}
        first = 1
        for axis, (_, size) in AXES.items():
            self.populations[axis.value] = Forest.grow(first, size, roots=5)
            first += size
        self.outcomes = Forest.grow(1, N_OUTCOMES, roots=10)
        self.interventions = Forest.grow(1, N_INTERVENTIONS, roots=40)
        # Kept for each outcome, so that its results can be pooled.
        self._measure_of = np.arange(N_OUTCOMES + 1) % len(MEASURES)
        self._better_of = np.arange(N_OUTCOMES + 1) // len(MEASURES) % 3

    def word(self, rank: int) -> str:
        """The word that is the `rank`th most common one."""
        return str(self.words[rank - 1])

    def terms(self) -> Iterator[tuple[Table, list[Row]]]:
        """The trees, and the tool that studies are appraised with."""
        rows: list[Row] = []
        for axis, forest in self.populations.items():
            rows += [(*node, axis) for node in self._nodes(forest, axis.replace(" ", "-"))]
        yield POPULATIONS, rows
        better = [choice.value for choice in Outcome.Direction]
        yield (
            OUTCOMES,
            [
                (*node, better[self._better_of[node[0]]], "points" if self._measure_of[node[0]] == 1 else "")
                for node in self._nodes(self.outcomes, "outcome")
            ],
        )
        kinds = [choice.value for choice in Intervention.Kind]
        yield (
            INTERVENTIONS,
            [
                (*node, kinds[node[0] % len(kinds)])
                for node in self._nodes(self.interventions, "intervention")
            ],
        )
        judgements = [
            {"code": level, "label": level.capitalize(), "level": level, "symbol": level[0]}
            for level, _ in JUDGEMENTS
        ]
        yield TOOLS, [(1, "benchmark-tool", "Benchmark tool", json.dumps(judgements))]

    def _nodes(self, forest: Forest, kind: str) -> Iterator[Row]:
        for place, (key, parent) in enumerate(zip(forest.keys.tolist(), forest.parents, strict=True)):
            # From the rare end, so that searching for common words stays a matter of studies.
            name = f"{kind.capitalize().replace('-', ' ')} {self.words[N_WORDS - 1 - key]} {place + 1}"
            yield key, parent, place + 1, name, f"{kind}-{place + 1}"

    def studies(self, size: int) -> Iterator[tuple[int, dict[Table, list[Row]]]]:
        """The rows of `size` studies, chunk by chunk, each with the number of its studies."""
        used = dict.fromkeys(OF_STUDIES, 0)
        for number, start in enumerate(range(0, size, CHUNK)):
            n = min(CHUNK, size - start)
            rows = self._chunk(np.random.default_rng([self.seed, 1 + number]), n, used)
            for table in OF_STUDIES:
                used[table] += len(rows[table])
            yield n, rows

    def _chunk(self, chance: np.random.Generator, n: int, used: dict[Table, int]) -> dict[Table, list[Row]]:
        studies = np.arange(used[STUDIES] + 1, used[STUDIES] + n + 1)
        rows: dict[Table, list[Row]] = {}
        years = LAST_YEAR - _draw(chance, _zipf(N_YEARS, 3), n)
        year = _some(chance, years, 0.98)
        people = np.clip(np.exp(chance.normal(4.3, 1.1, n)), 4, 200_000).astype(int)
        title = self._titles(chance, n)
        surname = [word.capitalize() for word in self.words[chance.integers(0, 2000, n)]]
        rows[STUDIES] = list(
            zip(
                studies.tolist(),
                [f"{name} {said or 'undated'}" for name, said in zip(surname, year, strict=True)],
                [
                    f"{name.lower()}-{said or 'undated'}-{key}"
                    for name, said, key in zip(surname, year, studies.tolist(), strict=True)
                ],
                title,
                _choose(chance, _zipf_choices(DESIGNS), n),
                _choose(chance, STATES, n),
                _choose(chance, INTEGRITY, n),
                year,
                [f'["{COUNTRIES[place]}"]' for place in _draw(chance, _zipf(10), n).tolist()],
                _some(chance, people, 0.97),
                _some(chance, np.maximum(1, (people * chance.uniform(0.8, 1, n)).astype(int)), 0.8),
                _choose(chance, _zipf_choices(Study.Funding), n),
                _choose(chance, ((None, 0.5), (True, 0.3), (False, 0.2)), n),
                self._summaries(chance, n),
                [ADDED_AT] * n,
                [ADDED_AT] * n,
                strict=True,
            )
        )
        main_report, rows[REPORTS] = self._reports(chance, studies, surname, year, title, used[REPORTS])
        whole, subgroup, rows[SAMPLES] = _samples(chance, studies, people, used[SAMPLES])
        rows[POPULATION_SHARES] = self._shares(chance, whole, subgroup, used[POPULATION_SHARES])
        weeks = np.array([4, 6, 8, 12, 16, 24, 52])[_draw(chance, _zipf(7), n)]
        arm, rows[ARMS] = _arms(chance, studies, people, weeks, used[ARMS])
        rows[ARM_INTERVENTIONS] = self._received(chance, arm, used[ARM_INTERVENTIONS])
        rows[RESULTS] = self._results(
            chance,
            used[RESULTS],
            studies=studies,
            whole=whole,
            subgroup=subgroup,
            arm=arm,
            report=main_report,
            people=people,
            weeks=weeks,
        )
        appraised = studies[chance.random(n) < 0.3]
        levels = _choose(chance, JUDGEMENTS, len(appraised))
        first = used[APPRAISALS] + 1
        rows[APPRAISALS] = [
            (first + place, study, 1, level, level)
            for place, (study, level) in enumerate(zip(appraised.tolist(), levels, strict=True))
        ]
        return rows

    # Texts

    def _drawn_words(self, chance: np.random.Generator, n: int, length: int) -> list[list[str]]:
        places = np.searchsorted(self._reach, chance.random(n * length))
        return self.words[places].reshape(n, length).tolist()

    def _titles(self, chance: np.random.Generator, n: int) -> list[str]:
        titles = [" ".join(words).capitalize() for words in self._drawn_words(chance, n, TITLE_WORDS)]
        for place in np.flatnonzero(chance.random(n) < 0.05).tolist():
            titles[place] = ""  # nobody has seen it
        return titles

    def _summaries(self, chance: np.random.Generator, n: int) -> list[str]:
        half = self.summary_words // 2
        return [
            f"{' '.join(words[:half]).capitalize()}. {' '.join(words[half:]).capitalize()}."
            for words in self._drawn_words(chance, n, self.summary_words)
        ]

    # What belongs to a study

    def _reports(
        self,
        chance: np.random.Generator,
        studies: np.ndarray,
        surname: list[str],
        year: list[int | None],
        title: list[str],
        used: int,
    ) -> tuple[np.ndarray, list[Row]]:
        """The main report of each study, and the registration of some."""
        is_registered = chance.random(len(studies)) < 0.15
        main = used + 1 + np.arange(len(studies)) + np.concatenate([[0], np.cumsum(is_registered)[:-1]])
        journals = _draw(chance, _zipf(400), len(studies)).tolist()
        rows: list[Row] = []
        columns = zip(main.tolist(), studies.tolist(), is_registered.tolist(), strict=True)
        for place, (key, study, registered) in enumerate(columns):
            journal = f"Journal of {self.words[journals[place]].capitalize()}"
            authors = f'["{surname[place]} AB", "Second CD", "Third EF"]'
            rows.append(
                (
                    *(key, study, Report.Kind.ARTICLE.value, True, title[place], authors, year[place]),
                    *(journal, f"10.5555/benchmark.{study}", None),
                )
            )
            if registered:
                nct = f"NCT{study:08d}"
                rows.append(
                    (
                        *(key + 1, study, Report.Kind.REGISTRATION.value, False, "", "[]", year[place]),
                        *("", None, nct),
                    )
                )
        return main, rows

    def _shares(
        self, chance: np.random.Generator, whole: np.ndarray, subgroup: np.ndarray, used: int
    ) -> list[Row]:
        """What each sample says of who its people are; a subgroup says one thing more than the whole."""
        samples, populations, shares = [], [], []
        for axis, (how_often, _) in AXES.items():
            says = whole[chance.random(len(whole)) < how_often]
            samples.append(says)
            populations.append(self.populations[axis.value].draw(chance, len(says)))
            shares += _choose(chance, SHARES, len(says))
        of_subgroups = subgroup[subgroup > 0]
        about = chance.integers(0, 3, len(of_subgroups))
        for place, axis in enumerate((Population.Axis.AGE, Population.Axis.SEX, Population.Axis.CONDITION)):
            says = of_subgroups[about == place]
            samples.append(says)
            populations.append(self.populations[axis.value].draw(chance, len(says)))
            shares += [PopulationShare.Share.ALL.value] * len(says)
        sample = np.concatenate(samples)
        # By study, as people enter them.
        order = np.argsort(sample, kind="stable")
        population = np.concatenate(populations)[order].tolist()
        keys = range(used + 1, used + 1 + len(sample))
        share = [shares[place] for place in order.tolist()]
        return list(zip(keys, sample[order].tolist(), population, share, strict=True))

    def _received(self, chance: np.random.Generator, arm: np.ndarray, used: int) -> list[Row]:
        """One or two interventions of the arm under study; some arms name none."""
        first = self.interventions.draw(chance, len(arm))
        second = self.interventions.draw(chance, len(arm))
        names_one = chance.random(len(arm)) < 0.97
        names_two = names_one & (chance.random(len(arm)) < 0.39) & (first != second)
        arms = np.concatenate([arm[names_one], arm[names_two]])
        received = np.concatenate([first[names_one], second[names_two]])
        order = np.argsort(arms, kind="stable")
        keys = range(used + 1, used + 1 + len(arms))
        return list(zip(keys, arms[order].tolist(), received[order].tolist(), strict=True))

    def _results(
        self,
        chance: np.random.Generator,
        used: int,
        *,
        studies: np.ndarray,
        whole: np.ndarray,
        subgroup: np.ndarray,
        arm: np.ndarray,
        report: np.ndarray,
        people: np.ndarray,
        weeks: np.ndarray,
    ) -> list[Row]:
        """One to five results a study, three on average, each with a number unless none was seen."""
        of = np.repeat(
            np.arange(len(studies)), 1 + _draw(chance, np.array([0.1, 0.2, 0.4, 0.2, 0.1]), len(studies))
        )
        n = len(of)
        position = np.arange(n) - np.searchsorted(of, of)
        in_subgroup = (subgroup[of] > 0) & (chance.random(n) < 0.4)
        outcome = self.outcomes.draw(chance, n)
        # One in ten measures an outcome in another way than most.
        measures = np.where(chance.random(n) < 0.9, self._measure_of[outcome], 0)
        better = self._better_of[outcome]
        state = _choose(chance, RESULT_STATES, n)
        se = np.clip(2.1 / np.sqrt(people[of]), 0.02, 1.2)
        effect = chance.normal(0.15, 0.25, n) + chance.normal(0, 1, n) * se
        is_before_after = chance.random(n) < 0.05
        is_judged = chance.random(n) < 0.9
        rows: list[Row] = []
        columns = zip(
            of.tolist(),
            position.tolist(),
            np.where(in_subgroup, subgroup[of], whole[of]).tolist(),
            outcome.tolist(),
            measures.tolist(),
            better.tolist(),
            state,
            se.tolist(),
            effect.tolist(),
            is_before_after.tolist(),
            is_judged.tolist(),
            studies[of].tolist(),
            arm[of].tolist(),
            report[of].tolist(),
            weeks[of].tolist(),
            strict=True,
        )
        for key, (_, place, sample, o, m, b, said, s, y, alone, judged, study, a, r, w) in enumerate(
            columns, start=used + 1
        ):
            code = MEASURES[m]
            numbers: Row = (None, None, None, None, None, "none")
            direction = ""
            if said == "reported":
                numbers = _numbers(code, y, s)
                if judged:
                    direction = _direction(code, numbers, b)
            rows.append(
                (
                    *(key, study, f"result-{place + 1}", sample, a, None if alone else a + 1, o),
                    *("points" if code == "md" else "", float(w), "end", place == 0, place, said),
                    *(FINDINGS[direction], direction, code, *numbers, r),
                )
            )
        return rows


# Parts of a study that need no world


def _samples(
    chance: np.random.Generator, studies: np.ndarray, people: np.ndarray, used: int
) -> tuple[np.ndarray, np.ndarray, list[Row]]:
    """The whole sample of each study and, for a quarter, a subgroup (0 where there is none)."""
    n = len(studies)
    has_subgroup = chance.random(n) < 0.25
    whole = used + 1 + np.arange(n) + np.concatenate([[0], np.cumsum(has_subgroup)[:-1]])
    subgroup = np.where(has_subgroup, whole + 1, 0)
    age = chance.normal(48, 16, n).clip(5, 90).round(1).tolist()
    female = _some(chance, chance.normal(55, 22, n).clip(0, 100).round(1), 0.85)
    rows: list[Row] = []
    columns = zip(whole.tolist(), studies.tolist(), has_subgroup.tolist(), people.tolist(), strict=True)
    for place, (key, study, has, number) in enumerate(columns):
        rows.append((key, study, None, "All participants", number, age[place], 9.5, female[place]))
        if has:
            rows.append((key + 1, study, key, "A subgroup", max(1, number // 3), age[place], 9.5, None))
    return whole, subgroup, rows


def _arms(
    chance: np.random.Generator, studies: np.ndarray, people: np.ndarray, weeks: np.ndarray, used: int
) -> tuple[np.ndarray, list[Row]]:
    """Two arms a study: the one under study, and after it the one that it is compared with."""
    arm = used + 1 + 2 * np.arange(len(studies))
    roles = _choose(chance, COMPARATORS, len(studies))
    rows: list[Row] = []
    columns = zip(arm.tolist(), studies.tolist(), people.tolist(), weeks.tolist(), roles, strict=True)
    for key, study, number, w, role in columns:
        half = max(1, number // 2)
        rows.append((key, study, "Under study", "experimental", half, 3.0, 30.0, float(w)))
        rows.append((key + 1, study, "Comparison", role, half, None, None, float(w)))
    return arm, rows


_QUANTILE = normal_quantile(95.0)
_LOG = {code: measure(code).scale.value == "log" for code in MEASURES}


def _numbers(code: str, y: float, se: float) -> Row:
    """Estimate, interval, yi, vi and derivation, as `Result.derive` sets them from what is printed."""
    if _LOG[code]:
        estimate = max(0.05, round(math.exp(y), 2))
        low = max(0.01, min(round(math.exp(y - _QUANTILE * se), 2), round(estimate - 0.01, 2)))
        high = max(round(math.exp(y + _QUANTILE * se), 2), round(estimate + 0.01, 2))
        yi, width = math.log(estimate), math.log(high) - math.log(low)
    else:
        spread = 10 if code == "md" else 1
        estimate = round(y * spread, 2)
        half = max(0.02, _QUANTILE * se * spread)
        low, high = round(estimate - half, 2), round(estimate + half, 2)
        yi, width = estimate, high - low
    half_se = width / (2 * _QUANTILE)
    return estimate, low, high, yi, half_se * half_se, "estimate_and_interval"


def _direction(code: str, numbers: Row, better: int) -> str:
    """What the interval points to; `better` is 0 for higher, 1 for lower, 2 where it depends."""
    null = 1 if _LOG[code] else 0
    _, low, high, *_ = numbers
    if low <= null <= high:
        return Result.Direction.NO_CLEAR.value
    if better == 2:
        return Result.Direction.CHANGED.value
    is_good = (low > null) == (better == 0)
    return Result.Direction.INTERVENTION.value if is_good else Result.Direction.COMPARATOR.value


# Chance


def _draw(chance: np.random.Generator, popularity: np.ndarray, size: int) -> np.ndarray:
    """Places drawn by how popular each is."""
    reach = np.cumsum(popularity)
    return np.minimum(np.searchsorted(reach, chance.random(size) * reach[-1]), len(reach) - 1)


def _zipf(n: int, offset: float = 1) -> np.ndarray:
    return 1 / (np.arange(n) + offset)


def _zipf_choices(choices: Any) -> list[tuple[str, float]]:
    return [(choice, 1 / (place + 1)) for place, choice in enumerate(choices)]


def _choose(chance: np.random.Generator, choices: Any, size: int) -> list[Any]:
    """Values drawn from pairs of a value and how often it comes up."""
    values = [getattr(value, "value", value) for value, _ in choices]
    return [
        values[place] for place in _draw(chance, np.array([often for _, often in choices]), size).tolist()
    ]


def _some(chance: np.random.Generator, values: np.ndarray, how_often: float) -> list[Any]:
    """The values as a list, with None where nothing was reported."""
    says = chance.random(len(values)) < how_often
    return [value if said else None for value, said in zip(values.tolist(), says.tolist(), strict=True)]


def _words(chance: np.random.Generator, n: int) -> list[str]:
    """Different words that can be spoken and that mean nothing."""
    consonants, vowels, ends = "bdfgklmnprstvz", "aeiou", ["", "n", "r", "l", "m", "t"]
    words: dict[str, None] = {}
    while len(words) < n:
        syllables = 2 + int(chance.integers(0, 3))
        word = "".join(
            consonants[int(chance.integers(0, len(consonants)))] + vowels[int(chance.integers(0, 5))]
            for _ in range(syllables)
        )
        words[word + ends[int(chance.integers(0, len(ends)))]] = None
    return list(words)
