"""Coverage: whether the people that a body of evidence rests on include a group."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from .models import PopulationShare, Sample

Shares = dict[int, tuple[str, str]]
"""What is known of a sample: primary key of a population -> (its axis, the share)."""


class Coverage(StrEnum):
    """How a group is covered, as readers see it drawn and named."""

    DIRECT = "direct"
    PART = "part"
    OTHER = "other"
    NONE = "none"
    NOT_ASSESSED = "not_assessed"

    @property
    def words(self) -> str:
        return {
            Coverage.DIRECT: "Studied directly",
            Coverage.PART: "Partly studied",
            Coverage.OTHER: "Studied in other people only",
            Coverage.NONE: "Not studied",
            Coverage.NOT_ASSESSED: "Not yet assessed",
        }[self]


def effective_shares(sample: Sample) -> Shares:
    """What is known of a sample: its own shares, and those of the whole sample on axes it does not set.

    Takes no query if `shares__population` and `parent__shares__population` were prefetched.
    """
    own = {share.population_id: (share.population.axis, share.share) for share in sample.shares.all()}
    if sample.parent is None:
        return own
    set_axes = {axis for axis, _ in own.values()}
    inherited = {
        share.population_id: (share.population.axis, share.share)
        for share in sample.parent.shares.all()
        if share.population.axis not in set_axes
    }
    return inherited | own


def coverage(*, group: Collection[int], axis: str, samples: Iterable[Shares]) -> Coverage:
    """How `group` (a branch of populations on `axis`) is covered by these samples.

    Direct where a sample is all or mostly in the group; part where a sample mixes the group with others;
    not assessed where some sample says nothing on the axis; otherwise other people only.
    """
    known = list(samples)
    if not known:
        return Coverage.NONE
    states = {share for shares in known for pk, (_, share) in shares.items() if pk in group}
    if states & set(PopulationShare.INCLUDED):
        return Coverage.DIRECT
    if PopulationShare.Share.PART in states:
        return Coverage.PART
    if any(all(place != axis for place, _ in shares.values()) for shares in known):
        return Coverage.NOT_ASSESSED
    return Coverage.OTHER
