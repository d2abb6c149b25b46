"""The normal, t and chi-square distributions: tails and quantiles, to about 1e-12 of the value.

Sources, cited below by short name
    DLMF    NIST Digital Library of Mathematical Functions, by section (dlmf.nist.gov).
"""

import math
from collections.abc import Callable
from statistics import NormalDist

from .roots import root

_TINY = 1e-300
_PRECISION = 1e-16
# From here on the asymptotic series of the gamma function are exact to the last digits.
_LARGE = 20.0


def normal_cdf(x: float) -> float:
    """Return the probability below `x` of the standard normal distribution."""
    return math.erfc(-x / math.sqrt(2)) / 2


def normal_quantile(p: float) -> float:
    """Return the `x` below which the standard normal distribution has probability `p`, between 0 and 1."""
    return NormalDist().inv_cdf(_probability(p))


def t_cdf(x: float, df: float) -> float:
    """Return the probability below `x` of the t distribution with `df` degrees of freedom."""
    return _t_tail(-x, df) if x < 0 else 1 - _t_tail(x, df)


def t_tail(x: float, df: float) -> float:
    """Return the probability above `x`, which keeps its digits where it is small."""
    return 1 - _t_tail(-x, df) if x < 0 else _t_tail(x, df)


def t_quantile(p: float, df: float) -> float:
    """Return the `x` below which the t distribution has probability `p`, between 0 and 1."""
    p = _probability(p)
    if p == 0.5:
        return 0.0
    if p > 0.5:
        # 1 - p is exact there.
        return -t_quantile(1 - p, df)
    return -_crossing(lambda x: _t_tail(x, df) / p - 1, start=-normal_quantile(p))


def chi2_cdf(x: float, df: float) -> float:
    """Return the probability below `x` of the chi-square distribution with `df` degrees of freedom."""
    return _gamma_sides(x / 2, _degrees(df) / 2)[0]


def chi2_tail(x: float, df: float) -> float:
    """Return the probability above `x`, which keeps its digits where it is small."""
    return _gamma_sides(x / 2, _degrees(df) / 2)[1]


def chi2_quantile(p: float, df: float) -> float:
    """Return the `x` below which the chi-square distribution has probability `p`, between 0 and 1."""
    p, df = _probability(p), _degrees(df)
    if p <= 0.5:
        return _crossing(lambda x: 1 - chi2_cdf(x, df) / p, start=df)
    return _crossing(lambda x: chi2_tail(x, df) / (1 - p) - 1, start=df)


def _probability(p: float) -> float:
    if not 0 < p < 1:
        raise ValueError(f"A probability for a quantile lies between 0 and 1, not {p}.")
    return p


def _degrees(df: float) -> float:
    if not df > 0:
        raise ValueError(f"Degrees of freedom are above zero, not {df}.")
    return df


def _crossing(function: Callable[[float], float], *, start: float) -> float:
    """Return where a falling function that is positive near 0 crosses zero; `start` is a guess above 0."""
    low = high = start
    while function(low) < 0:
        low /= 2
    while function(high) > 0:
        high *= 2
    return low if low == high else root(function, low, high)


def _t_tail(x: float, df: float) -> float:
    """Return the probability above `x` >= 0: half the incomplete beta at df / (df + x^2), DLMF 8.17."""
    if x < _TINY:
        return 0.5
    a = _degrees(df) / 2
    # Both the argument and its complement, neither of them by subtraction.
    scaled = x / math.sqrt(df)
    ratio = scaled * scaled
    if math.isinf(ratio):
        return 0.0
    below, above = 1 / (1 + ratio), ratio / (1 + ratio)
    # below^a above^(1/2) / B(a, 1/2)
    front = math.exp(math.log(scaled) - (a + 0.5) * math.log1p(ratio) - _log_beta_with_half(a))
    if below < (a + 1) / (a + 2.5):
        return front * _beta_fraction(below, above, a, 0.5) / a / 2
    return 0.5 - front * _beta_fraction(above, below, 0.5, a)


def _log_beta_with_half(a: float) -> float:
    """Return ln B(a, 1/2) = ln gamma(a) + ln gamma(1/2) - ln gamma(a + 1/2)."""
    if a < _LARGE:
        return math.lgamma(a) + math.lgamma(0.5) - math.lgamma(a + 0.5)
    # The difference of two large logarithms by its own series, DLMF 5.11.8 for both.
    series = 1 / (8 * a) - 1 / (192 * a**3) + 1 / (640 * a**5) - 17 / (14336 * a**7) + 31 / (18432 * a**9)
    return math.lgamma(0.5) - math.log(a) / 2 + series


def _beta_fraction(x: float, rest: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz's method.

    `rest` is 1 - x: with it the first term, which is small for a large `a`, keeps its digits.
    """
    c, d = 1.0, (a + 1) / _away_from_zero(1 - b * x + a * rest)
    result = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            result *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return result


def _gamma_sides(x: float, a: float) -> tuple[float, float]:
    """Return the regularised incomplete gamma functions P(a, x) and Q(a, x), DLMF 8.2.4.

    The smaller one is calculated: by the series DLMF 8.7.1 on the left, by the continued fraction 8.9.2 on
    the right.
    """
    if x <= 0:
        return 0.0, 1.0
    if math.isinf(x):
        return 1.0, 0.0
    front = _gamma_front(x, a)
    if x < a + 1:
        term = total = 1.0
        n = a
        while term > total * _PRECISION:
            n += 1
            term *= x / n
            total += term
        lower = min(front * total, 1.0)
        return lower, 1 - lower
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for i in range(1, 100_000):
        term = -i * (i - a)
        b += 2
        d = 1 / _away_from_zero(term * d + b)
        c = _away_from_zero(b + term / c)
        fraction *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    upper = min(front * a * fraction, 1.0)
    return 1 - upper, upper


def _gamma_front(x: float, a: float) -> float:
    """Return x^a exp(-x) / gamma(a + 1)."""
    if a < _LARGE:
        return math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    # Stirling, DLMF 5.11.3, with the large parts taken together: for thousands of studies they nearly cancel.
    distance = (x - a) / a
    logarithm = math.log1p(distance) if abs(distance) < 0.5 else math.log(x / a)
    correction = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5) - 1 / (1680 * a**7)
    return math.exp(a * (logarithm - distance) - correction) / math.sqrt(2 * math.pi * a)


def _away_from_zero(x: float) -> float:
    return x if abs(x) > _TINY else _TINY
