"""The terms and tools that records name by slug, read once for a whole file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..models import Intervention, Node, Outcome, Population, Tool, ToolDomain

T = TypeVar("T", bound=Node)


class UnknownTerm(Exception):
    """A slug that may not be used; the message says why."""


@dataclass(frozen=True)
class Vocabularies:
    """All terms by slug; tools with the domains by their code."""

    populations: Mapping[str, Population]
    interventions: Mapping[str, Intervention]
    outcomes: Mapping[str, Outcome]
    tools: Mapping[str, Tool]
    domains: Mapping[int, Mapping[str, ToolDomain]]

    @classmethod
    def read(cls) -> "Vocabularies":
        """All of them as they are now, with five queries."""
        domains: dict[int, dict[str, ToolDomain]] = {}
        for domain in ToolDomain.objects.order_by("position", "pk"):
            domains.setdefault(domain.tool_id, {})[domain.code] = domain
        return cls(
            populations=_by_slug(Population),
            interventions=_by_slug(Intervention),
            outcomes=_by_slug(Outcome),
            tools={tool.slug: tool for tool in Tool.objects.order_by("pk")},
            domains=domains,
        )

    def population(self, slug: str) -> Population:
        return _term(self.populations, slug, "population")

    def intervention(self, slug: str) -> Intervention:
        return _term(self.interventions, slug, "intervention")

    def outcome(self, slug: str) -> Outcome:
        return _term(self.outcomes, slug, "outcome")

    def tool(self, slug: str) -> Tool:
        if slug not in self.tools:
            raise UnknownTerm(f"There is no tool “{slug}”.")
        return self.tools[slug]

    def domain(self, tool: Tool, code: str) -> ToolDomain:
        domains = self.domains.get(tool.pk, {})
        if code not in domains:
            raise UnknownTerm(f"{tool} has no domain “{code}”; it has: {', '.join(domains) or 'none'}.")
        return domains[code]


def _by_slug(model: type[T]) -> dict[str, T]:
    return {node.slug: node for node in model.objects.select_related("replaced_by").order_by("pk")}


def _term(terms: Mapping[str, T], slug: str, kind: str) -> T:
    if slug not in terms:
        raise UnknownTerm(f"There is no {kind} “{slug}” in the vocabulary.")
    term = terms[slug]
    if not term.is_active:
        instead = f"; use “{term.replaced_by.slug}”" if term.replaced_by else ""
        raise UnknownTerm(f"The {kind} “{slug}” is no longer in use{instead}.")
    return term
