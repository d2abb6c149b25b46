"""A whole body of results in one: what was chosen, what it says together, or why it cannot be pooled."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .dependence import Selection, leave_out, select
from .effect import Effect
from .pooling import Pool, pool
from .refusing import NotPoolable, Reason
from .settings import Settings


@dataclass(frozen=True)
class Summary:
    """The selection with its pool, or else the refusal: exactly one of these two is None."""

    selection: Selection
    pool: Pool | None
    refusal: NotPoolable | None


def summarise(
    effects: Iterable[Effect],
    settings: Settings | None = None,
    *,
    group: str | None = None,
    without: Collection[str] = (),
) -> Summary:
    """Choose one result for each study and pool them, or say why not; never raises NotPoolable.

    `group` is that of `select`; the studies `without` are left out of what was chosen.
    """
    selection = leave_out(select(effects, group=group), without)
    try:
        return Summary(selection, pool(selection.kept, settings), None)
    except NotPoolable as refusal:
        return Summary(selection, None, _explained(refusal, selection))


def _explained(refusal: NotPoolable, selection: Selection) -> NotPoolable:
    """Say what is behind too few studies: what was left out, and the reason where there is only one."""
    studies: dict[Reason, set[str]] = {}
    for dropped in selection.dropped:
        if dropped.reason is not Reason.SAME_PEOPLE:
            studies.setdefault(dropped.reason, set()).add(dropped.effect.study)
    if refusal.reason is not Reason.TOO_FEW or not studies:
        return refusal
    left_out = "; ".join(
        f"{len(found)} {'study' if len(found) == 1 else 'studies'} ({_inside_a_sentence(reason.words)})"
        for reason, found in studies.items()
    )
    reason = next(iter(studies)) if len(studies) == 1 else Reason.TOO_FEW
    return NotPoolable(reason, f"{refusal} Left out: {left_out}.")


def _inside_a_sentence(words: str) -> str:
    return words[0].lower() + words[1:]
