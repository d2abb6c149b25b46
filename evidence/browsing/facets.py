"""The filters beside the list: what can be chosen on each axis, and how many studies each choice holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .counting import Counts
from .filters import RANGES, Filter
from .visible import OPEN, can_be_searched
from .vocabulary import Axis

Standing = tuple[Collection[str], Collection[str], Collection[str]]
"""Which options of an axis are chosen, excluded, and asked to be opened."""


# Neither is frozen, which would take as long as all else: a page makes hundreds.
@dataclass(slots=True)
class Value:
    """One option of a facet with the number of studies it holds; `below` are the narrower ones.

    `is_shut` says that there are narrower ones, which are not shown.
    """

    slug: str
    label: str
    depth: int
    count: int
    chosen: bool
    below: tuple[Value, ...] = ()
    excluded: bool = False
    is_shut: bool = False
    is_asked_for: bool = False

    @property
    def is_open(self) -> bool:
        """Somebody asked for what is below, or something there is chosen, so the fold must show it."""
        return self.is_asked_for or any(
            value.chosen or value.excluded or value.is_open for value in self.below
        )


@dataclass(slots=True)
class Facet:
    """One axis of the filter form. `values` are the options at the top, each with those below it.

    `bounds` are the fields of its range, if it has one, each with what was typed. `is_searched` is set on the
    first facet of a tree that is long: there stands the field to search it for `words`.
    """

    key: str
    param: str
    label: str
    values: tuple[Value, ...]
    n_chosen: int
    is_open: bool
    bounds: tuple[tuple[str, str], ...] = ()
    is_searched: bool = False
    words: str = ""

    def flat(self) -> list[Value]:
        """All values in tree order."""
        values: list[Value] = []
        waiting = list(reversed(self.values))
        while waiting:
            value = waiting.pop()
            values.append(value)
            waiting.extend(reversed(value.below))
        return values


def facets(
    chosen: Filter,
    counts: Counts,
    *,
    options: Mapping[str, Sequence[str]] | None = None,
    opened: frozenset[tuple[str, str]] = frozenset(),
    looked_for: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> list[Facet]:
    """Every axis that has something to choose, in the order of the vocabulary. No query.

    `options` are those to show of each axis, as `shown` gives them (all if None). Those at the top are always
    there; those below only with a study, or chosen, or above a chosen one. What is `opened` is not folded,
    and nothing is where a tree is `looked_for`. `typed` is what stands in the fields of ranges.
    """
    options = options or {key: axis.slugs for key, axis in chosen.vocabulary.axes.items()}
    looked_for, typed = looked_for or {}, typed or {}
    found = []
    searched: set[str] = set()
    for key, axis in chosen.vocabulary.axes.items():
        if len(axis.options) < 2 and key not in RANGES:
            continue
        words = looked_for.get(axis.param, "")
        asked_for = axis.by_slug.keys() if words else {slug for of, slug in opened if of == key}
        picked, away = chosen.chosen(key), chosen.excluded_on(key)
        values = _values(axis, options[key], counts.values[key], (picked, away, asked_for))
        is_first = axis.param not in searched and can_be_searched(chosen.vocabulary, axis.param)
        searched.add(axis.param)
        n_chosen = len(picked) + len(away) + chosen.has_bounds(key)
        found.append(
            Facet(
                key=key,
                param=axis.param,
                label=axis.label,
                values=values,
                n_chosen=n_chosen,
                is_open=key in OPEN
                or bool(n_chosen)
                or bool(asked_for and any(value.is_asked_for for value in values))
                or bool(words and (values or is_first)),
                bounds=tuple((name, typed.get(name, "")) for name in RANGES[key]) if key in RANGES else (),
                is_searched=is_first,
                words=words,
            )
        )
    return found


def _values(
    axis: Axis, slugs: Sequence[str], held: Mapping[str, int], standing: Standing
) -> tuple[Value, ...]:
    """The values at the top, each with those below it, of these options in tree order."""
    picked, away, asked_for = standing
    if slugs == axis.at_top and not (picked or away or asked_for):
        return _plain_values(axis, held)
    # By the option above them, in reverse: so all that is below an option is there before it.
    below: dict[str | None, list[Value]] = {}
    for slug in reversed(slugs):
        option = axis.by_slug[slug]
        narrower = below.get(slug)
        n = held.get(slug, 0)
        chosen, excluded, is_asked_for = slug in picked, slug in away, slug in asked_for
        beside = below.setdefault(option.parent, [])
        if (option.depth == 0 and option.is_active) or n or chosen or excluded or narrower:
            beside.append(
                Value(
                    slug,
                    option.label,
                    option.depth,
                    n,
                    chosen,
                    tuple(reversed(narrower)) if narrower else (),
                    excluded,
                    # None of those below is among these.
                    narrower is None and bool(axis.below(slug)),
                    is_asked_for,
                )
            )
    return tuple(reversed(below.get(None, ())))


def _plain_values(axis: Axis, held: Mapping[str, int]) -> tuple[Value, ...]:
    """The values at the top, where nothing is chosen and nothing below is shown: most of what a page has."""
    values = []
    for option in axis.below(None):
        slug = option.slug
        n = held.get(slug, 0)
        if n or option.is_active:
            values.append(Value(slug, option.label, 0, n, False, is_shut=bool(axis.below(slug))))
    return tuple(values)
