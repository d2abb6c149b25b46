"""What pooling studies costs, beside their number.

python -m benchmarks.synthesis
"""

import math
import os
import platform
import random
import statistics
import time
from collections.abc import Callable

from evidence import effects
from evidence.synthesis import Effect, Method, Settings, egger, leave_one_out, pool, select

ROUNDS = 7
SIZES = (5, 25, 100, 1000)
# Leaving each of a thousand studies out fits a thousand pools; nobody asks for that on a page.
MOST_LEFT_OUT = 100


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; median of {ROUNDS} rounds, ms")
    print(f"{'studies':>8} {'select':>8} {'DL':>8} {'PM':>8} {'REML':>8} {'Egger':>8} {'leave one out':>14}")
    for size in SIZES:
        print_row(size)


def print_row(size: int) -> None:
    """A pool always has the Hartung-Knapp, prediction and Q-profile intervals, whatever its method."""
    studies = studies_of(size)
    costs = [median(lambda: select(studies))]
    costs += [
        median(lambda method=method: pool(studies, Settings(method=method)))
        for method in (Method.DERSIMONIAN_LAIRD, Method.PAULE_MANDEL, Method.REML)
    ]
    row = f"{size:>8} " + " ".join(f"{cost:8.1f}" for cost in costs)
    row += f" {median(lambda: egger(studies)):8.1f}" if size >= 10 else f" {'-':>8}"
    row += f" {median(lambda: leave_one_out(studies)):14.1f}" if size <= MOST_LEFT_OUT else f" {'-':>14}"
    print(row)


def studies_of(size: int) -> list[Effect]:
    """Studies of 10 to 1,000 people whose true effects differ about as much as those of a middling study."""
    chance = random.Random(size)  # noqa: S311
    studies = []
    for place in range(size):
        people = math.exp(chance.uniform(math.log(10), math.log(1000)))
        vi = 4 / people
        studies.append(
            Effect(
                key=str(place),
                study=str(place),
                label=f"Study {place}",
                measure=effects.measure("smd"),
                yi=0.3 + chance.gauss(0, 0.2) + chance.gauss(0, math.sqrt(vi)),
                vi=vi,
                comparator="control",
            )
        )
    return studies


def median(run: Callable[[], object]) -> float:
    """Milliseconds of one run, the median of several after one to warm up."""
    run()
    costs = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        costs.append((time.perf_counter() - start) * 1000)
    return statistics.median(costs)


if __name__ == "__main__":
    main()
