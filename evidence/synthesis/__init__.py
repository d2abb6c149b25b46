"""Synthesis: what several results say together, or why they must not be pooled.

An `Effect` is what one result brings. `select` keeps one for each study and says what it dropped; `pool`
weighs what was kept, by `Settings`, and refuses with `NotPoolable` what cannot be weighed together;
`summarise` does both. `leave_one_out`, `cumulative` and `subgroups` ask what a pool hangs on, `egger` and
`funnel` whether small studies found something else. Everything is a pure function over plain values: no
database, no dependency.

`profile` and `heterogeneity` hold the arithmetic, on `distributions` and `roots`; docs/synthesis.md tells
what is calculated, by which formula and source, and why so.
"""

from .bias import FEWEST_FOR_EGGER, Egger, Funnel, Point, egger, funnel
from .checking import check
from .dependence import RULE, Combined, Dropped, Selection, select
from .effect import Effect
from .heterogeneity import Heterogeneity, Method
from .pooling import Estimate, HartungKnapp, Pool, Weight, pool
from .refusing import NotPoolable, Reason
from .sensitivity import Subgroup, Subgroups, UpTo, Without, cumulative, leave_one_out, subgroups
from .settings import Model, Settings
from .summary import Summary, summarise

__all__ = [
    "FEWEST_FOR_EGGER",
    "RULE",
    "Combined",
    "Dropped",
    "Effect",
    "Egger",
    "Estimate",
    "Funnel",
    "HartungKnapp",
    "Heterogeneity",
    "Method",
    "Model",
    "NotPoolable",
    "Point",
    "Pool",
    "Reason",
    "Selection",
    "Settings",
    "Subgroup",
    "Subgroups",
    "Summary",
    "UpTo",
    "Weight",
    "Without",
    "check",
    "cumulative",
    "egger",
    "funnel",
    "leave_one_out",
    "pool",
    "select",
    "subgroups",
    "summarise",
]
