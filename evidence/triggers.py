"""Triggers that belong to this code: compared with what the database has, made and dropped."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

_COMMENT = "wellness: "


def outdated(connection: BaseDatabaseWrapper, wanted: Mapping[str, tuple[str, str]]) -> list[str]:
    """Of `wanted` (name -> table, SQL) the names that are missing or say something else. One query."""
    there = _existing(connection)
    return [name for name, (_, sql) in wanted.items() if there.get(name) != sql]


def make(
    connection: BaseDatabaseWrapper, wanted: Mapping[str, tuple[str, str]], names: Iterable[str]
) -> None:
    """Make these of the `wanted` anew."""
    with connection.cursor() as cursor:
        for name in names:
            table, sql = wanted[name]
            drop(connection, cursor, name, table)
            cursor.execute(sql)
            if connection.vendor == "postgresql":
                # Kept with it: PostgreSQL words the definition in its own way.
                kept = (_COMMENT + sql).replace("'", "''")
                cursor.execute(f'COMMENT ON TRIGGER "{name}" ON "{table}" IS \'{kept}\'')


def drop(connection: BaseDatabaseWrapper, cursor: Any, name: str, table: str) -> None:
    """Drop this trigger if it is there."""
    on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')


def _existing(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Name -> SQL of the triggers that are there, as they were made."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname, obj_description(t.oid, 'pg_trigger') FROM pg_trigger t"
                " JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
            )
            return {name: (kept or "").removeprefix(_COMMENT) for name, kept in cursor.fetchall()}
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())
