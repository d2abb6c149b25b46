"""What the admin pages of everything inside a study share: the study is known before the form is drawn."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from ..impact import Watch
from .autocomplete import AutocompleteMixin, KeySelect, is_key
from .impact import ImpactMixin


def study_change_url(study):
    return reverse("admin:evidence_study_change", args=[study.pk])


def by_key(model, text):
    """The row of `model` whose primary key a person could have typed, or None."""
    if text is None or not is_key(text):
        return None
    return model.objects.filter(pk=int(text)).first()


class KnownWidget(forms.Widget):
    """Shows what is settled already as a link; the field beside it is disabled, so nothing can change it."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def render(self, name, value, attrs=None, renderer=None):
        url = reverse(
            f"admin:{self.known._meta.app_label}_{self.known._meta.model_name}_change", args=[self.known.pk]
        )
        return format_html('<a class="known" href="{}">{}</a>', url, self.known)

    def id_for_label(self, id_):
        return ""


def known_field(known, *, label):
    """A form field that stands at `known` and can never be changed by what is posted."""
    return forms.ModelChoiceField(
        queryset=type(known).objects.filter(pk=known.pk),
        initial=known.pk,
        disabled=True,
        label=label,
        widget=KnownWidget(known),
    )


class OfStudyAdmin(ImpactMixin, AutocompleteMixin, admin.ModelAdmin):
    """For a noun that belongs to a study.

    `choose` names the fields that must be known before the form can be drawn; the add page asks for them
    first. `of_same_study` names the foreign keys whose choices are limited to rows of the same study.
    """

    choose = ("study",)
    of_same_study = ()
    change_form_template = "admin/evidence/of_study_change_form.html"
    choose_template = "admin/evidence/choose_first.html"

    # What is known

    def known(self, request):
        """The rows that the page is about, by field name: from the object in the address, or the query."""
        if not hasattr(request, "_known_of_study"):
            match = request.resolver_match
            # History pages name the object without a keyword.
            object_id = match.kwargs.get("object_id") or (match.args[0] if match.args else None)
            obj = by_key(self.model, unquote(object_id)) if object_id is not None else None
            known = {}
            for name in self.choose:
                model = self.model._meta.get_field(name).remote_field.model
                row = getattr(obj, name) if obj is not None else by_key(model, request.GET.get(name))
                if row is not None:
                    known[name] = row
            request._known_of_study = known
        return request._known_of_study

    def watch(self, request, object_id):
        study = self.known(request).get("study")
        return None if study is None else Watch(studies=[study.pk])

    def watch_deletion(self, rows):
        return Watch(studies={row.study_id for row in rows})

    # Forms

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        known = self.known(request)
        if db_field.name in known:
            return known_field(known[db_field.name], label=db_field.verbose_name.capitalize())
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.of_same_study and field is not None:
            # A row of the same study is added on the page of the study, where its study is known.
            for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, right, False)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.of_same_study:
            rows = db_field.remote_field.model.objects.order_by("pk")
            study = self.known(request).get("study")
            kwargs["queryset"] = rows.filter(study=study) if study is not None else rows.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # Pages

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        known = self.known(request)
        missing = [name for name in self.choose if name not in known]
        if missing:
            return self.choose_first(request, missing)
        study = known["study"]
        return super().add_view(
            request, form_url, {"title": f"Add {self.opts.verbose_name} to {study}", **(extra_context or {})}
        )

    def choose_first(self, request, missing):
        """Ask for what must be known; the answer leads to the form itself."""
        for name in missing:
            if request.GET.get(name):
                label = self.model._meta.get_field(name).verbose_name
                messages.error(request, f"There is no {label} with the number given in the address.")
        fields = {}
        for name in self.choose:
            db_field = self.model._meta.get_field(name)
            fields[name] = forms.ModelChoiceField(
                queryset=db_field.remote_field.model.objects.all(),
                widget=KeySelect(db_field, self.admin_site),
                label=db_field.verbose_name.capitalize(),
            )
        form = type("ChooseForm", (forms.Form,), fields)(
            initial={name: row.pk for name, row in self.known(request).items()}
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"Add {self.opts.verbose_name}",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, self.choose_template, context)

    # After saving, people who came from the page of the study go back to it.

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(study_change_url(obj.study))

    def response_post_save_change(self, request, obj):
        if request.GET.get("study") == str(obj.study_id):
            return HttpResponseRedirect(study_change_url(obj.study))
        return super().response_post_save_change(request, obj)
