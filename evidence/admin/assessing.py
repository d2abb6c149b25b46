"""Assessing: a page on which a person rates a conclusion with its body of evidence before their eyes."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from .. import assessing, conclusions, drafting, plots, stating
from ..assessing import NotSigned
from ..certainty import LOWERING, RAISING, Start, suggest
from ..models import Assessment, Conclusion
from .of_study import by_key

LOWERS, RAISES = "−", "+"


class AssessmentForm(forms.ModelForm):
    """The judgements and the words of one assessment, and what its assessor looked at."""

    body = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    draft = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    class Meta:
        model = Assessment
        fields = [*drafting.JUDGED, "next_due"]
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": 2})
                for name in drafting.JUDGED
                if name.endswith("_reason")
            },
            "sentence": forms.Textarea(attrs={"rows": 2}),
            "seen": forms.Textarea(attrs={"rows": 3}),
            "not_known": forms.Textarea(attrs={"rows": 3}),
            "next_due": AdminDateWidget,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for reason in (*LOWERING, *RAISING):
            # Said once, above all of them.
            self.fields[reason.value].help_text = self.fields[f"{reason.value}_reason"].help_text = ""
            self.fields[f"{reason.value}_reason"].widget.attrs["aria-label"] = f"{reason.label}: why"
        for name, field in self.fields.items():
            if isinstance(field.widget, (forms.Textarea, forms.TextInput)) and name != "next_due":
                field.widget.attrs.setdefault("class", "vLargeTextField")


class AssessingMixin:
    """Adds the page “Assess” to the admin of conclusions."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/assess/", view(self.assess_view), name="evidence_conclusion_assess"),
            path(
                "<path:object_id>/assess/preview/",
                view(self.assess_preview_view),
                name="evidence_conclusion_assess_preview",
            ),
            *super().get_urls(),
        ]

    # Who may

    def may_draft(self, request):
        return request.user.has_perms(("evidence.add_assessment", "evidence.change_assessment"))

    def may_sign(self, request):
        return request.user.has_perm("evidence.sign_assessment")

    def may_assess(self, request):
        return self.may_draft(request) or self.may_sign(request)

    # Pages

    def assess_view(self, request, object_id):
        """Rate a conclusion: save a draft, or sign it."""
        conclusion = self._to_assess(request, object_id)
        today = timezone.localdate()
        form = None
        problems = []
        if request.method == "POST":
            form, problems, done = self._posted(request, conclusion, today)
            if done is not None:
                return done
        context = self.standing(conclusion)
        body = context["body"]
        numbers = assessing.in_numbers(body.summary)
        draft = context["draft"] or drafting.draft_of(conclusion, on=today)
        may_draft = self.may_draft(request)
        if form is None:
            form = self._form(draft, body)
        if not may_draft:
            for name in form.fields.keys() - {"body", "draft"}:
                form.fields[name].disabled = True
        context |= {
            **self.admin_site.each_context(request),
            "title": f"Assess {conclusion}",
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "problems": problems,
            "may_draft": may_draft,
            "may_sign": self.may_sign(request) and (may_draft or draft.pk is not None),
            "is_new": draft.pk is None,
            "reasons": _reasons(form, body, context["last"]),
            "suggested_start": body.start,
            "follows": _follows(form, conclusion),
            "pool": _pool(body, numbers),
            "picture": _picture(body, numbers),
            "appraised": [(result, body.levels.get(result.pk, "")) for result in body.results],
            "weights": _weights(body),
            "preview_url": reverse("admin:evidence_conclusion_assess_preview", args=[conclusion.pk]),
        }
        return TemplateResponse(request, "admin/evidence/conclusion/assess.html", context)

    def assess_preview_view(self, request, object_id):
        """What follows from the judgements as they stand in the form: nothing is saved."""
        conclusion = self._to_assess(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = AssessmentForm(request.POST, instance=Assessment(conclusion=conclusion, by=request.user))
        form.is_valid()
        return JsonResponse(_follows(form, conclusion))

    def _to_assess(self, request, object_id):
        if not self.may_assess(request):
            raise PermissionDenied
        conclusion = by_key(Conclusion, unquote(object_id))
        if conclusion is None:
            raise Http404("There is no such conclusion.")
        return conclusion

    def _form(self, draft, body):
        """The form of a draft for those who look at this body."""
        return AssessmentForm(instance=draft, initial={"body": body.digest, "draft": drafting.version(draft)})

    # Saving

    def _posted(self, request, conclusion, today):
        """The form (None: of the draft as it stands) with its problems, and the answer if all went well."""
        is_signing = "_sign" in request.POST
        if is_signing and not self.may_sign(request):
            raise PermissionDenied
        if not is_signing and not self.may_draft(request):
            raise PermissionDenied
        # Saved, then signed: what keeps a draft from being signed does not lose it.
        form, draft = self._save_draft(request, conclusion, today)
        if draft is None:
            return form, [], None
        if not is_signing:
            self.message_user(request, "The draft is saved.", messages.SUCCESS)
            here = reverse("admin:evidence_conclusion_assess", args=[conclusion.pk])
            return form, [], HttpResponseRedirect(here)
        try:
            signed = assessing.sign(
                assessment=draft, by=request.user, at=timezone.now(), seen=form.cleaned_data["body"] or "none"
            )
        except NotSigned as error:
            return None, error.problems, None
        self.log_change(request, conclusion, f"Signed assessment {signed.number}: {signed.certainty.label}.")
        self.message_user(
            request,
            f"Assessment {signed.number} is signed: {signed.certainty.label.lower()} certainty. "
            "It never changes.",
            messages.SUCCESS,
        )
        there = reverse("admin:evidence_conclusion_change", args=[conclusion.pk])
        return form, [], HttpResponseRedirect(there)

    @transaction.atomic
    def _save_draft(self, request, conclusion, today):
        """The form and the saved draft; None instead of it where something is to be corrected first."""
        # Two people who start at once meet here.
        Conclusion.objects.select_for_update().get(pk=conclusion.pk)
        draft = drafting.draft_of(conclusion, on=today)
        is_new = draft.pk is None
        stands = drafting.version(draft)
        if not self.may_draft(request):
            form = AssessmentForm(
                {**_as_posted(draft), "body": request.POST.get("body", ""), "draft": stands}, instance=draft
            )
            is_other = request.POST.get("draft", "") != stands
        else:
            is_other = request.POST.get("draft", "") != stands
            data = request.POST.copy()
            # The next try is about the draft as it stands now.
            data["draft"] = stands
            form = AssessmentForm(data, instance=draft)
        if is_new:
            draft.by = request.user
        if is_other:
            form.add_error(None, _somebody_else(draft))
        if is_new and not self.may_draft(request):
            form.add_error(None, "There is no draft to sign.")
        if not form.is_valid():
            return form, None
        if not self.may_draft(request):
            return form, draft
        if is_new or set(form.changed_data) - {"body", "draft"}:
            draft.by = request.user
            saved = form.save()
            self.log_change(request, conclusion, "Started a draft." if is_new else "Changed the draft.")
            return form, saved
        return form, draft


def _somebody_else(draft):
    if draft.pk is None:
        return (
            "The draft that you worked on was signed or removed meanwhile. Below is what you typed: look at "
            "the last assessment, then save it as a new draft."
        )
    return (
        f"{draft.by} saved this draft meanwhile. Below is what you typed: saving it again replaces what they "
        "wrote."
    )


def _as_posted(draft):
    return {name: getattr(draft, name) for name in AssessmentForm.Meta.fields}


# What is shown beside the form


def _reasons(form, body, last):
    """The five reasons to lower and the three to raise: fields, suggestion, last judgement."""
    suggested = {suggestion.reason: suggestion for suggestion in suggest(body.numbers)}
    found = []
    for reasons, sign, title in ((LOWERING, LOWERS, "Lower certainty"), (RAISING, RAISES, "Raise certainty")):
        rows = []
        for reason in reasons:
            suggestion = suggested.get(reason)
            rows.append(
                {
                    "label": reason.label,
                    "steps": form[reason.value],
                    "why": form[f"{reason.value}_reason"],
                    "suggests": None if suggestion is None else f"{sign}{suggestion.steps}",
                    "because": "" if suggestion is None else suggestion.because,
                    "last": None if last is None else getattr(last, f"get_{reason.value}_display")(),
                    "last_why": "" if last is None else getattr(last, f"{reason.value}_reason"),
                }
            )
        found.append((title, rows))
    return found


def _follows(form, conclusion):
    """What follows from the judgements of a form, as JSON values; unreadable judgements count as none."""
    cleaned = getattr(form, "cleaned_data", None) if form.is_bound else None
    rated = Assessment(conclusion=conclusion)
    for name in drafting.JUDGED:
        value = form.get_initial_for_field(form.fields[name], name) if cleaned is None else cleaned.get(name)
        if value is not None:
            setattr(rated, name, value)
    if rated.start not in Start.values:
        return {"level": 0, "certainty": "", "sentence": "", "flaws": []}
    rated.derive()
    return {
        "level": rated.level,
        "certainty": rated.certainty.label,
        "sentence": assessing.sentence(rated),
        "flaws": [{"message": flaw.message, "is_stop": flaw.is_stop} for flaw in assessing.flaws(rated)],
    }


def _pool(body, numbers):
    """The pooled numbers in words, or None."""
    written = numbers["pooled"]
    if written is None:
        return None
    return {"written": written, "facts": conclusions.facts(written, body.summary.pool)}


def _picture(body, numbers):
    said = [stating.said_in_picture(result) for result in body.results]
    return plots.picture(said, numbers) if said else None


def _weights(body):
    """How much of the weight the judgements of bias carry, in per cent; empty where nothing was appraised."""
    numbers = body.numbers
    if numbers.weight_high_risk is None:
        return []
    shares = (
        ("High risk of bias", numbers.weight_high_risk),
        ("Some concerns or unclear", numbers.weight_some_concerns),
        ("Not appraised", numbers.weight_not_appraised),
    )
    return [(label, f"{100 * share:.0f}%") for label, share in shares if share is not None]
