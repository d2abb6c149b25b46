"""Whether small studies found something else than large ones.

Sources, cited below by short name
    Egger 1997    Egger M et al. BMJ 315:629-634, doi:10.1136/bmj.315.7109.629.
    Sterne 2001   Sterne JA, Egger M. J Clin Epidemiol 54:1046-1055, doi:10.1016/s0895-4356(01)00377-8.
    Sterne 2011   Sterne JA et al. BMJ 343:d4002, doi:10.1136/bmj.d4002.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .checking import check
from .distributions import normal_quantile, t_quantile, t_tail
from .effect import Effect
from .pooling import profile_of
from .refusing import NotPoolable, Reason

# With fewer, chance cannot be told from asymmetry, in a test or in a plot (Sterne 2011).
FEWEST_FOR_EGGER = 10


@dataclass(frozen=True)
class Egger:
    """The test of Egger: `slope` is how much more a study found for each unit of its standard error.

    `t` with `df` and `p` (two-sided) tests whether that is more than chance, and `interval` belongs to the
    slope. Asymmetry has many causes; missing studies are only one of them.
    """

    slope: float
    se: float
    interval: tuple[float, float]
    t: float
    df: int
    p: float


@dataclass(frozen=True)
class Point:
    """One study in a funnel plot: its effect across, its standard error downwards from zero."""

    effect: Effect
    x: float
    se: float


@dataclass(frozen=True)
class Funnel:
    """A funnel plot on the analysis scale.

    Without asymmetry and heterogeneity, `level` per cent of the points lie in the triangle that has its `tip`
    at standard error 0 and its `base` (two corners) at `deepest`: the pseudo confidence region.
    """

    points: tuple[Point, ...]
    level: float
    tip: float
    base: tuple[float, float]
    deepest: float


def egger(effects: Sequence[Effect], *, level: float = 95.0) -> Egger:
    """Return the weighted regression of effects on their standard errors: Egger 1997.

    The weights are inverse variances, which gives the line of Egger's regression of y / se on 1 / se, with a
    factor for what is left over, so that t has k - 2 degrees of freedom. Raises NotPoolable as
    `checking.check` does, below ten studies, and where all studies are equally precise.
    """
    check(effects)
    k = len(effects)
    if k < FEWEST_FOR_EGGER:
        raise NotPoolable(
            Reason.TOO_FEW, f"With {k} studies asymmetry cannot be told from chance; ten at least are needed."
        )
    profile = profile_of(effects)
    # As lines through standardised effects: y / se = slope + limit / se. All from the most precise study on.
    errors = [math.sqrt(variance) for variance in profile.variances]
    unit = errors[0]
    weights = [(unit / error) ** 2 for error in errors]
    total = math.fsum(weights)
    mean_error = math.fsum(w * error for w, error in zip(weights, errors, strict=True)) / total
    mean = math.fsum(w * y for w, y in zip(weights, profile.effects, strict=True)) / total
    across = [error - mean_error for error in errors]
    spread = math.fsum(w * x * x for w, x in zip(weights, across, strict=True))
    if spread <= total * (mean_error * 1e-12) ** 2:
        raise NotPoolable(Reason.TOO_FEW, "All studies are equally precise, so none of them is a small one.")
    slope = (
        math.fsum(w * x * (y - mean) for w, x, y in zip(weights, across, profile.effects, strict=True))
        / spread
    )
    left = math.fsum(
        w * (y - mean - slope * x) ** 2 for w, x, y in zip(weights, across, profile.effects, strict=True)
    )
    df = k - 2
    se = math.sqrt(left / df / spread)
    margin = t_quantile(0.5 + level / 200, df) * se
    t = slope / se if se > 0 else math.copysign(math.inf, slope) if slope else 0.0
    return Egger(slope, se, (slope - margin, slope + margin), t, df, min(1.0, 2 * t_tail(abs(t), df)))


def funnel(effects: Sequence[Effect], *, level: float = 95.0) -> Funnel:
    """Return the funnel plot of these effects around their common effect (Sterne 2001).

    The common effect and not the mean of random effects, which small studies pull to their side. Raises
    NotPoolable as `checking.check` does.
    """
    check(effects)
    tip = profile_of(effects).at(0.0).mean
    points = tuple(
        Point(effect, effect.yi, effect.se)
        for effect in effects
        if effect.yi is not None and effect.se is not None
    )
    deepest = max(point.se for point in points)
    margin = normal_quantile(0.5 + level / 200) * deepest
    return Funnel(points, level, tip, (tip - margin, tip + margin), deepest)
