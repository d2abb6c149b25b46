"""The log of changes: which studies, terms and conclusions changed, and when, told by the database itself.

Triggers write it, so that no way of writing can forget it: saves, bulk updates, imports, raw SQL. A version
is taken from the one row of `Stamp`. On PostgreSQL that is the last thing a transaction does, under a lock
that it holds until its end: versions are committed in their order; a reader at version n has seen all to n.
SQLite has one writer at a time. See docs/decisions/0010-changes-numbered-by-the-database.md.
"""

# ruff: noqa: S608  names come from the models, never from people

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection as default_connection
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.http import HttpRequest

from . import triggers
from .models import (
    Appraisal,
    Arm,
    Assessment,
    Change,
    Conclusion,
    DomainJudgement,
    Exclusion,
    Intervention,
    Outcome,
    Population,
    PopulationShare,
    Report,
    Result,
    Sample,
    Stamp,
    Study,
    Tool,
    ToolDomain,
    Triage,
)
from .prepared import Statement

KIND = Change.Kind


@dataclass(frozen=True)
class Watched:
    """A model whose changes are those of something of `kind`.

    `field` names what holds its primary key: a column of its own, or `through__field` of a row it points to.
    Where some fields are named in `only`, a row that keeps their values did not change.
    """

    model: type[models.Model]
    kind: str
    field: str = "id"
    only: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def key(self, row: str) -> str:
        """SQL: the key of what changed with this `row` (NEW or OLD)."""
        own, _, beyond = self.field.partition("__")
        column = f'{row}."{self._column(self.model, own)}"'
        if not beyond:
            return column
        target = self.model._meta.get_field(own).related_model
        assert isinstance(target, type)
        return f'(SELECT "{self._column(target, beyond)}" FROM "{target._meta.db_table}" WHERE id = {column})'

    def changed(self, differs: str) -> str:
        """SQL: whether a row that was updated changed; empty if each one did."""
        columns = [self._column(self.model, name) for name in self.only]
        return " OR ".join(f'NEW."{column}" {differs} OLD."{column}"' for column in columns)

    @staticmethod
    def _column(model: type[models.Model], name: str) -> str:
        return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


WATCHED: list[Watched] = []
"""Whose changes are told, in the order in which they were registered."""


def register(*watched: Watched) -> None:
    """Have the database tell changes of these models, from the next `enforce` on."""
    WATCHED.extend(watched)


register(
    Watched(Study, KIND.STUDY),
    Watched(Report, KIND.STUDY, "study"),
    Watched(Sample, KIND.STUDY, "study"),
    Watched(PopulationShare, KIND.STUDY, "sample__study"),
    Watched(Arm, KIND.STUDY, "study"),
    Watched(Arm.interventions.through, KIND.STUDY, "arm__study"),
    Watched(Result, KIND.STUDY, "study"),
    Watched(Appraisal, KIND.STUDY, "study"),
    Watched(DomainJudgement, KIND.STUDY, "appraisal__study"),
    Watched(Population, KIND.POPULATION),
    Watched(Intervention, KIND.INTERVENTION),
    Watched(Outcome, KIND.OUTCOME),
    Watched(Tool, KIND.TOOL),
    Watched(ToolDomain, KIND.TOOL, "tool"),
    Watched(Conclusion, KIND.CONCLUSION),
    Watched(Exclusion, KIND.CONCLUSION, "conclusion"),
    Watched(Assessment, KIND.CONCLUSION, "conclusion"),
    Watched(Triage, KIND.CONCLUSION, "assessment__conclusion"),
)


# Asking


@dataclass(frozen=True)
class Moment:
    """A state of the evidence: the newest change that is in it."""

    epoch: str = ""
    version: int = 0


def now() -> Moment:
    """The state that the database is in. One query.

    Within a transaction its own changes are in it, and they get their numbers now.
    """
    if default_connection.vendor == "postgresql" and default_connection.in_atomic_block:
        _number_own_changes()
    row = _NEWEST.first_row(default_connection)
    return Moment() if row is None else Moment(*row)


def asked_at(request: HttpRequest | None) -> Moment | None:
    """The moment that a page which may be kept belongs to, and at which it was asked for."""
    return getattr(request, "moment", None)


def since(moment: Moment, *, most: int) -> dict[str, set[int]] | None:
    """The keys of what changed after `moment`, by kind; None if that cannot be told, or is more than `most`.

    One query, and it tells nothing of the epoch: whoever asks has seen that it is the same.
    """
    with default_connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, key FROM {_CHANGE} WHERE version > %s LIMIT %s", [moment.version, most + 1]
        )
        rows = cursor.fetchall()
    found: defaultdict[str, set[int]] = defaultdict(set)
    for kind, key in rows:
        found[kind].add(key)
    return None if len(rows) > most else dict(found)


def _number_own_changes() -> None:
    with default_connection.cursor() as cursor:
        # The next changes of this transaction are newer ones.
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"
            " SELECT set_config('wellness.version', '', true)"
        )


# Keeping the log


def enforce(*, using: str) -> list[str]:
    """Make each trigger that is missing or out of date, and begin a new epoch if one was.

    Returns the names of those that were made. Looks only, where nothing is to be done.
    """
    connection = connections[using]
    with transaction.atomic(using=using):
        tables = set(connection.introspection.table_names())
        if Stamp._meta.db_table not in tables:
            return []
        watched = [entry for entry in WATCHED if entry.table in tables]
        wanted: dict[str, tuple[str, str]] = {}
        for entry in watched:
            wanted |= _triggers(connection, entry)
        outdated = triggers.outdated(connection, wanted)
        if outdated and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_POSTGRESQL_NOTE)
                for entry in watched:
                    cursor.execute(_postgresql_function(entry))
        triggers.make(connection, wanted, outdated)
        if outdated or not Stamp.objects.using(using).exists():
            begin_epoch(using=using)
    return outdated


