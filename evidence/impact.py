"""Impact: which conclusions a change of the evidence touches, found out by making it and taking it back.

A change inside a study can move no result but its own; a node that moves, no conclusion but those on the way
from its old and from its new place up to the root. Nothing else is looked at.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from .bodies import Member, members
from .models import Assessment, Conclusion, Intervention, Outcome, Population, Result, Study
from .models.node import Node
from .trees import Tree


@dataclass(frozen=True)
class Impact:
    """What a change does to the body of one conclusion: which results, in words, “Miller 1987: Gait speed”.

    `assessment` is the one in force, None if nobody rated the conclusion yet.
    """

    conclusion: Conclusion
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    assessment: Assessment | None = None

    @property
    def kinds(self) -> list[tuple[str, tuple[str, ...]]]:
        """What happens to which results, without what does not happen."""
        found = (
            ("New", self.new),
            ("Changed", self.changed),
            ("Retracted", self.retracted),
            ("No longer retracted", self.restored),
            ("Gone", self.gone),
        )
        return [(kind, labels) for kind, labels in found if labels]


class Watch:
    """Looks at bodies when it is made, and says later what became of them.

    Looks at `conclusions` (all if None), and at no results but those of the studies with the primary keys
    `studies`, where they are given. The number of queries is constant.
    """

    def __init__(
        self, *, conclusions: Iterable[Conclusion] | None = None, studies: Collection[int] | None = None
    ) -> None:
        everything = Conclusion.objects.for_display().in_order()
        self._conclusions = list(everything if conclusions is None else conclusions)
        self._studies = studies
        self._labels: dict[int, str] = {}
        self._before = self._read()

    def impacts(self) -> list[Impact]:
        """What changed since, for the conclusions that it touches, in their order."""
        after = self._read()
        found = []
        differing: set[int] = set()
        for conclusion in self._conclusions:
            moved = _moved(self._before[conclusion.pk], after[conclusion.pk])
            if any(moved.values()):
                differing.update(pk for keys in moved.values() for pk in keys)
                found.append((conclusion, moved))
        labels = {**self._labels, **_labels(Result.objects.filter(pk__in=differing))} if differing else {}
        in_force = {
            assessment.conclusion_id: assessment
            for assessment in Assessment.objects.in_force().filter(
                conclusion__in=[conclusion.pk for conclusion, _ in found]
            )
        }
        return [
            Impact(
                conclusion,
                assessment=in_force.get(conclusion.pk),
                **{
                    kind: tuple(labels.get(pk, f"Result {pk}") for pk in keys) for kind, keys in moved.items()
                },
            )
            for conclusion, moved in found
        ]

    def _read(self) -> dict[int, dict[int, Member]]:
        if not self._conclusions:
            return {}
        only: Collection[int] | None = None
        if self._studies is not None:
            # What is deleted has its name no more.
            own = _labels(Result.objects.filter(study__in=self._studies))
            self._labels.update(own)
            only = own.keys()
            if not only:
                return {conclusion.pk: {} for conclusion in self._conclusions}
        bodies = members(self._conclusions, only=only)
        return {pk: {member.result: member for member in body} for pk, body in bodies.items()}


def impact_of(
    change: Callable[[], object],
    *,
    conclusions: Iterable[Conclusion] | None = None,
    studies: Collection[int] | None = None,
) -> list[Impact]:
    """What `change` would do; it is made and taken back, so that nothing of it stays in the database."""
    with transaction.atomic():
        watch = Watch(conclusions=conclusions, studies=studies)
        change()
        found = watch.impacts()
        transaction.set_rollback(True)
    return found


def impact_of_result(result: Result) -> list[Impact]:
    """What saving this result as it is in memory, new or changed, would do."""
    # Not the object itself: it would believe that it was saved.
    return impact_of(lambda: copy.copy(result).save(), studies=[result.study_id])


def impact_of_study(study: Study) -> list[Impact]:
    """What saving this study would do: published, taken back to draft, retired, retracted or cleared."""
    return impact_of(lambda: copy.copy(study).save(), studies=[study.pk])


def impact_of_move(node: Node, *, parent: Node | None) -> list[Impact]:
    """What moving this node below `parent` (None: to the top) would do."""
    concerned = on_the_way(node, parent=None if parent is None else parent.pk)
    if not concerned:
        return []

    def move() -> None:
        moved = copy.copy(node)
        moved.parent = parent
        moved.save()

    return impact_of(move, conclusions=concerned)


def on_the_way(node: Node, *, parent: int | None) -> list[Conclusion]:
    """The conclusions whose bodies may change if this node moves below the node with the key `parent`."""
    tree = Tree.of(type(node))
    if tree.parents.get(node.pk) == parent:
        return []
    before, after = set(tree.path(node.pk)), set() if parent is None else set(tree.path(parent))
    # Those above both the old and the new place keep the node among their descendants.
    keys = (before ^ after) - {node.pk}
    field = {Population: "population", Intervention: "intervention", Outcome: "outcome"}[type(node)]
    return list(Conclusion.objects.filter(Q(**{f"{field}__in": keys})).for_display().in_order())


def _moved(before: Mapping[int, Member], after: Mapping[int, Member]) -> dict[str, list[int]]:
    both = [(before[pk], member) for pk, member in after.items() if pk in before]
    return {
        "new": sorted(after.keys() - before.keys()),
        "changed": [now.result for was, now in both if now.digest != was.digest],
        "retracted": [now.result for was, now in both if now.is_retracted and not was.is_retracted],
        "restored": [now.result for was, now in both if was.is_retracted and not now.is_retracted],
        "gone": sorted(before.keys() - after.keys()),
    }


def _labels(results: QuerySet[Result]) -> dict[int, str]:
    rows = results.order_by().values_list("pk", "study__label", "outcome__name")
    return {pk: f"{study}: {outcome}" for pk, study, outcome in rows}
