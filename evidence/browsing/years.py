"""Studies by year, as bars that filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .filters import Filter

MOST_BARS = 24
HEIGHT = 40
STEPS = (1, 2, 5, 10, 20, 50)


# Not frozen, which would take as long as the rest: a page makes two dozen.
@dataclass(slots=True)
class Bar:
    """The studies from one year to another, both included; drawn from `y` on, `tall` of `HEIGHT`."""

    first: int
    last: int
    n: int
    tall: float
    is_chosen: bool
    query: str

    @property
    def y(self) -> float:
        return round(HEIGHT - self.tall, 1)

    @property
    def label(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def bars(chosen: Filter, by_year: Mapping[int, int]) -> list[Bar]:
    """A bar for each step of years, from the first year with a study to the last; none for a single year."""
    years = [year for year, n in by_year.items() if n]
    if len(years) < 2:
        return []
    newest, oldest = max(years), min(years)
    step = next((step for step in STEPS if (newest - oldest + 1) / step <= MOST_BARS - 1), STEPS[-1])
    start = oldest // step * step
    sums = dict.fromkeys(range(start, newest + 1, step), 0)
    for year in years:
        sums[year // step * step] += by_year[year]
    highest = max(sums.values())
    least, most = chosen.bounds("year")
    has_bounds = chosen.has_bounds("year")
    before, after = chosen.query_around("year")
    return [
        Bar(
            first=first,
            last=first + step - 1,
            n=n,
            tall=round(HEIGHT * n / highest, 1),
            is_chosen=has_bounds
            and (least is None or first + step - 1 >= least)
            and (most is None or first <= most),
            query=f"{before}year_from={first}&year_to={first + step - 1}{after}",
        )
        for first, n in sums.items()
    ]
