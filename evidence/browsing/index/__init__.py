"""Studies by what they hold, in memory: what the words of QuerySets answer, for a million studies."""

from .index import FacetIndex, Found
from .keeping import caught_up, current, forget, give_back

__all__ = ["FacetIndex", "Found", "caught_up", "current", "forget", "give_back"]
