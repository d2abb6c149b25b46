"""Site search: topics, studies and glossary, each with its own best matches."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Window
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
    """What was found for a query, best first, with exact numbers where the list is cut.

    Studies too many to rank are not: then the newest come first.
    """

    topics: list[Hit] = field(default_factory=list)
    studies: list[Hit] = field(default_factory=list)
    terms: list[Hit] = field(default_factory=list)
    n_topics: int = 0
    n_studies: int = 0
    n_terms: int = 0
    studies_are_ranked: bool = True
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
    editions, n_topics = _best(
        Edition.objects.live(at).matching(query).defer("content", "body_html", "references_html", "page"),
        MOST_TOPICS,
    )
    matching = Study.objects.published().matching(query)
    n_studies = matching.count()
    studies_are_ranked = n_studies <= search.MOST_RANKED
    studies = list(
        (matching.order_by("-rank", "pk") if studies_are_ranked else matching.newest_first())[:MOST_STUDIES]
    )
    terms, n_terms = _best(Term.objects.matching(query), MOST_TERMS)
    hits = _hits(
        query,
        [(edition, edition.title, edition.text) for edition in editions]
        + [(study, study.name, study.summary) for study in studies]
        + [(term, term.name, term.definition) for term in terms],
    )
    findings = Findings(
        topics=hits[: len(editions)],
        studies=hits[len(editions) : len(editions) + len(studies)],
        terms=hits[len(editions) + len(studies) :],
        n_topics=n_topics,
        n_studies=n_studies,
        n_terms=n_terms,
        studies_are_ranked=studies_are_ranked,
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


def _best(matching: QuerySet, most: int) -> tuple[list[Any], int]:
    """The best `most` of what matches, and how many there are in all."""
    counted = matching.annotate(n_found=Window(Count("pk")))
    best = list(counted.order_by("-rank", "pk")[:most])
    return best, best[0].n_found if best else 0


def _hits(query: search.Query, found: list[tuple[Any, str, str]]) -> list[Hit]:
    """Each thing with its title and text marked: two queries at most, however many kinds of things."""
    titles = search.snippets({place: title for place, (_, title, _) in enumerate(found)}, query, length=None)
    extracts = search.snippets({place: text for place, (_, _, text) in enumerate(found)}, query)
    return [
        Hit(thing=thing, title=titles[place], extract=extracts[place])
        for place, (thing, _, _) in enumerate(found)
    ]
