"""The studies browser against Datasette on the same studies, with the same filters, side by side.

python -m benchmarks.browse --studies 100000
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import charts, datasette_peer, generating, serving
from benchmarks.asking import Answer, Client, Cost, measure, ms, spread, surroundings, table, timed
from benchmarks.bare import DESIGN, YEAR, Bare

if TYPE_CHECKING:
    from benchmarks import inventing

ADDRESS = "/studies/"
# Each page drawn and counted anew, or given again from memory while nothing has changed.
ANEW, REPEAT, PEER = "Wellness", "Wellness, again", "Datasette"
# The list as data, with the numbers beside the same two facets.
JSON, PEER_JSON = "Wellness, JSON", "Datasette, JSON"
# The list alone, counted.
LIST, PEER_LIST = "Wellness, JSON without facets", "Datasette, JSON without facets"
SITES = (ANEW, REPEAT, PEER, JSON, PEER_JSON, LIST, PEER_LIST)
ANEW_SETTINGS = {"PAGE_CACHE_MEGABYTES": "0", "API_REQUESTS_A_MINUTE": "0"}
TREES = {
    "population": "evidence_population",
    "outcome": "evidence_outcome",
    "intervention": "evidence_intervention",
}


@dataclass(frozen=True)
class Question:
    """A filter of the browser: nodes (tree and slug), designs, years; bound to the same result."""

    name: str
    words: str
    nodes: tuple[tuple[str, str], ...] = ()
    designs: tuple[str, ...] = ()
    years: tuple[int, int] | None = None

    @property
    def query(self) -> str:
        pairs = [f"{tree}={slug}" for tree, slug in self.nodes]
        pairs += [f"design={design.replace(' ', '-')}" for design in self.designs]
        if self.years:
            pairs += [f"year_from={self.years[0]}", f"year_to={self.years[1]}"]
        return "&".join(pairs)

    def by_axis(self, axis_of: Callable[[str], str]) -> dict[str, list[str]]:
        """The same as slugs by axis; `axis_of` says on which one a node is."""
        chosen = {axis_of(slug): [slug] for _, slug in self.nodes}
        if self.designs:
            chosen[DESIGN] = [design.replace(" ", "-") for design in self.designs]
        if self.years:
            chosen[YEAR] = [str(year) for year in range(self.years[0], self.years[1] + 1)]
        return chosen

    @property
    def address(self) -> str:
        return f"{ADDRESS}?{self.query}" if self.query else ADDRESS


def questions(world: inventing.World) -> list[Question]:
    """The four of the protocol: everything, one broad group, a narrow combination, a needle."""
    outcome = _leaf("outcome", world.outcomes, 0.006)
    age = _leaf("age", world.populations["age"], 0.035)
    intervention = _leaf("intervention", world.interventions, 0.012)
    return [
        Question("a", "no filter"),
        Question("b", "one broad group", (("population", "age-1"),)),
        Question(
            "c",
            "group, outcome, 2 designs, 11 years",
            (("outcome", "outcome-4"), ("population", "age-1")),
            ("prospective cohort", "crossover trial"),
            (2010, 2020),
        ),
        Question(
            "d",
            "narrow group, outcome and intervention",
            (("outcome", outcome), ("intervention", intervention), ("population", age)),
        ),
    ]


def _leaf(kind: str, forest: inventing.Forest, popularity: float) -> str:
    """The slug of the node without others below it whose popularity is nearest."""
    above = set(forest.parents)
    leaves = [place for place, key in enumerate(forest.keys.tolist()) if key not in above]
    return f"{kind}-{min(leaves, key=lambda place: abs(forest.popularity[place] - popularity)) + 1}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each question in each round")
    asked = parser.parse_args()
    with serving.database(asked.engine, asked.studies) as (url, beside, version):
        generating.use(url, var=serving.WORK / "site")
        run(asked.studies, url, beside, version, rounds=asked.rounds, seconds=asked.seconds)


def run(size: int, url: str, beside: list, version: str, *, rounds: int, seconds: float) -> None:
    import django
    from django.db import connection

    from benchmarks import inventing

    asked = questions(inventing.World())
    _say("Datasette's file ...")
    file = datasette_peer.build(size)
    truths = {question: truth(question) for question in asked}
    nodes = {
        tree: dict(_rows(f"SELECT slug, id FROM {name}"))  # noqa: S608
        for tree, name in TREES.items()
    }
    connection.close()
    results: dict[str, dict[str, dict[str, Cost]]] = {}
    with (
        serving.product(url, name=ANEW, beside=beside, settings=ANEW_SETTINGS) as ours,
        serving.product(url, name=REPEAT, beside=beside) as repeating,
        datasette_peer.datasette(file) as theirs,
    ):
        started = f"{ours.seconds_to_start:.1f} s ({ours.cpu_to_start:.1f} s of CPU)"
        sites = (
            (ANEW, ours, lambda question: question.address),
            (REPEAT, repeating, lambda question: question.address),
            (PEER, theirs, lambda question: _of_datasette(file, question, nodes)),
            (JSON, ours, lambda question: f"/api/studies?{question.query}&facet=design&facet=year"),
            (PEER_JSON, theirs, lambda question: _of_datasette(file, question, nodes, kind=".json")),
            (LIST, ours, lambda question: f"/api/studies?{question.query}"),
            (
                PEER_LIST,
                theirs,
                lambda question: _of_datasette(file, question, nodes, kind=".json", facets=()),
            ),
        )
        for question in asked:
            compare(question, truths[question], ours, theirs, file, nodes)
        for number in range(rounds + 1):
            for question in asked:
                for name, server, address in sites:
                    ask = partial(_get, address(question))
                    alone = measure(server, ask, seconds=seconds if number else 1, least=3)
                    eight = measure(server, ask, seconds=seconds if number else 1, clients=8, least=1)
                    if number:
                        costs = results.setdefault(question.name, {}).setdefault(
                            name, {"alone": Cost(), "eight": Cost()}
                        )
                        costs["alone"].add(*alone)
                        costs["eight"].add(*eight)
            _say(f"round {number} of {rounds}" if number else "warm")
        memory = ours.pss()
    versions = [f"Django {django.__version__}", version, *_versions()]
    print(f"\n### Browse, {size:,} studies ({connection.vendor})\n")
    print(surroundings(*versions) + f"; {rounds} rounds\n")
    report(asked, truths, results)
    inside(asked, file, nodes)
    with_empty = memory_when_empty(connection.vendor)
    added = (sum(memory) - sum(with_empty)) / serving.WORKERS
    print(
        f"\nStart until the first page: {started}. Memory (PSS) of all processes: {sum(memory):.0f} MB,"
        f" of the same site without studies {sum(with_empty):.0f} MB: {added:.0f} MB more for each of"
        f" {serving.WORKERS} workers."
    )
    keep(size, asked, results)


def truth(question: Question) -> int:
    """How many studies there are by SQL: the QuerySet words that the browser's pages must agree with."""
    start = time.perf_counter()
    n = chosen(question).apply().count()
    _say(f"({question.name}) {n:,} studies by SQL, {time.perf_counter() - start:.1f} s")
    return n


