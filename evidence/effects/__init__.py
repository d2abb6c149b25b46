"""Effect measures: from the numbers of one result to its effect, variance and display.

An effect is held on the *analysis scale* of its measure (ln for ratios, Fisher's z for correlations,
log odds for proportions), because sampling distributions are close to normal there: `yi` is the effect and
`vi` its sampling variance. People read the *display scale*: the ratio, the correlation, the proportion.

`measures` and `numbers` say what there is, `checking` refuses what cannot be true, `computing` chooses among
the formulas of `means`, `counts` and `reported`, `displaying` writes an `effect` for people. Raw numbers come
before reported estimates, and nothing is guessed: `vi` is above zero, or None where nothing gives a variance.
"""

from .checking import ImpossibleInput, cautions, check
from .computing import compute
from .displaying import display, number
from .effect import DERIVATIONS, Effect
from .means import hedges_correction
from .measures import MEASURES, WITHOUT_NUMBERS, Measure, Scale, may_pool, measure
from .numbers import Numbers

__all__ = [
    "DERIVATIONS",
    "MEASURES",
    "WITHOUT_NUMBERS",
    "Effect",
    "ImpossibleInput",
    "Measure",
    "Numbers",
    "Scale",
    "cautions",
    "check",
    "compute",
    "display",
    "hedges_correction",
    "may_pool",
    "measure",
    "number",
]
