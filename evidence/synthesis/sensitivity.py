"""Whether a pool hangs on one study, on when studies were done, or on which kind they are of.

Sources, cited below by short name
    Handbook     Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    Borenstein   Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. 2009.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .checking import check
from .distributions import chi2_tail
from .effect import Effect
from .pooling import Pool, pool
from .profile import Profile
from .refusing import NotPoolable, Reason
from .settings import Settings


@dataclass(frozen=True)
class Without:
    """What the other studies say together when one is left out."""

    effect: Effect
    pool: Pool


@dataclass(frozen=True)
class UpTo:
    """What studies had said together once this one was added."""

    effect: Effect
    pool: Pool


@dataclass(frozen=True)
class Subgroup:
    """The studies of one kind: their pool, or None for a single study, which speaks for itself.

    `estimate` and `variance` are on the analysis scale.
    """

    name: str
    effects: tuple[Effect, ...]
    pool: Pool | None
    estimate: float
    variance: float


@dataclass(frozen=True)
class Subgroups:
    """The kinds of studies beside each other; `q` with `df` and `p` tests whether they differ.

    Such a comparison is between studies, not between people, so it shows at most where to look.
    """

    groups: tuple[Subgroup, ...]
    q: float
    df: int
    p: float


def leave_one_out(effects: Sequence[Effect], settings: Settings | None = None) -> tuple[Without, ...]:
    """Return the pool without each study in turn, in the order given; it is fitted anew k times.

    Raises NotPoolable as `pool` does, and below three studies, where nothing would be left to pool.
    """
    check(effects)
    if len(effects) < 3:
        raise NotPoolable(Reason.TOO_FEW, "To leave one study out, three at least are needed.")
    return tuple(
        Without(effect, pool([*effects[:place], *effects[place + 1 :]], settings))
        for place, effect in enumerate(effects)
    )


def cumulative(effects: Sequence[Effect], settings: Settings | None = None) -> tuple[UpTo, ...]:
    """Return the pool after each study from the second on, in the order of their years.

    Studies of one year keep the order given; those of an unknown year come last. Raises NotPoolable as `pool`
    does.
    """
    check(effects)
    ordered = sorted(effects, key=lambda effect: (effect.year is None, effect.year or 0))
    return tuple(
        UpTo(ordered[count - 1], pool(ordered[:count], settings)) for count in range(2, len(ordered) + 1)
    )


def subgroups(
    effects: Sequence[Effect], by: Callable[[Effect], str], settings: Settings | None = None
) -> Subgroups:
    """Return the studies pooled apart by the name that `by` gives them, in the order of these names.

    The variance between studies is estimated within each subgroup; `q` is the weighted sum of squares of the
    subgroups around their common mean, with one degree of freedom less than there are subgroups (Borenstein
    ch. 19; Handbook 10.11.3.1). Raises NotPoolable as `pool` does, and for fewer than two subgroups.
    """
    settings = settings or Settings()
    check(effects)
    names = sorted({by(effect) for effect in effects})
    if len(names) < 2:
        raise NotPoolable(Reason.TOO_FEW, "All studies are of one kind; there are no subgroups to compare.")
    groups = tuple(
        _subgroup(name, [effect for effect in effects if by(effect) == name], settings) for name in names
    )
    between = Profile([group.estimate for group in groups], [group.variance for group in groups])
    q, df = between.q(0.0), len(groups) - 1
    return Subgroups(groups=groups, q=q, df=df, p=chi2_tail(q, df))


def _subgroup(name: str, effects: list[Effect], settings: Settings) -> Subgroup:
    only = effects[0]
    if len(effects) == 1 and only.yi is not None and only.vi is not None:
        return Subgroup(name, (only,), None, only.yi, only.vi)
    together = pool(effects, settings)
    return Subgroup(name, tuple(effects), together, together.estimate.value, together.estimate.se**2)