def chosen(question: Question):
    from django.http import QueryDict

    from evidence.browsing import Vocabulary
    from evidence.forms import StudyFilterForm

    form = StudyFilterForm(QueryDict(question.query), vocabulary=Vocabulary.load())
    if not form.is_valid():
        raise SystemExit(f"({question.name}) is not understood: {form.problems}")
    return form.filter()


def compare(question: Question, n: int, ours, theirs, file: Path, nodes: dict) -> None:
    """Stop the run if any of the two answers with another number than SQL."""
    page = Client(ours.port).get(question.address)
    said = counted(page)
    of_datasette = _of_datasette(file, question, nodes, kind=".json")
    found = json.loads(Client(theirs.port).get(of_datasette).body)["filtered_table_rows_count"]
    if not said == found == n:
        raise SystemExit(f"({question.name}) Wellness says {said}, Datasette {found}, SQL {n}.")


_COUNT = re.compile(r'id="count"[^>]*>\s*(?:<[^>]*>\s*)*([\d,.\s\u00a0\u202f]+)')


def counted(page: Answer) -> int:
    """The number of studies that a page of the browser says."""
    found = _COUNT.search(page.text)
    if page.status != 200 or found is None:
        raise SystemExit(f"No count on a page with status {page.status}.")
    return int(re.sub(r"\D", "", found[1]))


def _get(address: str, client: Client) -> Answer:
    return client.get(address)


def _of_datasette(file: Path, question: Question, nodes: dict, **form: Any) -> str:
    keys = [(tree, nodes[tree][slug]) for tree, slug in question.nodes]
    return datasette_peer.address(file, nodes=keys, designs=question.designs, years=question.years, **form)


