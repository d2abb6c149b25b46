"""The whole published evidence as a folder of files: one CSV for each table, with all that explains them.

Everything in it is as it was at one moment. The folder appears when it is whole, never before.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ..exporting.cells import safe_cell
from ..exporting.codebook import CODEBOOK_COLUMNS, Section, entries
from ..exporting.column import Column, Kind
from .package import Written, package
from .tables import DUMPED, Dumped

BATCH = 2000
"""Rows held in memory at a time."""

Progress = Callable[[str, int], None]


class NotDumped(Exception):
    """There is no dump; the message says why. Nothing was left behind."""


def dump(*, folder: Path, at: datetime.datetime, licence: str = "", progress: Progress) -> list[Written]:
    """Write everything that is published to `folder`, which must be empty or not be there.

    `progress` hears of each table with the rows that are written so far. Raises NotDumped.
    """
    _check_free(folder)
    try:
        unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".dump-"))
    except OSError as error:
        raise NotDumped(f"{folder.parent} cannot be written to: {error.strerror}.") from error
    try:
        with one_moment():
            files = [_write_table(unfinished, dumped, progress) for dumped in DUMPED]
        _explain(unfinished, files, at=at, licence=licence)
        # It was made for nobody else to read; from here on it is like any other folder.
        unfinished.chmod(0o777 & ~_umask())
        try:
            unfinished.rename(folder)
        except OSError as error:
            raise NotDumped(f"{folder} is in the way: {error.strerror}.") from error
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise NotDumped(f"It could not be written: {error.strerror}.") from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return files


@contextmanager
def one_moment() -> Iterator[None]:
    """Whatever is read inside is as it was at one moment, and nobody who writes has to wait.

    Within a transaction it is for whoever began that to say what it sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django begins as somebody who is about to write, and would keep others from it.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _check_free(folder: Path) -> None:
    if "\x00" in str(folder):
        raise NotDumped("The name of a folder holds no NUL character.")
    try:
        if folder.is_dir():
            if any(folder.iterdir()):
                raise NotDumped(f"{folder} is not empty. Name a folder that is, or one that is not there.")
        elif folder.exists() or folder.is_symlink():
            raise NotDumped(f"{folder} is a file. Name a folder that is empty, or one that is not there.")
        elif not folder.parent.is_dir():
            raise NotDumped(f"{folder.parent} is no folder.")
    except OSError as error:
        raise NotDumped(f"{folder} cannot be used: {error.strerror}.") from error


def _write_table(folder: Path, dumped: Dumped, progress: Progress) -> Written:
    table = dumped.table
    path = folder / f"{table.name}.csv"
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in table.columns])
        for count, row in enumerate(dumped.rows().iterator(chunk_size=BATCH), start=1):
            writer.writerow([cell(column, row) for column in table.columns])
            if count % 10_000 == 0:
                progress(table.name, count)
    progress(table.name, count)
    return Written(table, path.name, count, path.stat().st_size, _sha256(path))


def cell(column: Column, row: Any) -> Any:
    """What stands in the file: lists and codes as JSON, so that each entry stays what it is."""
    value = column.read(row)
    if column.kind in (Kind.LIST, Kind.CODES):
        return json.dumps(value, ensure_ascii=False)
    return safe_cell(value)


def _explain(folder: Path, files: list[Written], *, at: datetime.datetime, licence: str) -> None:
    """The dictionary for people, the description for machines, and what proves that all of it is whole."""
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in CODEBOOK_COLUMNS])
        sections = [Section(f.table.name, f.table.title, "", f.table.columns) for f in files]
        for entry in entries(sections):
            writer.writerow([safe_cell(column.read(entry)) for column in CODEBOOK_COLUMNS])
    note = _note(licence)
    described = package(files, at=at, licence=licence, note=note)
    text = json.dumps(described, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "README.txt").write_text(_readme(files, at=at, note=note), encoding="utf-8")
    sums = "".join(f"{_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir()))
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")


def _note(licence: str) -> str:
    terms = (
        f"These records may be used under {licence}."
        if licence
        else f"No licence was chosen for these records: ask {settings.SITE_NAME} before you pass them on."
    )
    return (
        f"{terms} Reports keep the licence of their publishers; reports.csv has it where it is known. "
        "Judgements marked as demonstrations show how the site works; nobody has reviewed them."
    )


def _readme(files: list[Written], *, at: datetime.datetime, note: str) -> str:
    tables = "\n".join(f"{file.path}: {file.table.title} ({file.rows} rows)" for file in files)
    return f"""{settings.SITE_NAME}, {settings.SITE_URL}
Everything that was published there on {at:%Y-%m-%d} at {at:%H:%M} ({at:%Z}).

{note}

{tables}
dictionary.csv: what each column means, with unit, scale and values
datapackage.json: the same for machines, with keys between the tables (https://datapackage.org)
SHA256SUMS: to be checked with "sha256sum -c SHA256SUMS"

CSV in UTF-8. An empty cell says that nothing is known; 0 is a number. Lists and codes are JSON.
A text that a spreadsheet could run as a formula has an apostrophe in front, also where it started with one:
take off one apostrophe where a text starts with apostrophes followed by = + - @, a tab or a line end.
"""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _umask() -> int:
    """What new folders are not open to; it can only be read by setting it."""
    current = os.umask(0)
    os.umask(current)
    return current
