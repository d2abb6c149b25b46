"""Effects of several studies as one.

Sources, cited below by short name
    Handbook        Cochrane Handbook for Systematic Reviews of Interventions, version 6, by section.
    Borenstein      Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis. 2009.
    Hartung 2001    Hartung J, Knapp G. Stat Med 20:3875-3889, doi:10.1002/sim.1009.
    Sidik 2002      Sidik K, Jonkman JN. Stat Med 21:3153-3159, doi:10.1002/sim.1262.
    Knapp 2003      Knapp G, Hartung J. Stat Med 22:2693-2710, doi:10.1002/sim.1482 (the floor).
    Higgins 2009    Higgins JP, Thompson SG, Spiegelhalter DJ. J R Stat Soc A 172:137-159,
                    doi:10.1111/j.1467-985x.2008.00552.x.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .. import effects as measures
from .cautioning import cautions
from .checking import check
from .distributions import normal_quantile, t_quantile
from .effect import Effect
from .heterogeneity import Heterogeneity, heterogeneity
from .profile import At, Profile
from .settings import Model, Settings

Interval = tuple[float, float]

# From so many studies on, their spread says enough for an interval that rests on it.
FEWEST_FOR_SPREAD = 3


@dataclass(frozen=True)
class Estimate:
    """A pooled effect on the analysis scale with its standard error and ordinary (Wald) interval."""

    value: float
    se: float
    interval: Interval


@dataclass(frozen=True)
class HartungKnapp:
    """The interval of Hartung, Knapp, Sidik and Jonkman around the same effect.

    `se` is the ordinary one times the root of max(1, `q`), which the interval multiplies with a quantile of t
    with k - 1 degrees of freedom, so that it is never narrower than the ordinary one; `is_floored` says that
    `q`, the spread that was seen over the spread that was expected, was below 1.
    """

    q: float
    se: float
    interval: Interval

    @property
    def is_floored(self) -> bool:
        return self.q < 1


@dataclass(frozen=True)
class Weight:
    """The share that one study has in a pool, from 0 to 1, without and with variance between studies."""

    effect: Effect
    common: float
    random: float


@dataclass(frozen=True)
class Pool:
    """What several studies say together; all effects and intervals are on the analysis scale.

    `estimate` follows the model of the settings and `common` is the common effect, a line beside it. Of
    `hartung_knapp` there is none for a common effect; `prediction`, between which bounds the true effect of a
    new study may lie, exists for random effects from three studies on. `people` is None where a study does
    not say how many there were. `cautions` are sentences for readers.
    """

    settings: Settings
    measure: measures.Measure
    unit: str
    k: int
    people: int | None
    estimate: Estimate
    hartung_knapp: HartungKnapp | None
    prediction: Interval | None
    common: Estimate
    heterogeneity: Heterogeneity
    weights: tuple[Weight, ...]
    cautions: tuple[str, ...]

    @property
    def is_hartung_knapp_headline(self) -> bool:
        """Whether the headline interval is that of Hartung and Knapp: from three studies on, if set."""
        return self.hartung_knapp is not None and self.settings.hartung_knapp and self.k >= FEWEST_FOR_SPREAD

    @property
    def interval(self) -> Interval:
        """The headline interval."""
        if self.hartung_knapp is not None and self.is_hartung_knapp_headline:
            return self.hartung_knapp.interval
        return self.estimate.interval

    @property
    def display(self) -> str:
        """The estimate with its headline interval and unit as readers see it."""
        return self.in_words(self.estimate.value, self.interval)

    def in_words(self, value: float, interval: Interval) -> str:
        """Write an effect and interval of this pool, both on the analysis scale, as readers see them."""
        to_display = self.measure.scale.to_display
        level = self.settings.level
        shown = measures.Effect(
            self.measure,
            value,
            None,
            "none",
            reported=(to_display(interval[0]), to_display(interval[1]), level),
        )
        return measures.display(shown, unit=self.unit, level=level)


def pool(effects: Sequence[Effect], settings: Settings | None = None) -> Pool:
    """Return what the effects say together; raises NotPoolable as `checking.check` does.

    Weights are inverse variances (Handbook 10.3); with random effects the variance between studies is added
    to each (Handbook 10.10.4).
    """
    settings = settings or Settings()
    check(effects)
    profile = profile_of(effects)
    spread = heterogeneity(profile, method=settings.method, level=settings.level)
    common = _estimate(profile.at(0.0), settings.level)
    estimate, hartung_knapp, prediction = common, None, None
    if settings.model is Model.RANDOM:
        here = profile.at(spread.tau2)
        estimate = _estimate(here, settings.level)
        hartung_knapp = _hartung_knapp(here, estimate, df=spread.df, level=settings.level)
        prediction = _prediction(estimate, spread, level=settings.level)
    measure = _measure(effects)
    people = [effect.people for effect in effects if effect.people is not None]
    return Pool(
        settings=settings,
        measure=measure,
        unit=effects[0].unit if measure.needs_unit else "",
        k=profile.k,
        people=sum(people) if len(people) == profile.k else None,
        estimate=estimate,
        hartung_knapp=hartung_knapp,
        prediction=prediction,
        common=common,
        heterogeneity=spread,
        weights=_weights(effects, spread.tau2),
        cautions=tuple(
            cautions(
                effects,
                measure=measure,
                spread=spread,
                interval=None if hartung_knapp is None else hartung_knapp.interval,
                prediction=prediction,
                level=settings.level,
            )
        ),
    )


def profile_of(effects: Sequence[Effect]) -> Profile:
    """Return the profile of effects that `checking.check` has passed."""
    return Profile(*zip(*_numbers(effects), strict=True))


def _numbers(effects: Sequence[Effect]) -> list[tuple[float, float]]:
    """Return effect and variance of each."""
    return [(effect.yi, effect.vi) for effect in effects if effect.yi is not None and effect.vi is not None]


def _estimate(here: At, level: float) -> Estimate:
    """The weighted mean with 1 / sqrt(sum(w)): Handbook 10.3; Borenstein ch. 11 and 12."""
    se = math.sqrt(here.variance)
    margin = normal_quantile(0.5 + level / 200) * se
    return Estimate(here.mean, se, (here.mean - margin, here.mean + margin))


def _hartung_knapp(here: At, estimate: Estimate, *, df: int, level: float) -> HartungKnapp:
    """Hartung 2001 and Sidik 2002, with the floor of Knapp 2003."""
    q = here.q / df
    se = estimate.se * math.sqrt(max(1.0, q))
    margin = t_quantile(0.5 + level / 200, df) * se
    return HartungKnapp(q, se, (here.mean - margin, here.mean + margin))


def _prediction(estimate: Estimate, spread: Heterogeneity, *, level: float) -> Interval | None:
    """The mean -+ t(k - 1) sqrt(tau2 + se^2) with the ordinary se: Higgins 2009, with its k - 2 replaced."""
    if spread.df + 1 < FEWEST_FOR_SPREAD:
        return None
    margin = t_quantile(0.5 + level / 200, spread.df) * math.sqrt(spread.tau2 + estimate.se**2)
    return estimate.value - margin, estimate.value + margin


def _measure(effects: Sequence[Effect]) -> measures.Measure:
    """The measure of the pool: a difference where differences and differences in change are together."""
    codes = {effect.measure.code for effect in effects}
    return effects[0].measure if len(codes) == 1 else measures.measure("md")


def _weights(effects: Sequence[Effect], tau2: float) -> tuple[Weight, ...]:
    """The shares of the studies, in the order in which they were given."""
    numbers = _numbers(effects)
    least = min(v for _, v in numbers)
    common = [least / v for _, v in numbers]
    random = [(least + tau2) / (v + tau2) for _, v in numbers]
    sums = math.fsum(common), math.fsum(random)
    return tuple(
        Weight(effect, a / sums[0], b / sums[1]) for effect, a, b in zip(effects, common, random, strict=True)
    )