def _rows(sql: str) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def report(asked: list[Question], truths: dict, results: dict) -> None:
    rows = []
    for question in asked:
        for name in SITES:
            alone, eight = results[question.name][name]["alone"], results[question.name][name]["eight"]
            rows.append(
                (
                    f"({question.name}) {question.words}" if name == ANEW else "",
                    f"{truths[question]:,}" if name == ANEW else "",
                    name,
                    spread(alone.medians()),
                    ms(alone.p(99)),
                    f"{alone.n:,}",
                    ms(alone.median_cpu),
                    f"{statistics.median(eight.rate):.1f}",
                )
            )
        for words, ours, theirs in (
            ("pages", ANEW, PEER),
            ("pages again", REPEAT, PEER),
            ("JSON", JSON, PEER_JSON),
            ("JSON without facets", LIST, PEER_LIST),
        ):
            one, other = (results[question.name][name]["alone"] for name in (ours, theirs))
            rows.append(
                (
                    *("", "", f"**Datasette / Wellness, {words}**"),
                    f"**{statistics.median(other.medians()) / statistics.median(one.medians()):.1f}**",
                    *("", "", f"**{other.median_cpu / one.median_cpu:.1f}**"),
                    f"**{_rate(results, question, ours) / _rate(results, question, theirs):.1f}**",
                )
            )
    print(
        "“Wellness” draws and counts each page anew; “again” is the same page asked before, with nothing"
        " changed since.\n"
    )
    print(
        table(
            (
                *("filter", "studies", "site", "p50 ms at 1 client (best to worst round)", "p99 ms"),
                *("requests", "CPU ms a request", "requests/s at 8 clients"),
            ),
            rows,
        )
    )


def _rate(results: dict, question: Question, name: str) -> float:
    return statistics.median(results[question.name][name]["eight"].rate)


def inside(asked: list[Question], file: Path, nodes: dict) -> None:
    """Counting in process, beside what bare bitmaps take for it."""
    from evidence.browsing import Matches, count, shown

    start = time.perf_counter()
    bare = Bare.read(file, list(TREES))
    read = time.perf_counter() - start
    rows = []
    for question in asked:
        filter_ = chosen(question)
        options = shown(filter_, opened=frozenset(), looked_for={})
        wanted = question.by_axis(bare.axis_of)
        years = {str(year): n for year, n in Matches(filter_).by_year().items()}
        compare_values(question, {**count(filter_).values, YEAR: years}, bare.bound(wanted))
        asks = (
            lambda: count(filter_, options=options),  # noqa: B023
            lambda: count(filter_),  # noqa: B023
            lambda: bare.bound(wanted),  # noqa: B023
            lambda: bare.of_studies(wanted),  # noqa: B023
        )
        page, ours, bound, loose = (timed(ask, rounds=7, clock=time.process_time) for ask in asks)
        times = statistics.median(ours) / statistics.median(bound)
        rows.append((f"({question.name})", *map(spread, (page, ours, bound)), f"{times:.1f}", spread(loose)))
    print(
        f"\nInside, without HTTP, in ms of CPU: all {bare.n_values:,} values, and what a page shows. Bare"
        " bitmaps of results are bound to the same result, as the site is, and said the same number for each"
        f" value; those of studies only are not, and count too many (all were read in {read:.0f} s).\n"
    )
    head = (
        *("filter", "what a page shows, median (best to worst)", "all values"),
        *("bare pyroaring, bound", "all values / bare, bound", "bare pyroaring, of studies only"),
    )
    print(table(head, rows))


def compare_values(question: Question, ours: dict, bare: dict) -> None:
    """Stop the run if a value has another number than bare bitmaps say."""
    for axis, values in bare.items():
        if {slug: ours[axis].get(slug, 0) for slug in values} != values:
            raise SystemExit(f"({question.name}) Bare bitmaps say other numbers of {axis}.")


def memory_when_empty(vendor: str) -> list[float]:
    """PSS of the processes of the same site without a study, after pages as these."""
    with (
        serving.database(vendor, 0) as (url, _, _),
        serving.product(url, name="Wellness empty", settings={"PAGE_CACHE_MEGABYTES": "0"}) as server,
    ):
        measure(server, partial(_get, ADDRESS), seconds=2, clients=4)
        return server.pss()


def _versions() -> list[str]:
    ours = serving.version_of(Path(sys.executable).parent, "gunicorn", "pyroaring")
    programs = serving.environment_of("datasette", *datasette_peer.PACKAGES)
    return [*ours, *serving.version_of(programs, "datasette")]


def keep(size: int, asked: list[Question], results: dict) -> None:
    """Keep the medians of each size, and draw them all."""
    path = serving.WORK / "browse.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known[str(size)] = {
        question.name: {
            name: statistics.median(results[question.name][name]["alone"].medians()) for name in SITES
        }
        for question in asked
    }
    path.write_text(json.dumps(known, indent=1))
    charts.bars(
        f"A page of the studies browser at {size:,} studies",
        "median milliseconds, one client; shorter is better",
        [
            (
                f"({question.name}) {question.words}",
                [(name, known[str(size)][question.name][name]) for name in (ANEW, PEER)],
            )
            for question in asked
        ],
        name=f"browse-{size}",
    )


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
