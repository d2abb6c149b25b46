"""Studies as they are weighted at any variance between them."""

import math
from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import NamedTuple


class At(NamedTuple):
    """Everything about a pool at one tau2. `weights` are shares of `unit`, the largest weight that there is.

    `mean` is the weighted mean, `variance` its variance, `q` the weighted sum of squares around it. `spare`
    is sum(w) - sum(w^2) / sum(w), and `score` twice the slope of the restricted log-likelihood; both in
    `unit`.
    """

    weights: list[float]
    unit: float
    mean: float
    variance: float
    q: float
    spare: float
    score: float


class Profile:
    """Effects `y` with sampling variances `v` above zero, two studies at least.

    Built so that digits survive: effects are seen from the most precise one, weights are relative to the
    largest, sums are exact (`math.fsum`), and the order in which studies come changes nothing, not even the
    last bit.
    """

    def __init__(self, y: Sequence[float], v: Sequence[float]) -> None:
        pairs = sorted(zip(v, y, strict=True))
        self.k = len(pairs)
        self.origin = pairs[0][1]
        self.variances = [variance for variance, _ in pairs]
        self.effects = [effect - self.origin for _, effect in pairs]
        self.smallest, self.largest = self.variances[0], self.variances[-1]
        self.range = max(self.effects) - min(self.effects)
        mean = math.fsum(self.effects) / self.k
        self.squares = math.fsum((effect - mean) ** 2 for effect in self.effects)

    def at(self, tau2: float) -> At:
        """Return what there is to know with this variance between studies, >= 0."""
        least = self.smallest + tau2
        weights = [least / (variance + tau2) for variance in self.variances]
        total = math.fsum(weights)
        mean = math.fsum(map(mul, weights, self.effects)) / total
        parts = [weight * (effect - mean) ** 2 for weight, effect in zip(weights, self.effects, strict=True)]
        squares = math.fsum(parts)
        # sum(w)^2 - sum(w^2) is twice the sum over pairs; subtracted, nothing would be left of it where one
        # study has nearly all the weight. Weights come largest first, so the sums grow from the smallest.
        smaller = list(accumulate(reversed(weights)))[-2::-1]
        spare = 2 * math.fsum(map(mul, weights, smaller)) / total
        score = math.fsum(map(mul, weights, parts)) / least - spare
        return At(weights, 1 / least, self.origin + mean, least / total, squares / least, spare, score)

    def q(self, tau2: float) -> float:
        """Return the weighted sum of squares around the weighted mean; it falls as tau2 grows."""
        least = self.smallest + tau2
        weights = [least / (variance + tau2) for variance in self.variances]
        mean = math.fsum(map(mul, weights, self.effects)) / math.fsum(weights)
        return (
            math.fsum(w * (effect - mean) ** 2 for w, effect in zip(weights, self.effects, strict=True))
            / least
        )

    def likelihood(self, tau2: float) -> float:
        """Return the restricted log-likelihood without its constant.

        Viechtbauer 2005, doi:10.3102/10769986030003261.
        """
        here = self.at(tau2)
        logs = math.fsum(math.log(variance + tau2) for variance in self.variances)
        return -(logs - math.log(here.variance) + here.q) / 2

    def typical_variance(self) -> float:
        """Return the sampling variance of a typical study: Higgins 2002, doi:10.1002/sim.1186."""
        here = self.at(0.0)
        return (self.k - 1) / (here.spare * here.unit)
