"""Asking about what both changed: each part as the one and as the other has it."""

import json
from dataclasses import dataclass

from django import forms
from django.utils.text import Truncator
from django_prose_editor.fields import ProseEditorFormField

from evidence.admin.autocomplete import is_key

from ... import comparing
from ...comparing import rich_text
from .merging import ORDER, choices
from .posting import said_fields


@dataclass
class Line:
    """One field in both ways to say it, with the words marked that only one of them has."""

    label: str
    theirs: list
    mine: list


@dataclass
class Question:
    """A part that the other person changed; asked if this person changed it too."""

    key: str
    label: str
    what: str
    lines: list[Line]
    take: str
    chosen: str
    is_choice: bool = True

    @property
    def is_asked(self):
        return self.take == "ask"

    @property
    def has_names(self):
        """Whether the fields have to be told apart, or their one is not what the heading says."""
        return len(self.lines) > 1 or not self.label.startswith(tuple(line.label for line in self.lines))


def questions(request, merge, mine, theirs):
    chosen = choices(request.POST, merge)

    def question(key, label, what, lines, take, is_choice=True):
        preselected = chosen.get(key) or ("theirs" if take == "theirs" else "")
        return Question(key, label, what, lines, take, preselected, is_choice)

    for name, take in merge.fields.items():
        if take in ("ask", "theirs"):
            found = theirs.form.fields[name]
            line = _line(found.label, found, theirs.fields[name], mine.fields[name])
            what = "Both of you changed it." if take == "ask" else "They changed it, you did not."
            yield question(name, found.label, what, [line], take)
    if merge.order in ("ask", "theirs"):
        lines = [_order_line(mine, theirs)]
        what = "Both of you moved blocks." if merge.order == "ask" else "They moved blocks, you did not."
        yield question(ORDER, "Order of the blocks", what, lines, merge.order)
    typed = {row.key: row for row in mine.rows if row.key}
    stored = {row.key: row for row in theirs.rows}
    for key, take in merge.rows.items():
        if take not in ("ask", "theirs"):
            continue
        now, said = stored.get(key), typed.get(key)
        is_new = said is None
        if now is None:
            what = "They deleted it, you changed it." if take == "ask" else "They deleted it."
        elif is_new:
            what = "They added it."
        elif said.is_deleted:
            what = "You deleted it, they changed it."
        else:
            what = "Both of you changed it." if take == "ask" else "They changed it, you did not."
        yield question(key, _name(now or said), what, _row_lines(now, said), take, is_choice=not is_new)


def _row_lines(now, said):
    gone = [comparing.Piece("same", "Deleted")]
    if now is not None and said is not None and not said.is_deleted:
        lines = []
        for name, found in _shown_fields(now.formset):
            line = _line(found.label, found, now.values.get(name, []), said.values.get(name, []))
            if any(piece.how != "same" for piece in (*line.theirs, *line.mine)):
                lines.append(line)
        return lines
    row = now if now is not None else said
    texts = [_shown(found, row.values.get(name, [])) for name, found in _shown_fields(row.formset)]
    whole = [comparing.Piece("same", "\n".join(text for text in texts if text))]
    if said is None:
        return [Line("", whole, [])]
    return [Line("", gone, whole) if now is None else Line("", whole, gone)]


def _shown_fields(formset):
    return [(name, found) for name, found in said_fields(formset) if name != "region"]


def _line(label, found, theirs, mine):
    pieces = comparing.mark(_shown(found, theirs), _shown(found, mine))
    return Line(
        label,
        [piece for piece in pieces if piece.how != "added"],
        [piece for piece in pieces if piece.how != "removed"],
    )


def _order_line(mine, theirs):
    names = {row.key or row.prefix: _name(row) for said in (mine, theirs) for row in said.rows}

    def listed(said):
        return "\n".join(f"{place}. {names[key]}" for place, key in enumerate(said.version.order, start=1))

    return Line(
        "Order",
        [comparing.Piece("same", listed(theirs))],
        [comparing.Piece("same", listed(mine))],
    )


def _name(row):
    """The kind of a row and its first words."""
    kind = row.formset.model._meta.verbose_name.capitalize()
    for name, found in _shown_fields(row.formset):
        text = _shown(found, row.values.get(name, []))
        if text and not isinstance(found, forms.ChoiceField | forms.BooleanField):
            return f"{kind}: {Truncator(' '.join(text.split())).words(8)}"
    return kind


def _shown(found, values):
    """What was posted for a field, as a person reads it."""
    value = values[0] if values else ""
    if isinstance(found, forms.BooleanField):
        return "Yes" if values else "No"
    if isinstance(found, forms.ModelChoiceField):
        rows = found.queryset.filter(pk__in=[key for key in values if is_key(key)])
        return ", ".join(map(str, rows))
    if isinstance(found, forms.ChoiceField):
        return str(dict(found.choices).get(value, value))
    if isinstance(found, ProseEditorFormField):
        return rich_text.plain(found.sanitize(value))
    if isinstance(found, forms.JSONField):
        try:
            rows = json.loads(value)
            return "\n".join(" – ".join(str(cell) for cell in row.values() if cell) for row in rows)
        except (ValueError, AttributeError, TypeError):
            return value
    return value.replace("\r\n", "\n")
