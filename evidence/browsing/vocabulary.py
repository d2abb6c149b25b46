"""The terms that studies can be filtered by: every axis with its options, in the order readers see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.text import slugify

from ..models import Intervention, Outcome, Population, Result, Study
from ..models.appraisal import Level
from ..models.node import Node
from ..models.study import Design
from ..trees import Branch, Tree

NOT_REPORTED = "not-reported"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen on an axis; with it everything below it is chosen.

    `pk` is that of the node it stands for, `stored` the text in the database where it stands for a choice.
    """

    slug: str
    label: str
    depth: int = 0
    parent: str | None = None
    pk: int | None = None
    stored: str | None = None
    is_active: bool = True
    is_not_reported: bool = False


@dataclass(frozen=True)
class Axis:
    """Something that studies are filtered by.

    `param` is its name in addresses (all population axes share one), `about_results` whether it must hold
    for the same result as the other such axes, `stored` the axis of populations that it stands for, if any.
    """

    key: str
    param: str
    label: str
    options: tuple[Option, ...]
    about_results: bool = False
    stored: str = ""

    @cached_property
    def by_slug(self) -> dict[str, Option]:
        return {option.slug: option for option in self.options}

    @cached_property
    def by_pk(self) -> dict[int, Option]:
        """The options that stand for a node, by its primary key."""
        return {option.pk: option for option in self.options if option.pk is not None}

    @cached_property
    def slugs(self) -> tuple[str, ...]:
        """All options, in tree order."""
        return tuple(self.by_slug)

    @cached_property
    def at_top(self) -> tuple[str, ...]:
        """The options at the top."""
        return tuple(option.slug for option in self.below(None))

    @cached_property
    def not_reported(self) -> str | None:
        """The option for studies that do not say, or None where all do."""
        return next((option.slug for option in self.options if option.is_not_reported), None)

    @cached_property
    def _below(self) -> dict[str | None, list[Option]]:
        below: dict[str | None, list[Option]] = {}
        for option in self.options:
            below.setdefault(option.parent, []).append(option)
        return below

    @cached_property
    def _places(self) -> dict[str, int]:
        return {option.slug: place for place, option in enumerate(self.options)}

    def in_order(self, slugs: Iterable[str]) -> list[Option]:
        """These options in the order of the axis."""
        places = sorted(self._places[slug] for slug in slugs if slug in self._places)
        return [self.options[place] for place in places]

    def path(self, slug: str) -> list[str]:
        """This option and all above it, from itself up."""
        path = []
        current: str | None = slug
        while current is not None:
            path.append(current)
            current = self.by_slug[current].parent
        return path

    def below(self, slug: str | None) -> Sequence[Option]:
        """The options directly below this one; those at the top for None."""
        return self._below.get(slug, ())

    def within(self, slugs: Iterable[str]) -> list[Option]:
        """These options and all below them, without the one for not reported."""
        found: dict[str, Option] = {}
        waiting = [slug for slug in slugs if slug != self.not_reported]
        while waiting:
            slug = waiting.pop()
            if slug not in found:
                found[slug] = self.by_slug[slug]
                waiting.extend(option.slug for option in self.below(slug))
        return list(found.values())

    def branch(self, slugs: Iterable[str]) -> Branch:
        """The nodes of these options with all below, as QuerySet words take them."""
        return frozenset(option.pk for option in self.within(slugs) if option.pk is not None)

    def stored_values(self, slugs: Iterable[str]) -> list[str]:
        """The choices of these options as the database holds them."""
        return [option.stored for option in self.within(slugs) if option.stored is not None]


class Vocabulary:
    """All axes, read with three queries, one for each tree."""

    def __init__(self, axes: Iterable[Axis]) -> None:
        self.axes = {axis.key: axis for axis in axes}

    @classmethod
    def load(cls) -> Vocabulary:
        """The axes as the trees are now."""
        return cls(
            [
                *_population_axes(),
                _tree_axis("intervention", "Intervention", Intervention, nobody="No intervention named"),
                _tree_axis("outcome", "Outcome", Outcome),
                *fixed_axes(),
            ]
        )

    @cached_property
    def populations(self) -> dict[int, Axis]:
        """The axis of each population, by its primary key."""
        return {pk: axis for axis in self.of_param("population") for pk in axis.by_pk}

    @cached_property
    def n_options(self) -> dict[str, int]:
        """How many options the axes of each parameter have in all."""
        n_options: dict[str, int] = {}
        for axis in self.axes.values():
            n_options[axis.param] = n_options.get(axis.param, 0) + len(axis.options)
        return n_options

    def of_param(self, param: str) -> Iterator[Axis]:
        """The axes whose values this parameter carries."""
        return (axis for axis in self.axes.values() if axis.param == param)

    def axis_of(self, param: str, slug: str) -> Axis | None:
        """The axis on which `slug` is an option, or None if this parameter knows no such value."""
        return next((axis for axis in self.of_param(param) if slug in axis.by_slug), None)

    def axis_of_node(self, node: Node) -> Axis:
        """The axis of a population, outcome or intervention."""
        if isinstance(node, Population):
            return self.axes[slugify(node.axis)]
        return self.axes[str(node._meta.model_name)]


