"""Copying a topic: a page that asks how the copy is to be called."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils import timezone

from .. import copying, permissions
from ..models import Topic
from .of_topic import OfTopicMixin


class CopyForm(forms.ModelForm):
    """What a copy cannot share with its original; the model says what is valid."""

    class Meta:
        model = Topic
        fields = ("title", "short_title", "slug")
        widgets = {
            name: forms.TextInput(attrs={"class": "vTextField"}) for name in ("title", "short_title", "slug")
        }


class CopyingMixin(OfTopicMixin):
    """Adds the page “copy” to the admin of topics."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.copy_view)
        return [path("<path:object_id>/copy/", view, name="articles_topic_copy"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["may_copy"] = obj is not None and permissions.may(request.user, "add")
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def copy_view(self, request, object_id):
        permissions.require(request.user, "add")
        topic = self._topic(request, object_id, "view")
        is_posted = request.method == "POST"
        form = CopyForm(request.POST if is_posted else None, initial=copying.suggestion(topic))
        if is_posted and form.is_valid():
            try:
                new = copying.copy(topic=topic, by=request.user, at=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                _say(form, error)
            else:
                self.log_addition(request, new, f"Copied from “{topic}”.")
                messages.success(request, f"“{new}” is a copy of “{topic}”. It is yours, and a draft.")
                return self._back(new)
        return self._page(request, topic, "copy", {"title": "Copy this topic", "form": form})


def _say(form, error):
    """Show what the model refused: beside the field if it is here, else above them with its name."""
    for field, errors in error.message_dict.items():
        if field in form.fields:
            form.add_error(field, errors)
        else:
            name = "" if field == "__all__" else f"{Topic._meta.get_field(field).verbose_name.capitalize()}: "
            form.add_error(None, [f"{name}{message}" for message in errors])
