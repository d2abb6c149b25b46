"""Site search: topics, studies and glossary, each with its own best matches."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

import search
from articles.models import Edition, Term
from evidence.models import Intervention, Outcome, Study

MOST_TOPICS = 20
MOST_STUDIES = 10
MOST_TERMS = 5


@dataclass(frozen=True)
class Hit:
    """One thing found: where it is, its name and an extract, both with the words marked."""

    thing: Any
    title: SafeString
    extract: SafeString


@dataclass(frozen=True)
class Findings:
    """What was found for a query, best first, with exact numbers where the list is cut."""

    topics: list[Hit] = field(default_factory=list)
    studies: list[Hit] = field(default_factory=list)
    terms: list[Hit] = field(default_factory=list)
    n_studies: int = 0
    suggestion: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.studies or self.terms)


def find(text: str, *, at: datetime.datetime) -> Findings:
    """What the public may see of everything that holds the words of `text`.

    Another spelling is suggested where nothing at all was found.
    """
    query = search.parse(text)
    if query.is_empty:
        return Findings()
    editions = list(
        Edition.objects.live(at)
        .matching(query)
        .defer("content", "body_html", "references_html", "page")
        .order_by("-rank", "pk")[:MOST_TOPICS]
    )
    matching = Study.objects.published().matching(query)
    n_studies = matching.count()
    studies = list(matching.order_by("-rank", "pk")[:MOST_STUDIES]) if n_studies else []
    terms = list(Term.objects.matching(query).order_by("-rank", "pk")[:MOST_TERMS])
    findings = Findings(
        topics=_hits(editions, query, name="title", text="text"),
        studies=_hits(studies, query, name="name", text="summary"),
        terms=_hits(terms, query, name="name", text="definition"),
        n_studies=n_studies,
    )
    if findings.is_empty:
        return Findings(suggestion=search.suggest(text, vocabulary(at=at)))
    return findings


def vocabulary(*, at: datetime.datetime) -> Iterator[str]:
    """The words that this site uses for its things."""
    for title, words in Edition.objects.live(at).values_list("title", "search_words"):
        yield title
        yield words
    for model in (Intervention, Outcome):
        for name, synonyms in model.objects.active().order_by().values_list("name", "synonyms"):
            yield name
            yield from synonyms
    yield from Term.objects.values_list("name", flat=True)
    yield from Study.objects.published().order_by().values_list("label", flat=True)[:5000]


def _hits(things: list[Any], query: search.Query, *, name: str, text: str) -> list[Hit]:
    titles = search.snippets({thing.pk: getattr(thing, name) for thing in things}, query, length=None)
    extracts = search.snippets({thing.pk: getattr(thing, text) for thing in things}, query)
    return [Hit(thing=thing, title=titles[thing.pk], extract=extracts[thing.pk]) for thing in things]
