"""System checks: declarations of text indexes that no table can satisfy."""

from django.core.checks import CheckMessage, Error

from .index import registry
from .upkeep import model_of


def check_text_indexes(app_configs, **kwargs) -> list[CheckMessage]:
    """search.E001: no such table. search.E002: its primary key is not `id`. search.E003: no such column."""
    errors: list[CheckMessage] = []
    for index in registry.values():
        named = f"Text index {index.name!r}:"
        model = model_of(index)
        if model is None:
            errors.append(Error(f"{named} no model has the table {index.table!r}.", id="search.E001"))
            continue
        if model._meta.pk.column != "id":
            errors.append(Error(f"{named} the primary key of {index.table!r} is not 'id'.", id="search.E002"))
        columns = {field.column for field in model._meta.local_fields}
        errors.extend(
            Error(f"{named} {index.table!r} has no column {column!r}.", id="search.E003")
            for column in index.columns
            if column not in columns
        )
    return errors
