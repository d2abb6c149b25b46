"""Rows that never change: database triggers that refuse it, whoever asks and however.

Each app registers its models; `FROZEN` holds those of all of them.
"""

# ruff: noqa: S608  names come from the models, never from people

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

from . import triggers
from .models import AssessedResult, Assessment, Touch, Triage

_FUNCTION = "refuse_change"


@dataclass(frozen=True)
class Frozen:
    """A model whose rows stay as they were written, but for the fields `changeable`; `once` stay once set.

    Rows that are not `kept` may be deleted, where no foreign key is in the way, and saved again as they are.
    Where a field is named in `since`, all of this holds from the moment that it is set. Where one of the row
    that it belongs to is named in `until`, as `whole__field`, no row is added once that is set.
    """

    model: type[models.Model]
    changeable: frozenset[str] = frozenset()
    once: tuple[str, ...] = ()
    is_kept: bool = True
    since: str = ""
    until: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def said(self) -> str:
        """The noun with its article, as a sentence starts."""
        noun = str(self.model._meta.verbose_name)
        if self.since:
            return f"A signed {noun}"
        return f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"

    def columns(self, fields: Iterable[str]) -> list[str]:
        columns = {field.name: str(field.column) for field in self.model._meta.local_concrete_fields}
        return [columns[name] for name in fields]

    @property
    def fixed(self) -> list[str]:
        """The columns that never change."""
        fields = [field.name for field in self.model._meta.local_concrete_fields]
        return self.columns(name for name in fields if name not in self.changeable)

    @property
    def closing(self) -> tuple[str, str, str]:
        """The column that names the row that it belongs to, the table of that, and the column `until`."""
        name, _, of_whole = self.until.partition("__")
        whole = self.model._meta.get_field(name)
        model: type[models.Model] = whole.related_model  # type: ignore[assignment]
        until: Any = model._meta.get_field(of_whole)
        return self.columns([name])[0], model._meta.db_table, str(until.column)

    @property
    def keys(self) -> list[list[str]]:
        """The columns of the primary key and of each unique constraint."""
        unique = [found.fields for found in self.model._meta.total_unique_constraints]
        return [self.columns(fields) for fields in (("id",), *unique)]


FROZEN: list[Frozen] = []
"""What the database refuses to change, in the order in which it was registered."""


def register(*frozen: Frozen) -> None:
    """Have the database keep these models from changing, from the next `enforce` on."""
    FROZEN.extend(frozen)


register(
    Frozen(Assessment, since="signed_at"),
    Frozen(AssessedResult, until="assessment__signed_at"),
    Frozen(Triage),
    Frozen(Touch),
)


def enforce(*, using: str) -> list[str]:
    """Make each trigger that is missing or out of date. Returns the names of those that were made.

    Looks only where nothing is to be done. Leaves out tables that are not there yet.
    """
    connection = connections[using]
    with transaction.atomic(using=using):
        tables = set(connection.introspection.table_names())
        wanted = {
            name: (frozen.table, sql)
            for frozen in FROZEN
            if frozen.table in tables and _has_all_columns(connection, frozen)
            for name, sql in _triggers(connection, frozen).items()
        }
        outdated = triggers.outdated(connection, wanted)
        if outdated and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_POSTGRESQL_FUNCTION)
                cursor.execute(_POSTGRESQL_ADDITION)
        triggers.make(connection, wanted, outdated)
    return outdated


def lift(*, using: str) -> None:
    """Drop the triggers: for migrations, for emptying a test database and for erasure that the law demands.

    In one transaction with `enforce` at its end nobody else ever sees the tables without them.
    """
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for frozen in FROZEN:
            for name in _triggers(connection, frozen):
                triggers.drop(connection, cursor, name, frozen.table)


def stand_aside(plan: Iterable[tuple[Migration, bool]], *, using: str) -> None:
    """Before `plan` runs, drop the triggers if it may change one of their tables.

    Neither database changes a column that a trigger names, and filling a new column is an update.
    """
    labels = {frozen.model._meta.app_label for frozen in FROZEN}
    if any(migration.app_label in labels for migration, _ in plan):
        lift(using=using)


