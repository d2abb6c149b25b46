"""A topic page against a page of Wagtail with the same article: first hit after a publish, repeats, 304.

python -m benchmarks.pages
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from functools import partial

from benchmarks import charts, generating, serving, wagtail_peer
from benchmarks.asking import Answer, Ask, Client, Cost, measure, ms, spread, surroundings, table

FIRST_HITS = 50
# What is written: editions of all articles at once; something else; of one, also with nothing drawn ahead.
PUBLISH, OTHER, ONE, ONE_ALONE = "publish", "other", "one", "one-alone"
FIRST = "topic page, first hit after a publish, {}"
ANEW = "topic page, first hit after another change, {}"
REPEAT = "topic page, repeat, {}"
PEER, PEER_CACHED = "Wagtail, PostgreSQL", "Wagtail, site cache of Django (stale)"
ADDRESS = "/category-0/article-{}/"
# As every browser asks.
BROWSER = {"Accept-Encoding": "gzip"}
SECTIONS, FINDINGS, STUDIES = 10, 5, 15
SENTENCE = "Walking with a load may take a little more energy, and what it does to the knees is not known. "
PARAGRAPH = f"<p>{SENTENCE * 4}</p><p>{SENTENCE * 4}</p>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each case in each round")
    parser.add_argument("--fill", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--write", metavar="URL", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fill or asked.write:
        generating.use(asked.fill or asked.write, var=serving.WORK / "site")
        if asked.fill:
            fill()
        else:
            write()
        return
    run(rounds=asked.rounds, seconds=asked.seconds)


def fill() -> None:
    """Publish the same article at as many addresses as are asked for in a round."""
    from django.core.management import call_command
    from django.utils import timezone

    from evidence.assessing import sign
    from tests import factories
    from tests.signing import publish_signed

    call_command("migrate", verbosity=0)
    now = timezone.now()
    categories = [factories.CategoryFactory(slug=f"category-{number}") for number in range(6)]
    intervention = factories.InterventionFactory()
    studies = []
    for number in range(STUDIES):
        study = factories.StudyFactory(slug=f"study-{number}", title=f"Loads and walking, part {number}")
        factories.ReportFactory(
            study=study, is_primary=True, title=study.title, authors=["Miller JF"], journal="Gait"
        )
        studies.append(study)
    outcomes = [factories.OutcomeFactory(name=f"Outcome {number}") for number in range(FINDINGS)]
    for number, study in enumerate(studies):
        arm = factories.ArmFactory(study=study, interventions=[intervention])
        factories.ResultFactory(study=study, arm=arm, outcome=outcomes[number % FINDINGS], unit="m/s")
    conclusions = []
    for outcome in outcomes:
        conclusion = factories.ConclusionFactory(intervention=intervention, outcome=outcome)
        draft = factories.AssessmentFactory(conclusion=conclusion, threshold="A difference of 1 unit.")
        sign(assessment=draft, by=factories.UserFactory(), at=now)
        conclusions.append(conclusion)
    publisher = factories.UserFactory(username="publisher", is_superuser=True)
    for number in range(FIRST_HITS):
        topic = factories.TopicFactory(
            category=categories[0],
            title="An article",
            short_title="Article",
            slug=f"article-{number}",
            intervention=intervention,
        )
        for place in range(SECTIONS):
            factories.HeadingFactory(parent=topic, text=f"Section {place}", anchor=f"section-{place}")
            cited = f'<p>See <a href="study:{studies[place].slug}">this study</a>.</p>'
            factories.RichTextFactory(parent=topic, text=PARAGRAPH + cited)
            if place < FINDINGS:
                factories.FindingFactory(parent=topic, name=f"Outcome {place}", conclusion=conclusions[place])
        factories.EvidenceTableFactory(parent=topic, outcome=outcomes[0])
        publish_signed(topic=topic, by=publisher, at=now)


def write() -> None:
    """Do what each line says, and answer with words that every article shows then, and the CPU ms it took."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import transaction
    from django.utils import timezone

    from articles.models import Category, Topic
    from tests import factories
    from tests.signing import publish_signed, sign

    publisher = User.objects.get(username="publisher")
    # Names after those that were used when the database was filled.
    factories.UserFactory.reset_sequence(User.objects.count())
    drawing_ahead = settings.PAGE_CACHE_MEGABYTES
    for number, line in enumerate(sys.stdin):
        what = line.strip()
        words = f"State {os.getpid()}-{number}"
        start = time.process_time()
        if what == OTHER:
            Category.objects.filter(slug="category-5").update(name=words)
        else:
            topics = Topic.objects.order_by("pk")
            for topic in topics if what == PUBLISH else topics[:1]:
                topic.standfirst = f"What an article says. {words}."
                topic.save()
                sign(topic, at=timezone.now())
            settings.PAGE_CACHE_MEGABYTES = 0 if what == ONE_ALONE else drawing_ahead
            start = time.process_time()
            with transaction.atomic():
                for topic in topics if what == PUBLISH else topics[:1]:
                    publish_signed(topic=topic, by=publisher, at=timezone.now())
        print(json.dumps([words, (time.process_time() - start) * 1000]), flush=True)


