"""How effects are pooled."""

from dataclasses import dataclass
from enum import StrEnum

from .heterogeneity import Method


class Model(StrEnum):
    """What the studies are taken to have in common."""

    RANDOM = "random"
    COMMON = "common"

    @property
    def words(self) -> str:
        return {
            Model.RANDOM: "Random effects: the true effect may differ from study to study",
            Model.COMMON: "Common effect: the true effect is taken to be the same in all studies",
        }[self]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The choices behind a pool; the defaults are those of the Cochrane Handbook (10.10.4) with one floor.

    `level` is that of all intervals in per cent. With `hartung_knapp` its interval is the headline from three
    studies on. Raises ValueError for a level that is not between 50 and 100.
    """

    model: Model = Model.RANDOM
    method: Method = Method.REML
    hartung_knapp: bool = True
    level: float = 95.0

    def __post_init__(self) -> None:
        if not 50 < self.level < 100:
            raise ValueError(
                f"The level of an interval lies between 50 and 100 per cent, not at {self.level}."
            )
