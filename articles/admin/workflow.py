"""The moves of a topic in the admin: its buttons, a page for each, and many topics at once."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from .. import notices, permissions, workflow
from ..models import SignOff, Topic
from ..permissions import name_of
from ..reports import signer
from ..workflow import TABLE, TRANSITIONS, Action, Case, NotAllowed
from .of_topic import OfTopicMixin

_BY_SLUG = {transition.slug: transition for transition in TABLE if not transition.has_own_page}
# What editors plan, and writers only see.
PLANNED_BY_EDITORS = ("risk", "reviewer", "review_due_on", "priority", "deputy", "takes_outside_sign_off")


class CommentForm(forms.Form):
    """Why a topic is moved."""

    comment = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For those who work on this topic. It stays in its history; readers never see it.",
    )

    def __init__(self, *args, transition, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = transition.needs_comment
        self.fields["comment"].label = "Comment" if transition.needs_comment else "Comment (optional)"


class ActionForm(CommentForm):
    """The same, and which text the person looked at."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SignOffFilter(admin.SimpleListFilter):
    title = "waiting for"
    parameter_name = "waiting"

    def lookups(self, request, model_admin):
        return [
            ("editorial", "An editorial sign-off"),
            ("scientific", "A scientific sign-off"),
            ("publisher", "A publisher"),
        ]

    def queryset(self, request, queryset):
        read = queryset.filter(state__in=(Topic.State.IN_REVIEW, Topic.State.APPROVED))
        lacks_science = Q(signed_scientific=False, risk__in=workflow.RISKS_FOR_SCIENTISTS)
        if self.value() == "editorial":
            return read.filter(signed_editorial=False)
        if self.value() == "scientific":
            return read.filter(lacks_science)
        if self.value() == "publisher":
            return queryset.filter(state=Topic.State.APPROVED, signed_editorial=True).exclude(lacks_science)
        return queryset


