"""What freezing, drawing, comparing and previewing a page cost, beside its number of blocks.

python -m benchmarks.freezing
"""

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 7
SIZES = (12, 120, 480)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wellness-benchmark-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellness.settings")
        os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz")
        os.environ["VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(
            f"Python {platform.python_version()}, Django {django.__version__}, "
            f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores; median of {ROUNDS} rounds, ms"
        )
        print(
            f"{'blocks':>7} {'queries':>8} {'freeze':>8} {'draw':>8} {'compare':>8} {'preview':>8} "
            f"{'content':>10}"
        )
        for size in SIZES:
            print_row(size)


def print_row(size: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from articles import comparing, freezing, previewing, rendering

    topic = topic_of(size)
    with CaptureQueriesContext(connection) as queries:
        content = freezing.freeze(topic)
    other = {**content, "blocks": [content["blocks"][-1], *content["blocks"][1:-1]]}
    row = [
        median(lambda: freezing.freeze(topic)),
        median(lambda: rendering.render(content)),
        median(lambda: comparing.compare(content, other)),
        median(lambda: previewing.preview(topic, at=timezone.now())),
    ]
    kilobytes = len(freezing.canonical(content)) / 1000
    print(
        f"{size:>7} {len(queries):>8} " + " ".join(f"{cost:8.1f}" for cost in row) + f" {kilobytes:>7.0f} kB"
    )


def topic_of(size: int):
    """A topic of `size` blocks of all kinds in turn, on twelve studies, with assessed findings."""
    from django.utils import timezone

    from evidence.assessing import sign
    from tests import factories

    topic = factories.TopicFactory()
    outcome = factories.OutcomeFactory()
    for _ in range(12):
        study = factories.StudyFactory()
        arm = factories.ArmFactory(study=study, interventions=[topic.intervention])
        factories.ReportFactory(study=study, is_primary=True, authors=["Miller JF"])
        factories.ResultFactory(study=study, arm=arm, outcome=outcome)
    conclusion = factories.ConclusionFactory(intervention=topic.intervention, outcome=outcome)
    draft = factories.AssessmentFactory(conclusion=conclusion, threshold="A difference of 1 unit.")
    sign(assessment=draft, by=factories.UserFactory(), at=timezone.now())
    text = "<p>" + "Walking with a load may take a little more energy. " * 12 + "</p>"
    makers = (
        lambda: factories.HeadingFactory(parent=topic),
        lambda: factories.RichTextFactory(parent=topic, text=text),
        lambda: factories.KeyVariablesFactory(parent=topic),
        lambda: factories.CalloutFactory(parent=topic),
        lambda: factories.FindingFactory(parent=topic, conclusion=conclusion),
        lambda: factories.EvidenceTableFactory(parent=topic, outcome=outcome),
    )
    for place in range(size):
        makers[place % len(makers)]()
    return topic


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
