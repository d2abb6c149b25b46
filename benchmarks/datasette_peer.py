"""Datasette on the same studies, set up as well as it can be: indexes, closures of the trees, limits raised.

What holds for one result is asked of tables that name each result under every node above it, so that
Datasette walks no tree and joins at most three indexes. It shows facets of design and year only: those of the
trees take it minutes.
"""

# ruff: noqa: S608  names are ours

import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.serving import WORK, environment_of, free_port, serve

PACKAGES = ("datasette",)
LIMITS = {
    "sql_time_limit_ms": 300_000,
    "facet_time_limit_ms": 300_000,
    "suggest_facets": "off",
    "default_page_size": 25,
}

CLOSURES = ("population", "outcome", "intervention")


def build(size: int) -> Path:
    """The SQLite file that Datasette serves, from the database of this process; kept between runs."""
    from django.db import connection

    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"datasette-{size}.sqlite3"
    if path.exists():
        return path
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    file = sqlite3.connect(unfinished, isolation_level=None)
    file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;")

    def copy(table: str, columns: str, sql: str) -> None:
        file.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" * len(columns.split(",")))
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            file.execute("BEGIN")
            while rows := cursor.fetchmany(10_000):
                file.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            file.execute("COMMIT")

    copy(
        "studies",
        "id INTEGER PRIMARY KEY, label TEXT, title TEXT, design TEXT, year INTEGER, people INTEGER,"
        " integrity TEXT",
        "SELECT id, label, title, design, year, coalesce(n_enrolled, n_analysed), integrity"
        " FROM evidence_study WHERE state = 'published' ORDER BY id",
    )
    copy(
        "results",
        "id INTEGER PRIMARY KEY, study INTEGER, sample INTEGER, arm INTEGER, outcome INTEGER",
        "SELECT r.id, study_id, sample_id, arm_id, outcome_id FROM evidence_result r"
        " JOIN evidence_study s ON s.id = study_id WHERE s.state = 'published' ORDER BY r.id",
    )
    copy(
        "samples",
        "id INTEGER PRIMARY KEY, parent INTEGER",
        "SELECT id, parent_id FROM evidence_sample ORDER BY id",
    )
    copy(
        "shares",
        "sample INTEGER, node INTEGER, axis TEXT, included INTEGER",
        "SELECT sample_id, population_id, axis, CASE WHEN share IN ('all', 'most') THEN 1 ELSE 0 END"
        " FROM evidence_populationshare JOIN evidence_population p ON p.id = population_id ORDER BY 1",
    )
    copy(
        "arms",
        "arm INTEGER, node INTEGER",
        "SELECT arm_id, intervention_id FROM evidence_arm_interventions ORDER BY 1",
    )
    for name in CLOSURES:
        copy(
            f"{name}s",
            "id INTEGER PRIMARY KEY, parent INTEGER, slug TEXT, name TEXT",
            f"SELECT id, parent_id, slug, name FROM evidence_{name}",
        )
        file.executescript(
            f"""
            CREATE TABLE {name}_above (node INTEGER, above INTEGER, PRIMARY KEY (node, above)) WITHOUT ROWID;
            INSERT INTO {name}_above WITH RECURSIVE above (node, id) AS (
                SELECT id, id FROM {name}s UNION ALL
                SELECT node, parent FROM above JOIN {name}s n ON n.id = above.id WHERE parent IS NOT NULL
            ) SELECT node, id FROM above;
            """
        )
    file.executescript(
        """
        CREATE INDEX shares_sample ON shares (sample);
        CREATE INDEX arms_arm ON arms (arm);
        -- What each sample belongs to, with what a subgroup takes over on axes that it does not set itself.
        CREATE TABLE belongs (sample INTEGER, node INTEGER, PRIMARY KEY (sample, node)) WITHOUT ROWID;
        INSERT INTO belongs SELECT sample, node FROM shares WHERE included;
        INSERT OR IGNORE INTO belongs SELECT s.id, w.node FROM samples s JOIN shares w ON w.sample = s.parent
            WHERE w.included
            AND NOT EXISTS (SELECT 1 FROM shares o WHERE o.sample = s.id AND o.axis = w.axis);
        """
    )
    through = {
        "population": "belongs b ON b.sample = r.sample JOIN population_above a ON a.node = b.node",
        "outcome": "outcome_above a ON a.node = r.outcome",
        "intervention": "arms b ON b.arm = r.arm JOIN intervention_above a ON a.node = b.node",
    }
    for name in CLOSURES:
        file.executescript(
            f"""
            CREATE TABLE result_{name} ({name} INTEGER, result INTEGER, study INTEGER,
                PRIMARY KEY ({name}, result)) WITHOUT ROWID;
            INSERT INTO result_{name} SELECT DISTINCT a.above, r.id, r.study
                FROM results r JOIN {through[name]} ORDER BY 1, 2;
            CREATE TABLE study_{name} ({name} INTEGER, study INTEGER,
                PRIMARY KEY ({name}, study)) WITHOUT ROWID;
            INSERT INTO study_{name} SELECT DISTINCT {name}, study FROM result_{name} ORDER BY 1, 2;
            """
        )
    file.executescript(
        """
        DROP TABLE belongs; DROP TABLE shares; DROP TABLE arms; DROP TABLE samples; DROP TABLE results;
        CREATE INDEX studies_year ON studies (year);
        CREATE INDEX studies_design ON studies (design);
        CREATE INDEX studies_design_year ON studies (design, year);
        ANALYZE;
        VACUUM;
        """
    )
    file.close()
    unfinished.rename(path)
    return path


def datasette(file: Path):
    """Datasette on this file, which it may take for immutable and whose tables it has counted."""
    programs = environment_of("datasette", *PACKAGES)
    counts = file.with_suffix(".json")
    program = programs / "datasette"
    if not counts.exists():
        subprocess.run([program, "inspect", file, "--inspect-file", counts], check=True)  # noqa: S603
    port = free_port()
    command: list[str | Path] = [program, "serve", "--immutable", file, "--inspect-file", counts]
    command += ["--port", str(port)]
    for name, value in LIMITS.items():
        command += ["--setting", name, str(value)]
    return serve("Datasette", command, port=port, path="/-/versions.json")


def address(
    file: Path,
    *,
    nodes: Sequence[tuple[str, int]] = (),
    designs: Sequence[str] = (),
    years: tuple[int, int] | None,
    kind: str = "",
    facets: Sequence[str] = ("design", "year"),
) -> str:
    """The newest studies with a result under all `nodes` (pairs of tree and key), and their number.

    With the counts of these facets. As a page, or as data, of the `kind` “.json”.
    """
    pairs = [("_sort_desc", "year"), *(("_facet", name) for name in facets)]
    if designs:
        pairs.append(("design__in", ",".join(designs)))
    if years:
        pairs += [("year__gte", str(years[0])), ("year__lte", str(years[1]))]
    if len(nodes) == 1:
        ((name, key),) = nodes
        pairs.append(("_where", f"id in (select study from study_{name} where {name} = {key})"))
    elif nodes:
        # The first is the rarest: the others are looked up for its results.
        (first, key), *others = nodes
        joins = "".join(
            f" join result_{name} on result_{name}.{name} = {k} and result_{name}.result = first.result"
            for name, k in others
        )
        pairs.append(
            (
                "_where",
                f"id in (select first.study from result_{first} first{joins} where first.{first} = {key})",
            )
        )
    return f"/{file.stem}/studies{kind}?{urlencode(pairs)}"
