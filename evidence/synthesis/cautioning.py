"""What readers of a pool should know, in sentences."""

from collections.abc import Iterator, Sequence

from .. import effects as measures
from .distributions import t_quantile
from .effect import Effect
from .heterogeneity import Heterogeneity

# "Considerable heterogeneity" of the Cochrane Handbook (10.10.2) begins here, in per cent.
CONSIDERABLE_I2 = 75.0
# With fewer, the prediction interval itself is little more than a guess.
FEWEST_FOR_PREDICTION = 5


def cautions(
    effects: Sequence[Effect],
    *,
    measure: measures.Measure,
    spread: Heterogeneity,
    interval: tuple[float, float] | None,
    prediction: tuple[float, float] | None,
    level: float,
) -> Iterator[str]:
    """Yield the cautions of a pool of these effects, the weightiest first.

    `interval` is that of Hartung and Knapp, around the same effect as the `prediction` interval.
    """
    k = len(effects)
    if k == 2:
        quantile = measures.number(t_quantile(0.5 + level / 200, 1), 1)
        yield (
            "Only two studies: read each of them rather than their mean. Two say next to nothing about how "
            f"much results vary; an interval that rests on their spread would use t = {quantile}."
        )
    if spread.i2 > CONSIDERABLE_I2:
        yield (
            f"Results differ a lot from study to study (I² {measures.number(spread.i2, 0)}%): the pooled "
            "effect is a mean of different effects, and need not hold anywhere."
        )
    if prediction is not None:
        if measure.null is not None and prediction[0] < 0 < prediction[1]:
            yield (
                "The prediction interval crosses the line of no difference: in a new study the true effect "
                "may lie on either side."
            )
        if interval is not None and interval[0] < prediction[0]:
            yield (
                "The prediction interval is narrower than that of the pool, which allows for results that "
                "lie further apart than they say themselves: go by the wider one."
            )
        if k < FEWEST_FOR_PREDICTION:
            yield f"The prediction interval rests on {k} studies only and is itself very uncertain."
    yield from _of_the_numbers(effects)


def _of_the_numbers(effects: Sequence[Effect]) -> Iterator[str]:
    k = len(effects)
    halved = sum(effect.derivation == "counts_with_half_added" for effect in effects)
    if halved:
        yield (
            f"In {halved} of {k} studies a group had no events, or nothing but events; 0.5 was added to the "
            "counts of these studies."
        )
    unverified = sum(not effect.is_verified for effect in effects)
    if unverified:
        yield f"The numbers of {unverified} of {k} studies were not seen in their source."
    turned = sum(effect.is_turned for effect in effects)
    if turned:
        yield f"The sign of {turned} of {k} effects was turned, so that the same direction is better in all."
    if len({effect.measure.code for effect in effects}) > 1:
        yield "Differences at the end and differences in change from baseline are pooled together."