def begin_epoch(*, using: str) -> None:
    """Tell every reader to read everything anew: after changes that no trigger could see."""
    Stamp.objects.using(using).update_or_create(pk=1, defaults={"epoch": str(uuid.uuid4())})


def lift(*, using: str) -> None:
    """Drop the triggers: for migrations and for loading in bulk. `enforce` makes them again."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for entry in WATCHED:
            for name in _triggers(connection, entry):
                triggers.drop(connection, cursor, name, entry.table)


def stand_aside(plan: Iterable[tuple[Migration, bool]], *, using: str) -> None:
    """Before `plan` runs, drop the triggers if it may change a table that one of them names."""
    labels = {entry.model._meta.app_label for entry in WATCHED}
    if any(migration.app_label in labels for migration, _ in plan):
        lift(using=using)


def _triggers(connection: BaseDatabaseWrapper, entry: Watched) -> Mapping[str, tuple[str, str]]:
    """Name -> (table, SQL) of the triggers of one table."""
    table = entry.table
    if connection.vendor == "postgresql":
        function, emptied = f"{table}_noted", f"{table}_emptied"
        changed = entry.changed("IS DISTINCT FROM")
        events = {f"{table}_noted": ("INSERT OR UPDATE OR DELETE", "")}
        if changed:
            events = {
                f"{table}_noted": ("INSERT OR DELETE", ""),
                f"{table}_noted_update": ("UPDATE", f" WHEN ({changed})"),
            }
        # Deferred to the end of the transaction, where the version is taken.
        return {
            name: (
                table,
                f'CREATE CONSTRAINT TRIGGER "{name}" AFTER {event} ON "{table}"'
                f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW{when} EXECUTE FUNCTION {function}()",
            )
            for name, (event, when) in events.items()
        } | {
            emptied: (
                table,
                f'CREATE TRIGGER "{emptied}" AFTER TRUNCATE ON "{table}" EXECUTE FUNCTION note_emptied()',
            ),
        }
    found = {}
    for event, rows in (("insert", ("NEW",)), ("update", ("NEW", "OLD")), ("delete", ("OLD",))):
        name = f"{table}_noted_{event}"
        notes = " ".join(_sqlite_note(entry.kind, entry.key(row)) for row in rows)
        changed = entry.changed("IS NOT") if event == "update" else ""
        when = f" WHEN {changed}" if changed else ""
        sql = (
            f'CREATE TRIGGER "{name}" AFTER {event.upper()} ON "{table}" FOR EACH ROW{when} BEGIN'
            f" {_SQLITE_VERSION} {notes} END"
        )
        found[name] = (table, sql)
    return found


_STAMP, _CHANGE = "evidence_stamp", "evidence_change"

# By hand, since every request asks it.
_NEWEST = Statement(f"SELECT epoch, version FROM {_STAMP}")

# Neither uses ON CONFLICT: inside a trigger SQLite would follow the statement that set it off.
_SQLITE_VERSION = (
    f"INSERT INTO {_STAMP} (id, epoch, version) SELECT 1, lower(hex(randomblob(16))), 0"
    f" WHERE NOT EXISTS (SELECT 1 FROM {_STAMP});"
    f" UPDATE {_STAMP} SET version = version + 1;"
)


def _sqlite_note(kind: str, key: str) -> str:
    of_it = f"kind = '{kind}' AND key = {key}"
    return (
        f"UPDATE {_CHANGE} SET version = (SELECT version FROM {_STAMP}) WHERE {of_it};"
        f" INSERT INTO {_CHANGE} (kind, key, version) SELECT '{kind}', {key}, version FROM {_STAMP}"
        f" WHERE {key} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {_CHANGE} WHERE {of_it});"
    )


# The version of a transaction is kept in a setting that ends with it.
_POSTGRESQL_NOTE = f"""
CREATE OR REPLACE FUNCTION note_change(what text, which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mine bigint := nullif(current_setting('wellness.version', true), '')::bigint;
BEGIN
    IF which IS NULL THEN
        RETURN;
    END IF;
    IF mine IS NULL THEN
        INSERT INTO {_STAMP} AS stamp (id, epoch, version) VALUES (1, gen_random_uuid()::text, 1)
            ON CONFLICT (id) DO UPDATE SET version = stamp.version + 1 RETURNING version INTO mine;
        PERFORM set_config('wellness.version', mine::text, true);
    END IF;
    INSERT INTO {_CHANGE} (kind, key, version) VALUES (what, which, mine)
        ON CONFLICT (kind, key) DO UPDATE SET version = mine WHERE {_CHANGE}.version < mine;
END
$$;
CREATE OR REPLACE FUNCTION note_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {_STAMP} SET epoch = gen_random_uuid()::text;
    RETURN NULL;
END
$$
"""


def _postgresql_function(entry: Watched) -> str:
    def note(row: str) -> str:
        return f"PERFORM note_change('{entry.kind}', {entry.key(row)});"

    return f"""
CREATE OR REPLACE FUNCTION {entry.table}_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        {note("NEW")}
    END IF;
    IF TG_OP <> 'INSERT' THEN
        {note("OLD")}
    END IF;
    RETURN NULL;
END
$$
"""
