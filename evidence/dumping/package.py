"""The description of the dump for machines: a Data Package, as https://datapackage.org has it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from ..exporting.column import Column, Kind
from ..exporting.tables import Table

FORMAT = 1
"""The layout of the dump; it grows when a name or its meaning changes."""

_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.ADDRESS: {"type": "string", "format": "uri"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.YES_NO: {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
    Kind.DATE: {"type": "date"},
    Kind.MOMENT: {"type": "datetime"},
    Kind.LIST: {"type": "array"},
    Kind.CODES: {"type": "object"},
}


@dataclass(frozen=True)
class Written:
    """A file of the dump: its table, its size and what proves that it is whole."""

    table: Table
    path: str
    rows: int
    bytes: int
    sha256: str


def package(files: Iterable[Written], *, at: datetime.datetime, licence: str, note: str) -> dict[str, Any]:
    """The description of a dump made at `at`; `licence` is a short name such as CC-BY-4.0, or empty."""
    return {
        "name": "wellness-evidence",
        "title": f"The published evidence of {settings.SITE_NAME}",
        "description": note,
        "homepage": settings.SITE_URL,
        "version": str(FORMAT),
        "created": at.isoformat(),
        **({"licenses": [{"name": licence}]} if licence else {}),
        "resources": [_resource(file) for file in files],
    }


def _resource(file: Written) -> dict[str, Any]:
    table = file.table
    return {
        "name": table.name.replace("_", "-"),
        "path": file.path,
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "rows": file.rows,
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            **({"primaryKey": list(table.key)} if table.key else {}),
            "foreignKeys": [
                {
                    "fields": list(link.columns),
                    "reference": {"resource": link.table.replace("_", "-"), "fields": list(link.names)},
                }
                for link in table.links
            ],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    least, most = column.bounds
    to_number = int if column.kind is Kind.INTEGER else str
    constraints = {
        **({"enum": [to_number(value) for value, _ in column.allowed]} if column.allowed else {}),
        **({} if least is None else {"minimum": least}),
        **({} if most is None else {"maximum": most}),
    }
    return {
        "name": column.name,
        "description": column.meaning,
        **_TYPES[column.kind],
        **({"unit": column.unit} if column.unit else {}),
        **({"scale": column.scale} if column.scale else {}),
        **({"constraints": constraints} if constraints else {}),
    }
