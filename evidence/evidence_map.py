"""The evidence map: how many studies there are for each pair of terms, how certain, and what each gap is."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from .browsing import Axis, Filter, Matches, Option
from .browsing.filters import RANGES
from .browsing.index.columns import Masks
from .models import Assessment

MOST_ROWS = 30
MOST_COLUMNS = 15
"""Four kinds of each column fit into a word of 64 bits."""


class Gap(enum.StrEnum):
    """What is missing where a cell holds no study that answers, or none that answers well."""

    NOTHING = "no studies"
    INDIRECT = "only in mixed groups"
    NO_RESULT = "planned or measured, no result seen"
    HIGH_RISK = "only at high risk of bias"


@dataclass(frozen=True)
class Cell:
    """What there is for one row and one column.

    `n` counts in the unit of the map. `levels` are the certainties of the conclusions in force that ask
    exactly this, 4 (high) to 1 (very low). `query` is the list of these studies.
    """

    n: int
    gap: Gap | None
    levels: tuple[int, ...]
    query: str
    shade: int = 0

    @property
    def level(self) -> int | None:
        """The certainty where all conclusions agree on it."""
        return self.levels[0] if len(set(self.levels)) == 1 else None


@dataclass(frozen=True)
class Row:
    """One option with its cells, in the order of the columns."""

    option: Option
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class EvidenceMap:
    """Two axes crossed. `n_more_rows` and `n_more_columns` are left out for want of room."""

    down: Axis
    across: Axis
    columns: tuple[Option, ...]
    rows: tuple[Row, ...]
    n_more_rows: int
    n_more_columns: int
    n_studies: int


def axes(chosen: Filter) -> list[Axis]:
    """What can be crossed."""
    return [
        axis for axis in chosen.vocabulary.axes.values() if axis.key not in RANGES and len(axis.options) > 1
    ]


def draw(matches: Matches, *, down: Axis, across: Axis) -> EvidenceMap:
    """The map of what satisfies a filter. One query, for the conclusions.

    All that is chosen, the row and the column hold for the same result, unless the filter binds loosely.
    """
    chosen, index = matches.chosen, matches.index
    rows, more_rows = _options(down, matches, MOST_ROWS)
    columns, more_columns = _options(across, matches, MOST_COLUMNS)
    row_slugs = [option.slug for option in rows]
    column_slugs = [option.slug for option in columns]
    question = ("map", chosen.as_query(with_sort=False), down.key, across.key)

    def counted() -> list[list[tuple[int, Gap | None]]]:
        if chosen.loosely or not (down.about_results or across.about_results):
            return _by_study(matches, down, row_slugs, across, column_slugs)
        return _by_result(matches, down, row_slugs, across, column_slugs)

    cells = index.remember(question, counted) if chosen.answer is None else counted()
    certain = _levels(chosen, down, across)
    most = max((n for row in cells for n, _ in row), default=0)
    return EvidenceMap(
        down=down,
        across=across,
        columns=tuple(columns),
        rows=tuple(
            Row(
                row,
                tuple(
                    Cell(
                        n,
                        gap,
                        certain.get((row.slug, column.slug), ()),
                        _with(_with(chosen, down, row.slug), across, column.slug).as_query(with_sort=False),
                        _shade(n, most),
                    )
                    for column, (n, gap) in zip(columns, counts, strict=True)
                ),
            )
            for row, counts in zip(rows, cells, strict=True)
        ),
        n_more_rows=more_rows,
        n_more_columns=more_columns,
        n_studies=len(matches.studies),
    )


def _options(axis: Axis, matches: Matches, most: int) -> tuple[list[Option], int]:
    """The options to show of an axis: what is chosen with what is directly below, else those at the top."""
    chosen = matches.chosen
    wanted: list[Option] = []
    for option in axis.options:
        if option.slug in chosen.chosen(axis.key):
            wanted += [option, *axis.below(option.slug)]
    options = list(dict.fromkeys(wanted or axis.below(None)))
    excluded = chosen.excluded_on(axis.key)
    options = [
        option for option in options if option.slug not in excluded and option.slug != axis.not_reported
    ]
    if len(options) <= most:
        return options, 0
    # Where there is no room for all, those of most studies.
    n = {
        option.slug: matches.studies.intersection_cardinality(
            matches.index.studies_with(axis, [option.slug], with_part=chosen.with_part)
        )
        for option in options
    }
    kept = set(sorted(n, key=lambda slug: -n[slug])[:most])
    return [option for option in options if option.slug in kept], len(options) - most


def _by_study(
    matches: Matches, down: Axis, rows: Collection[str], across: Axis, columns: Collection[str]
) -> list[list[tuple[int, Gap | None]]]:
    """Cells where any result of a study will do, or none is needed."""
    index, chosen = matches.index, matches.chosen

    def having(axis: Axis, slug: str) -> BitMap:
        return index.studies_with(axis, [slug], with_part=chosen.with_part)

    found = []
    for row in rows:
        in_row = matches.studies & having(down, row)
        cells = [in_row & having(across, column) for column in columns]
        sizes = [index.people(cell) if chosen.unit == "people" else len(cell) for cell in cells]
        found.append([(n, None if n else Gap.NOTHING) for n in sizes])
    return found


def _by_result(
    matches: Matches, down: Axis, rows: Collection[str], across: Axis, columns: Collection[str]
) -> list[list[tuple[int, Gap | None]]]:
    """Cells of one and the same result."""
    index, chosen = matches.index, matches.chosen
    wider = matches
    if not chosen.with_part and any(axis.param == "population" for axis in chosen.axes_on):
        # With groups that are only a part of those studied: what is indirect.
        wider = Matches(replace(chosen, with_part=True), index=index)
    found = wider.results
    strict = np.isin(found.results, matches.results.results)
    rows_of = index.codes(found, down, rows, with_part=chosen.with_part)
    columns_of = index.codes(found, across, columns, with_part=chosen.with_part)
    is_reported = index.reported(found)
    bias = chosen.vocabulary.axes["bias"]
    others = [option.slug for option in bias.options if option.slug != "high"]
    sounder = index.studies_with(bias, others, with_part=False)
    is_sounder = found.among(sounder, index.store.n)

    def shifted(codes: Masks, condition: npt.NDArray[np.bool_], by: int) -> Masks:
        return np.where(condition, codes, np.uint64(0)) << np.uint64(by)

    direct = (
        shifted(columns_of, strict, 0)
        | shifted(columns_of, strict & is_reported, 16)
        | shifted(columns_of, strict & is_reported & is_sounder, 32)
    )
    loose_rows = index.codes(found, down, rows, with_part=True)
    indirect = index.codes(found, across, columns, with_part=True) << np.uint64(48)
    cells = []
    for place in range(len(rows)):
        bit = np.uint64(1 << place)
        words: Masks = shifted(direct, (rows_of & bit) != 0, 0) | shifted(
            indirect, (loose_rows & bit) != 0, 0
        )
        counts = index.bit_counts(found, words, unit=chosen.unit)
        cells.append(
            [
                (
                    counts[column],
                    _gap(counts[column], counts[column + 16], counts[column + 32], counts[column + 48]),
                )
                for column in range(len(columns))
            ]
        )
    return cells


def _gap(n: int, n_reported: int, n_sounder: int, n_with_part: int) -> Gap | None:
    if n == 0:
        return Gap.INDIRECT if n_with_part else Gap.NOTHING
    if n_reported == 0:
        return Gap.NO_RESULT
    return None if n_sounder else Gap.HIGH_RISK


def _with(chosen: Filter, axis: Axis, slug: str) -> Filter:
    """The filter narrowed to one option of an axis."""
    excluded = frozenset(value for value in chosen.excluded if value[0] == axis.key)
    return replace(chosen.without(axis.key).choosing(axis.key, slug), excluded=chosen.excluded | excluded)


def _shade(n: int, most: int) -> int:
    """How dark a cell is drawn: 1 for the fewest studies to 4 for the most; 0 for none."""
    return 0 if n == 0 else min(4, 1 + int(4 * n / (most + 1)))


def _levels(chosen: Filter, down: Axis, across: Axis) -> dict[tuple[str, str], tuple[int, ...]]:
    """The certainties of the conclusions in force that ask exactly what a cell is about.

    Where neither axis is about interventions, only those about a chosen one, if any is.
    """
    kinds = {down.param, across.param}
    if not kinds <= {"population", "outcome", "intervention"} or len(kinds) != 2:
        return {}
    interventions = chosen.vocabulary.axes["intervention"].branch(chosen.chosen("intervention"))
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for level, slugs, intervention in _asked():
        if interventions and intervention not in interventions:
            continue
        if "population" not in kinds and slugs["population"] is not None:
            continue
        row, column = slugs[down.param], slugs[across.param]
        if row in down.by_slug and column in across.by_slug:
            found[str(row), str(column)].append(level)
    return {cell: tuple(sorted(levels)) for cell, levels in found.items()}


def _asked() -> Iterator[tuple[int, dict[str, str | None], int]]:
    rows = Assessment.objects.in_force().values_list(
        "level",
        "conclusion__population__slug",
        "conclusion__outcome__slug",
        "conclusion__intervention__slug",
        "conclusion__intervention_id",
    )
    for level, population, outcome, intervention, key in rows.order_by():
        yield level, {"population": population, "outcome": outcome, "intervention": intervention}, key