def axis_keys() -> list[str]:
    """The keys of all axes in their order, the same in every database. No query."""
    populations = [slugify(axis) for axis in Population.Axis.values]
    return [*populations, "intervention", "outcome", *(axis.key for axis in fixed_axes())]


def fixed_axes() -> list[Axis]:
    """The axes whose options are those of a choice, the same in every database. No query."""
    return [
        _choices_axis(
            "direction",
            "What was found",
            [(choice.value, choice.label) for choice in Result.Direction],
            about_results=True,
            # An empty direction means that nobody has judged it.
            not_reported=Option("direction-not-stated", "Not stated", stored="", is_not_reported=True),
        ),
        _number_axis("mean-age", "Mean age", "Mean age not reported"),
        _number_axis("female", "Women and girls in per cent", "Share of women not reported"),
        _number_axis("weeks", "Weeks since the start", "Weeks not reported"),
        _design_axis(),
        _choices_axis(
            "bias",
            "Risk of bias",
            [(level.value, level.label) for level in Level],
            not_reported=Option("not-appraised", "Not appraised", is_not_reported=True),
        ),
        _choices_axis("integrity", "Integrity", [(state.value, state.label) for state in Study.Integrity]),
        _choices_axis(
            "year",
            "Year",
            [],
            not_reported=Option(NOT_REPORTED, "Year not reported", is_not_reported=True),
        ),
        _choices_axis(
            "people",
            "Number of people",
            [],
            not_reported=Option(NOT_REPORTED, "Number not reported", is_not_reported=True),
        ),
    ]


def _rows(model: type[Node]) -> list[dict]:
    """The nodes of `model` in tree order, each with its depth. One query."""
    fields = ["pk", "parent_id", "slug", "name", "short_name", "is_active", "position"]
    if model is Population:
        fields.append("axis")
    by_pk = {row["pk"]: row for row in model._default_manager.order_by("position", "pk").values(*fields)}
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, row in by_pk.items():
        children[row["parent_id"]].append(pk)
    tree = Tree({pk: row["parent_id"] for pk, row in by_pk.items()})
    rows = []
    waiting = list(reversed(children[None]))
    while waiting:
        pk = waiting.pop()
        rows.append({**by_pk[pk], "depth": len(tree.path(pk)) - 1})
        waiting.extend(reversed(children[pk]))
    return rows


def _options(rows: Iterable[dict]) -> list[Option]:
    rows = list(rows)
    slug_of = {row["pk"]: row["slug"] for row in rows}
    return [
        Option(
            slug=row["slug"],
            label=row["short_name"] or row["name"],
            depth=row["depth"],
            parent=slug_of.get(row["parent_id"]),
            pk=row["pk"],
            is_active=row["is_active"],
        )
        for row in rows
    ]


def _population_axes() -> list[Axis]:
    rows = _rows(Population)
    axes = []
    for choice in Population.Axis:
        key = slugify(choice.value)
        # A sample of which only a part belongs to a group says nothing that can be filtered by either.
        unsaid = Option(f"{key}-not-reported", "Not reported, or mixed", is_not_reported=True)
        options = _options(row for row in rows if row["axis"] == choice.value)
        axes.append(
            Axis(key, "population", choice.label, (*options, unsaid), about_results=True, stored=choice.value)
        )
    return axes


def _tree_axis(key: str, label: str, model: type[Node], nobody: str = "") -> Axis:
    options = _options(_rows(model))
    if nobody:
        options.append(Option(f"{key}-not-reported", nobody, is_not_reported=True))
    return Axis(key, key, label, tuple(options), about_results=True)


def _choices_axis(
    key: str,
    label: str,
    choices: list[tuple[str, str]],
    *,
    about_results: bool = False,
    not_reported: Option | None = None,
) -> Axis:
    options = [Option(slugify(stored), words, stored=stored) for stored, words in choices]
    if not_reported is not None:
        options.append(not_reported)
    return Axis(key, key, label, tuple(options), about_results=about_results)


def _number_axis(key: str, label: str, unknown: str) -> Axis:
    """An axis about results of which a range is chosen."""
    option = Option(f"{key}-not-reported", unknown, is_not_reported=True)
    return Axis(key, key.replace("-", "_"), label, (option,), about_results=True)


def _design_axis() -> Axis:
    options = []
    for name, designs in Design.groups():
        group = Option(slugify(name), name)
        options.append(group)
        options += [
            Option(slugify(design.value), design.label, depth=1, parent=group.slug, stored=design.value)
            for design in designs
        ]
    return Axis("design", "design", "Study design", tuple(options))
