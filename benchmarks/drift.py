"""What it costs to know how the evidence moved under every page: at first, and after something changed.

python -m benchmarks.drift
python -m benchmarks.drift --database postgres://user@host/name
"""

import argparse
import datetime
import os
import platform
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import generating

TOPICS = 1_000
FINDINGS = 6
RESULTS = 100_000
STUDIES = RESULTS // 3
IMPORTED = 100
ROUNDS = 5
SEED = 20_26


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", help="an empty one: sqlite:///path or postgres://user@host/name")
    parser.add_argument("--topics", type=int, default=TOPICS)
    parser.add_argument("--studies", type=int, default=STUDIES)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wellness-benchmark-") as folder:
        generating.use(asked.database or f"sqlite:///{folder}/benchmark.sqlite3", var=Path(folder))
        generating.generate(asked.studies)
        editions = publish(asked.topics)
        measure(editions)


# What is measured


def measure(editions: list[Any]) -> None:
    import django
    from django.db import connection
    from django.db.models import F

    from articles.since import since
    from evidence import changes, drift_index
    from evidence.models import AssessedResult, Intervention, Result, Study

    n_results, n_looked_at = Result.objects.count(), AssessedResult.objects.count()
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, {connection.vendor}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {len(editions):,} live topics with "
        f"{FINDINGS} findings each, {n_results:,} results, {n_looked_at:,} looked at by assessments"
    )
    print(f"{'':36} {'queries':>8} {'ms':>10} {'CPU ms':>10}")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    show("the whole site, at first", drift_index.current)
    index = drift_index.current()
    print(f"{'':36} at most {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB")
    show("the whole site, nothing changed", drift_index.current, rounds=ROUNDS)

    of_assessed = AssessedResult.objects.order_by("pk").values_list("result_id", flat=True)
    results = list(of_assessed[:: max(1, n_looked_at // ROUNDS)])[:ROUNDS]
    show(
        "after a changed result",
        drift_index.current,
        *(lambda pk=pk: Result.objects.filter(pk=pk).update(yi=F("yi") + 1) for pk in results),
    )
    came = list(Study.objects.published().order_by("-pk").values_list("pk", flat=True)[: IMPORTED * ROUNDS])
    Study.objects.filter(pk__in=came).update(state=Study.State.DRAFT)
    drift_index.current()
    show(
        f"after {IMPORTED} studies came in",
        drift_index.current,
        *(
            lambda place=place: Study.objects.filter(pk__in=came[place::ROUNDS]).update(
                state=Study.State.PUBLISHED
            )
            for place in range(ROUNDS)
        ),
    )
    roots = Intervention.objects.filter(parent=None).order_by("pk")
    leaves = Intervention.objects.filter(children=None).exclude(parent=None).order_by("pk")
    show(
        "after a moved node",
        drift_index.current,
        *(
            lambda place=place: Intervention.objects.filter(pk=leaves[place].pk).update(parent=roots[place])
            for place in range(ROUNDS)
        ),
    )
    after, anew = drift_index.current(), drift_index.Index.read(changes.now())
    if after.moved != anew.moved or after.moved == index.moved:
        raise SystemExit("What was caught up is not what is computed anew.")

    now = datetime.datetime.now(datetime.UTC)
    rest = iter(editions)
    show("a page, seen first", lambda: since(next(rest), at=now), rounds=ROUNDS)
    show("a page, seen before", lambda: since(editions[0], at=now), rounds=ROUNDS)


def show(what: str, run: Callable[[], object], *changes: Callable[[], object], rounds: int = 1) -> None:
    """Print the most queries and the medians of time and work, each time after another one of `changes`."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    queries, costs, work = [], [], []
    for change in changes or [lambda: None] * rounds:
        change()
        start, worked = time.perf_counter(), time.process_time()
        with CaptureQueriesContext(connection) as captured:
            run()
        costs.append((time.perf_counter() - start) * 1000)
        work.append((time.process_time() - worked) * 1000)
        queries.append(len(captured))
        reset_queries()
    medians = [sorted(values)[len(values) // 2] for values in (costs, work)]
    print(f"{what:36} {max(queries):>8} {medians[0]:>10.1f} {medians[1]:>10.1f}", flush=True)


# What it is measured on


def publish(n_topics: int) -> list[Any]:
    """That many live topics on assessed conclusions, as rows: they hold what drift asks for, and no text."""
    from django.db import transaction

    from articles.models import Category, Edition, Topic
    from evidence import changes, immutability

    chance = random.Random(SEED)  # noqa: S311
    at = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    with transaction.atomic():
        changes.lift(using="default")
        immutability.lift(using="default")
        assessed = assess(n_topics * FINDINGS, chance, at)
        category = Category.objects.create(name="Benchmark", slug="benchmark")
        topics = Topic.objects.bulk_create(
            Topic(
                category=category, title=f"Topic {n}", short_title=f"Topic {n}", slug=f"topic-{n}", position=n
            )
            for n in range(n_topics)
        )
        editions = Edition.objects.bulk_create(
            Edition(
                topic=topic,
                number=1,
                schema=1,
                content={},
                digest="0" * 64,
                body_html="",
                category=category,
                path=f"benchmark/{topic.slug}",
                title=topic.title,
                short_title=topic.title,
                published_at=at,
                go_live_at=at,
                page={"rests_on": [rests_on(*found) for found in assessed[place::n_topics]]},
            )
            for place, topic in enumerate(topics)
        )
        immutability.enforce(using="default")
        changes.enforce(using="default")
    return editions


def rests_on(conclusion: Any, number: int) -> dict[str, Any]:
    return {"conclusion": conclusion.slug, "assessment": number, "name": conclusion.slug, "anchor": "a"}


def assess(n: int, chance: random.Random, at: datetime.datetime) -> list[tuple[Any, int]]:
    """So many conclusions, each asked of a result that is there, with a signed assessment of its body."""
    from django.contrib.auth.models import User

    from evidence.bodies import members
    from evidence.models import Arm, AssessedResult, Assessment, Conclusion, PopulationShare, Result

    by = User.objects.create_user("benchmark")
    received = dict(Arm.interventions.through.objects.order_by().values_list("arm_id", "intervention_id"))
    groups = PopulationShare.objects.filter(share__in=PopulationShare.INCLUDED).order_by()
    of_sample = dict(groups.values_list("sample_id", "population_id"))
    rows = Result.objects.published().filter(state=Result.State.REPORTED).order_by("pk")
    keys = list(rows.values_list("outcome_id", "arm_id", "sample_id"))
    asked: dict[tuple[Any, ...], None] = {}
    while len(asked) < n:
        outcome, arm, sample = chance.choice(keys)
        population = of_sample.get(sample) if chance.random() < 0.5 else None
        if arm in received:
            asked[population, received[arm], outcome] = None
    conclusions = Conclusion.objects.bulk_create(
        Conclusion(
            slug=f"conclusion-{n}", population_id=population, intervention_id=received, outcome_id=outcome
        )
        for n, (population, received, outcome) in enumerate(asked)
    )
    assessments = Assessment.objects.bulk_create(
        Assessment(
            conclusion=conclusion,
            number=1,
            start="high",
            level=4,
            by=by,
            signed_at=at,
            next_due=at.date() + datetime.timedelta(days=3650),
        )
        for conclusion in conclusions
    )
    bodies = members(conclusions)
    AssessedResult.objects.bulk_create(
        (
            AssessedResult(
                assessment=assessment,
                result_id=member.result,
                study_id=member.study,
                label="A result",
                digest=member.digest,
                is_direct=member.is_direct,
                was_retracted=member.is_retracted,
            )
            for assessment in assessments
            for member in bodies[assessment.conclusion_id]
        ),
        batch_size=5_000,
    )
    return [(conclusion, 1) for conclusion in conclusions]


if __name__ == "__main__":
    main()