class Writer:
    """Another process that writes to the database while the server at this port serves from it."""

    def __init__(self, url: str, port: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "benchmarks.pages", "--write", url],
            cwd=serving.ROOT,
            env={**os.environ, **serving.product_environment(url, port=port)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def write(self, what: str) -> tuple[str, float]:
        """Returns words that every article shows from now on, and the CPU ms that took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, file=self._process.stdin, flush=True)
        words, took = json.loads(self._process.stdout.readline())
        return words, took


def first_hits(server: serving.Server, writer: Writer, what: str) -> tuple[list[float], float, float]:
    """Write, then ask for each article once, as `measure` asks. Raises SystemExit at a page of before."""
    words, _ = writer.write(what)

    def ask(path: str, client: Client) -> Answer:
        answer = _get(path, client)
        if words not in answer.text:
            raise SystemExit(f"{server.name} answered with a page of before.")
        return answer

    asks = [partial(ask, ADDRESS.format(number)) for number in range(FIRST_HITS)]
    return measure(server, asks, seconds=10**6, most=FIRST_HITS, exactly=True)


def article() -> list[dict]:
    """The same article as Wagtail's blocks."""
    body: list[dict] = []
    for number in range(SECTIONS):
        body.append({"type": "heading", "value": f"Section {number}"})
        body.append({"type": "text", "value": f"{PARAGRAPH}<p>See this study.</p>"})
        if number < FINDINGS:
            body.append(
                {
                    "type": "finding",
                    "value": {
                        "name": f"Outcome {number}",
                        "certainty": "Low certainty",
                        "sentence": "It may increase slightly. 3 studies, 120 people.",
                        "text": "<p>People walked on a track.</p>",
                        "reasons": ["Risk of bias: Nobody was masked.", "Imprecision: Few people."],
                        "studies": [
                            *([f"Author {n}", "All participants", "1.0 (0.5 to 1.5) m/s"] for n in range(3)),
                            ["Pooled: 3 studies", "120 people", "1.0 (0.7 to 1.3) m/s"],
                        ],
                    },
                }
            )
    rows = [[f"Author {n}", "2020", "40 people", "MD 1.00 (0.50 to 1.50) m/s"] for n in range(3)]
    body.append({"type": "table", "value": {"caption": "Walking and gait", "rows": rows}})
    references = [f"Miller JF. Loads and walking, part {n}. Gait. 2020." for n in range(STUDIES)]
    body.append({"type": "references", "value": references})
    return body


def run(*, rounds: int, seconds: float) -> None:
    with ExitStack() as stack:
        database, tree, version = stack.enter_context(serving.postgresql("pages"))
        for name in ("wellness", "wagtail"):
            database.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
            database.psql(f"CREATE DATABASE {name};")
        file = serving.WORK / "pages.sqlite3"
        for old in serving.WORK.glob("pages.sqlite3*"):
            old.unlink()
        urls = {"PostgreSQL": database.get_uri("wellness"), "SQLite": f"sqlite:///{file}"}
        for url in urls.values():
            program = [sys.executable, "-m", "benchmarks.pages", "--fill", url]
            subprocess.run(program, check=True, cwd=serving.ROOT)  # noqa: S603
        folder = wagtail_peer.make(database.get_uri("wagtail"), article())
        path = ADDRESS.format(0)
        sites = {
            engine: stack.enter_context(
                serving.product(
                    url, name=f"Wellness {engine}", path=path, beside=[tree] if "post" in url else []
                )
            )
            for engine, url in urls.items()
        }
        writers = {
            engine: stack.enter_context(Writer(urls[engine], site.port)) for engine, site in sites.items()
        }
        peer, cached = (
            stack.enter_context(
                wagtail_peer.wagtail(folder, database.get_uri("wagtail"), beside=[tree], cached=is_cached)
            )
            for is_cached in (False, True)
        )
        page = Client(sites["PostgreSQL"].port).get(path)
        static = stack.enter_context(still_file(page))
        costs: defaultdict[str, tuple[Cost, Cost]] = defaultdict(lambda: (Cost(), Cost()))

        def add_first(name: str, engine: str, what: str) -> None:
            cost, _ = costs[name]
            found = first_hits(sites[engine], writers[engine], what)
            if number:
                cost.add(*found)

        def add(name: str, server: serving.Server, ask: Ask) -> None:
            for cost, clients in zip(costs[name], (1, 8), strict=True):
                found = measure(server, ask, seconds=seconds if number else 1, clients=clients)
                if number:
                    cost.add(*found)

        for number in range(rounds + 1):
            for engine, site in sites.items():
                add_first(FIRST.format(engine), engine, PUBLISH)
                add_first(ANEW.format(engine), engine, OTHER)
                etag = _get(path, Client(site.port)).headers["etag"]
                add(REPEAT.format(engine), site, partial(_get, path))
                again = partial(_get, path, headers={"If-None-Match": etag})
                add(f"topic page, repeat, 304, {engine}", site, again)
            add(PEER, peer, partial(_get, wagtail_peer.ADDRESS))
            add(PEER_CACHED, cached, partial(_get, wagtail_peer.ADDRESS))
            add("whitenoise, a still file: the limit", static, partial(_get, "/page.html"))
            print(f"round {number} of {rounds}" if number else "warm", file=sys.stderr, flush=True)
        took = {
            (engine, what): statistics.median(writer.write(what)[1] for _ in range(FIRST_HITS))
            for engine, writer in writers.items()
            for what in (ONE, ONE_ALONE)
        }
        theirs = len(Client(peer.port).get(wagtail_peer.ADDRESS).body)
    report(costs, version, len(page.body), theirs, rounds)
    for engine in sites:
        one, alone = took[engine, ONE], took[engine, ONE_ALONE]
        print(f"\n{engine}: a publish takes {ms(one)} ms of CPU, {ms(alone)} with nothing drawn ahead.")


def _get(path: str, client: Client, headers: dict[str, str] | None = None) -> Answer:
    return client.get(path, {**BROWSER, **(headers or {})})


def still_file(page: Answer):
    """The page as a file, served by whitenoise alone."""
    folder = serving.WORK / "still"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "files" / "page.html").write_bytes(page.body)
    (folder / "files" / "page.html.gz").write_bytes(gzip.compress(page.body))
    (folder / "still.py").write_text(
        "from whitenoise import WhiteNoise\n"
        "def nothing(environ, start_response):\n"
        "    start_response('404 Not Found', [])\n"
        "    return [b'']\n"
        "application = WhiteNoise(nothing, root='files')\n"
    )
    port = serving.free_port()
    command = [sys.executable, "-m", "gunicorn", "still", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(serving.WORKERS), "--preload", "--log-level", "warning"]
    return serving.serve("whitenoise", command, port=port, path="/page.html", folder=folder)


