"""Branches of a tree: a node with everything below it, as a set of primary keys."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from .models.node import Node

Branch = frozenset[int]


class Tree:
    """The shape of one tree, read with one query: who is above and below whom.

    `parents` maps the primary key of each node to that of its parent (None for a root).
    """

    def __init__(self, parents: dict[int, int | None]) -> None:
        self.parents = parents
        self._children: dict[int, list[int]] = defaultdict(list)
        for pk, parent in parents.items():
            if parent is not None:
                self._children[parent].append(pk)

    @classmethod
    def of(cls, model: type[Node]) -> "Tree":
        """The tree of `model` as it is now. One query."""
        return cls(dict(model._default_manager.order_by().values_list("pk", "parent_id")))

    def branch(self, pks: Iterable[int]) -> Branch:
        """These nodes and all below them."""
        found: set[int] = set()
        waiting = list(pks)
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found.add(pk)
                waiting.extend(self._children.get(pk, ()))
        return frozenset(found)

    def path(self, pk: int) -> list[int]:
        """This node and all above it, from itself up to its root."""
        path = []
        current: int | None = pk
        while current is not None:
            path.append(current)
            current = self.parents.get(current)
        return path


def branch(nodes: Node | Collection[Node]) -> Branch:
    """The branch of one node or of several nodes of the same tree. One query; none for no node."""
    several = [nodes] if isinstance(nodes, Node) else list(nodes)
    if not several:
        return frozenset()
    return Tree.of(type(several[0])).branch(node.pk for node in several)
