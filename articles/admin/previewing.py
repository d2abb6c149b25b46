"""Previews of the working copy: for those who work on it, and for others by a link."""

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import all_valid
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from .. import freezing, pages, permissions, previewing
from ..models import PreviewGrant
from .of_topic import OfTopicMixin

WIDTHS = ("both", "phone", "desktop")


class ShareForm(forms.ModelForm):
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        choices=[(days, "1 day" if days == 1 else f"{days} days") for days in previewing.DAYS],
        initial=7,
    )

    class Meta:
        model = PreviewGrant
        fields = ("for_whom", "may_sign")
        labels = {"may_sign": "May sign off"}
        help_texts = {
            "may_sign": "They are asked to stand by exactly the text that they read. It adds to the sign-offs"
            " that the topic needs and never replaces one. They say themselves who they are."
        }
        widgets = {"for_whom": forms.TextInput(attrs={"class": "vTextField"})}

    def __init__(self, *args, may_be_signed, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_be_signed:
            del self.fields["may_sign"]


class PreviewingMixin(OfTopicMixin):
    """Adds the pages “preview” and “share” to the admin of topics."""

    def get_urls(self):
        view = self.admin_site.admin_view
        # The public policy, but for our own frame; it replaces the looser one of the admin.
        framed = csp_replace({"frame-ancestors": [SELF]})(view(self.preview_page_view))
        framing = csp_update({"frame-src": [SELF]})(view(self.preview_view))
        return [
            path("<path:object_id>/preview/", framing, name="articles_topic_preview"),
            path("<path:object_id>/preview/page/", framed, name="articles_topic_preview_page"),
            path("<path:object_id>/share/", view(self.share_view), name="articles_topic_share"),
            path(
                "<path:object_id>/preview/typed/",
                csp_replace({"frame-ancestors": [SELF]})(view(require_POST(self.preview_typed_view))),
                name="articles_topic_preview_typed",
            ),
            path(
                "<path:object_id>/share/<int:grant>/revoke/",
                view(require_POST(self.revoke_view)),
                name="articles_topic_revoke",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        draw = csp_update({"frame-src": [SELF]})(super().render_change_form)
        return draw(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def preview_view(self, request, object_id):
        topic = self._topic(request, object_id, "view")
        width = request.GET.get("width")
        context = {
            "title": "Preview",
            "is_nav_sidebar_enabled": False,
            "width": width if width in WIDTHS else WIDTHS[0],
            "may_share": self.has_change_permission(request, topic),
            "commenting": self.comments_for(request, topic, freezing.freeze(topic), beside="preview"),
        }
        return self._page(request, topic, "preview", context)

    def preview_page_view(self, request, object_id):
        topic = self._topic(request, object_id, "view")
        now = timezone.now()
        lens = request.GET.get("for", "")
        edition = previewing.preview(topic, at=now, marked=True, lens=lens)
        context = pages.preview_context(edition, at=now, lens=lens) | {"is_framed": True}
        return _framed(render(request, "articles/topic_detail.html", context))

    def preview_typed_view(self, request, object_id):
        """The page as it would be with what is typed into the form, which is saved and taken back at once."""
        topic = self._topic(request, object_id, "change")
        now = timezone.now()
        with transaction.atomic():
            form = self.get_form(request, topic, change=True)(request.POST, instance=topic)
            formsets, _ = self._create_formsets(request, form.instance, change=True)
            if not all([form.is_valid(), all_valid(formsets)]):
                return _framed(
                    render(
                        request,
                        "articles/preview_waiting.html",
                        {"faults": list(_faults(form, formsets)), "is_framed": True},
                    )
                )
            form.save()
            for formset in formsets:
                formset.save()
            context = pages.preview_context(previewing.preview(topic, at=now), at=now) | {"is_framed": True}
            response = render(request, "articles/topic_detail.html", context)
            transaction.set_rollback(True)
        return _framed(response)

    def share_view(self, request, object_id):
        topic = self._topic(request, object_id, "change")
        # Editors say who is asked: writers could ask themselves.
        may_be_signed = topic.takes_outside_sign_off and permissions.may(request.user, "edit", topic)
        form = ShareForm(request.POST if request.method == "POST" else None, may_be_signed=may_be_signed)
        now = timezone.now()
        if request.method == "POST" and form.is_valid():
            grant = previewing.share(
                topic=topic,
                by=request.user,
                at=now,
                for_whom=form.cleaned_data["for_whom"],
                days=form.cleaned_data["days"],
                may_sign=form.cleaned_data.get("may_sign", False),
            )
            self.log_change(request, topic, f"Shared a preview with {grant.for_whom}.")
            messages.success(request, f"The link for {grant.for_whom} is made. Copy it from the list.")
            return self._back_to_share(topic)
        context = {"title": "Share a preview", "form": form, "grants": previewing.grants(topic), "now": now}
        return self._page(request, topic, "share", context)

    def revoke_view(self, request, object_id, grant):
        topic = self._topic(request, object_id, "change")
        try:
            revoked = previewing.revoke(topic=topic, grant=grant, at=timezone.now())
        except previewing.NotShared as error:
            messages.warning(request, str(error))
        else:
            self.log_change(request, topic, f"Revoked the preview for {revoked.for_whom}.")
            messages.success(request, f"The link for {revoked.for_whom} does not work any more.")
        return self._back_to_share(topic)

    def _back_to_share(self, topic):
        return HttpResponseRedirect(reverse("admin:articles_topic_share", args=[topic.pk]))


def _framed(response):
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _faults(form, formsets):
    """What is wrong in the form, one sentence each with the name of its field or kind of block."""
    places = [("", form)]
    for formset in formsets:
        name = formset.model._meta.verbose_name.capitalize()
        yield from (f"{name}: {error}" for error in formset.non_form_errors())
        places += [(f"{name}, ", row) for row in formset.forms]
    for prefix, row in places:
        for name, errors in row.errors.items():
            label = row.fields[name].label if name in row.fields else ""
            yield from (f"{prefix}{label}: {error}" if label else f"{prefix}{error}" for error in errors)
