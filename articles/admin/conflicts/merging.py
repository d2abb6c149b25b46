"""Putting together what two people changed: a request that posts both."""

from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict

from ... import conflicts

OPENED_ON = "_opened_on"  # the version that the form was opened on
SEEN = "_seen"  # the version that the page about the conflict showed
TAKE = "_take-"  # with the key of a part: “mine” or “theirs”
TAKE_ALL = "_take_all"  # the same for everything that is asked

STEP = 10
ORDER = "order"


def choices(data, merge):
    chosen = {name.removeprefix(TAKE): value for name, value in data.items() if name.startswith(TAKE)}
    if data.get(TAKE_ALL) in ("mine", "theirs"):
        asked = {**merge.fields, **merge.rows, ORDER: merge.order}
        chosen |= {key: data[TAKE_ALL] for key, take in asked.items() if take == "ask"}
    return chosen


def put_together(request, merge, mine, theirs, *, token):
    """Let the request post what `merge` keeps, on top of what the database says now."""
    data = QueryDict(mutable=True)
    formsets = theirs.formsets
    part_prefixes = tuple(f"{formset.prefix}-" for formset in formsets)
    for name, values in request.POST.lists():
        ours = name in (OPENED_ON, SEEN, TAKE_ALL) or name.startswith(TAKE)
        if not ours and name not in mine.fields and not name.startswith(part_prefixes):
            data.setlist(name, values)
    data[OPENED_ON] = token

    for name, take in merge.fields.items():
        values = (mine if take == "mine" else theirs).fields[name]
        if values:
            data.setlist(mine.form.add_prefix(name), values)

    typed = {row.key: row for row in mine.rows if row.key}
    stored = {row.key: row for row in theirs.rows}
    kept = {}  # (formset, values) by key; a key that the database does not know is a new row
    for key, row in stored.items():
        said = typed.get(key) if merge.rows[key] == "mine" else None
        if said is None:
            kept[key] = (row.formset, dict(row.values))
        elif said.is_deleted:
            kept[key] = (row.formset, {**row.values, DELETION_FIELD_NAME: ["on"]})
        else:
            kept[key] = (row.formset, dict(said.values))
    for row in mine.rows:
        if row.is_deleted or row.key in stored or (row.key and merge.rows[row.key] != "mine"):
            continue
        values = {**row.values, row.formset.model._meta.pk.name: [""]}
        kept[row.key or row.prefix] = (row.formset, values)

    first, second = (mine, theirs) if merge.order == "mine" else (theirs, mine)
    order = conflicts.arrange(first=first.version.order, second=second.version.order, keep=kept)
    for place, key in enumerate(order, start=1):
        kept[key][1]["ordering"] = [str(place * STEP)]

    for formset in formsets:
        rows = [entry for entry in kept.values() if entry[0] is formset]
        # Those that the database knows stand first, as a formset expects.
        rows.sort(key=lambda entry: not entry[1][formset.model._meta.pk.name][0])
        known = sum(bool(entry[1][formset.model._meta.pk.name][0]) for entry in rows)
        for name, value in formset.management_form.initial.items():
            data[f"{formset.prefix}-{name}"] = str(value)
        data[f"{formset.prefix}-{TOTAL_FORM_COUNT}"] = str(len(rows))
        data[f"{formset.prefix}-{INITIAL_FORM_COUNT}"] = str(known)
        for index, (_, values) in enumerate(rows):
            for name, value in values.items():
                if value:
                    data.setlist(f"{formset.prefix}-{index}-{name}", value)
    request.POST = data
