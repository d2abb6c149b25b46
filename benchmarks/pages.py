"""A topic page against a page of Wagtail with the same article: first hit after a publish, repeats, 304.

python -m benchmarks.pages
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import statistics
import subprocess
import sys
from contextlib import ExitStack
from functools import partial

from benchmarks import charts, generating, serving, wagtail_peer
from benchmarks.asking import Answer, Client, Cost, measure, ms, spread, surroundings, table

FIRST_HITS = 100
SECTIONS, FINDINGS, STUDIES = 10, 5, 15
SENTENCE = "Walking with a load may take a little more energy, and what it does to the knees is not known. "
PARAGRAPH = f"<p>{SENTENCE * 4}</p><p>{SENTENCE * 4}</p>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each case in each round")
    parser.add_argument("--fill", nargs=2, metavar=("URL", "COPIES"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fill:
        url, copies = asked.fill
        generating.use(url, var=serving.WORK / "site")
        fill(int(copies))
        return
    run(rounds=asked.rounds, seconds=asked.seconds)


def fill(copies: int) -> None:
    """Publish one topic, and copy its edition to as many addresses, each to be asked for the first time."""
    from django.core.management import call_command
    from django.utils import timezone

    from articles.models import Edition, Topic
    from evidence.assessing import sign
    from tests import factories
    from tests.signing import publish_signed

    call_command("migrate", verbosity=0)
    if Edition.objects.exists():
        return
    now = timezone.now()
    categories = [factories.CategoryFactory() for _ in range(6)]
    topic = factories.TopicFactory(category=categories[0], title="An article", slug="article")
    studies = []
    for number in range(STUDIES):
        study = factories.StudyFactory(slug=f"study-{number}", title=f"Loads and walking, part {number}")
        factories.ReportFactory(
            study=study, is_primary=True, title=study.title, authors=["Miller JF"], journal="Gait"
        )
        studies.append(study)
    outcomes = [factories.OutcomeFactory(name=f"Outcome {number}") for number in range(FINDINGS)]
    for number, study in enumerate(studies):
        arm = factories.ArmFactory(study=study, interventions=[topic.intervention])
        factories.ResultFactory(study=study, arm=arm, outcome=outcomes[number % FINDINGS], unit="m/s")
    for number in range(SECTIONS):
        factories.HeadingFactory(parent=topic, text=f"Section {number}", anchor=f"section-{number}")
        cited = f'<p>See <a href="study:{studies[number].slug}">this study</a>.</p>'
        factories.RichTextFactory(parent=topic, text=PARAGRAPH + cited)
        if number < FINDINGS:
            conclusion = factories.ConclusionFactory(
                intervention=topic.intervention, outcome=outcomes[number]
            )
            draft = factories.AssessmentFactory(conclusion=conclusion, threshold="A difference of 1 unit.")
            sign(assessment=draft, by=factories.UserFactory(), at=now)
            factories.FindingFactory(parent=topic, name=f"Outcome {number}", conclusion=conclusion)
    factories.EvidenceTableFactory(parent=topic, outcome=outcomes[0])
    edition = publish_signed(topic=topic, by=factories.UserFactory(is_superuser=True), at=now)
    topics = Topic.objects.bulk_create(
        Topic(
            category=topic.category,
            title=topic.title,
            short_title=topic.short_title,
            slug=f"article-{number}",
            standfirst=topic.standfirst,
            teaser=topic.teaser,
            intervention=topic.intervention,
        )
        for number in range(copies)
    )
    copied = []
    for number, other in enumerate(topics):
        again = Edition.objects.get(pk=edition.pk)
        again.pk, again.topic, again._state.adding = None, other, True
        again.path = f"{topic.category.slug}/article-{number}"
        copied.append(again)
    Edition.objects.bulk_create(copied)
    print(edition.path)


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
    copies = FIRST_HITS * (rounds + 1)
    program = [sys.executable, "-m", "benchmarks.pages", "--fill"]
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
            subprocess.run([*program, url, str(copies)], check=True, cwd=serving.ROOT)  # noqa: S603
        folder = wagtail_peer.make(database.get_uri("wagtail"), article())
        path = "/category-0/article/"
        sites = {
            engine: stack.enter_context(
                serving.product(
                    url, name=f"Wellness {engine}", path=path, beside=[tree] if "post" in url else []
                )
            )
            for engine, url in urls.items()
        }
        peer, cached = (
            stack.enter_context(
                wagtail_peer.wagtail(folder, database.get_uri("wagtail"), beside=[tree], cached=is_cached)
            )
            for is_cached in (False, True)
        )
        page = Client(sites["PostgreSQL"].port).get(path)
        static = stack.enter_context(still_file(page))
        cases = []
        for engine, site in sites.items():
            fresh = iter([partial(_get, f"/category-0/article-{number}/") for number in range(copies)])
            etag = Client(site.port).get(path).headers["etag"]
            cases += [
                (f"topic page, first hit after a publish, {engine}", site, fresh),
                (f"topic page, repeat, {engine}", site, partial(_get, path)),
                (
                    f"topic page, repeat, 304, {engine}",
                    site,
                    partial(_get, path, headers={"If-None-Match": etag}),
                ),
            ]
        cases += [
            ("Wagtail, PostgreSQL", peer, partial(_get, wagtail_peer.ADDRESS)),
            ("Wagtail, site cache of Django (stale)", cached, partial(_get, wagtail_peer.ADDRESS)),
            ("whitenoise, a still file: the limit", static, partial(_get, "/page.html")),
        ]
        costs = {name: (Cost(), Cost()) for name, _, _ in cases}
        for number in range(rounds + 1):
            for name, server, ask in cases:
                alone, eight = costs[name]
                if isinstance(ask, partial):
                    found = measure(server, ask, seconds=seconds if number else 1)
                    at_once = measure(server, ask, seconds=seconds if number else 1, clients=8)
                else:
                    asks = list(itertools.islice(ask, FIRST_HITS))
                    found = measure(server, asks, seconds=10**6, most=FIRST_HITS)
                    at_once = None
                if number:
                    alone.add(*found)
                    if at_once:
                        eight.add(*at_once)
            print(f"round {number} of {rounds}" if number else "warm", file=sys.stderr, flush=True)
        theirs = len(Client(peer.port).get(wagtail_peer.ADDRESS).body)
    report(costs, version, len(page.body), theirs, rounds)


def _get(path: str, client: Client, headers: dict[str, str] | None = None) -> Answer:
    return client.get(path, headers)


def still_file(page: Answer):
    """The page as a file, served by whitenoise alone."""
    folder = serving.WORK / "still"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "files" / "page.html").write_bytes(page.body)
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
    base = costs["Wagtail, PostgreSQL"][0].median_cpu
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
                (
                    "first hit after a publish",
                    "topic page, first hit after a publish, PostgreSQL",
                    "Wagtail, PostgreSQL",
                ),
                ("repeat, never stale", "topic page, repeat, PostgreSQL", "Wagtail, PostgreSQL"),
                (
                    "repeat (Wagtail: cached, stale)",
                    "topic page, repeat, PostgreSQL",
                    "Wagtail, site cache of Django (stale)",
                ),
            )
        ],
        name="pages",
    )


if __name__ == "__main__":
    main()
