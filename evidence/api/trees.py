"""The three trees: populations, interventions and outcomes."""

from typing import Any

from django.http import Http404
from ninja import Router

from ..models import Intervention, Outcome, Population
from ..trees import Tree
from .answers import InterventionData, NodeData, OutcomeData, PopulationData
from .asking import Nothing, asked
from .reading import page_address, reads, slug_in_path

router = Router(tags=["Trees"])


@reads(router, "/populations", form=Nothing, answer=list[PopulationData], example="/api/populations")
def population_list(request):
    """The tree of populations: who people are.

    In the order of the tree: each term before what is narrower.
    """
    asked(Nothing(request.GET))
    return _tree(Population, PopulationData)


@reads(
    router,
    "/populations/{slug:slug}",
    form=Nothing,
    answer=PopulationData,
    example="/api/populations/older-adults",
    can_be=(404,),
)
def population_detail(request, slug: str = slug_in_path("The short name of the population.")):
    """One population."""
    asked(Nothing(request.GET))
    return _node(Population, PopulationData, slug)


@reads(router, "/interventions", form=Nothing, answer=list[InterventionData], example="/api/interventions")
def intervention_list(request):
    """The tree of interventions: what people did, took or received.

    In the order of the tree: each term before what is narrower.
    """
    asked(Nothing(request.GET))
    return _tree(Intervention, InterventionData)


@reads(
    router,
    "/interventions/{slug:slug}",
    form=Nothing,
    answer=InterventionData,
    example="/api/interventions/ankle-weights",
    can_be=(404,),
)
def intervention_detail(request, slug: str = slug_in_path("The short name of the intervention.")):
    """One intervention."""
    asked(Nothing(request.GET))
    return _node(Intervention, InterventionData, slug)


@reads(router, "/outcomes", form=Nothing, answer=list[OutcomeData], example="/api/outcomes")
def outcome_list(request):
    """The tree of outcomes: what studies measure.

    In the order of the tree: each term before what is narrower.
    """
    asked(Nothing(request.GET))
    return _tree(Outcome, OutcomeData)


@reads(
    router,
    "/outcomes/{slug:slug}",
    form=Nothing,
    answer=OutcomeData,
    example="/api/outcomes/gait-and-mobility",
    can_be=(404,),
)
def outcome_detail(request, slug: str = slug_in_path("The short name of the outcome.")):
    """One outcome."""
    asked(Nothing(request.GET))
    return _node(Outcome, OutcomeData, slug)


def _tree(model: Any, answer: type[NodeData]) -> list[NodeData]:
    """Every node of a tree in its order. One query."""
    nodes = {node.pk: node for node in model.objects.order_by("position", "pk")}
    tree = Tree({pk: node.parent_id for pk, node in nodes.items()})
    below: dict[int | None, list[Any]] = {}
    for node in nodes.values():
        below.setdefault(node.parent_id, []).append(node)
    found = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        node = waiting.pop()
        found.append(
            _said(
                node,
                answer,
                parent=nodes.get(node.parent_id),
                depth=len(tree.path(node.pk)) - 1,
                replaced_by=nodes.get(node.replaced_by_id),
            )
        )
        waiting.extend(reversed(below.get(node.pk, [])))
    return found


def _node(model: Any, answer: type[NodeData], slug: str) -> NodeData:
    """One node, with how deep it stands. Two queries."""
    node = model.objects.select_related("parent", "replaced_by").filter(slug=slug).first()
    if node is None:
        raise Http404("There is no such term.")
    depth = len(Tree.of(model).path(node.pk)) - 1
    return _said(node, answer, parent=node.parent, depth=depth, replaced_by=node.replaced_by)


def _said(node: Any, answer: type[NodeData], *, parent: Any, depth: int, replaced_by: Any) -> NodeData:
    derived = {
        "parent": None if parent is None else parent.slug,
        "depth": depth,
        "replaced_by": None if replaced_by is None else replaced_by.slug,
        "address": page_address(node),
    }
    same = [name for name in answer.model_fields if name not in derived]
    return answer(**derived, **{name: getattr(node, name) for name in same})
