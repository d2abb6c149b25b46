"""The read API of the evidence: what the studies browser shows, as data, in the same words.

`reading` declares an address, `asking` says what it may be asked, `answers` what it answers, `problems` what
it answers where there is no answer. Who may see what is decided by the QuerySet words that the pages use.
The project composes the routers, and gives them the namespace that `reading` names.
"""

from . import conclusions, facets, studies, trees

ROUTERS = [studies.router, facets.router, trees.router, conclusions.router]

__all__ = ["ROUTERS"]
