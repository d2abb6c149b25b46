"""SQLite: an FTS5 table beside the searched one, kept fresh by triggers.

The FTS5 table holds no text of its own (external content). Known limit: `INSERT OR REPLACE` in raw SQL
fires no delete trigger in SQLite; Django never writes it (its upserts are `ON CONFLICT DO UPDATE`).
"""

# ruff: noqa: S608  table and column names are declared, never typed by people; everything else is bound

import re
import sqlite3
from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from ..index import WEIGHTS, TextIndex
from ..query import Query, Term

TOKENIZER = "porter unicode61 remove_diacritics 2"

_OURS = re.compile(r'CREATE VIRTUAL TABLE "(\w+)_text" USING fts5\(.*\bcontent=\'\1\', content_rowid=\'id\'')


def existing(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that have a text index, also such as nobody declares any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")
        return {found[1] for (sql,) in cursor.fetchall() if (found := _OURS.match(sql))}


def is_current(connection: BaseDatabaseWrapper, index: TextIndex) -> bool:
    """Whether the FTS5 table and its triggers are there exactly as `index` declares them."""
    wanted = _definition(index)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE name IN (%s, %s, %s, %s)",
            list(wanted),
        )
        return dict(cursor.fetchall()) == wanted


def build(connection: BaseDatabaseWrapper, index: TextIndex) -> None:
    """Make the FTS5 table and its triggers anew and fill it from the rows that are there."""
    remove(connection, index.table)
    with connection.cursor() as cursor:
        for sql in _definition(index).values():
            cursor.execute(sql)
        cursor.execute(f'INSERT INTO "{index.table}_text" ("{index.table}_text") VALUES (\'rebuild\')')


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    stand_aside(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE IF EXISTS "{table}_text"')


def stand_aside(connection: BaseDatabaseWrapper, table: str) -> None:
    """Drop what would hinder changes to the columns: the triggers. Search answers from what it has."""
    with connection.cursor() as cursor:
        for event in ("insert", "update", "delete"):
            cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_text_{event}"')


def ids(index: TextIndex, query: Query) -> tuple[str, list[str]]:
    """SQL of the matching primary keys, with its parameters. `query` is not empty."""
    text = f'"{index.table}_text"'
    return f"SELECT rowid FROM {text} WHERE {text} MATCH %s", [_match(query)]


def rank(index: TextIndex, query: Query, key: str) -> tuple[str, list[str]]:
    """SQL of the weighted bm25 of the row whose primary key is the SQL `key`; more is better.

    All matches are scored once. Asking FTS5 for one row at a time takes minutes where a word is common,
    because each question walks the word's list of rows from its start.
    """
    text = f'"{index.table}_text"'
    weights = ", ".join(str(WEIGHTS[weight]) for weight in index.columns.values())
    return (
        f"WITH scored (id, score) AS MATERIALIZED"
        f" (SELECT rowid, -bm25({text}, {weights}) FROM {text} WHERE {text} MATCH %s)"
        f" SELECT score FROM scored WHERE scored.id = {key}",
        [_match(query)],
    )


def mark(
    connection: BaseDatabaseWrapper, texts: Sequence[str], query: Query, *, opening: str, closing: str
) -> list[str]:
    """`texts` with the words of `query` between `opening` and `closing`.

    The few texts of a page go through a small FTS5 table in memory, with the same tokeniser: its time
    does not grow with the number of matches in the site's database, which it leaves alone.
    """
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute(f"CREATE VIRTUAL TABLE page USING fts5(body, tokenize='{TOKENIZER}')")
        memory.executemany("INSERT INTO page (rowid, body) VALUES (?, ?)", enumerate(texts))
        marked = dict(
            memory.execute(
                "SELECT rowid, highlight(page, 0, ?, ?) FROM page WHERE page MATCH ?",
                (opening, closing, " OR ".join(_term(term) for term in query.required)),
            )
        )
    finally:
        memory.close()
    return [marked.get(place, text) for place, text in enumerate(texts)]


def _match(query: Query) -> str:
    match = " AND ".join(_term(term) for term in query.required)
    if query.excluded:
        match = f"({match}) NOT ({' OR '.join(_term(term) for term in query.excluded)})"
    return match


def _term(term: Term) -> str:
    # Words are letters and digits only, so that nothing can end the quoted string.
    phrase = f'"{" ".join(term.words)}"'
    # Written twice, the finished word ranks above longer ones that begin with it.
    return f"({phrase} OR {phrase} *)" if term.is_prefix else phrase


def _definition(index: TextIndex) -> dict[str, str]:
    """Name -> SQL, exactly as SQLite keeps it in sqlite_master."""
    table, text = index.table, f"{index.table}_text"
    columns = ", ".join(f'"{column}"' for column in index.columns)
    new = ", ".join(f'new."{column}"' for column in index.columns)
    old = ", ".join(f'old."{column}"' for column in index.columns)
    insert = f'INSERT INTO "{text}" (rowid, {columns}) VALUES (new."id", {new});'
    delete = f'INSERT INTO "{text}" ("{text}", rowid, {columns}) VALUES (\'delete\', old."id", {old});'
    return {
        text: (
            f'CREATE VIRTUAL TABLE "{text}" USING fts5({columns},'
            f" content='{table}', content_rowid='id', tokenize='{TOKENIZER}', prefix='2 3')"
        ),
        f"{text}_insert": f'CREATE TRIGGER "{text}_insert" AFTER INSERT ON "{table}" BEGIN {insert} END',
        f"{text}_update": (
            f'CREATE TRIGGER "{text}_update" AFTER UPDATE OF "id", {columns} ON "{table}"'
            f" BEGIN {delete} {insert} END"
        ),
        f"{text}_delete": f'CREATE TRIGGER "{text}_delete" AFTER DELETE ON "{table}" BEGIN {delete} END',
    }
