"""Fills an empty database with invented studies, through the tables of the real models.

python -m benchmarks.generating --studies 100000 --database sqlite:////tmp/benchmark.sqlite3
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEFAULTS = {
    "DJANGO_SETTINGS_MODULE": "wellness.settings",
    "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz",
    "LOG_LEVEL": "ERROR",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, required=True, help="how many, for example 100000")
    parser.add_argument("--database", required=True, help="sqlite:///path or postgres://user@host/name")
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same rows")
    parser.add_argument("--summary-words", type=int, default=None, help="words of each summary")
    asked = parser.parse_args()
    use(asked.database)
    options = {"seed": asked.seed, "summary_words": asked.summary_words}
    generate(asked.studies, **{name: value for name, value in options.items() if value is not None})


def use(database: str, *, var: Path | None = None) -> None:
    """Set Django up in this process on the database of this address."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.environ["DATABASE_URL"] = database
    if var is not None:
        os.environ["VAR_DIR"] = str(var)
    import django

    django.setup()


def generate(size: int, **options: int) -> float:
    """Bring the database up to date and fill it with `size` studies; return the seconds that took.

    Raises SystemExit if it holds studies already. `options` are those of `inventing.World`.
    """
    from django.core.management import call_command

    from benchmarks import inventing
    from evidence.models import Study

    call_command("migrate", verbosity=0)
    if Study.objects.exists():
        raise SystemExit("There are studies in this database: generate into an empty one.")
    start = time.perf_counter()
    world = inventing.World(**options)
    with standing_aside(using="default"), _bar(size) as advance:
        for table, rows in world.terms():
            write(table, rows)
        for n, tables in world.studies(size):
            write_together(tables)
            advance(n)
    _settle()
    return time.perf_counter() - start


@contextmanager
def standing_aside(*, using: str) -> Iterator[None]:
    """The one place where what follows every row steps aside, and catches up over all rows at the end.

    Indexes of text and the log of changes. No constraint does.
    """
    from django.db import connections

    import search
    from evidence import changes
    from search import upkeep
    from search.engines import engine_of

    connection = connections[using]
    changes.lift(using=using)
    for index in search.registry.values():
        engine_of(connection).remove(connection, index.table)
    try:
        yield
    finally:
        print("text index ...", file=sys.stderr)
        upkeep.bring_up_to_date(using=using)
        changes.enforce(using=using)


def write_together(tables: dict[Any, list[tuple]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        for table, rows in tables.items():
            write(table, rows)


def write(table: Any, rows: Sequence[tuple]) -> None:
    """Insert rows of an `inventing.Table`, with the defaults of their model in all other columns."""
    from django.db import connection

    meta = table.model._meta
    given = [meta.get_field(name.removesuffix("_id") if name != "id" else name) for name in table.columns]
    rest = {field.column: _default(field) for field in meta.concrete_fields if field not in given}
    columns = ", ".join(f'"{column}"' for column in [*(field.column for field in given), *rest])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            tail = "".join(f"\t{_copied(value)}" for value in rest.values()) + "\n"
            lines = "".join("\t".join(map(_copied, row)) + tail for row in rows)
            cursor.copy_expert(f'COPY "{meta.db_table}" ({columns}) FROM STDIN', io.StringIO(lines))
        else:
            marks = ", ".join(["%s"] * (len(given) + len(rest)))
            tail = tuple(rest.values())
            cursor.executemany(
                f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({marks})',  # noqa: S608
                [row + tail for row in rows],
            )


def _default(field: Any) -> Any:
    """What this column holds where nothing is given, as both databases take it."""
    value = field.get_default()
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return getattr(value, "value", value)


def _copied(value: Any) -> str:
    """A value as COPY reads it. Invented texts hold neither tabs nor backslashes."""
    return "\\N" if value is None else str(value)


def _settle() -> None:
    """Statistics for the planner, and sequences beyond the keys that were given."""
    from django.core.management.color import no_style
    from django.db import connection

    from benchmarks import inventing
    from evidence.models import Intervention, Outcome, Population, Tool

    models = [Population, Outcome, Intervention, Tool, *(table.model for table in inventing.OF_STUDIES)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@contextmanager
def _bar(size: int) -> Iterator[Any]:
    """A bar on stderr: how many studies are written, how many a second, and how long it still takes."""
    start = time.perf_counter()
    done = 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        a_second = done / (time.perf_counter() - start)
        bar = ("#" * round(30 * done / size)).ljust(30, ".")
        left = (size - done) / a_second
        end = "\n" if done == size else ""
        print(
            f"\r[{bar}] {done:,} of {size:,} studies, {a_second:,.0f} a second, {left:.0f} s left ",
            end=end,
            file=sys.stderr,
            flush=True,
        )

    yield advance


if __name__ == "__main__":
    main()