class WorkflowMixin(OfTopicMixin):
    """Adds the moves of `workflow` to the admin of topics."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/action/<slug:slug>/", view(self.action_view), name="articles_topic_action"
            ),
            *super().get_urls(),
        ]

    # Where it stands

    def get_queryset(self, request):
        given = SignOff.objects.filter(topic=OuterRef("pk")).on_saved_text()
        return (
            super()
            .get_queryset(request)
            .annotate(
                signed_editorial=Exists(given.filter(kind=SignOff.Kind.EDITORIAL)),
                signed_scientific=Exists(given.filter(kind=SignOff.Kind.SCIENTIFIC)),
                signed_outside=Exists(given.filter(kind=SignOff.Kind.OUTSIDE)),
            )
        )

    @admin.display(description="sign-offs")
    def sign_offs(self, topic):
        """For the list: on the text as it was last saved. The form looks at the evidence as well."""
        if topic.state not in (Topic.State.IN_REVIEW, Topic.State.APPROVED):
            return ""
        signed = {
            SignOff.Kind.EDITORIAL: topic.signed_editorial,
            SignOff.Kind.SCIENTIFIC: topic.signed_scientific,
        }
        required = workflow.REQUIRED_SIGN_OFFS[Topic.Risk(topic.risk)]
        missing = [kind.label for kind in SignOff.Kind if kind in required and not signed[kind]]
        stands = f"Missing: {' and '.join(missing).lower()}" if missing else "Complete"
        return f"{stands}. Signed from outside" if topic.signed_outside else stands

    @admin.display(description="state of the working copy")
    def standing(self, topic):
        """For the form: the state and, where they matter, the sign-offs on exactly this text."""
        if topic.pk is None:
            return "Not saved yet"
        if topic.state not in (Topic.State.IN_REVIEW, Topic.State.APPROVED):
            return topic.get_state_display()
        case = getattr(topic, "case", None) or Case(topic, None, timezone.now())
        return format_html(
            '{}<ul class="standings">{}</ul>',
            topic.get_state_display(),
            format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences(topic, case.digest))),
        )

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        if permissions.may(request.user, "edit", obj):
            return fields
        # Whoever starts a topic says what a mistake could do; from then on editors decide.
        return (*fields, *(name for name in PLANNED_BY_EDITORS if obj is not None or name != "risk"))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "reviewer":
            # Few people may review: they fit into a plain list, which needs no right to search accounts.
            kwargs["queryset"] = reviewers()
        elif db_field.name == "deputy":
            kwargs["queryset"] = permissions.staff_who_may("view").order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change and obj.owner_id is None:
            obj.owner = request.user
        super().save_model(request, obj, form, change)
        if change and "risk" in form.changed_data:
            workflow.note_risk(
                topic=obj, before=Topic.Risk(form.initial["risk"]), by=request.user, at=timezone.now()
            )
        if "reviewer" in form.changed_data and obj.reviewer_id is not None:
            notices.about_assignment(topic=obj, by=request.user, at=timezone.now())

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        actions = []
        if obj is not None:
            # For all that the form says of its text, which is frozen once (see `standing`).
            obj.case = case = Case(obj, request.user, timezone.now())
            if "frozen" in context:
                case.content = context["frozen"]
            actions = workflow.actions_for(request.user, obj, at=case.at, case=case, among=_BY_SLUG.values())
        context["workflow_moves"] = [TRANSITIONS[action] for action in actions]
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    # One topic

    def action_view(self, request, object_id, slug):
        transition = _BY_SLUG.get(slug)
        if transition is None:
            permissions.require(request.user, "view")
            raise Http404("There is no such action.")
        topic = self._topic(request, object_id, transition.permission)
        at = timezone.now()
        form = ActionForm(request.POST if request.method == "POST" else None, transition=transition)
        problems = []
        if request.method == "POST" and form.is_valid():
            try:
                moved = workflow.perform(
                    topic=topic, action=transition.action, by=request.user, at=at, **form.cleaned_data
                )
            except NotAllowed as error:
                problems = [str(error)]
            else:
                self.log_change(request, topic, f"{transition.label}.")
                state = moved.get_state_display().lower()
                messages.success(request, f"{transition.label}: “{topic}” is {state} now.")
                return self._back(topic)
        case = Case(topic, request.user, at)
        refused = workflow.refusals(case, transition)
        context = {
            "title": transition.label,
            "form": form,
            "problems": problems or refused,
            "transition": transition,
            "target": None if refused else target(case, transition),
            "is_refused": bool(refused),
            "seen": case.digest,
            "sign_offs": sentences(topic, case.digest) if transition.signs else [],
        }
        return self._page(request, topic, "action", context)

    # Many topics

    def has_edit_permission(self, request):
        return permissions.may(request.user, "edit")

    @admin.action(description="Submit for review", permissions=["edit"])
    def submit_selected(self, request, queryset):
        return self._many(request, queryset, TRANSITIONS[Action.SUBMIT], "submit_selected")

    @admin.action(description="Put on hold", permissions=["edit"])
    def hold_selected(self, request, queryset):
        return self._many(request, queryset, TRANSITIONS[Action.HOLD], "hold_selected")

    def _many(self, request, queryset, transition, name):
        """A page that lists what will happen to each topic; once confirmed, each is moved on its own."""
        at = timezone.now()
        topics = list(queryset.select_related("category", "intervention"))
        is_confirmed = "confirmed" in request.POST
        form = CommentForm(request.POST if is_confirmed else None, transition=transition)
        if is_confirmed and form.is_valid():
            self._move_all(request, topics, transition, at, form.cleaned_data["comment"])
            return HttpResponseRedirect(reverse("admin:articles_topic_changelist"))
        rows = []
        for topic in topics:
            case = Case(topic, request.user, at)
            refused = workflow.refusals(case, transition)
            rows.append((topic, "" if refused else target(case, transition), refused))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{transition.label}: {len(topics)} selected",
            # The script of the tree is added to it.
            "media": self.media,
            "opts": self.opts,
            "transition": transition,
            "rows": rows,
            "n_allowed": sum(not refused for _, _, refused in rows),
            "form": form,
            "action": name,
        }
        return TemplateResponse(request, "admin/articles/topic/bulk.html", context)

    def _move_all(self, request, topics, transition, at, comment):
        n_moved = 0
        for topic in topics:
            try:
                workflow.perform(
                    topic=topic, action=transition.action, by=request.user, at=at, comment=comment
                )
            except NotAllowed as error:
                messages.warning(request, f"“{topic}” stays as it is. {error}")
            else:
                self.log_change(request, topic, f"{transition.label}.")
                n_moved += 1
        if n_moved:
            noun = "topic" if n_moved == 1 else "topics"
            messages.success(request, f"{transition.label}: {n_moved} {noun} moved.")


def target(case, transition):
    """The state that the move leads to, in words."""
    state = transition.target
    return (state(case, transition) if callable(state) else state).label


def reviewers():
    """Those who may be asked for a review."""
    people = get_user_model().objects
    backend = "django.contrib.auth.backends.ModelBackend"
    rights = ("articles.edit_topic", "articles.review_topic")
    found = {person.pk for right in rights for person in people.with_perm(right, backend=backend)}
    return people.filter(pk__in=found).order_by("username")


def sentences(topic, digest):
    """How the sign-offs on this content stand, one sentence each."""
    found = []
    for standing in workflow.standings(topic, digest):
        name = f"{standing.kind.label} sign-off{'' if standing.is_required else ' (not required)'}"
        found += [f"{name}: {signature(sign_off)}" for sign_off in standing.given]
        if standing.void is not None:
            found.append(f"{name}: void, the text changed since {signature(standing.void)}")
        elif not standing.given:
            found.append(f"{name}: missing")
    return found


def signature(sign_off):
    """Who, when and on which text."""
    who = signer(sign_off)
    if sign_off.grant is not None:
        who += f" (by a link that {name_of(sign_off.grant.made_by)} made)"
    at = timezone.localtime(sign_off.at)
    return f"{who}, {at:%d %b %Y, %H:%M}, on text {sign_off.digest[:8]}"
