"""The TOML files of the demo on their way into the database, with the place of each problem found in them."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from articles.richtext import RichTextField
from evidence.importing.places import Path as Place
from evidence.importing.places import place

_TAG = re.compile(r"<([a-z][a-z0-9]*)", re.IGNORECASE)


class InvalidDemo(Exception):
    """Content that cannot be loaded; `problems` are pairs of place and reason. Nothing was written."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{where}: {why}" for where, why in problems))


@dataclass
class DemoFile:
    """A TOML file with the place of each problem found in it."""

    name: str
    value: Any = None
    problems: list[tuple[str, str]] = field(default_factory=list)

    def report(self, path: Place, message: str) -> None:
        words = f" > {place(path, self.value)}" if path else ""
        self.problems.append((f"{self.name}{words}", message))

    def report_errors(self, error: ValidationError, path: Place) -> None:
        for name, errors in error.update_error_dict({}).items():
            where = path if name == NON_FIELD_ERRORS else (*path, name)
            for entry in errors:
                for message in entry.messages:
                    self.report(where, message)

    def save(self, row: models.Model, path: Place) -> bool:
        """Save the row if its model accepts it, with its rich text cleaned and nothing lost by cleaning."""
        texts = {
            name.name: getattr(row, name.name) for name in row._meta.fields if isinstance(name, RichTextField)
        }
        try:
            row.full_clean()
        except ValidationError as error:
            self.report_errors(error, path)
            return False
        is_sound = True
        for name, text in texts.items():
            kept = getattr(row, name)
            lost = sorted({tag.lower() for tag in _TAG.findall(text)} - set(_TAG.findall(kept)))
            if lost:
                self.report((*path, name), f"Pages may not hold: {', '.join(f'<{tag}>' for tag in lost)}.")
            elif text.count("href=") != kept.count("href="):
                self.report((*path, name), "A link has an address that pages may not hold.")
            is_sound &= not lost
        if is_sound:
            row.save()
        return is_sound

    def node(self, model: Any, slug: str, path: Place) -> Any | None:
        """The node of a vocabulary, if there is one of this slug."""
        node = model.objects.filter(slug=slug).first()
        if node is None:
            self.report(path, f"There is no {model._meta.verbose_name} “{slug}” in the vocabulary.")
        return node