def _triggers(connection: BaseDatabaseWrapper, frozen: Frozen) -> dict[str, str]:
    """Name -> SQL of the triggers of one table."""
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    table = frozen.table
    once = frozen.columns(frozen.once)

    def changed(columns: Iterable[str]) -> str:
        return " OR ".join(f'NEW."{column}" {differs} OLD."{column}"' for column in columns)

    # A draft may change and go.
    begun = [f'"{column}" IS NOT NULL' for column in frozen.columns([frozen.since] if frozen.since else [])]
    of_old = [f"OLD.{condition}" for condition in begun]

    def when(*conditions: str) -> str:
        return f" WHEN ({' AND '.join(conditions)})" if conditions else ""

    on_change = of_old if frozen.is_kept else [*of_old, f"({changed(frozen.fixed)})"]
    refusals = {
        f"{table}_no_update": (
            f'UPDATE OF {_listed(frozen.fixed)} ON "{table}" FOR EACH ROW{when(*on_change)}',
            f"{frozen.said} never changes.",
        )
    }
    if frozen.is_kept:
        refusals[f"{table}_no_delete"] = (
            f'DELETE ON "{table}" FOR EACH ROW{when(*of_old)}',
            f"{frozen.said} is never deleted.",
        )
    if once:
        refusals[f"{table}_once"] = (
            f'UPDATE OF {_listed(once)} ON "{table}" FOR EACH ROW'
            f' WHEN (OLD."{once[0]}" IS NOT NULL AND ({changed(once)}))',
            "A withdrawal never changes.",
        )
    if connection.vendor == "postgresql":
        refusals[f"{table}_no_truncate"] = (
            f'TRUNCATE ON "{table}" FOR EACH STATEMENT',
            f"{frozen.said} is never deleted.",
        )
    else:
        # INSERT OR REPLACE deletes the row in its way without asking the trigger of DELETE.
        in_the_way = " OR ".join(
            "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in key) + ")" for key in frozen.keys
        )
        found = " AND ".join([f"({in_the_way})", *begun])
        refusals[f"{table}_no_replace"] = (
            f'INSERT ON "{table}" FOR EACH ROW WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {found})',
            f"{frozen.said} is never replaced.",
        )
    made = {name: _trigger(connection, name, event, why) for name, (event, why) in refusals.items()}
    if frozen.until:
        name = f"{table}_no_addition"
        made[name] = _addition(connection, name, frozen)
    return made


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _trigger(connection: BaseDatabaseWrapper, name: str, event: str, why: str) -> str:
    start = f'CREATE TRIGGER "{name}" BEFORE {event}'
    if connection.vendor == "postgresql":
        return f"{start} EXECUTE FUNCTION {_FUNCTION}('{why}')"
    return f"{start} BEGIN SELECT RAISE(ABORT, '{why}'); END"


def _addition(connection: BaseDatabaseWrapper, name: str, frozen: Frozen) -> str:
    """The trigger that refuses a row where what it belongs to is closed."""
    column, whole, until = frozen.closing
    why = f"{frozen.said} is never added later."
    event = f'INSERT ON "{frozen.table}" FOR EACH ROW'
    if connection.vendor == "postgresql":
        # A condition may not look into another table: the function does.
        return (
            f'CREATE TRIGGER "{name}" BEFORE {event} '
            f"EXECUTE FUNCTION {_FUNCTION}_of('{why}', '{column}', '{whole}', '{until}')"
        )
    closed = f'SELECT 1 FROM "{whole}" WHERE "id" = NEW."{column}" AND "{until}" IS NOT NULL'
    return _trigger(connection, name, f"{event} WHEN EXISTS ({closed})", why)


# A class of error that Django raises as IntegrityError, as it does for RAISE(ABORT) of SQLite. An empty table
# may be truncated: nothing is lost.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has_rows boolean := true;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO has_rows;
    END IF;
    IF has_rows THEN
        RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$
"""

# Waits for whoever is closing the whole at the same time.
_POSTGRESQL_ADDITION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}_of() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_closed boolean;
BEGIN
    EXECUTE format('SELECT %I IS NOT NULL FROM %I WHERE id = $1 FOR SHARE', TG_ARGV[3], TG_ARGV[2])
        INTO is_closed USING (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
    IF is_closed THEN
        RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def _has_all_columns(connection: BaseDatabaseWrapper, frozen: Frozen) -> bool:
    """Whether the table is as the model says, as it is not half-way through migrations."""
    with connection.cursor() as cursor:
        description = connection.introspection.get_table_description(cursor, frozen.table)
    columns = {field.column for field in frozen.model._meta.local_concrete_fields}
    return {column.name for column in description}.issuperset(columns)
