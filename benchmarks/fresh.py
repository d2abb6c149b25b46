"""Whether readers see each change at once: edits and reads in turn, then several writers at once.

python -m benchmarks.fresh --studies 10000
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

from benchmarks import generating, serving
from benchmarks.asking import Client, ms, spread, surroundings, table
from benchmarks.browse import ADDRESS, counted

READERS = 2
WRITERS = 4
EDITS = 70
EDITS_AT_ONCE = 150
# No invented study is that old, so that each cell of a year and a design holds what was moved there only.
OLD_YEAR = 1800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=3, metavar=("URL", "WRITER", "EDITS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        url, writer, edits = asked.write
        generating.use(url, var=serving.WORK / "site")
        move(int(writer), int(edits))
        return
    with serving.database(asked.engine, asked.studies, scratch=True) as (url, beside, version):
        generating.use(url, var=serving.WORK / "site")
        run(asked.studies, url, beside, version, random.Random(asked.seed))  # noqa: S311


def run(size: int, url: str, beside: list, version: str, chance: random.Random) -> None:
    import django
    from django.db import connection

    with ExitStack() as stack:
        # One worker each, so that it is known who answers.
        readers = [
            stack.enter_context(serving.product(url, name=f"Reader {number + 1}", workers=1, beside=beside))
            for number in range(READERS)
        ]
        clients = [Client(reader.port) for reader in readers]
        print(f"\n### Fresh, {size:,} studies ({connection.vendor})\n")
        print(surroundings(f"Django {django.__version__}", version) + "\n")
        print(
            table(
                ("what", "how often", "stale or missed", "ms"),
                [
                    edits_and_reads(clients, chance, EDITS),
                    *at_once(url, clients),
                ],
            )
        )


def edits_and_reads(clients: list[Client], chance: random.Random, n: int) -> tuple:
    """Edit anything of a random study, then ask each reader for a list that the edit changes."""
    from evidence.models import Study

    stale, waits, writes = 0, [], []
    biggest = Study.objects.order_by("-pk").values_list("pk", flat=True)[0]
    kinds = list(EDITING)
    for number in range(n):
        study = _published(chance.randint(1, biggest))
        start = time.perf_counter()
        query = EDITING[kinds[number % len(kinds)]](study, chance)
        writes.append((time.perf_counter() - start) * 1000)
        expected = _by_sql(query)
        for client in clients:
            start = time.perf_counter()
            page = client.get(f"{ADDRESS}?{query}")
            waits.append((time.perf_counter() - start) * 1000)
            stale += counted(page) != expected
    return (
        f"edits, each read in {len(clients)} processes at once after it",
        f"{n} edits, {len(waits)} reads",
        f"**{stale}** stale",
        f"edit {spread(writes)}; first page after it {spread(waits)}",
    )


def _published(near: int):
    """A published study with a result, from this key on."""
    from evidence.models import Study

    published = Study.objects.published().order_by("pk")
    return (
        published.filter(pk__gte=near, results__isnull=False).first()
        or published.filter(results__isnull=False).first()
    )


def _query(study, *more: str) -> str:
    """A narrow list that holds the study as it was, or as it is."""
    return "&".join([*more, f"design={study.design.replace(' ', '-')}"])


def _of_result(study) -> list[str]:
    result = study.results.select_related("outcome").order_by("pk")[0]
    return [f"outcome={result.outcome.slug}"]


def _retire(study, chance) -> str:
    query = _query(study, *_of_result(study))
    study.state = study.State.RETIRED
    study.save()
    return query


def _redate(study, chance) -> str:
    study.year = chance.randint(1960, 2026)
    study.save()
    return _query(study, f"year_from={study.year}", f"year_to={study.year}", *_of_result(study))


def _measure_another(study, chance) -> str:
    """By a bulk update, which calls no save()."""
    from evidence.models import Outcome

    outcome = chance.choice(list(Outcome.objects.order_by("pk")[:100]))
    study.results.filter(pk=study.results.order_by("pk")[0].pk).update(outcome=outcome)
    return _query(study, f"outcome={outcome.slug}")


def _delete_result(study, chance) -> str:
    query = _query(study, *_of_result(study))
    study.results.order_by("pk")[0].delete()
    return query


def _name_population(study, chance) -> str:
    from evidence.models import Population, PopulationShare

    sample = study.samples.get(parent=None)
    population = chance.choice(list(Population.objects.filter(axis="condition").order_by("pk")))
    PopulationShare.objects.filter(sample=sample, population=population).delete()
    PopulationShare.objects.create(sample=sample, population=population, share="all")
    return _query(study, f"population={population.slug}", *_of_result(study))


def _name_intervention(study, chance) -> str:
    from evidence.models import Intervention

    intervention = chance.choice(list(Intervention.objects.order_by("pk")[40:200]))
    study.results.select_related("arm").order_by("pk")[0].arm.interventions.add(intervention)
    return _query(study, f"intervention={intervention.slug}", *_of_result(study))


def _move_outcome(study, chance) -> str:
    """A branch of the tree goes under another root."""
    from evidence.models import Outcome

    outcome = chance.choice(list(Outcome.objects.filter(parent__isnull=False, children__isnull=False)[:40]))
    root = chance.choice(list(Outcome.objects.filter(parent=None).exclude(pk=outcome.parent_id)))
    outcome.parent = root
    outcome.save()
    return _query(study, f"outcome={root.slug}", f"year_from={study.year or 2000}")


EDITING = {
    "retire": _retire,
    "redate": _redate,
    "measure another": _measure_another,
    "delete a result": _delete_result,
    "name a population": _name_population,
    "name an intervention": _name_intervention,
    "move an outcome": _move_outcome,
}


def _by_sql(query: str) -> int:
    from django.http import QueryDict

    from evidence.browsing import Vocabulary
    from evidence.forms import StudyFilterForm

    form = StudyFilterForm(QueryDict(query), vocabulary=Vocabulary.load())
    if not form.is_valid():
        raise SystemExit(f"{query} is not understood: {form.problems}")
    return form.filter().apply().count()


def _cells(writer: int, edits: int) -> list[tuple[int, str]]:
    """A year and a design for each edit of a writer, that no other edit has."""
    from evidence.models.study import Design

    cells = [(OLD_YEAR + year, design.value) for year in range(100) for design in Design]
    return cells[writer * edits : (writer + 1) * edits]


def move(writer: int, edits: int) -> None:
    """Move studies of this writer's own into cells of their own, one transaction each."""
    from evidence.models import Study

    own = Study.objects.published().order_by("-pk").values_list("pk", flat=True)
    keys = list(own[writer * edits : (writer + 1) * edits])
    print("ready", flush=True)
    sys.stdin.readline()
    for key, (year, design) in zip(keys, _cells(writer, edits), strict=True):
        study = Study.objects.get(pk=key)
        study.year, study.design = year, design
        study.save()


