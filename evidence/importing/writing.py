"""Writing what was matched: new rows in bulk, changed rows one by one, one history row for each."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from simple_history.utils import bulk_create_with_history

from ..models import (
    Appraisal,
    Arm,
    DomainJudgement,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
)
from ..states import Given
from .matching import Plan, Row

# Rows stand after those that they point to; whole samples before their subgroups.
ORDER: tuple[type[models.Model], ...] = (
    Study,
    Report,
    Sample,
    PopulationShare,
    Arm,
    Result,
    Appraisal,
    DomainJudgement,
)
BATCH = 500


def write(plans: Iterable[Plan], *, by: AbstractBaseUser | None, at: datetime.datetime, reason: str) -> None:
    """Write the rows of `plans` that are new or changed. The caller holds the transaction."""
    plans = list(plans)
    by_model: dict[type[models.Model], list[Row]] = {model: [] for model in ORDER}
    for plan in plans:
        for row in plan.rows:
            if row.is_new or row.changed:
                by_model[type(row.row)].append(row)
    for model, rows in by_model.items():
        # A report that is no longer the main one makes way for the one that is now.
        for row in sorted(rows, key=lambda row: bool(getattr(row.row, "is_primary", False))):
            if row.changed:
                _update(row, by=by, at=at, reason=reason)
        new = [row.row for row in rows if row.is_new]
        for wave in _waves(model, new):
            for entry in wave:
                entry.pk = None
                _link(entry)
            bulk_create_with_history(
                wave,
                model,
                batch_size=BATCH,
                default_user=by,
                default_date=at,
                default_change_reason=reason,
            )
        if model is Arm:
            _set_interventions(plans, by=by, at=at, reason=reason)


def _waves(model: type[models.Model], rows: list[Any]) -> list[list[Any]]:
    if model is not Sample:
        return [rows] if rows else []
    wholes = [row for row in rows if row.parent is None]
    subgroups = [row for row in rows if row.parent is not None]
    return [wave for wave in (wholes, subgroups) if wave]


def _link(row: Any) -> None:
    """Take over the keys of the rows that this one points to, which got theirs only now."""
    for field in row._meta.concrete_fields:
        if field.is_relation and field.is_cached(row):
            setattr(row, field.name, getattr(row, field.name))


def _update(row: Row, *, by: AbstractBaseUser | None, at: datetime.datetime, reason: str) -> None:
    entry: Any = row.row
    _link(entry)
    changed = list(row.changed)
    if isinstance(entry, Study):
        changed.append("changed_at")
    entry._history_user, entry._history_date, entry._change_reason = by, at, reason
    entry.save(update_fields=changed)


def _set_interventions(
    plans: list[Plan], *, by: AbstractBaseUser | None, at: datetime.datetime, reason: str
) -> None:
    through = Arm.interventions.through
    new = {row.row for plan in plans for row in plan.rows if row.is_new and isinstance(row.row, Arm)}
    pairs = [(arm, terms) for plan in plans for arm, terms in plan.interventions]
    for start in range(0, len(pairs), BATCH):
        arms = [arm.pk for arm, _ in pairs[start : start + BATCH]]
        through.objects.filter(arm__in=arms).delete()
    given = through.objects.bulk_create(
        [through(arm_id=arm.pk, intervention_id=term.pk) for arm, terms in pairs for term in terms],
        batch_size=BATCH,
    )
    # A new arm has its first state already; of the others this is a state of its own.
    Arm.history.bulk_history_create(
        [arm for arm, _ in pairs if arm not in new],
        batch_size=BATCH,
        update=True,
        default_user=by,
        default_date=at,
        default_change_reason=reason,
    )
    _remember_interventions([arm.pk for arm, _ in pairs], given)


def _remember_interventions(arms: list[int], given: Iterable[Any]) -> None:
    """Write which interventions were `given` beside the newest state of each of these arms."""
    newest: dict[int, int] = {}
    for start in range(0, len(arms), BATCH):
        states = Arm.history.filter(id__in=arms[start : start + BATCH]).order_by("history_id")
        newest.update(states.values_list("id", "history_id"))
    Given.objects.bulk_create(
        [
            Given(
                id=row.pk,
                arm_id=row.arm_id,
                intervention_id=row.intervention_id,
                history_id=newest[row.arm_id],
            )
            for row in given
        ],
        batch_size=BATCH,
    )
