"""What a change touches, shown before it is saved: the conclusions that rest on it, and who shows them."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from .. import drift, triaging
from .autocomplete import is_key

CONFIRMED, BACK = "_impact_confirmed", "_impact_back"
MOST_NAMED = 5


class NotYet(forms.BaseForm):
    """A form that comes back as it was typed, and saves nothing."""

    def clean(self):
        super().clean()
        raise ValidationError("Nothing is saved yet. Here is what you typed; save it, or leave the page.")


class ImpactMixin:
    """For the admin of what conclusions rest on: `watch` says what to look at while a form is saved.

    The form is saved, compared and, if it touches a conclusion that nobody was told of, taken back: a page
    lists them and posts the same form again once it is confirmed. A deletion is watched like a form. What is
    confirmed is kept with its author beside the assessments that it touches.
    """

    def watch(self, request, object_id):
        """An `impact.Watch` of what the posted form may change, or None."""
        raise NotImplementedError

    def watch_deletion(self, rows):
        """An `impact.Watch` of what may move when these rows are deleted, or None."""
        raise NotImplementedError

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        def save():
            return super(ImpactMixin, self).changeform_view(request, object_id, form_url, extra_context)

        return self.watched(request, save, lambda: self.watch(request, object_id))

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        def save():
            return super(ImpactMixin, self).history_form_view(request, object_id, version_id, extra_context)

        return self.watched(request, save, lambda: self.watch(request, object_id))

    def delete_view(self, request, object_id, extra_context=None):
        def delete():
            return super(ImpactMixin, self).delete_view(request, object_id, extra_context)

        return self.watched(request, delete, lambda: self._watch_deletion([unquote(object_id)]))

    def changelist_view(self, request, extra_context=None):
        def show():
            return super(ImpactMixin, self).changelist_view(request, extra_context=extra_context)

        # The page that asks whether to delete the selected rows posts this.
        if request.POST.get("action") != "delete_selected" or "post" not in request.POST:
            return show()
        keys = request.POST.getlist("_selected_action")
        return self.watched(request, show, lambda: self._watch_deletion(keys))

    def _watch_deletion(self, keys):
        rows = list(self.model.objects.filter(pk__in=[int(key) for key in keys if is_key(key)]))
        return self.watch_deletion(rows) if rows else None

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (NotYet, form), {}) if BACK in request.POST else form

    def watched(self, request, save, make_watch):
        """The answer of `save`, or the page that says what it would touch; then nothing is saved."""
        if request.method != "POST" or BACK in request.POST:
            return save()
        n_said = len(_queued(request))
        with transaction.atomic():
            watch = make_watch()
            response = save()
            impacts = [] if watch is None else watch.impacts()
            if impacts and CONFIRMED in request.POST:
                triaging.touch(impacts=impacts, by=request.user, at=timezone.now())
            elif impacts:
                transaction.set_rollback(True)
        if not impacts:
            return response
        if CONFIRMED in request.POST:
            _say_what_drifts(request, impacts)
            return response
        # What was said is not true any more.
        del _queued(request)[n_said:]
        return self.impact_page(request, impacts)

    def impact_page(self, request, impacts):
        """What it touches, with the posted form in hidden fields."""
        own = {"csrfmiddlewaretoken", CONFIRMED, BACK}
        fields = [
            (name, value) for name, values in request.POST.lists() if name not in own for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "What this touches",
            "opts": self.opts,
            "impacts": impacts,
            "n_rated": sum(impact.assessment is not None for impact in impacts),
            "fields": fields,
            "confirmed": CONFIRMED,
            # Neither a list nor a deletion has a form to go back to.
            "back": "" if {"action", "post"} & request.POST.keys() else BACK,
            "is_deletion": "post" in request.POST,
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "is_popup": "_popup" in request.POST,
        }
        return TemplateResponse(request, "admin/evidence/impact.html", context)


def _queued(request):
    # Django has no word for taking a message back.
    return messages.get_messages(request)._queued_messages


def _say_what_drifts(request, impacts):
    conclusions = [impact.conclusion for impact in impacts]
    moved = drift.in_force(on=timezone.localdate(), conclusions=conclusions)
    drifted = [
        (conclusion, moved[conclusion.pk][1])
        for conclusion in conclusions
        if conclusion.pk in moved and not moved[conclusion.pk][1].is_empty
    ]
    if not drifted:
        return
    named = format_html_join(
        "; ",
        '<a href="{}">{}</a> ({})',
        (
            (reverse("admin:evidence_conclusion_change", args=[conclusion.pk]), conclusion, found.says)
            for conclusion, found in drifted[:MOST_NAMED]
        ),
    )
    more = len(drifted) - MOST_NAMED
    rest = f"; and {more} more" if more > 0 else ""
    noun = "1 conclusion has" if len(drifted) == 1 else f"{len(drifted)} conclusions have"
    text = format_html("{} drifted from the assessment in force: {}{}.", noun, named, rest)
    messages.warning(request, text)
