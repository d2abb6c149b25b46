"""Studies by year, as bars that filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .filters import Filter

MOST_BARS = 24
HEIGHT = 40
STEPS = (1, 2, 5, 10, 20, 50)


@dataclass(frozen=True)
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
    span = max(years) - min(years) + 1
    step = next((step for step in STEPS if span / step <= MOST_BARS - 1), STEPS[-1])
    start = min(years) // step * step
    sums = [
        (first, sum(by_year.get(year, 0) for year in range(first, first + step)))
        for first in range(start, max(years) + 1, step)
    ]
    highest = max(n for _, n in sums)
    least, most = chosen.bounds("year")
    # The same for every bar but for its years.
    query = replace(chosen.without("year"), year_from=start, year_to=start).as_query()
    before, after = query.split(f"year_from={start}&year_to={start}")

    return [
        Bar(
            first=first,
            last=first + step - 1,
            n=n,
            tall=round(HEIGHT * n / highest, 1),
            is_chosen=chosen.has_bounds("year")
            and (least is None or first + step - 1 >= least)
            and (most is None or first <= most),
            query=f"{before}year_from={first}&year_to={first + step - 1}{after}",
        )
        for first, n in sums
    ]
