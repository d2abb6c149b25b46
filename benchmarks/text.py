"""Full-text search among many studies: the shapes of queries that people type, alone and beside a filter.

python -m benchmarks.text --studies 100000
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import generating, serving
from benchmarks.asking import spread, surroundings, table, timed

PAGE = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with serving.database(asked.engine, asked.studies) as (url, _, version):
        generating.use(url, var=serving.WORK / "site")
        run(asked.studies, version, rounds=asked.rounds)


def shapes() -> dict[str, str]:
    """What is typed, by its shape. A word is common if about an eighth of the studies hold it."""
    from benchmarks import inventing

    world = inventing.World()
    word = world.word
    return {
        "very common word": word(1),
        "common word": word(37),
        "2 common words": f"{word(37)} {word(38)}",
        "2 medium words": f"{word(360)} {word(361)}",
        "medium word": word(360),
        "rare word": word(20_000),
        "common word, another excluded": f"{word(37)} -{word(38)}",
        "phrase of 2 common words": f'"{word(37)} {word(38)}"',
        "4-letter prefix": word(370)[:4],
        "nothing found": "zzyzxq",
    }


def run(size: int, version: str, *, rounds: int) -> None:
    import django
    from django.db import connection
    from pyroaring import BitMap

    import search
    from evidence.models import Population, Result, Study
    from evidence.trees import branch

    public = Study.objects.published()
    group = branch(Population.objects.get(slug="age-1"))
    members = BitMap(
        Result.objects.in_population(group).order_by().values_list("study_id", flat=True).distinct()
    )
    everything = BitMap(public.order_by().values_list("pk", flat=True))
    print(f"\n### Text, {size:,} studies ({connection.vendor})\n")
    print(surroundings(f"Django {django.__version__}", version) + f"; median of {rounds} rounds\n")
    print(
        f"The filter is a group of {len(members):,} studies. Words are invented; a word of 3 letters or more"
    )
    print("at the end is also taken for the beginning of longer ones, as the search of the site does.\n")
    rows = []
    for shape, typed in shapes().items():
        query = search.parse(typed)

        def ranked(query=query) -> list:
            return list(public.matching(query).best_match_first()[:PAGE])

        def count(query=query) -> int:
            return public.matching(query).count()

        def matches(query=query) -> BitMap:
            found = Study.objects.filter(pk__in=search.matching_ids(Study.text_index, query))
            return BitMap(found.order_by().values_list("pk", flat=True))

        def beside_filter(matches=matches) -> BitMap:
            return matches() & members

        if count() != len(matches() & everything):
            raise SystemExit(f"{shape}: the bitmap and the count disagree.")
        asks: list[Callable[[], object]] = [ranked, count, matches, beside_filter]
        costs = [spread(timed(ask, rounds=rounds)) for ask in asks]
        rows.append((shape, f"{count():,}", *costs))
        print(shape, file=sys.stderr, flush=True)
    head = ("typed", "studies", "best 25 ms, median (best to worst)", "count ms")
    print(table((*head, "all matches to a bitmap ms", "the same, met with the filter ms"), rows))
    study = public.order_by("pk")[size // 2]
    summary = study.summary
    costs = []
    for number in range(rounds):
        study.summary = f"{summary} Again {number}."
        costs += timed(study.save, rounds=1)
    study.summary = summary
    study.save()
    print(f"\nOne summary changed, with its index: {spread(costs)} ms.")


if __name__ == "__main__":
    main()