def at_once(url: str, clients: list[Client]) -> list[tuple]:
    """Writers in processes of their own, while the readers read all along; then each cell is looked at."""
    command = [sys.executable, "-m", "benchmarks.fresh", "--write", url]
    writers = [
        subprocess.Popen(  # noqa: S603
            [*command, str(number), str(EDITS_AT_ONCE)],
            cwd=serving.ROOT,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    start = time.perf_counter()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    meanwhile = []
    while any(writer.poll() is None for writer in writers):
        for client in clients:
            asked = time.perf_counter()
            client.get(f"{ADDRESS}?year_from={OLD_YEAR}&year_to={OLD_YEAR + 99}")
            meanwhile.append((time.perf_counter() - asked) * 1000)
    lasted = time.perf_counter() - start
    if any(writer.returncode for writer in writers):
        raise SystemExit("A writer failed.")
    missed = 0
    for number in range(WRITERS):
        for year, design in _cells(number, EDITS_AT_ONCE):
            query = f"year_from={year}&year_to={year}&design={design.replace(' ', '-')}"
            missed += sum(counted(client.get(f"{ADDRESS}?{query}")) != 1 for client in clients)
    n = WRITERS * EDITS_AT_ONCE
    return [
        (
            f"{WRITERS} writers at once, {len(clients)} processes reading all along",
            f"{n} edits, {len(meanwhile)} reads, {n / lasted:.0f} edits/s",
            f"**{missed}** missed",
            f"page meanwhile {ms(statistics.median(meanwhile))}, worst {ms(max(meanwhile))}",
        )
    ]


if __name__ == "__main__":
    main()
