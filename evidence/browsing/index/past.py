"""The index of a past day: studies as they were recorded then, read from the history of rows.

Only of studies that the public may still see, and with the terms of today. See
docs/decisions/0014-as-of-a-date.md.
"""

from __future__ import annotations

import datetime
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from ... import changes
from ...models import Appraisal, Arm, PopulationShare, Result, Sample, Study
from ...models.change import Change
from ...states import end_of, given, states
from .bitmaps import bitmap
from .index import FacetIndex, population_axes
from .keeping import AT_ONCE, MOST_CHANGES
from .reading import Groups, Rows, groups_of, rows_of
from .store import Store

MOST_STATES = {Study: 50_000, Result: 150_000}
"""Of how many states of studies and of results, written until a day, its index is made: a second of work."""

MOST_DAYS = 4
"""The days of which a process keeps the index."""

_lock = threading.Lock()
_kept: OrderedDict[datetime.date, Past] = OrderedDict()


@dataclass(frozen=True)
class Past:
    """The studies that were public at the end of a day; those `withdrawn` since are not in the index."""

    day: datetime.date
    index: FacetIndex
    withdrawn: frozenset[int]


def past(day: datetime.date, *, today: FacetIndex) -> Past:
    """What was recorded at the end of a day. No query where it is kept and nothing changed since."""
    if connection.in_atomic_block:
        return _made(day, today)
    with _lock:
        known = _kept.pop(day) if day in _kept else _made(day, today)
        _kept[day] = found = _caught_up(known, today)
        while len(_kept) > MOST_DAYS:
            _kept.popitem(last=False)
    return found


def forget_days() -> None:
    """Give up what this process keeps of past days."""
    with _lock:
        _kept.clear()


def is_too_large(day: datetime.date) -> bool:
    """Whether more was recorded until the end of a day than can be read while somebody waits."""
    if day in _kept and not connection.in_atomic_block:
        return False
    before = end_of(day)
    for model, most in MOST_STATES.items():
        history: Any = model.history  # type: ignore[attr-defined]
        if history.filter(history_date__lt=before).order_by()[: most + 1].count() > most:
            return True
    return False


def _made(day: datetime.date, today: FacetIndex) -> Past:
    store = Store()
    rows, groups, withdrawn = _read(day)
    axes = population_axes(today.vocabulary)
    store.add(rows, store.hold(groups, axes), axes)
    index = FacetIndex(today.moment, today.vocabulary, bitmap(np.arange(store.n)), store)
    return Past(day, index, withdrawn)


def _caught_up(known: Past, today: FacetIndex) -> Past:
    """The same day with what was done since: studies that left the public or came back, late history."""
    then, now = known.index.moment, today.moment
    if then.epoch != now.epoch:
        return _made(known.day, today)
    index, withdrawn = known.index, known.withdrawn
    if index.vocabulary is not today.vocabulary:
        renewed = index.with_vocabulary(today.vocabulary, then)
        if renewed is None:
            return _made(known.day, today)
        index = renewed
    if then.version < now.version:
        changed = changes.since(then, most=MOST_CHANGES)
        if changed is None or index.store.n_later > MOST_CHANGES:
            return _made(known.day, today)
        studies = sorted(changed.get(Change.Kind.STUDY, ()))
        for start in range(0, len(studies), AT_ONCE):
            some = studies[start : start + AT_ONCE]
            rows, groups, gone = _read(known.day, some)
            index = index.with_rows(some, rows, groups, now)
            withdrawn = withdrawn.difference(some) | gone
        index = index.at(now)
    return replace(known, index=index, withdrawn=withdrawn)


def _read(day: datetime.date, studies: Collection[int] | None = None) -> tuple[Rows, Groups, frozenset[int]]:
    """All studies, or these, as they were at the end of a day, and the keys of those not public any more.

    Seven queries.
    """
    before = end_of(day)

    def then(model: Any, field: str = "study") -> QuerySet:
        rows = states(model, before)
        return rows if studies is None else rows.filter(**{f"{field}__in": studies})

    public = then(Study, "id").filter(state=Study.State.PUBLISHED)
    is_public = Exists(Study.objects.published().filter(pk=OuterRef("id")))
    withdrawn = frozenset(public.filter(~is_public).values_list("id", flat=True))
    samples, shares = then(Sample), states(PopulationShare, before)
    if studies is not None:
        shares = shares.filter(sample__in=samples.values("id"))
    groups = groups_of(samples, shares, given(then(Arm)))
    with_people = public.filter(is_public).annotate(people=Coalesce("n_enrolled", "n_analysed"))
    return rows_of(with_people, then(Result), then(Appraisal)), groups, withdrawn
