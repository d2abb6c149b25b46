"""Full-text search inside the database: FTS5 on SQLite, tsvector with GIN on PostgreSQL, one interface.

A model declares what is searched and registers it; the database itself keeps the index fresh:

    columns = {"title": "A", "summary": "B"}
    text_index = search.TextIndex(name="study", table="evidence_study", columns=columns)
    search.register(text_index)

    query = search.parse(request.GET.get("q", ""))
    studies = search.filter(Study.objects.all(), Study.text_index, query).order_by("-rank", "pk")
    snippets = search.snippets({study.pk: study.summary for study in page}, query)

This is the lowest layer: it imports nothing of the other apps.
"""

from .highlighting import snippets
from .index import TextIndex, register, registry
from .matching import filter, matching_ids  # noqa: A004  reads well as search.filter
from .query import Query, parse
from .suggesting import suggest

MOST_RANKED = 20_000
"""With more matches than this the words do not say which match best; the newest come first."""

__all__ = [
    "MOST_RANKED",
    "Query",
    "TextIndex",
    "filter",
    "matching_ids",
    "parse",
    "register",
    "registry",
    "snippets",
    "suggest",
]
