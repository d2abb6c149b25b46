"""How much the true effects of studies differ.

Sources, cited below by short name
    Handbook            Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    DerSimonian 1986    DerSimonian R, Laird N. Control Clin Trials 7:177-188,
                        doi:10.1016/0197-2456(86)90046-2.
    Higgins 2002        Higgins JP, Thompson SG. Stat Med 21:1539-1558, doi:10.1002/sim.1186.
    Paule 1982          Paule RC, Mandel J. J Res Natl Bur Stand 87:377-385, doi:10.6028/jres.087.022.
    Viechtbauer 2005    Viechtbauer W. J Educ Behav Stat 30:261-293, doi:10.3102/10769986030003261.
    Viechtbauer 2007    Viechtbauer W. Stat Med 26:37-52, doi:10.1002/sim.2514.
"""

from dataclasses import dataclass
from enum import StrEnum

from .distributions import chi2_quantile, chi2_tail
from .profile import Profile
from .roots import root

# Around a hundredth of the smallest sampling variance the likelihood is a straight line.
_NEAR_ZERO = 0.01
_STEP_OF_SCAN = 2.0


class Method(StrEnum):
    """How the variance between studies is estimated."""

    REML = "reml"
    PAULE_MANDEL = "pm"
    DERSIMONIAN_LAIRD = "dl"

    @property
    def words(self) -> str:
        return {
            Method.REML: "Restricted maximum likelihood (REML)",
            Method.PAULE_MANDEL: "Paule-Mandel",
            Method.DERSIMONIAN_LAIRD: "DerSimonian-Laird",
        }[self]


@dataclass(frozen=True)
class Heterogeneity:
    """How much effects differ beyond chance.

    `q` with `df` and `p` tests whether they differ at all. `tau2` is the variance of true effects on the
    analysis scale, never negative; `i2` (per cent) is its share of the variance of a typical study and `h2`
    the ratio of that to the sampling variance alone. The intervals are Q-profile intervals; (0, 0) says that
    the studies differ less than chance would let them.
    """

    q: float
    df: int
    p: float
    tau2: float
    tau2_interval: tuple[float, float]
    i2: float
    i2_interval: tuple[float, float]
    h2: float


def heterogeneity(profile: Profile, *, method: Method = Method.REML, level: float = 95.0) -> Heterogeneity:
    """Return how much the studies differ, with intervals at `level` per cent.

    I2 is calculated from tau2 and the typical variance (Handbook 10.10.2 since May 2024): with DerSimonian
    and Laird it is the older (Q - df) / Q, with the other methods it is not.
    """
    q, df = profile.q(0.0), profile.k - 1
    estimate = tau2(profile, method)
    interval = q_profile(profile, level=level)
    typical = profile.typical_variance()
    return Heterogeneity(
        q=q,
        df=df,
        p=chi2_tail(q, df),
        tau2=estimate,
        tau2_interval=interval,
        i2=_percent(estimate, typical),
        i2_interval=(_percent(interval[0], typical), _percent(interval[1], typical)),
        h2=1 + estimate / typical,
    )


def tau2(profile: Profile, method: Method = Method.REML) -> float:
    """Return the variance between studies, never below zero."""
    return _ESTIMATORS[method](profile)


def q_profile(profile: Profile, *, level: float = 95.0) -> tuple[float, float]:
    """Return the interval of tau2 whose ends give Q its chi-square quantiles: Viechtbauer 2007."""
    outside = (100 - level) / 200
    df = profile.k - 1
    return (
        _where_q_is(profile, chi2_quantile(1 - outside, df)),
        _where_q_is(profile, chi2_quantile(outside, df)),
    )


def _dersimonian_laird(profile: Profile) -> float:
    """(Q - df) / (sum(w) - sum(w^2) / sum(w)), or 0: DerSimonian 1986."""
    df = profile.k - 1
    return max(0.0, (profile.q(0.0) - df) / df * profile.typical_variance())


def _paule_mandel(profile: Profile) -> float:
    """The tau2 that gives Q its expectation k - 1, or 0: Paule 1982."""
    return _where_q_is(profile, profile.k - 1)


def _reml(profile: Profile) -> float:
    """The tau2 >= 0 of the highest restricted likelihood: Viechtbauer 2005.

    The likelihood may have two peaks, so its slope is first looked at on a grid, each point twice the one
    before, up to where no peak can be; then every peak is found exactly, and the highest is taken.
    """
    grid = [0.0, profile.smallest * _NEAR_ZERO]
    # At a peak, tau2 is at most the largest squared distance plus the variance of the mean.
    most = (profile.k * profile.range**2 + profile.largest) / (profile.k - 1)
    while grid[-1] <= most:
        grid.append(grid[-1] * _STEP_OF_SCAN)

    def slope(x: float) -> float:
        return profile.at(x).score

    slopes = [slope(x) for x in grid]
    peaks = [0.0] if slopes[0] <= 0 else []
    for i in range(len(grid) - 1):
        if slopes[i] > 0 >= slopes[i + 1]:
            peaks.append(root(slope, grid[i], grid[i + 1], floor=profile.smallest * 1e-17))
    if len(peaks) == 1:
        return peaks[0]
    return max(peaks, key=lambda x: (profile.likelihood(x), -x))


_ESTIMATORS = {
    Method.REML: _reml,
    Method.PAULE_MANDEL: _paule_mandel,
    Method.DERSIMONIAN_LAIRD: _dersimonian_laird,
}


def _where_q_is(profile: Profile, target: float) -> float:
    """Return the tau2 that gives Q the value `target`, or 0 if Q is not above it without any."""
    if profile.q(0.0) <= target:
        return 0.0
    # Q(tau2) is at most the squares around any mean over the smallest v + tau2 (and a little for rounding);
    # its reciprocal is nearly a line.
    high = profile.squares / target * (1 + 1e-9)
    return root(lambda x: target / profile.q(x) - 1, 0.0, high, floor=profile.smallest * 1e-17)


def _percent(between: float, typical: float) -> float:
    return 100 * between / (between + typical)
