"""Triaging: a page on which a person says what the drift of a conclusion could do to it."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from .. import triaging
from ..models import Conclusion, Triage
from ..triaging import NotTriaged
from .of_study import by_key


class TriageForm(forms.ModelForm):
    """A verdict with its reason and its day, on the drift with the digest `seen`."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Triage.Verdict.choices, widget=forms.RadioSelect)

    class Meta:
        model = Triage
        fields = ("verdict", "reason", "assess_by")
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "assess_by": AdminDateWidget,
        }


class TriagingMixin:
    """Adds the page “Triage” to the admin of conclusions."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.triage_view)
        return [
            path("<path:object_id>/triage/", view, name="evidence_conclusion_triage"),
            *super().get_urls(),
        ]

    def may_triage(self, request):
        return request.user.has_perms(("evidence.add_triage", "evidence.view_conclusion"))

    def triage_view(self, request, object_id):
        """Say what the drift could do, by when it will be assessed, and why."""
        if not self.may_triage(request):
            raise PermissionDenied
        conclusion = by_key(Conclusion, unquote(object_id))
        if conclusion is None:
            raise Http404("There is no such conclusion.")
        problems = []
        form = None
        if request.method == "POST":
            form, problems, done = self._triaged(request, conclusion)
            if done is not None:
                return done
        context = self.standing(conclusion)
        moved = context["drift"]
        if form is None:
            assess_by = timezone.localdate() + triaging.TO_ASSESS
            form = TriageForm(initial={"assess_by": assess_by})
        form.initial["seen"] = moved.digest if moved is not None else ""
        context |= {
            **self.admin_site.each_context(request),
            "title": f"Triage {conclusion}",
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "seen": form.initial["seen"],
            "problems": problems,
            "may_assess": self.may_assess(request),
        }
        return TemplateResponse(request, "admin/evidence/conclusion/triage.html", context)

    def _triaged(self, request, conclusion):
        """The form with its problems, and the answer if all went well."""
        form = TriageForm(request.POST)
        last = conclusion.assessments.signed().newest_first().first()
        if last is None:
            return form, ["Nobody has rated this conclusion yet: there is nothing to triage."], None
        if not form.is_valid():
            return form, [], None
        said = form.cleaned_data
        try:
            made = triaging.triage(
                assessment=last,
                verdict=said["verdict"],
                reason=said["reason"],
                assess_by=said["assess_by"],
                by=request.user,
                at=timezone.now(),
                seen=said["seen"],
            )
        except NotTriaged as error:
            return form, error.problems, None
        self.log_change(request, conclusion, f"Triaged: {made.verdict}, to be assessed by {made.assess_by}.")
        self.message_user(
            request, f"{conclusion} is triaged. Live pages that rest on it say so.", messages.SUCCESS
        )
        there = reverse("admin:evidence_conclusion_change", args=[conclusion.pk])
        return form, [], HttpResponseRedirect(there)
