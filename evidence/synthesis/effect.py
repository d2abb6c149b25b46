"""What one result brings to a pool."""

import math
from dataclasses import dataclass, field, replace

from .. import effects


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The effect of one result, with everything that decides whether and how it may be pooled.

    `key` names the result and `study` its study, across all studies. `yi` and `vi` are on the analysis scale
    of the measure, None where the numbers give none; `derivation` is a key of `effects.DERIVATIONS`. `unit`
    is that of the result, or of its outcome; `better` says which direction of the outcome is better (higher,
    lower, depends). `arms` are the keys of the arms and `comparator` that of the arm they are compared with,
    None for a change within one group. `people` are those analysed in all of these arms. `phase` and
    `analysis` are codes of `Result.Phase` and `Result.Analysis`. `numbers` are what the result was computed
    from, with which arms that share a comparator can be combined.
    """

    key: str
    study: str
    label: str
    measure: effects.Measure
    yi: float | None
    vi: float | None
    derivation: str = "none"
    year: int | None = None
    unit: str = ""
    instrument: str = ""
    better: str = ""
    arms: frozenset[str] = field(default_factory=frozenset)
    comparator: str | None = None
    sample: str = ""
    is_subgroup: bool = False
    people: int | None = None
    weeks: float | None = None
    phase: str = ""
    analysis: str = "not stated"
    is_primary: bool = False
    is_synthesis: bool = False
    is_retracted: bool = False
    is_verified: bool = True
    is_turned: bool = False
    numbers: effects.Numbers | None = None

    @property
    def is_before_after(self) -> bool:
        """A change within one group, without a comparison."""
        return self.measure.comparative and self.comparator is None

    @property
    def se(self) -> float | None:
        """The standard error on the analysis scale."""
        return math.sqrt(self.vi) if self.vi is not None and self.vi > 0 else None

    @property
    def is_weighable(self) -> bool:
        """Whether the numbers give an effect and a variance, without which there is no weight."""
        if self.yi is None or self.vi is None or not math.isfinite(self.yi):
            return False
        return 0 < self.vi < math.inf and 1 / self.vi < math.inf

    def turned(self) -> "Effect":
        """Return the same effect seen from the other side, for an outcome whose better direction is opposite.

        Only for standardised measures: to turn a difference in metres would say that people walked backwards.
        Raises ValueError for another measure, and without a better direction.
        """
        if self.measure.code not in ("smd", "smcr") or self.better not in _OPPOSITE:
            raise ValueError("Only a standardised effect with a better direction can be turned.")
        yi = None if self.yi is None else -self.yi
        # The numbers are those of the outcome as it was measured, so they do not belong to this effect.
        return replace(self, yi=yi, better=_OPPOSITE[self.better], is_turned=not self.is_turned, numbers=None)


_OPPOSITE = {"higher": "lower", "lower": "higher"}
