"""The traffic light of risk of bias: what was judged, domain by domain, for each study or result."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..models import Appraisal, Result, Tool

_SYMBOLS = {"low": "low", "some concerns": "some", "high": "high"}
"""The sign of a level; any other has that of no information."""


@dataclass(frozen=True)
class Light:
    """One judgement: its sign and what its tool calls it."""

    symbol: str
    words: str


@dataclass(frozen=True)
class Lights:
    """One appraisal: what it is about, the light of each domain with its code, and overall.

    A domain that was not judged has None.
    """

    study: str
    label: str
    outcome: str
    cells: tuple[tuple[Light | None, str], ...]
    overall: Light
    is_demonstration: bool


@dataclass(frozen=True)
class TrafficLight:
    """The appraisals made with one tool; `domains` are pairs of code and name, those that anybody judged."""

    tool: str
    domains: tuple[tuple[str, str], ...]
    rows: tuple[Lights, ...]

    @property
    def key(self) -> list[tuple[str, str]]:
        """What the signs in the domains stand for: each sign with the words of its tool, once."""
        lights = {light for row in self.rows for light, _ in row.cells if light is not None}
        return sorted((light.symbol, light.words) for light in lights)

    @property
    def is_demonstration(self) -> bool:
        return any(row.is_demonstration for row in self.rows)


def traffic_lights(results: Iterable[Result], appraisals: Iterable[Appraisal]) -> list[TrafficLight]:
    """One traffic light for each tool, studies in the order of these results.

    An appraisal of one of these results counts, and one of a whole study. Takes no query where the
    appraisals came with `tool`, `result__outcome` and `domain_judgements__domain`.
    """
    places: dict[int, int] = {}
    keys = set()
    labels = {}
    for result in results:
        places.setdefault(result.study_id, len(places))
        labels[result.study_id] = result.study
        keys.add(result.pk)
    wanted = [
        appraisal
        for appraisal in appraisals
        if appraisal.study_id in places and (appraisal.result_id is None or appraisal.result_id in keys)
    ]
    wanted.sort(key=lambda entry: (entry.tool.name, entry.tool_id, places[entry.study_id], entry.pk))
    by_tool: dict[Tool, list[Appraisal]] = {}
    for appraisal in wanted:
        by_tool.setdefault(appraisal.tool, []).append(appraisal)
    return [_of_tool(tool, entries, labels) for tool, entries in by_tool.items()]


def _of_tool(tool: Tool, appraisals: list[Appraisal], studies: dict[int, Any]) -> TrafficLight:
    judged = {entry.domain_id: entry.domain for each in appraisals for entry in each.domain_judgements.all()}
    domains = sorted(judged.values(), key=lambda domain: (domain.position, domain.pk))
    rows = []
    for appraisal in appraisals:
        own = {entry.domain_id: entry.judgement for entry in appraisal.domain_judgements.all()}
        study = studies[appraisal.study_id]
        rows.append(
            Lights(
                study=study.slug,
                label=study.label,
                outcome="" if appraisal.result is None else appraisal.result.outcome.label,
                cells=tuple(
                    (light_of(tool, own[domain.pk]) if domain.pk in own else None, domain.code)
                    for domain in domains
                ),
                overall=light_of(tool, appraisal.judgement),
                is_demonstration=appraisal.is_demonstration,
            )
        )
    return TrafficLight(str(tool), tuple((domain.code, domain.name) for domain in domains), tuple(rows))


def light_of(tool: Tool, code: str) -> Light:
    """What a judgement of a tool is drawn as, and called."""
    entry = tool.judgement(code)
    if entry is None:
        return Light("none", code)
    return Light(_SYMBOLS.get(entry["level"], "none"), entry["label"])
