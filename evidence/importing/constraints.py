"""Check constraints of the database, asked of a row that is not in it yet and without a query.

Django asks the database once for each constraint of each row; for a file of ten thousand studies
that would be a million queries.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower


class _Unknown(Exception):
    """A condition in words that this module does not know."""


def violations(row: Any) -> list[str]:
    """The messages of the check constraints of its model that `row` breaks."""
    messages: list[str] = []
    for constraint in row._meta.constraints:
        if not isinstance(constraint, models.CheckConstraint):
            continue
        try:
            if not holds(constraint.condition, row):
                messages.append(str(constraint.get_violation_error_message()))
        except _Unknown:
            try:
                constraint.validate(type(row), row)
            except ValidationError as error:
                messages.extend(error.messages)
    return messages


def holds(condition: Any, row: models.Model) -> bool:
    """Whether the database would accept `row` under `condition`: as in SQL, unknown is accepted."""
    return _truth(condition, row, negated=False) is not False


def _truth(condition: Any, row: models.Model, *, negated: bool) -> bool | None:
    negated ^= condition.negated
    truths = [
        _truth(child, row, negated=negated) if isinstance(child, models.Q) else _compare(child, row, negated)
        for child in condition.children
    ]
    decisive = {models.Q.AND: False, models.Q.OR: True}.get(condition.connector)
    if decisive is None:
        raise _Unknown
    truth = decisive if decisive in truths else None if None in truths else not decisive
    return (not truth if truth is not None else None) if condition.negated else truth


def _compare(child: tuple[str, Any], row: Any, negated: bool) -> bool | None:
    path, wanted = child
    name, _, lookup = path.partition("__")
    value = getattr(row, row._meta.get_field(name).attname)
    if lookup == "isnull":
        return (value is None) == wanted
    wanted = _resolve(wanted, row)
    if value is None or wanted is None:
        # Where it negates, Django adds IS NOT NULL, so that the opposite of unknown is true.
        return False if negated else None
    match lookup:
        case "" | "exact":
            return bool(value == wanted)
        case "gt":
            return bool(value > wanted)
        case "gte":
            return bool(value >= wanted)
        case "lt":
            return bool(value < wanted)
        case "lte":
            return bool(value <= wanted)
        case "range":
            return bool(wanted[0] <= value <= wanted[1])
        case "in":
            return value in wanted
        case "startswith":
            return bool(value.startswith(wanted))
    raise _Unknown


def _resolve(wanted: Any, row: Any) -> Any:
    if type(wanted) is models.F:
        field: Any = wanted
        return getattr(row, row._meta.get_field(field.name).attname)
    if isinstance(wanted, Lower):
        text = _resolve(wanted.source_expressions[0], row)
        return None if text is None else text.lower()
    if hasattr(wanted, "resolve_expression"):
        raise _Unknown
    return wanted
