"""Text indexes that are always there: made, repaired and removed around migrations."""

from collections.abc import Iterable

from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration, RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations import AlterModelTable, RenameModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.models import Model

from .engines import engine_of
from .index import TextIndex, registry


def bring_up_to_date(*, using: str) -> list[str]:
    """Build each registered index that is missing, damaged or declared differently; remove the undeclared.

    Looks only, and quickly, where nothing is to be done. Leaves out tables that do not exist yet.
    Returns the tables whose index was built.
    """
    connection = connections[using]
    engine = engine_of(connection)
    with transaction.atomic(using=using):
        wanted = [index for index in registry.values() if _is_ready(connection, index)]
        for table in sorted(engine.existing(connection) - {index.table for index in wanted}):
            engine.remove(connection, table)
        outdated = [index for index in wanted if not engine.is_current(connection, index)]
        for index in outdated:
            engine.build(connection, index)
    return [index.table for index in outdated]


def stand_aside(plan: Iterable[tuple[Migration, bool]], *, using: str) -> None:
    """Before `plan` runs, take away what would stop it from changing a searched column.

    SQLite refuses to drop a column that a trigger names, PostgreSQL to change the type of one that a
    generated column is made of. Afterwards `bring_up_to_date` builds the index again.
    """
    operations = [
        (migration.app_label, operation) for migration, _ in plan for operation in migration.operations
    ]
    if not operations:
        return
    connection = connections[using]
    engine = engine_of(connection)
    with transaction.atomic(using=using):
        declared = {index.table: index for index in registry.values()}
        for table in sorted(engine.existing(connection)):
            if table not in declared:
                engine.remove(connection, table)
            elif any(_touches(app_label, operation, declared[table]) for app_label, operation in operations):
                engine.stand_aside(connection, table)


def model_of(index: TextIndex) -> type[Model] | None:
    """The installed model whose table is searched."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == index.table and not model._meta.proxy:
            return model
    return None


def _is_ready(connection: BaseDatabaseWrapper, index: TextIndex) -> bool:
    """Whether the table is in this database with all columns, as it is not half-way through migrations."""
    with connection.cursor() as cursor:
        if index.table not in connection.introspection.table_names(cursor):
            return False
        description = connection.introspection.get_table_description(cursor, index.table)
    return {column.name for column in description}.issuperset(index.columns)


def _touches(app_label: str, operation: Operation, index: TextIndex) -> bool:
    model = model_of(index)
    if model is None or model._meta.app_label != app_label:
        return False
    name = model.__name__.lower()
    if isinstance(operation, FieldOperation):
        fields = [field.name for field in model._meta.local_fields if field.column in index.columns]
        return any(operation.references_field(name, field, app_label) for field in fields)
    if isinstance(operation, (AlterModelTable, RenameModel)):
        return operation.references_model(name, app_label)
    # These may do anything.
    return isinstance(operation, (RunSQL, SeparateDatabaseAndState))
