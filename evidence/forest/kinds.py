"""Kinds of studies beside each other: the subgroups of a pool by the options of an axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from ..browsing import Axis, Vocabulary
from ..conclusions import amount, p_with_sign
from ..effects import number
from ..models import Result
from ..plots import Forest, Line, Mark, forest
from ..synthesis import Effect, NotPoolable, Pool, Subgroup, subgroups
from ..synthesis.distributions import normal_quantile
from .body import FilteredBody

UNKNOWN = "Not reported"


@dataclass(frozen=True)
class Kind:
    """One kind of studies: its pool in words, or the number of its only study."""

    name: str
    k: int
    display: str
    i2: str
    mark: Mark | None


@dataclass(frozen=True)
class Kinds:
    """Kinds of studies, with the test whether they differ: Q between them, with `df` and `p`.

    `refusal` says why they cannot be compared.
    """

    label: str
    kinds: tuple[Kind, ...] = ()
    drawn: Forest | None = None
    q: float = 0.0
    df: int = 0
    p: float = 1.0
    refusal: str = ""

    @property
    def test(self) -> str:
        """The test in words, “3.1 with 2 degrees of freedom, p = 0.212”."""
        freedom = "degree of freedom" if self.df == 1 else "degrees of freedom"
        return f"{amount(self.q)} with {self.df} {freedom}, p {p_with_sign(self.p)}"


def kinds_by(vocabulary: Vocabulary) -> dict[str, Axis]:
    """The axes by which studies can be told apart: those with options that do not say what was found."""
    keys = ("intervention", "outcome", "design", "bias", "integrity")
    return {
        axis.key: axis for axis in vocabulary.axes.values() if axis.param == "population" or axis.key in keys
    }


def kinds_of(body: FilteredBody, pool: Pool) -> Kinds:
    """The studies of this pool by the options of the axis that the view compares.

    Every study stands once: one that belongs to several options is a kind of its own. Population axes and
    interventions take a constant number of queries.
    """
    axis = kinds_by(body.view.chosen.vocabulary)[body.view.by]
    _load(body.results, axis)

    def name(effect: Effect) -> str:
        coded = {slug for key in effect.key.split("+") for slug in _coded(body.effects[key], body, axis)}
        named = {_named(axis, slug, body.view.chosen.chosen(axis.key)) for slug in coded}
        unsaid = axis.not_reported
        return " and ".join(sorted(named)) or (UNKNOWN if unsaid is None else axis.by_slug[unsaid].label)

    try:
        found = subgroups(body.summary.selection.kept, name, pool.settings)
    except NotPoolable as refusal:
        return Kinds(axis.label, refusal=str(refusal))
    lines = [_line(group, pool.settings.level) for group in found.groups]
    drawn = forest(pool.measure, lines)
    return Kinds(
        label=axis.label,
        kinds=tuple(
            Kind(
                name=group.name,
                k=len(group.effects),
                display=pool.in_words(line.estimate, _bounds(line)),
                i2="" if group.pool is None else f"{number(group.pool.heterogeneity.i2, 0)}%",
                mark=mark,
            )
            for group, line, mark in zip(found.groups, lines, drawn.marks, strict=True)
        ),
        drawn=drawn,
        q=found.q,
        df=found.df,
        p=found.p,
    )


def _line(group: Subgroup, level: float) -> Line:
    if group.pool is not None:
        return Line(group.estimate, *group.pool.interval)
    margin = normal_quantile(0.5 + level / 200) * group.variance**0.5
    return Line(group.estimate, group.estimate - margin, group.estimate + margin)


def _bounds(line: Line) -> tuple[float, float]:
    low = line.estimate if line.low is None else line.low
    return low, line.estimate if line.high is None else line.high


def _load(results: Iterable[Result], axis: Axis) -> None:
    known = list(results)
    if axis.param == "population":
        prefetch_related_objects(known, "sample__shares__population", "sample__parent__shares__population")
    elif axis.key == "intervention":
        prefetch_related_objects(known, "arm__interventions")


def _coded(result: Result, body: FilteredBody, axis: Axis) -> list[str]:
    """The options of an axis that a result was entered with; none where nothing was said."""
    if axis.param == "population":
        return _populations(result, body, axis)
    if axis.key == "intervention":
        return [node.slug for node in result.arm.interventions.all()]
    if axis.key == "outcome":
        return [result.outcome.slug]
    stored = {
        "bias": body.levels.get(result.pk),
        "design": result.study.design,
        "integrity": result.study.integrity,
    }[axis.key]
    return [option.slug for option in axis.options if stored is not None and option.stored == stored]


def _populations(result: Result, body: FilteredBody, axis: Axis) -> list[str]:
    """Of its sample; a subgroup takes over an axis that it does not set itself."""
    sample = result.sample
    for people in (sample, sample.parent):
        if people is None:
            continue
        said = [share for share in people.shares.all() if share.population.axis == axis.stored]
        if said:
            return [share.population.slug for share in said if share.share in body.view.chosen.shares]
    return []


def _named(axis: Axis, slug: str, chosen: frozenset[str]) -> str:
    """The option by which a study is told apart: the one at the top, or just below what is chosen."""
    path = axis.path(slug)
    place = next((place for place, step in enumerate(path) if step in chosen), len(path))
    return axis.by_slug[path[max(place - 1, 0)]].label
