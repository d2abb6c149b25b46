"""The index of this process: made at its first use, caught up with the log of changes at each later one."""

from __future__ import annotations

import ctypes
import gc
import threading

from django.db import connection

from ... import changes
from ...models.change import Change
from ..vocabulary import Vocabulary
from .index import FacetIndex

MOST_CHANGES = 50_000
"""With more changes than this since it was last asked, the index is made anew."""

AT_ONCE = 1_000

MEGABYTE = 1024 * 1024

# As in glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3

_TERMS = {Change.Kind.POPULATION, Change.Kind.INTERVENTION, Change.Kind.OUTCOME}

_lock = threading.Lock()
_kept: FacetIndex | None = None


def current(moment: changes.Moment | None = None) -> FacetIndex:
    """The index as the database is now. One query where nothing changed since the last call.

    None if the `moment` that it is now is known already. Within a transaction it is made anew: nothing that
    may be taken back gets into the one that others use.
    """
    if connection.in_atomic_block:
        return FacetIndex.build(changes.Moment())
    global _kept
    index = _kept
    if index is not None and index.moment == moment:
        return index
    moment = changes.now()
    if index is not None and index.moment == moment:
        return index
    with _lock:
        while _kept is None or _kept.moment != moment:
            known, _kept = _kept, None
            if known is None:
                _set_aside(1 * MEGABYTE)
            _kept = caught_up(known, moment)
            if known is None:
                _set_aside(32 * MEGABYTE)
                give_back()
            # What was written while rows were read may be in them by half.
            moment = changes.now()
        return _kept


def _set_aside(size: int) -> None:
    """From now on memory for what is as large stands apart from all else, where the C library can be told so.

    It goes back to the system as soon as it is free, but takes longer to come. Reading everything would else
    leave holes among what stays, that each process of a server fills for itself in the end.
    """
    _tell_c("mallopt", _M_MMAP_THRESHOLD, size)
    # What a page needs for a moment stays for the next one.
    _tell_c("mallopt", _M_TRIM_THRESHOLD, 8 * MEGABYTE)


def give_back() -> None:
    """Memory that was needed for a moment goes back to the system, where the C library can be told to."""
    gc.collect()
    _tell_c("malloc_trim", 0)


def _tell_c(name: str, *numbers: int) -> None:
    """Call this function of the C library, if it is one that has it."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*numbers)


def forget() -> None:
    """Give up the index of this process; the next use makes it anew."""
    global _kept
    with _lock:
        _kept = None


def caught_up(index: FacetIndex | None, moment: changes.Moment) -> FacetIndex:
    """This state of the index with all that changed until `moment`, or one made anew."""
    if index is None or index.moment.epoch != moment.epoch or moment.version < index.moment.version:
        return FacetIndex.build(moment)
    changed = changes.since(index.moment, most=MOST_CHANGES)
    if changed is None or index.store.n_later > MOST_CHANGES:
        return FacetIndex.build(moment)
    if not _TERMS.isdisjoint(changed):
        renewed = index.with_vocabulary(Vocabulary.load(), moment)
        if renewed is None:
            return FacetIndex.build(moment)
        index = renewed
    studies = sorted(changed.get(Change.Kind.STUDY, ()))
    for start in range(0, len(studies), AT_ONCE):
        index = index.with_studies(studies[start : start + AT_ONCE], moment)
    return index.at(moment)
