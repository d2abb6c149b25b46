"""The forest view: what the results of a filter say together, in one outcome and one measure.

A `View` is a filter with what a reader has made of it. `determine` finds its outcome and measure, or what has
to be chosen; `body_of` reads the results, `kinds_of` compares kinds of studies, and `fragility` asks how the
pool moves as the filter is relaxed.
"""

from .body import MOST_RESULTS, FilteredBody, TooManyResults, body_of
from .choosing import Choice, Determined, determine
from .columns import COLUMNS, MOST_COLUMNS, cells
from .fragility import MOST_RELAXED, Relaxed, fragility, relaxed_filters
from .kinds import Kind, Kinds, kinds_by, kinds_of
from .view import GROUPS, ORDERS, YEAR, View

__all__ = [
    "COLUMNS",
    "GROUPS",
    "MOST_COLUMNS",
    "MOST_RELAXED",
    "MOST_RESULTS",
    "ORDERS",
    "YEAR",
    "Choice",
    "Determined",
    "FilteredBody",
    "Kind",
    "Kinds",
    "Relaxed",
    "TooManyResults",
    "View",
    "body_of",
    "cells",
    "determine",
    "fragility",
    "kinds_by",
    "kinds_of",
    "relaxed_filters",
]