def report(costs: dict, version: str, ours: int, theirs: int, rounds: int) -> None:
    import django

    programs = serving.environment_of("wagtail", *wagtail_peer.PACKAGES)
    versions = [*serving.version_of(programs, "wagtail"), f"SQLite {sqlite3.sqlite_version}"]
    print("\n### Pages\n")
    print(surroundings(f"Django {django.__version__}", version, *versions) + f"; {rounds} rounds")
    print(f"Topic page {ours / 1000:.1f} kB of HTML, Wagtail's {theirs / 1000:.1f} kB.\n")
    base = costs[PEER][0].median_cpu
    rows = []
    for name, (alone, eight) in costs.items():
        cpu = alone.median_cpu
        rate = f"{statistics.median(eight.rate):,.0f}" if eight.rate else "–"
        times = f"{base / cpu:.1f}" if cpu else "–"
        rows.append(
            (name, spread(alone.medians()), ms(alone.p(99)), f"{cpu:.2f}", times, rate, f"{alone.n:,}")
        )
    head = (
        *("case", "p50 ms at 1 client (best to worst round)", "p99 ms", "CPU ms a request"),
        *("times less CPU than Wagtail", "requests/s at 8 clients", "requests"),
    )
    print(table(head, rows))
    (serving.WORK / "pages.json").write_text(
        json.dumps({name: alone.median_cpu for name, (alone, _) in costs.items()}, indent=1)
    )
    charts.bars(
        "A topic page and a Wagtail page with the same article",
        "median CPU milliseconds a request, PostgreSQL; shorter is better",
        [
            (words, [("Wellness", costs[ours][0].median_cpu), ("Wagtail", costs[theirs][0].median_cpu)])
            for words, ours, theirs in (
                ("first hit after a publish", FIRST.format("PostgreSQL"), PEER),
                ("after any other change", ANEW.format("PostgreSQL"), PEER),
                ("repeat, never stale", REPEAT.format("PostgreSQL"), PEER),
                ("repeat (Wagtail: cached, stale)", REPEAT.format("PostgreSQL"), PEER_CACHED),
            )
        ],
        name="pages",
    )


if __name__ == "__main__":
    main()
