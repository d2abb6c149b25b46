"""Rows that match a query, as a condition on an ordinary QuerySet."""

from typing import Any

from django.db.models import BigIntegerField, Expression, FloatField, Func, QuerySet, Value

from .engines import engine_of
from .index import TextIndex
from .query import Query


class MatchingIds(Expression):
    """The primary keys that match, as a subquery."""

    def __init__(self, index: TextIndex, query: Query) -> None:
        super().__init__(output_field=BigIntegerField())
        self.index = index
        self.query = query

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if self.query.is_empty:
            return "(SELECT 0 WHERE 1 = 0)", []
        sql, parameters = engine_of(connection).ids(self.index, self.query)
        return f"({sql})", parameters


class Rank(Func):
    """How well the row with the primary key `key` matches."""

    def __init__(self, key: Any, *, index: TextIndex, query: Query) -> None:
        super().__init__(key, output_field=FloatField())
        self.index = index
        self.query = query

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:  # type: ignore[override]
        key, key_parameters = compiler.compile(self.source_expressions[0])
        sql, parameters = engine_of(connection).rank(self.index, self.query, key)
        return f"({sql})", [*parameters, *key_parameters]


def matching_ids(index: TextIndex, query: Query) -> MatchingIds:
    """The primary keys of the rows of `index` that match `query`, for `pk__in=` in any filter or Q.

    An empty query, also one that only excludes words, matches nothing.
    """
    return MatchingIds(index, query)


def filter(queryset: QuerySet, index: TextIndex, query: Query) -> QuerySet:  # noqa: A001
    """The rows of `queryset` that match `query`, annotated with `rank`: the higher, the better the match.

    Ranks compare within one query only. They weigh the columns A : B : C : D = 10 : 4 : 2 : 1; on SQLite
    they are bm25, on PostgreSQL ts_rank. Order by "-rank" and then by something unique. An empty query,
    also one that only excludes words, matches nothing.

    Raises ValueError if `queryset` is not of the table that `index` is of.
    """
    table = queryset.model._meta.db_table
    if table != index.table:
        raise ValueError(f"The text index {index.name!r} is of {index.table!r}, not of {table!r}.")
    if query.is_empty:
        return queryset.annotate(rank=Value(0.0, output_field=FloatField())).none()
    matching = queryset.filter(pk__in=matching_ids(index, query))
    return matching.annotate(rank=Rank("pk", index=index, query=query))
