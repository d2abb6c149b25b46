"""How tests of admin pages fill in a form and read what comes back."""

from taggit.forms import TagField


def filled(response, **changes):
    """What a browser would post: the form and the inlines of a page as they are, with `changes`."""
    forms = [response.context["adminform"].form]
    data = {}
    if "opened_on" in response.context:
        data["_opened_on"] = response.context["opened_on"]
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {
            formset.management_form.add_prefix(name): value
            for name, value in formset.management_form.initial.items()
        }
        forms += formset.forms
    for form in forms:
        for name, field in form.fields.items():
            value = field.prepare_value(form.get_initial_for_field(field, name))
            if value is None or value is False or field.disabled:
                continue
            if isinstance(field, TagField):
                value = field.widget.format_value(value) or ""
            data[form.add_prefix(name)] = (
                [str(getattr(v, "pk", v)) for v in value] if isinstance(value, list) else value
            )
    return data | changes


def errors(response):
    """What a page that came back complains about, by field."""
    found = dict(response.context["adminform"].form.errors.items())
    for inline in response.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            found |= {form.add_prefix(name): messages for name, messages in form.errors.items()}
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = inline.formset.non_form_errors()
    return {name: [str(message) for message in messages] for name, messages in found.items()}


def said(response):
    """The messages that the next page shows."""
    return [str(message) for message in response.context["messages"]]
