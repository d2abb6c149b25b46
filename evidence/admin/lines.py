"""Form fields for lists and codes: one entry a line in a textarea, never raw JSON."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.text import capfirst

MOST_LINES = 500
LONGEST_LINE = 2000


class LinesWidget(forms.Textarea):
    """A textarea as high as a short list."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 4, "cols": 60, "class": "vLargeTextField lines", **(attrs or {})})


class LinesField(forms.Field):
    """A list of texts, typed as one entry a line; empty lines and spaces around entries do not count."""

    widget = LinesWidget
    default_error_messages = {
        "too_many": f"Give at most {MOST_LINES} lines.",
        "too_long": f"Line %(line)d is longer than {LONGEST_LINE} characters.",
    }

    def __init__(self, *, line_validators: tuple[Any, ...] = (), **kwargs: Any) -> None:
        self.line_validators = (ProhibitNullCharactersValidator(), *line_validators)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(entry) for entry in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """The entries of a typed text; raises `ValidationError` with the number of the first bad line."""
        if value is None:
            return []
        lines = value if isinstance(value, list) else str(value).splitlines()
        entries = []
        for number, line in enumerate(lines, start=1):
            entry = line.strip()
            if not entry:
                continue
            if len(entry) > LONGEST_LINE:
                raise ValidationError(self.error_messages["too_long"], "too_long", {"line": number})
            for validator in self.line_validators:
                try:
                    validator(entry)
                except ValidationError as error:
                    raise ValidationError(
                        [f"Line {number}: {message}" for message in error.messages]
                    ) from error
            entries.append(entry)
        if len(entries) > MOST_LINES:
            raise ValidationError(self.error_messages["too_many"], "too_many")
        return entries

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class CodesField(LinesField):
    """Named codes, typed as `name: code`, one a line, stored as an object of texts."""

    def prepare_value(self, value: Any) -> Any:
        return (
            "\n".join(f"{name}: {code}" for name, code in value.items()) if isinstance(value, dict) else value
        )

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        """The codes by their names; raises `ValidationError` for a line that is not `name: code`."""
        if isinstance(value, dict):
            return value
        codes: dict[str, str] = {}
        for entry in super().to_python(value):
            name, colon, code = (part.strip() for part in entry.partition(":"))
            if not (name and colon and code):
                raise ValidationError(f"“{entry}” is not of the form “name: code”.")
            if name in codes:
                raise ValidationError(f"“{name}” is given twice.")
            codes[name] = code
        return codes


class LinesMixin:
    """For a ModelAdmin or inline: `lines` and `codes` name the JSON fields that are typed as lines.

    Both map the name of a model field to its help text; `line_validators` maps names to validators.
    """

    lines: dict[str, str] = {}
    codes: dict[str, str] = {}
    line_validators: dict[str, tuple[Any, ...]] = {}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        for form_class, help_texts in ((LinesField, self.lines), (CodesField, self.codes)):
            if db_field.name in help_texts:
                return form_class(
                    label=capfirst(db_field.verbose_name),
                    required=not db_field.blank,
                    help_text=help_texts[db_field.name],
                    line_validators=self.line_validators.get(db_field.name, ()),
                )
        return super().formfield_for_dbfield(db_field, request, **kwargs)
