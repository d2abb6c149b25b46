"""The two buttons of a topic: each has a page that says what will happen, and asks."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from .. import addresses, checks, publishing, workflow
from ..models import Edition
from ..workflow import TRANSITIONS, Action
from .of_topic import OfTopicMixin
from .workflow import sentences

_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
_NOTE = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})

FULL, CORRECTION, MINOR = "full", "correction", "minor"
KINDS = (
    (FULL, "A full edition: reviewed and signed off"),
    (CORRECTION, "A correction: something was wrong; reviewed and signed off"),
    (MINOR, "A minor change: nothing that needs a review, such as a typing error"),
)


class PublishForm(forms.Form):
    """What kind of edition goes out, and why; a first edition is always a full one."""

    kind = forms.ChoiceField(label="What goes out", choices=KINDS, widget=forms.RadioSelect)
    change_note = forms.CharField(
        max_length=300,
        required=False,
        widget=_NOTE,
        help_text=(
            "For readers, in one or two sentences: what changed, or what was wrong. Shown with the edition. "
            "A first edition and a minor change can do without."
        ),
    )
    minor_reason = forms.CharField(
        label="Why it is minor",
        max_length=300,
        required=False,
        widget=_NOTE,
        help_text="For a minor change only. It stands in a report; readers do not see it.",
    )
    go_live_at = forms.DateTimeField(
        label="Goes live",
        required=False,
        widget=_MOMENT,
        help_text="Empty: at once. Otherwise it goes live by itself at this moment.",
    )
    expires_at = forms.DateTimeField(
        label="Take it off the site again at",
        required=False,
        widget=_MOMENT,
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, is_first, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expires_at"].help_text = (
            "Empty: it stays. Otherwise the page goes off by itself at this moment, readers are told that it "
            f"has expired, and no earlier edition comes back. Times are those of {_time_zone()}."
        )
        if is_first:
            del self.fields["kind"], self.fields["minor_reason"]

    def asked(self):
        """What was asked for, in the words of `publishing.publish`."""
        kind = self.cleaned_data.get("kind", FULL)
        return {
            "change_note": self.cleaned_data["change_note"],
            "is_minor": kind == MINOR,
            "minor_reason": self.cleaned_data.get("minor_reason", ""),
            "is_correction": kind == CORRECTION,
            "go_live_at": self.cleaned_data["go_live_at"],
            "expires_at": self.cleaned_data["expires_at"],
            "seen": self.cleaned_data["seen"],
        }


class WithdrawForm(forms.Form):
    note = forms.CharField(
        label="Why",
        max_length=300,
        widget=_NOTE,
        help_text="For readers, in one or two sentences. Shown where the page was.",
    )


class PublishingMixin(OfTopicMixin):
    """Adds the pages “publish” and “withdraw” to the admin of topics."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/publish/", view(self.publish_view), name="articles_topic_publish"),
            path("<path:object_id>/call-off/", view(self.call_off_view), name="articles_topic_call_off"),
            path("<path:object_id>/withdraw/", view(self.withdraw_view), name="articles_topic_withdraw"),
            *super().get_urls(),
        ]

    def publish_view(self, request, object_id):
        topic = self._topic(request, object_id, "publish")
        at = timezone.now()
        live = Edition.objects.live(at).for_list().filter(topic=topic).select_related("published_by").first()
        next_number = Edition.objects.next_number(topic)
        is_first = next_number == 1
        form = PublishForm(
            request.POST if request.method == "POST" else None,
            is_first=is_first,
            # Else a page that is to go off would stay for good after a small change.
            initial={"expires_at": None if live is None else live.expires_at},
        )
        problems = []
        if request.method == "POST" and form.is_valid():
            try:
                edition = publishing.publish(topic=topic, by=request.user, at=at, **form.asked())
            except publishing.NotPublishable as error:
                problems = error.problems
            else:
                self._report(request, topic, edition, before=live)
                return self._back(topic)
        case = workflow.Case(topic, request.user, at)
        obstacle = addresses.obstacle(topic)
        findings = checks.run(case.content, checks.Facts.read(case.content, at=at))
        content_problems = publishing.problems(findings) + ([obstacle] if obstacle else [])
        full = [*content_problems, *workflow.reasons(case, TRANSITIONS[Action.PUBLISH])]
        minor = [*content_problems, *workflow.reasons(case, TRANSITIONS[Action.PUBLISH_MINOR])]
        context = {
            "title": "Publish this topic" if live is None else "Publish a new edition",
            "form": form,
            "problems": problems,
            "live": live,
            "next_number": next_number,
            "waiting": Edition.objects.filter(topic=topic).waiting(at).for_list().first(),
            "time_zone": _time_zone(),
            "redirects": [] if obstacle else addresses.redirects(topic),
            "is_moving": live is not None and live.path != topic.path,
            "seen": case.digest,
            "is_unchanged": live is not None and live.digest == case.digest,
            "sign_offs": sentences(topic, case.digest),
            "full": full,
            "minor": minor,
            "is_first": is_first,
            "checks": self.checks_for(topic, content=case.content, findings=findings),
        }
        return self._page(request, topic, "publish", context)

    def _report(self, request, topic, edition, *, before):
        off = ""
        if edition.expires_at is not None:
            off = f" It goes off by itself on {_moment(edition.expires_at)}."
        if before is not None and edition.pk == before.pk:
            if edition.expires_at != before.expires_at:
                self.log_change(request, topic, f"Changed when edition {edition.number} goes off.")
                off = off or " It does not go off by itself any more."
            messages.info(request, f"Nothing has changed since edition {edition.number}: it stays live.{off}")
            return
        self.log_change(request, topic, f"Published edition {edition.number}.")
        if edition.go_live_at > edition.published_at:
            moment = _moment(edition.go_live_at)
            messages.success(request, f"Edition {edition.number} goes live by itself on {moment}.{off}")
            return
        link = format_html('<a href="{}">See the page</a>', edition.get_absolute_url())
        messages.success(
            request,
            format_html("Edition {} of “{}” is live. {}.{}", edition.number, edition.short_title, link, off),
        )

    def call_off_view(self, request, object_id):
        topic = self._topic(request, object_id, "publish")
        if request.method == "POST":
            try:
                edition = publishing.call_off(topic=topic, by=request.user, at=timezone.now())
            except publishing.NotPublishable as error:
                messages.error(request, str(error))
            else:
                self.log_change(request, topic, f"Called off edition {edition.number}.")
                messages.success(request, f"Edition {edition.number} is called off: it will not go live.")
        return HttpResponseRedirect(reverse("admin:articles_topic_publish", args=[topic.pk]))

    def withdraw_view(self, request, object_id):
        topic = self._topic(request, object_id, "withdraw")
        at = timezone.now()
        live = Edition.objects.live(at).for_list().filter(topic=topic).select_related("published_by").first()
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        problems = []
        if request.method == "POST" and form.is_valid():
            try:
                publishing.withdraw(topic=topic, by=request.user, at=at, note=form.cleaned_data["note"])
            except publishing.NotPublishable as error:
                problems = error.problems
            else:
                self.log_change(request, topic, "Withdrawn.")
                messages.success(
                    request, f"“{topic}” is withdrawn: readers see your note where the page was."
                )
                return self._back(topic)
        if live is None and not problems:
            messages.warning(request, f"“{topic}” has no live page that could be withdrawn.")
            return self._back(topic)
        context = {"title": "Withdraw this topic", "live": live, "form": form, "problems": problems}
        return self._page(request, topic, "withdraw", context)


def _moment(at):
    return date_format(timezone.localtime(at), "j F Y, H:i")


def _time_zone():
    return timezone.get_current_timezone_name()
